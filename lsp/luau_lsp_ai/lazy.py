"""Groups of commands that import a command when it is asked for, so that the server starts fast."""

from __future__ import annotations

import importlib
import pkgutil

import click


class LazyGroup(click.Group):
    """A group whose commands are the modules of a package, each with its click command in ``command``.

    The module ``export_lora`` is the command ``export-lora``.
    """

    package: str

    def list_commands(self, ctx: click.Context) -> list[str]:
        path = importlib.import_module(self.package).__path__
        return sorted(module.name.replace("_", "-") for module in pkgutil.iter_modules(path))

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in self.list_commands(ctx):
            return None
        command = importlib.import_module(f"{self.package}.{cmd_name.replace('-', '_')}").command
        assert isinstance(command, click.Command)
        return command
