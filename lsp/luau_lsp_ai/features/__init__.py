"""One feature, one file. Each has ``register(server)``."""
