-- For Neovim 0.11 and newer: vim.lsp.enable("luau_lsp_ai")
return require("luau_lsp_ai").config()
