-- KEYS: the record, its link.
local known = redis.call('HMGET', KEYS[1], 'version', 'reference')
if not known[1] then
  if redis.call('EXISTS', KEYS[1]) == 1 then return damaged('the record of a subscription') end
  return false
end
return known[2] or redis.call('GET', KEYS[2])
