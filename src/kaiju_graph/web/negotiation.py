"""Choose the format of a response by the ``Accept`` header (RFC 9110, section 12.5.1)."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from kaiju_graph.rdf import formats as graphs
from kaiju_graph.sparql import results

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

__all__ = ["BOOLEANS", "GRAPHS", "RESOURCES", "SOLUTIONS", "choose", "find_format", "takes_gzip"]

MAX_RANGES = 100
"""How many media ranges of a header are read."""


def _offers(
    formats: Mapping[str, results.Format] | Mapping[str, graphs.Format],
    names: Iterable[str],
    aliases: Mapping[str, str],
) -> dict[str, str]:
    offers = {formats[name].media_type: name for name in names}
    return offers | {alias: name for alias, name in aliases.items() if name in offers.values()}


FIRST = ("json", "xml", "csv", "tsv")
"""The formats of SPARQL 1.1, which come before others."""
GENERIC = {"application/json": "json", "application/xml": "xml", "text/xml": "xml"}
"""Media types that clients ask for where they mean a more specific one → format of results."""
SOLUTIONS = _offers(results.FORMATS, dict.fromkeys((*FIRST, *results.SOLUTIONS)), GENERIC)
"""Media type → format of solutions, the preferred first."""
BOOLEANS = {media_type: n for media_type, n in SOLUTIONS.items() if n in results.BOOLEANS}
"""Media type → format of a boolean, the preferred first."""
GRAPHS = _offers(
    graphs.FORMATS,
    graphs.FORMATS,
    {"application/json": "jsonld", "application/xml": "rdfxml", "text/plain": "ntriples"},
)
"""Media type → format of a graph, the preferred first."""
RESOURCES = {
    **{media_type: name for media_type, name in GRAPHS.items() if name not in graphs.DATASETS},
    **dict.fromkeys(("text/html", "application/xhtml+xml"), "html"),
}
"""Media type → how to describe a thing, the preferred first; browsers prefer HTML.

A client that follows an IRI reads the default graph, which a dataset of passages leaves empty.
"""


def choose(accept: str, offers: Mapping[str, str]) -> str | None:
    """Return the offer that a header prefers, or None if it accepts none.

    Of equal ones, the first is returned. Parameters of media types do not count.

    >>> choose("text/csv;q=0.5, application/*", {"text/csv": "csv", "application/json": "json"})
    'json'
    """
    if accept in offers:
        return offers[accept]
    ranges = _qualities(accept) or {"*/*": 1.0}

    def quality(media_type: str) -> float:
        main, _, _ = media_type.partition("/")
        names = (media_type, f"{main}/*", "*/*")  # the most specific counts
        return next((ranges[name] for name in names if name in ranges), 0.0)

    best = max(offers, key=quality)
    return offers[best] if quality(best) else None


@lru_cache
def takes_gzip(accept_encoding: str) -> bool:
    """Tell whether a client takes a body that is compressed by gzip.

    >>> takes_gzip("gzip;q=0, *"), takes_gzip("br, *"), takes_gzip("")
    (False, True, False)
    """
    codings = _qualities(accept_encoding)
    return codings.get("gzip", codings.get("*", 0.0)) > 0


def _qualities(accept: str) -> dict[str, float]:
    """Return the media ranges of a header, each with its quality from 0 to 1."""
    found: dict[str, float] = {}
    for item in accept.split(",", MAX_RANGES)[:MAX_RANGES]:
        name, *parameters = (part.strip().lower() for part in item.split(";"))
        weights = [text.removeprefix("q=") for text in parameters if text.startswith("q=")]
        try:
            quality = min(max(float(weights[0]), 0.0), 1.0) if weights else 1.0
        except ValueError:
            quality = 0.0
        if name:
            found[name] = max(quality, found.get(name, 0.0))
    return found


def find_format(name: str, offers: Mapping[str, str]) -> str | None:
    """Return the format with a name, an alias or a media type among the offers, or None."""
    aliases = results.ALIASES | graphs.ALIASES
    known = offers.get(name, name)
    candidates = (known, aliases.get(known, known))
    return next((found for found in candidates if found in offers.values()), None)
