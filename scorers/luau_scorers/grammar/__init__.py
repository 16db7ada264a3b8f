"""Luau's grammar for tree-sitter. ``generate.sh`` makes its parser from ``grammar.js``."""

from ._binding import language

__all__ = ["language"]
