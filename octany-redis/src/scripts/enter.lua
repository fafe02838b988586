-- KEYS: the record, its link, the delivery. ARGV: token, now, end of the lease, how long to keep the
-- claim, the report.
local outcome = claimable(KEYS[3], ARGV[1], ARGV[2])
if outcome ~= 'fresh' then
  if type(outcome) == 'table' then return outcome end
  return {outcome}
end
-- The report first: if it cannot be taken in, there is no claim.
local applied = apply(KEYS[1], KEYS[2], 5)
if type(applied) == 'table' then return applied end
claim(KEYS[3], ARGV[1], ARGV[3], ARGV[4])
return {outcome, applied}
