"""The addresses of pages: paths relative to the root of the site, and links from page to page."""

from __future__ import annotations

import re
from collections import Counter
from hashlib import sha256
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    import pyoxigraph as ox

    from kaiju_graph.rdf.prefixes import Prefixes

__all__ = ["assign", "file_names", "is_web", "relative", "slug"]

SAFE = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_-]{0,99}")
"""The names that every file system and every URL can have as they are."""
OTHER = "other"
"""The folder of what no prefix shortens."""


def assign(
    pages: Iterable[tuple[str, ox.NamedNode]], prefixes: Prefixes
) -> dict[ox.NamedNode, str]:
    """Return the address of the page of each term: its folder, prefix and local name.

    A name that is not safe for files gets a part of the hash of its IRI, and so do names that
    differ only in case, which some file systems do not tell apart.

    >>> import pyoxigraph as ox
    >>> from kaiju_graph.rdf.prefixes import Prefixes
    >>> prefixes = Prefixes({"id": "https://example.org/"})
    >>> assign([("thing", ox.NamedNode("https://example.org/osaka"))], prefixes)
    {<NamedNode value=https://example.org/osaka>: 'thing/id/osaka.html'}
    """
    wanted = {term: f"{folder}/{_path(term, prefixes)}" for folder, term in pages}
    counts = Counter(path.casefold() for path in wanted.values())
    return {
        term: f"{path}.html"
        if counts[path.casefold()] == 1
        else f"{path}-{_digest(term.value)}.html"
        for term, path in wanted.items()
    }


def file_names(texts: Iterable[str]) -> dict[str, str]:
    """Return a name for the files of each of some texts, by the rules of ``assign``.

    >>> file_names(["who-directed", "a b"])
    {'who-directed': 'who-directed', 'a b': 'a-b-c8687a08'}
    """
    texts = list(texts)
    counts = Counter(text.casefold() for text in texts)
    return {
        text: text
        if SAFE.fullmatch(text) and counts[text.casefold()] == 1
        else f"{slug(text)}-{_digest(text)}"
        for text in texts
    }


def _path(term: ox.NamedNode, prefixes: Prefixes) -> str:
    prefix, colon, local = prefixes.shorten(term.value).partition(":")
    if colon and SAFE.fullmatch(prefix) and SAFE.fullmatch(local):
        return f"{prefix}/{local}"
    name = slug(re.split(r"[/#]", term.value.rstrip("/#"))[-1])
    return f"{OTHER}/{name}-{_digest(term.value)}"


def slug(text: str) -> str:
    """Return a text as a name that is safe for files and anchors."""
    return re.sub(r"[^A-Za-z0-9_]+", "-", text)[:80].strip("-") or "x"


def _digest(text: str) -> str:
    return sha256(text.encode()).hexdigest()[:8]


def relative(here: str, address: str) -> str:
    """Return a link from one page to another, which works in any folder of any host.

    An address with a scheme is returned as it is.

    >>> relative("thing/id/osaka.html", "thing/id/kyoto.html#notes")
    'kyoto.html#notes'
    >>> relative("thing/id/osaka.html", "thing/id/osaka.html#notes")
    '#notes'
    >>> relative("thing/id/osaka.html", "index.html")
    '../../index.html'
    """
    if is_web(address):
        return address
    if address.startswith(f"{here}#"):
        return address.removeprefix(here)
    folders, parts = here.split("/")[:-1], address.split("/")
    shared = 0
    while shared < min(len(folders), len(parts) - 1) and folders[shared] == parts[shared]:
        shared += 1
    return "../" * (len(folders) - shared) + "/".join(parts[shared:])


def is_web(address: str) -> bool:
    """Tell whether an address is one that a browser opens from the web, and runs nothing."""
    return address.startswith(("https://", "http://"))
