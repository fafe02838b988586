-- A report as it is stored: version, digest, whether it is contested, each of a fixed width, then the
-- reference, and what only its readers need.
local function is_report(text)
  local _, last = text:find('^%d+ %d+ [01] ')
  return last == 44 and text:sub(21, 21) == ' '
    and (text:sub(45, 45) == '-' or text:find('^%d+:', 45))
end

-- Whose a subscription is: whom its report names, or its link.
local function owner(record, report)
  local length, start = report:match('^(%d+):()', 45)
  if length then return report:sub(start, start + length - 1) end
  return redis.call('GET', (record:gsub('sub/', 'link/', 1)))
end

-- The index of a reference, and the subscription's name in it. A prefix has no slash.
local function index(record, reference)
  local prefix, id = record:match('^([^/]*)sub/(.*)$')
  return prefix .. 'ref/' .. reference, id
end
