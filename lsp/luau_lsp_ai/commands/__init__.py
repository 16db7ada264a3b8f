"""One command, one file: a function that can be called with the same arguments as the command line takes."""
