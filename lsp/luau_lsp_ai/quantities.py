"""Numbers as people read them."""

from __future__ import annotations


def size(count: float) -> str:
    """Bytes, as 6 MB or 4.4 GB."""
    return f"{count / 1e9:.1f} GB" if count >= 1e9 else f"{count / 1e6:.0f} MB"


def rate(tokens: float) -> str:
    """Tokens a second, as 0.4, 23 or 1,200."""
    return f"{tokens:.1f}" if tokens < 10 else f"{tokens:,.0f}"


def count(number: int) -> str:
    """Weights, as 5.8M or 7.2B."""
    return f"{number / 1e9:.1f}B" if number >= 1e9 else f"{number / 1e6:.1f}M"
