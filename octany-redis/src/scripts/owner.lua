-- KEYS: the record, its link.
local known = redis.call('HGET', KEYS[1], 'report')
if not known then
  if redis.call('EXISTS', KEYS[1]) == 1 then return damaged('the record of a subscription') end
  return false
end
if not is_report(known) then return damaged('the report of a subscription') end
return owner(KEYS[1], known)
