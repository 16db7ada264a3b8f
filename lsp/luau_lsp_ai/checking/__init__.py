"""What ``luau-lsp-ai check`` is made of."""
