-- KEYS: the record, its link. ARGV: the prefix, the subscription, the reference.
local prefix, id, after = ARGV[1], ARGV[2], ARGV[3]
local known = redis.call('HMGET', KEYS[1], 'version', 'reference')
local before = redis.call('GET', KEYS[2])
if known[1] and not known[2] then
  redis.call('SADD', prefix .. 'ref/' .. after, id)
  if before and before ~= after then redis.call('SREM', prefix .. 'ref/' .. before, id) end
end
redis.call('SET', KEYS[2], after)
return redis.status_reply('OK')
