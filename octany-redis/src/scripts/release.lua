-- KEYS: the delivery. ARGV: token.
local known = redis.call('HMGET', KEYS[1], 'token', 'completed_at')
if known[1] ~= ARGV[1] or known[2] then return 0 end
redis.call('DEL', KEYS[1])
return 1
