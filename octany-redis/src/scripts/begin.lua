-- KEYS: when the user's checkouts began, the checkouts, when those of all began. ARGV: user, reference,
-- product, when it began, before when one is forgotten, how long to keep them in ms.
local user, reference, begun, old = ARGV[1], ARGV[2], ARGV[4], '(' .. ARGV[5]
local returned = '-'
local known = redis.call('HGET', KEYS[2], reference)
if known then
  local before, back = known:match('^(%-?%d+) (%S+) ')
  if not before then return damaged('a checkout') end
  -- Doubles, as in the sorted sets.
  if tonumber(begun) < tonumber(before) then return redis.status_reply('OK') end
  if before == begun then returned = back end
end
local forgotten = redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', old)
redis.call('ZREMRANGEBYSCORE', KEYS[3], '-inf', old)
for _, one in ipairs(forgotten) do redis.call('HDEL', KEYS[2], one) end
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', old)
redis.call('HSET', KEYS[2], reference, begun .. ' ' .. returned .. ' ' .. ARGV[3])
redis.call('ZADD', KEYS[1], begun, reference)
redis.call('ZADD', KEYS[3], begun, #user .. ':' .. user .. reference)
redis.call('PEXPIRE', KEYS[1], ARGV[6])
redis.call('PEXPIRE', KEYS[2], ARGV[6])
return redis.status_reply('OK')
