"""Checks of a query before the engine sees it, and the graphs that FROM names.

A query passes if it has only words and signs of SPARQL 1.1, nests no deeper than ``NESTING``, and
does not read from the network.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, NamedTuple

import pyoxigraph as ox

from kaiju_graph.errors import QueryError
from kaiju_graph.rdf.lines import line_column
from kaiju_graph.rdf.tokens import CLOSING, OPENING, Token
from kaiju_graph.sparql.syntax_errors import explain
from kaiju_graph.sparql.tokens import find_form, list_tokens

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["Dataset", "DatasetClause", "check", "find_dataset_clause"]

SERVICE = re.compile("service", re.IGNORECASE | re.ASCII)
NESTING = 200
"""How deep brackets may nest."""
BEYOND = set(
    """ADJUST HASLANG HASLANGDIR ISTRIPLE LANGDIR LATERAL OBJECT PREDICATE STRLANGDIR SUBJECT TRIPLE
    VERSION""".split()
)
"""Words that the engine knows and SPARQL 1.1 does not."""

SIGNS = ("<<", ">>", "{|", "|}", "~", "--")
"""Signs that the engine knows and SPARQL 1.1 does not, in an IRI, a string or a comment, too."""
SUSPECTS = ("service", *map(str.lower, sorted(BEYOND)), *SIGNS)
"""What a text has if ``check`` refuses it, unless it nests too deeply or is not ASCII."""


class Dataset(NamedTuple):
    """The graphs that a query sees: those merged into its default graph, and the named ones."""

    default: list[ox.NamedNode]
    named: list[ox.NamedNode]


class DatasetClause(NamedTuple):
    """The graphs of FROM and FROM NAMED: their tokens and IRIs."""

    default: list[tuple[Token, ox.NamedNode]]
    named: list[tuple[Token, ox.NamedNode]]

    @property
    def dataset(self) -> Dataset:
        """The graphs without their tokens."""
        return Dataset([graph for _, graph in self.default], [graph for _, graph in self.named])


def check(text: str, prefixes: Mapping[str, str], base: str | None = None) -> None:
    """Refuse a query that the engine must not see.

    Args:
        text: the query.
        prefixes: prefix → namespace IRI.
        base: the IRI that resolves relative ones.

    Raises:
        QueryError: the query has SERVICE, deep nesting, or syntax of SPARQL 1.2; the message begins
            with the place.
    """
    if _is_plain(text):
        return
    if lone := re.search("[\ud800-\udfff]", text):
        raise QueryError(
            f"{line_column(text, lone.start())}: found a lone surrogate; expected Unicode"
        )
    depth = 0
    for token in list_tokens(text):
        word = token.text.upper() if token.kind == "word" else ""
        if word == "SERVICE":
            raise _service_error(text, token.offset)
        if token.kind == "beyond" or word in BEYOND:
            raise explain(text, "", prefixes)
        depth += (token.text in OPENING) - (token.text in CLOSING and depth > 0)
        if depth > NESTING:
            deep = f"found brackets nested {depth} deep; expected at most {NESTING}"
            raise QueryError(f"{line_column(text, token.offset)}: {deep}")
    if (match := SERVICE.search(text)) and _calls_service(text, prefixes, base):
        raise _service_error(text, match.start())


def _is_plain(text: str) -> bool:
    """Tell whether a query has nothing to refuse, without its tokens, which take longer to find."""
    lower = text.lower()
    return (
        text.isascii()
        and not any(suspect in lower for suspect in SUSPECTS)
        and sum(map(text.count, OPENING)) <= NESTING
    )


def _service_error(text: str, at: int) -> QueryError:
    return QueryError(f"{line_column(text, at)}: found SERVICE; expected no remote endpoint")


def _calls_service(text: str, prefixes: Mapping[str, str], base: str | None) -> bool:
    """Tell whether the engine finds a SERVICE clause that the tokens do not show.

    The engine's own parser decides: the first letter of each "service" is replaced. A name with
    another letter still parses; a keyword does not.
    """
    letter = next((letter for letter in "zxq" if f"{letter}ervice" not in text.lower()), None)
    if letter is None:
        return True

    def replace(name: str) -> str:
        return SERVICE.sub(lambda match: f"{letter}{match[0][1:]}", name)

    renamed = {replace(prefix): iri for prefix, iri in prefixes.items()}
    try:
        ox.Store().query(replace(text), base_iri=base, prefixes=renamed)
    except SyntaxError:
        return True
    except RuntimeError:
        pass  # an unknown function, which is reported when the query itself runs
    return False


def find_dataset_clause(
    text: str, prefixes: Mapping[str, str], base: str | None = None
) -> DatasetClause | None:
    """Return the graphs that a query names after FROM, or None; the engine resolves the IRIs.

    Raises:
        SyntaxError: the prologue does not parse.
        QueryError: an IRI is relative, and there is no base.
    """
    if "FROM" not in text.upper():
        return None
    graphs: list[tuple[Token, bool]] = []
    before = ""  # the word before a token; it may end in FROM, as in ASKFROM
    for token in list_tokens(text):
        word = token.text.upper() if token.kind == "word" else ""
        if token.kind in ("iri", "name") and before.removesuffix("NAMED").endswith("FROM"):
            graphs.append((token, before.endswith("NAMED")))
        before = f"FROM{word}" if word == "NAMED" and before.endswith("FROM") else word
    if not graphs:
        return None
    listed = " ".join(token.text for token, _ in graphs)
    query = f"{text[: find_form(text).offset]}\nSELECT ?graph {{ VALUES ?graph {{ {listed} }} }}"
    try:
        resolved: Any = ox.Store().query(query, base_iri=base, prefixes=dict(prefixes))
    except SyntaxError:
        for token, _ in graphs:
            if token.kind == "iri" and ":" not in token.text:
                message = f"found {token.text}, which has no scheme; expected an absolute IRI"
                raise QueryError(f"{line_column(text, token.offset)}: {message}") from None
        raise
    pairs = [(token, named, row[0]) for (token, named), row in zip(graphs, resolved, strict=True)]
    return DatasetClause(
        [(token, graph) for token, named, graph in pairs if not named],
        [(token, graph) for token, named, graph in pairs if named],
    )
