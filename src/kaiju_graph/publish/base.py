"""The address of a folder on the web, where a release or a site will be."""

from __future__ import annotations

from urllib.parse import urlsplit

import pyoxigraph as ox

from kaiju_graph.errors import UsageError

__all__ = ["check_address", "check_base"]


def check_address(text: str, option: str, example: str) -> str:
    """Return an address of the web.

    Args:
        text: the address.
        option: what it is given for.
        example: an address for the error.

    Raises:
        UsageError: it is not such an address, or has a query, a fragment or a name of a user.
    """
    try:
        ox.NamedNode(text)
        parts = urlsplit(text)
        is_address = parts.scheme in ("http", "https") and bool(parts.hostname)
        _ = parts.port
    except ValueError:
        is_address = False
    if not is_address or parts.query or parts.fragment or "@" in parts.netloc:
        raise UsageError(f"{option}: found {text!a}; expected an address such as {example}")
    return text


def check_base(text: str) -> str:
    """Return the address of a folder on the web, with a slash at its end.

    >>> check_base("https://example.org/film")
    'https://example.org/film/'

    Raises:
        UsageError: it is not such an address.
    """
    base = check_address(text, "--base", "https://example.org/film/")
    return base if base.endswith("/") else f"{base}/"
