-- KEYS: the subscriptions of the reference. ARGV: the prefix, the reference.
-- What the index names and is not there, or is somebody else's, is damage: to leave it out would be
-- to say "no subscription".
local prefix, reference = ARGV[1], ARGV[2]
local found = {}
for _, id in ipairs(redis.call('SMEMBERS', KEYS[1])) do
  local record = prefix .. 'sub/' .. id
  local report = redis.call('HGET', record, 'report')
  if not report or not is_report(report) or owner(record, report) ~= reference then
    return damaged('a subscription of a reference')
  end
  found[#found + 1] = id
  found[#found + 1] = report
end
return found
