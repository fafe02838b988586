-- Takes a report in: its prefix, subscription, version, digest, whether it names a reference, the
-- reference, and the new record, field and value by turns, are arguments from `first` on.
local function apply(record, link, first)
  local prefix, id, version, digest = unpack(ARGV, first, first + 3)
  local reference = ARGV[first + 4] == '1' and ARGV[first + 5]

  local known = redis.call('HMGET', record, 'version', 'digest', 'reference')
  local applied = 'inserted'
  if known[1] then
    if not whole(known[1]) then return damaged('the version of a subscription') end
    if less(version, known[1]) then return 'stale' end
    applied = 'updated'
    if version == known[1] then
      if digest == known[2] then return 'unchanged' end
      applied = 'contested'
    end
  elseif redis.call('EXISTS', record) == 1 then
    return damaged('the record of a subscription')
  end

  -- The index first: if it is of another type the call ends here, and the record is as before.
  local before = known[1] and (known[3] or redis.call('GET', link))
  local after = reference or redis.call('GET', link)
  if before ~= after then
    if after then redis.call('SADD', prefix .. 'ref/' .. after, id) end
    if before then redis.call('SREM', prefix .. 'ref/' .. before, id) end
  end
  redis.call('HSET', record, unpack(ARGV, first + 6))
  if known[1] and redis.call('HLEN', record) ~= (#ARGV - first - 5) / 2 then
    -- It had fields that this report has not.
    redis.call('DEL', record)
    redis.call('HSET', record, unpack(ARGV, first + 6))
  end
  if applied == 'contested' then redis.call('HSET', record, 'contested', '1') end
  return applied
end
