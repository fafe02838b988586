-- KEYS: the delivery. ARGV: token, now, end of the lease, how long to keep the claim.
local outcome = claimable(KEYS[1], ARGV[1], ARGV[2])
if outcome == 'fresh' then claim(KEYS[1], ARGV[1], ARGV[3], ARGV[4]) end
return outcome
