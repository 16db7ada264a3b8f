"""What goes wrong with models, in words for the user."""

from __future__ import annotations


class CatalogError(Exception):
    """It can't be done, and nothing was changed; the message says in a sentence or two why, and what to do."""
