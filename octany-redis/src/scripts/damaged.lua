local function damaged(what)
  return redis.error_reply('DAMAGED ' .. what .. ' cannot be read')
end
