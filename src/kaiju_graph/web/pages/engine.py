"""The query page: the scripts that the wheel has, and the graph for them.

The scripts are made from ``browser/`` when the package is built, if npm is there. A page that was
opened as a file may fetch nothing, so the graph is a script, too.
"""

from __future__ import annotations

import json
import re
import zlib
from base64 import b64encode
from importlib.resources import files
from typing import TYPE_CHECKING

import pyoxigraph as ox

from kaiju_graph.rdf.lexical_forms import encode
from kaiju_graph.rdf.prefixes import LETTERS, MARKS
from kaiju_graph.rdf.terms import serialize
from kaiju_graph.rdf.tokens import TOKEN
from kaiju_graph.sparql import grammar
from kaiju_graph.sparql.questions import find_filters
from kaiju_graph.web.pages import render

if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any

    from kaiju_graph.rdf.terms import Quad
    from kaiju_graph.sparql.questions import Question
    from kaiju_graph.web.pages.content import Content

__all__ = [
    "MISSING",
    "POLICY",
    "SCRIPTS",
    "has_engine",
    "has_rewritten",
    "missing_note",
    "read_graph",
    "read_script",
    "write_graph",
]

SCRIPTS = ("query.js", "engine.js", "NOTICES.txt")
"""The files that the build makes."""
MISSING = "the pages have no query editor, because the package was installed without npm"
POLICY = f"{render.POLICY}; worker-src blob:".replace(
    "script-src 'self'", "script-src 'self' 'wasm-unsafe-eval'"
)
"""The Content-Security-Policy of the query page, which compiles the engine and has a worker."""

VERBOSE = re.compile(
    r"(?P<kept>\\.|\[(?:\\.|[^\]\\])+\])|(?P<group>\(\?P<)|(?P<mark>[*+?}])\+|\s+", re.DOTALL
)
"""What is other in JavaScript, and what stays as it is around it."""


def has_engine() -> bool:
    """Tell whether the installed package has the scripts."""
    return all((files(__package__) / "bundle" / name).is_file() for name in SCRIPTS)


def missing_note() -> str:
    """Return a note that the pages lack the scripts, or an empty text if they have them."""
    return "" if has_engine() else MISSING


def read_script(name: str) -> bytes:
    """Return one of ``SCRIPTS``."""
    return (files(__package__) / "bundle" / name).read_bytes()


def has_rewritten(content: Content) -> bool:
    """Tell whether the graph has a literal that the engine writes in another form."""
    return any(encode(quad.object) is not quad.object for quad in content.quads)


def write_graph(content: Content) -> bytes:
    """Return the graph as a script: the JSON of ``read_graph``, by raw deflate, in base64."""
    text = json.dumps(read_graph(content), ensure_ascii=False, separators=(",", ":"))
    compress = zlib.compressobj(9, wbits=-zlib.MAX_WBITS)
    packed = compress.compress(text.encode()) + compress.flush()
    return b'self.kaijuGraph="%s";\n' % b64encode(packed)


def read_graph(content: Content) -> dict[str, Any]:
    """Return what the query page knows.

    ``merged`` has the N-Quads of the layers of the default graph, ``others`` those of the others;
    ``names`` has a row for all that has a page (name, address, label, definition).
    """
    merged: list[Quad] = []
    others: list[Quad] = []
    for quad in content.quads:
        is_merged = content.layers[quad.graph.value] in content.kg.layers
        (merged if is_merged else others).append(quad)
    return {
        "merged": serialize(merged, ox.RdfFormat.N_QUADS).decode(),
        "others": serialize(others, ox.RdfFormat.N_QUADS).decode(),
        "prefixes": dict(content.prefixes.items()),
        "names": [
            _row(content, term) for term in content.addresses if isinstance(term, ox.NamedNode)
        ],
        "grammar": _grammar(),
        "questions": {question.name: _question(question) for question in content.questions},
    }


def _row(content: Content, term: ox.NamedNode) -> list[str]:
    definition = content.vocabulary.text(term, "skos:definition")
    name = content.prefixes.shorten(term.value)
    return [name, content.addresses[term], content.link(term).text, definition]


def _question(question: Question) -> dict[str, Any]:
    """Return the text of a question in parts, with a filter of a parameter between two."""
    text = question.code
    matches = find_filters(text)
    starts = [0, *(match.end() for match in matches)]
    ends = [*(match.start() for match in matches), len(text)]
    filters = [{"name": match[2], "type": match[3], "variable": match[1]} for match in matches]
    parts = [text[start:end] for start, end in zip(starts, ends, strict=True)]
    return {"parts": parts, "filters": filters}


def _grammar() -> dict[str, Any]:
    """Return the grammar of SPARQL 1.1, by which the page explains an error as the command does."""

    def ranges(classes: Iterable[tuple[int, int]]) -> str:
        return "".join(f"\\u{{{first:x}}}-\\u{{{last:x}}}" for first, last in classes)

    return {
        "rules": grammar.GRAMMAR,
        "functions": {name: words.split() for name, words in grammar.FUNCTIONS.items()},
        "names": grammar.NAMES,
        "hidden": sorted(grammar.HIDDEN),
        "tokens": _without_spaces(TOKEN.pattern),
        "letters": f"[{ranges(LETTERS)}]",
        "marks": f"[{ranges(MARKS)}]",
    }


def _without_spaces(pattern: str) -> str:
    r"""Return a verbose expression of Python for JavaScript, which has no possessive quantifiers.

    Without these it matches the same, but may take longer.

    >>> _without_spaces(r"(?P<x> [a #]++ | \# )?+")
    '(?<x>[a #]+|\\#)?'
    """
    return VERBOSE.sub(
        lambda match: match["kept"] or ("(?<" if match["group"] else match["mark"] or ""), pattern
    )
