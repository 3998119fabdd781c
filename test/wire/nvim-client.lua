-- A session with the bridge through Neovim's vim.lsp.rpc, a client that nobody here wrote: what it saw, as one line of JSON.
-- C2R_COMMAND holds the command line that starts the bridge, as a JSON array.
local DEADLINE = 20000
local command = vim.json.decode(vim.env.C2R_COMMAND)
local seen = { phases = {}, pings = 0 }
local progress = {}
local exited

local dispatchers = {
  notification = function(method, params)
    assert(method == '$/progress', method)
    progress[params.token] = progress[params.token] or {}
    table.insert(progress[params.token], params.value.phase)
  end,
  on_exit = function(code) exited = code end,
}
local client
if vim.fn.has('nvim-0.10') == 1 then
  client = vim.lsp.rpc.start(command, dispatchers)
else
  client = vim.lsp.rpc.start(command[1], { unpack(command, 2) }, dispatchers)
end

local function await(reached)
  assert(vim.wait(DEADLINE, reached, 5), 'too late')
end

local function call(method, params)
  local done, failure, value
  client.request(method, params or vim.empty_dict(), function(err, result)
    done, failure, value = true, err, result
  end)
  await(function() return done end)
  return value, failure
end

seen.initialized = call('initialize', { protocolVersion = 1, client = { name = 'nvim', version = '1' } })
for _ = 1, 200 do
  client.request('bridge/ping', vim.empty_dict(), function(err) if not err then seen.pings = seen.pings + 1 end end)
end
await(function() return seen.pings == 200 end)
seen.updated = call('c2r/update', { pollMs = 100, progressToken = 'update' })
seen.phases = progress.update
local _, invalid = call('bridge/ping', { unknown = 1 })
seen.invalid = invalid.code
local _, absent = call('no/method')
seen.absent = absent.code

-- vim.lsp.rpc keeps the reply to what was cancelled to itself; that nothing runs any more is the bridge's own word.
local _, endless = client.request('c2r/download', { wait = true, pollMs = 100, progressToken = 'endless' }, function() end)
await(function() return progress.endless end)
client.notify('$/cancelRequest', { id = endless })
seen.afterwards = call('c2r/wait', { timeoutMs = 10000, pollMs = 100 })
local result, failure = call('shutdown')
seen.shutdown = (result == nil or result == vim.NIL) and failure == nil
client.notify('exit', vim.empty_dict())
await(function() return exited end)
seen.exitCode = exited
io.stdout:write(vim.json.encode(seen))
