local M = {}

M.NAME = "luau_lsp_ai"
local has_enable = vim.fn.has("nvim-0.11") == 1
local FIX_WITHIN = 2000 -- milliseconds
local running = {} -- requests that can be cancelled: { client, id }

--- What vim.lsp.config takes, and vim.lsp.start with a root_dir.
function M.config()
  return {
    cmd = { "luau-lsp-ai", "--stdio" },
    filetypes = { "luau" },
    root_markers = { "luau-lsp-ai.toml", "default.project.json", "wally.toml", ".git" },
    on_attach = M.on_attach,
  }
end

--- Starts the server for Luau files. Options are those of M.config(); `settings` are the server's own.
function M.setup(options)
  local config = vim.tbl_deep_extend("force", M.config(), { name = M.NAME }, options or {})
  if has_enable then
    vim.lsp.config(M.NAME, config)
    vim.lsp.enable(M.NAME)
    return
  end
  vim.filetype.add({ extension = { luau = "luau" } })
  vim.api.nvim_create_autocmd("FileType", {
    group = vim.api.nvim_create_augroup(M.NAME, {}),
    pattern = config.filetypes,
    callback = function(event)
      local file = vim.api.nvim_buf_get_name(event.buf)
      local marker = vim.fs.find(config.root_markers, { upward = true, path = vim.fs.dirname(file) })[1]
      local root = vim.fs.dirname(marker or file)
      vim.lsp.start(vim.tbl_extend("force", config, { root_dir = root }))
    end,
  })
end

--- Ghost text, from Neovim 0.12 on. The server's setting `ghostText` turns it off.
function M.on_attach(client, buffer)
  if vim.lsp.inline_completion and client:supports_method("textDocument/inlineCompletion", buffer) then
    vim.lsp.inline_completion.enable(true, { bufnr = buffer })
  end
end

local function client_of(buffer)
  local get = vim.lsp.get_clients or vim.lsp.get_active_clients
  local client = get({ name = M.NAME, bufnr = buffer })[1]
  if not client then
    vim.notify("luau-lsp-ai does not serve this file: see :checkhealth luau_lsp_ai", vim.log.levels.WARN)
  end
  return client
end

local function request(client, method, params, handler, buffer)
  local function done(err, result)
    running = vim.tbl_filter(function(each)
      return not each.done
    end, running)
    if err then
      if err.code ~= -32800 then -- cancelled
        vim.notify(err.message, vim.log.levels.ERROR)
      end
    elseif handler then
      handler(result)
    end
  end
  local entry = { client = client }
  local function finish(err, result)
    entry.done = true
    done(err, result)
  end
  local _
  if has_enable then
    _, entry.id = client:request(method, params, finish, buffer)
  else
    _, entry.id = client.request(method, params, finish, buffer)
  end
  table.insert(running, entry)
end

--- Sends one of the server's own requests about a line, from 0; the cursor's, where none is given.
local function ask(name, line, handler)
  local buffer = vim.api.nvim_get_current_buf()
  local client = client_of(buffer)
  if client then
    request(client, "luau-lsp-ai/" .. name, {
      textDocument = { uri = vim.uri_from_bufnr(buffer) },
      line = line or vim.api.nvim_win_get_cursor(0)[1] - 1,
    }, handler and function(result)
      handler(result, client, buffer)
    end, buffer)
  end
end

function M.generate()
  ask("generate")
end

function M.regenerate()
  ask("regenerate")
end

function M.scores()
  ask("scores", 0, function(scores)
    local parts = {}
    for _, name in ipairs({ "syntax", "api", "bugs", "quality", "composite" }) do
      table.insert(parts, string.format("%s %.2f", name, scores[name]))
    end
    vim.notify("Scores: " .. table.concat(parts, ", "))
  end)
end

--- Fixes before it returns, so that it can run before a file is written.
function M.fix_all()
  local buffer = vim.api.nvim_get_current_buf()
  local client = client_of(buffer)
  if not client then
    return
  end
  local start = { line = 0, character = 0 }
  local params = {
    textDocument = { uri = vim.uri_from_bufnr(buffer) },
    range = { start = start, ["end"] = start },
    context = { only = { "source.fixAll.luau-lsp-ai" }, diagnostics = {} },
  }
  local ask_now = has_enable and function(...)
    return client:request_sync(...)
  end or client.request_sync
  local answer = ask_now("textDocument/codeAction", params, FIX_WITHIN, buffer)
  for _, action in ipairs(answer and answer.result or {}) do
    vim.lsp.util.apply_workspace_edit(action.edit, client.offset_encoding)
  end
end

function M.cancel()
  for _, each in ipairs(running) do
    if has_enable then
      each.client:cancel_request(each.id)
    else
      each.client.cancel_request(each.id)
    end
  end
  running = {}
end

--- Shows the scripts one below the other while the user chooses. Returns what closes them.
local function preview(alternatives)
  local lines = {}
  for number, each in ipairs(alternatives) do
    table.insert(lines, string.format("-- %d ------------------------------------------------", number))
    vim.list_extend(lines, vim.split(each.script, "\n"))
  end
  local buffer = vim.api.nvim_create_buf(false, true)
  vim.api.nvim_buf_set_lines(buffer, 0, -1, false, lines)
  vim.bo[buffer].filetype = "lua" -- highlighted alike, and no server starts for it
  vim.cmd("botright vsplit")
  local window = vim.api.nvim_get_current_win()
  vim.api.nvim_win_set_buf(window, buffer)
  vim.cmd("wincmd p")
  vim.cmd("redraw")
  return function()
    pcall(vim.api.nvim_win_close, window, true)
    pcall(vim.api.nvim_buf_delete, buffer, { force = true })
  end
end

function M.alternatives(line)
  ask("alternatives", line, function(made, client, buffer)
    if #made.alternatives == 0 then
      return -- the server has said why
    end
    local close = preview(made.alternatives)
    for number, each in ipairs(made.alternatives) do
      each.number = number
    end
    vim.ui.select(made.alternatives, {
      prompt = "Which script?",
      format_item = function(each)
        local s = each.scores
        return string.format(
          "%d: %.2f (syntax %.2f, api %.2f, bugs %.2f, quality %.2f) %s",
          each.number, s.composite, s.syntax, s.api, s.bugs, s.quality, table.concat(each.differs, ", ")
        )
      end,
    }, function(chosen)
      close()
      if chosen then
        request(client, "luau-lsp-ai/insert", { id = made.id, index = chosen.number - 1 }, nil, buffer)
      end
    end)
  end)
end

return M
