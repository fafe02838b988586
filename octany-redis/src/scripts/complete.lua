-- KEYS: the delivery. ARGV: token, now, and how long to remember the delivery in ms.
local known = redis.call('GET', KEYS[1])
if not known or known:match('^%S+') ~= ARGV[1] then return 0 end
if known:match('^%S+ %S+$') then
  redis.call('SET', KEYS[1], known .. ' ' .. ARGV[2], 'PX', ARGV[3])
end
return 1
