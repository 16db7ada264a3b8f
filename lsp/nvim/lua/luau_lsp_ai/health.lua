local M = {}

function M.check()
  local health = vim.health
  local start = health.start or health.report_start
  local ok, warn, err = health.ok or health.report_ok, health.warn or health.report_warn, health.error or health.report_error
  start("luau-lsp-ai")
  if vim.fn.has("nvim-0.8") == 0 then
    err("Neovim 0.8 or newer is needed")
    return
  end
  local path = vim.fn.exepath("luau-lsp-ai")
  if path == "" then
    err("`luau-lsp-ai` is not on the PATH", { "pip install luau-lsp-ai, or give `cmd` to require('luau_lsp_ai').setup()" })
  else
    ok(path .. ", version " .. vim.trim(vim.fn.system({ path, "--version" })))
  end
  local clients = (vim.lsp.get_clients or vim.lsp.get_active_clients)({ name = "luau_lsp_ai" })
  if #clients == 0 then
    warn("The server is not running: open a Luau file after vim.lsp.enable('luau_lsp_ai') or setup()")
  end
  for _, client in ipairs(clients) do
    ok("The server runs for " .. tostring(client.config.root_dir))
  end
  if vim.lsp.inline_completion then
    ok("This Neovim shows ghost text")
  else
    ok("No ghost text: that needs Neovim 0.12")
  end
end

return M
