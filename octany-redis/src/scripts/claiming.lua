-- What stands in the way of a claim where there is one: 'duplicate', or its end; nothing if its lease
-- is over. One under the caller's own token is the caller's: that of a run whose answer was lost.
--
-- A claim is its token and the end of its lease, and when the delivery was completed, if it was.
local function in_the_way(delivery, claim, now)
  -- Whether one whole number is less than another. They are decimal text: Lua's numbers are doubles,
  -- and those of 64 bits do not fit.
  local function less(a, b)
    local a_below, b_below = a:sub(1, 1) == '-', b:sub(1, 1) == '-'
    if a_below ~= b_below then return a_below end
    if a_below then a, b = b:sub(2), a:sub(2) end
    if #a ~= #b then return #a < #b end
    return a < b
  end

  local known = redis.call('GET', delivery)
  local token, lease_end, completed = known:match('^(%-?%d+) (%-?%d+)( ?%-?%d*)$')
  if not token then return damaged('a claim') end
  if completed ~= '' then return 'duplicate' end
  if token ~= claim:match('^%-?%d+') and less(now, lease_end) then return lease_end end
end
