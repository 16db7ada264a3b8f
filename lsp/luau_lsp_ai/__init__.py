"""A language server and a command line that turn a Luau comment into a checked script."""

__version__ = "0.1.0"
