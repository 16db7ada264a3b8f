"""What goes wrong in a build, in words for the user."""

from __future__ import annotations


class BuildError(Exception):
    """The build can't go on; the message is one sentence or two that say why and what to do."""
