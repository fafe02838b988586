-- KEYS: what was announced, the ends of all. ARGV: the reference, whether access is granted, its end
-- or nothing, now.
local reference, granted, ends, now = ARGV[1], ARGV[2], ARGV[3], ARGV[4]
local known = redis.call('HMGET', KEYS[1], 'granted', 'ends_at')
if known[1] then
  if known[1] ~= '0' and known[1] ~= '1' then return damaged('what was announced') end
elseif redis.call('EXISTS', KEYS[1]) == 1 then
  return damaged('what was announced')
end
if known[1] == granted and known[2] == ends then return 'unchanged' end
if ends == '' then
  redis.call('ZREM', KEYS[2], reference)
else
  redis.call('ZADD', KEYS[2], ends, reference)
end
redis.call('HSET', KEYS[1], 'granted', granted, 'ends_at', ends)
if known[1] == granted then return 'noted' end
redis.call('HSET', KEYS[1], 'changed_at', now)
return known[1] and 'changed' or 'noted'
