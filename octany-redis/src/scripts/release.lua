-- KEYS: the delivery. ARGV: token.
local known = redis.call('GET', KEYS[1])
if not known or known:match('^(%S+) %S+$') ~= ARGV[1] then return 0 end
redis.call('DEL', KEYS[1])
return 1
