-- A report as it is stored: version, digest, whether it is contested, each of a fixed width, then the
-- reference, and what only its readers need.
local function has_version(text)
  local _, last = text:find('^%d+ %d+ [01] ')
  return last == 44 and text:sub(21, 21) == ' '
end

local function is_report(text)
  return has_version(text) and (text:sub(45, 45) == '-' or text:find('^%d+:', 45))
end

-- Whose a subscription is: whom its report names, or its link.
local function owner(record, report)
  local length, start = report:match('^(%d+):()', 45)
  if length then return report:sub(start, start + length - 1) end
  return redis.call('GET', (record:gsub('sub/', 'link/', 1)))
end

-- Moves a subscription from one reference to another in their indexes; each may be nobody.
local function move(record, before, after)
  if before == after then return end
  -- A prefix has no slash.
  local prefix, id = record:match('^([^/]*)sub/(.*)$')
  if after then redis.call('SADD', prefix .. 'ref/' .. after, id) end
  if before then redis.call('SREM', prefix .. 'ref/' .. before, id) end
end
