-- KEYS: the subscriptions of the reference. ARGV: the prefix, the reference.
-- What the index names and is not there, or is somebody else's, is damage: to leave it out would be
-- to say "no subscription".
local prefix, reference = ARGV[1], ARGV[2]
local found = {}
for index, id in ipairs(redis.call('SMEMBERS', KEYS[1])) do
  local record = redis.call('HMGET', prefix .. 'sub/' .. id, 'status', 'version', 'contested',
    'product', 'renews_at', 'ends_at', 'trial_ends_at', 'reference')
  local owner = record[8] or redis.call('GET', prefix .. 'link/' .. id)
  if not record[1] or owner ~= reference then return damaged('a subscription of a reference') end
  record[8] = id
  found[index] = record
end
return found
