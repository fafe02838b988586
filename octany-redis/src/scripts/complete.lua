-- KEYS: the delivery. ARGV: token, now, and how long to remember the delivery in ms.
local known = redis.call('HMGET', KEYS[1], 'token', 'completed_at')
if known[1] ~= ARGV[1] then return 0 end
if not known[2] then
  redis.call('HSET', KEYS[1], 'completed_at', ARGV[2])
  redis.call('PEXPIRE', KEYS[1], ARGV[3])
end
return 1
