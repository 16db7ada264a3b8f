if vim.g.loaded_luau_lsp_ai then
  return
end
vim.g.loaded_luau_lsp_ai = true

local function command(name, what, description)
  vim.api.nvim_create_user_command(name, function()
    require("luau_lsp_ai")[what]()
  end, { desc = description })
end

command("LuauGenerate", "generate", "Write a script for the comment under the cursor")
command("LuauAlternatives", "alternatives", "Write several scripts for the comment under the cursor and choose one")
command("LuauRegenerate", "regenerate", "Replace the generated script under the cursor by another")
command("LuauFixAll", "fix_all", "Fix all safe problems of the file")
command("LuauScores", "scores", "Show the file's scores")
command("LuauCancel", "cancel", "Stop what is being written")

-- Where a code action asks for alternatives, Neovim's own picker is nicer than the server's question.
vim.lsp.commands["luau-lsp-ai.alternatives"] = function(cmd)
  require("luau_lsp_ai").alternatives(cmd.arguments[1].line)
end
