-- Takes a report in, whose reference ends at a byte.
local function apply(record, report, reference_end, resource)
  local known = redis.call('HGET', record, 'report')
  local applied = 'inserted'
  if known then
    if not has_version(known) then return damaged('the report of a subscription') end
    -- Of one width, so that they compare as text: Lua's numbers are doubles, and those of 64 bits do
    -- not fit.
    local version, before = report:sub(1, 20), known:sub(1, 20)
    if version < before then return 'stale' end
    applied = 'updated'
    if version == before then
      if report:sub(22, 41) == known:sub(22, 41) then return 'unchanged' end
      applied = 'contested'
      report = report:sub(1, 42) .. '1' .. report:sub(44)
    end
  elseif redis.call('EXISTS', record) == 1 then
    return damaged('the record of a subscription')
  end

  -- The index first: if it is of another type the call ends here, and the record is as before. A
  -- reference begins with its length, so no other one begins as it does.
  if not known or known:sub(45, reference_end) ~= report:sub(45, reference_end) then
    move(record, known and owner(record, known), owner(record, report))
  end
  redis.call('HSET', record, 'report', report, 'resource', resource)
  return applied
end
