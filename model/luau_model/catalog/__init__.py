"""Models by name: what there is, what is here, what fits this machine."""
