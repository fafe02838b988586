-- KEYS: when the checkouts of all began. ARGV: the prefix, before when, how many at most.
local prefix = ARGV[1]
local found = redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', '(' .. ARGV[2], 'LIMIT', 0, ARGV[3])
local forgotten = 0
for _, one in ipairs(found) do
  local length, both = one:match('^(%d+):(.*)$')
  if not length then return damaged('a checkout') end
  local user, reference = both:sub(1, length), both:sub(length + 1)
  redis.call('ZREM', prefix .. 'begun/' .. user, reference)
  forgotten = forgotten + redis.call('HDEL', prefix .. 'checkouts/' .. user, reference)
  redis.call('ZREM', KEYS[1], one)
end
return {#found, forgotten}
