-- KEYS: when the user's checkouts began, the checkouts. ARGV: since when, now.
local newest = redis.call('ZREVRANGEBYSCORE', KEYS[1], '+inf', ARGV[1], 'LIMIT', 0, 1)[1]
if not newest then return {} end
local known = redis.call('HGET', KEYS[2], newest)
if not known then return damaged('a checkout') end
local begun, product = known:match('^(%-?%d+) %- (.*)$')
if begun then
  known = begun .. ' ' .. ARGV[2] .. ' ' .. product
  redis.call('HSET', KEYS[2], newest, known)
end
return {newest, known}
