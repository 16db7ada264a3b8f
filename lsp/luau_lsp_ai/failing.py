"""How commands that build models say what went wrong."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import click


@contextmanager
def said(extra: str) -> Iterator[None]:
    """Turn what can go wrong in a build into the command's one error message.

    ``extra`` is what installs the packages that the block imports. Raises click.ClickException.
    """
    try:
        from luau_model.build.errors import BuildError
    except ImportError as error:
        raise _missing(error, extra) from None
    try:
        yield
    except BuildError as error:
        raise click.ClickException(str(error)) from None
    except ImportError as error:
        raise _missing(error, extra) from None


def _missing(error: ImportError, extra: str) -> click.ClickException:
    return click.ClickException(f"{error.name} is not installed: pip install 'luau-lsp-ai[{extra}]'")
