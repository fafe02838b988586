-- KEYS: when the user's checkouts began, the checkouts. ARGV: since when, how many at most.
local newest = redis.call('ZREVRANGEBYSCORE', KEYS[1], '+inf', ARGV[1], 'LIMIT', 0, ARGV[2])
local found = {}
for _, reference in ipairs(newest) do
  local known = redis.call('HGET', KEYS[2], reference)
  if not known then return damaged('a checkout') end
  found[#found + 1] = reference
  found[#found + 1] = known
end
return found
