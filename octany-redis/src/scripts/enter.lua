-- KEYS: the delivery, the record. ARGV: the claim, how long to keep it in ms by the server's clock, now,
-- the report, where its reference ends, its document.
local unknown = redis.call('SET', KEYS[1], ARGV[1], 'NX', 'PX', ARGV[2])
if not unknown then
  local standing = in_the_way(KEYS[1], ARGV[1], ARGV[3])
  if standing then return standing end
end
local ran, applied = pcall(apply, KEYS[2], ARGV[4], ARGV[5], ARGV[6])
if not ran and type(applied) == 'string' then applied = redis.error_reply(applied) end
if type(applied) == 'table' then
  -- It cannot be taken in, so there is no claim.
  if unknown then redis.call('DEL', KEYS[1]) end
elseif not unknown then
  redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
end
return applied
