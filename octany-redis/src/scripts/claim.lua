-- KEYS: the delivery. ARGV: the claim, how long to keep it in ms by the server's clock, now.
if not redis.call('SET', KEYS[1], ARGV[1], 'NX', 'PX', ARGV[2]) then
  local standing = in_the_way(KEYS[1], ARGV[1], ARGV[3])
  if standing then return standing end
  redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
end
return 'fresh'
