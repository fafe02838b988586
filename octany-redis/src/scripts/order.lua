-- Whether one whole number is less than another. They are decimal text: Lua's numbers are doubles,
-- and those of 64 bits do not fit.
local function less(a, b)
  local a_below, b_below = a:sub(1, 1) == '-', b:sub(1, 1) == '-'
  if a_below ~= b_below then return a_below end
  if a_below then a, b = b:sub(2), a:sub(2) end
  if #a ~= #b then return #a < #b end
  return a < b
end

local function whole(text)
  return text and text:match('^%-?%d+$')
end

local function damaged(what)
  return redis.error_reply('DAMAGED ' .. what .. ' cannot be read')
end
