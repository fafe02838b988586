-- What stands in the way of a claim: 'duplicate', or the end of another claim; 'fresh' for nothing.
-- A claim under the caller's own token is the caller's: that of a run whose answer was lost.
local function claimable(delivery, token, now)
  local known = redis.call('HMGET', delivery, 'token', 'claimed_until', 'completed_at')
  if known[3] then return 'duplicate' end
  if known[1] or known[2] then
    if not known[1] or not whole(known[2]) then return damaged('a claim') end
    if known[1] ~= token and less(now, known[2]) then return known[2] end
  elseif redis.call('EXISTS', delivery) == 1 then
    return damaged('a claim')
  end
  return 'fresh'
end

-- `keep` is in ms, by the server's clock.
local function claim(delivery, token, lease_end, keep)
  redis.call('HSET', delivery, 'token', token, 'claimed_until', lease_end)
  redis.call('PEXPIRE', delivery, keep)
end
