-- KEYS: the record, its link. ARGV: the reference.
local after = ARGV[1]
local known = redis.call('HGET', KEYS[1], 'report')
local before = redis.call('GET', KEYS[2])
if known and known:sub(45, 45) == '-' then move(KEYS[1], before, after) end
redis.call('SET', KEYS[2], after)
return redis.status_reply('OK')
