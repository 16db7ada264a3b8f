-- What the tests ask of Neovim. Loaded with: nvim -u probe.lua
local root = vim.env.LUAU_TEST_ROOT
vim.opt.runtimepath:prepend(root .. "/lsp/nvim")
vim.opt.swapfile = false
vim.opt.undofile = false
vim.cmd("filetype on")
vim.cmd("runtime! plugin/luau_lsp_ai.lua")

local cmd = { vim.env.LUAU_TEST_SERVER, "--stdio" }
if vim.fn.has("nvim-0.11") == 1 then
  vim.lsp.config("luau_lsp_ai", { cmd = cmd })
  vim.lsp.enable("luau_lsp_ai")
else
  require("luau_lsp_ai").setup({ cmd = cmd })
end

Probe = { progress = {}, select = "", notes = {} }

local shown = vim.lsp.handlers["$/progress"]
vim.lsp.handlers["$/progress"] = function(err, result, ctx, config)
  table.insert(Probe.progress, result.value.kind .. ": " .. (result.value.message or result.value.title or ""))
  return shown(err, result, ctx, config)
end

vim.notify = function(message)
  table.insert(Probe.notes, message)
end

vim.lsp.handlers["window/showMessage"] = function(_, result)
  table.insert(Probe.notes, result.message)
end

-- Chooses by the beginning of what is shown, as a user would by reading.
vim.ui.select = function(items, options, choose)
  local format = options.format_item or tostring
  for number, item in ipairs(items) do
    if vim.startswith(format(item), Probe.select) then
      return choose(item, number)
    end
  end
  choose(nil)
end

function Probe.text()
  return table.concat(vim.api.nvim_buf_get_lines(0, 0, -1, false), "\n") .. "\n"
end

function Probe.diagnostics()
  return vim.tbl_map(function(each)
    return { each.code, each.lnum, each.col, each.end_col }
  end, vim.diagnostic.get(0))
end

function Probe.act(title)
  vim.lsp.buf.code_action({ apply = true, filter = function(action)
    return action.title == title
  end })
end

function Probe.ghost()
  for _, space in pairs(vim.api.nvim_get_namespaces()) do
    for _, mark in ipairs(vim.api.nvim_buf_get_extmarks(0, space, 0, -1, { details = true })) do
      if mark[4].virt_text and mark[4].virt_text[1] and mark[4].virt_text[1][2] == "ComplHint" then
        return mark[4].virt_text[1][1]
      end
    end
  end
  return ""
end
