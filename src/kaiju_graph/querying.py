"""Stage 8: SPARQL 1.1 on a store → what Oxigraph answers, or one line that says what is wrong.

A query comes from anybody. What would read from the network or overflow the engine's stack is
refused by token, before the engine sees it; updates and other texts that are no query do not parse.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pyoxigraph as ox

from kaiju_graph.errors import LimitError, QueryError
from kaiju_graph.names import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["TOKEN", "Found", "run"]

Found = ox.QuerySolutions | ox.QueryBoolean | ox.QueryTriples
"""What Oxigraph answers: solutions, a boolean, or triples; to be read once."""

# The tokens of SPARQL 1.1, section 19.8, as far as they tell keywords, prefixes and brackets from
# what only looks like them. Oxigraph undoes \u escapes in strings and IRIs only, and so does this.
TOKEN = re.compile(
    r"""
    \"{3}(?:[^"\\]|\\.|"(?!""))*\"{3} | '{3}(?:[^'\\]|\\.|'(?!''))*'{3}
    | "(?:[^"\\\n\r]|\\.)*" | '(?:[^'\\\n\r]|\\.)*'
    | <[^<>"{}|^`\\\x00-\x20]*>
    | \#[^\n\r]*
    | [?$]\w+ | @[A-Za-z0-9-]+
    | (?P<prefix>(?>(?:\w[\w.-]*)?)):(?>(?:(?:[\w:%]|\\.)(?:[\w:%-]|\\.|\.+(?=[\w:%\\-]))*)?)
    | (?P<word>\w+)
    | (?P<opening>[({\[]) | (?P<closing>[)}\]])
    | (?P<signs>(?:[!^+-]\s*){200})
    """,
    re.VERBOSE | re.DOTALL,
)
SERVICE = re.compile("service", re.IGNORECASE | re.ASCII)
LONGEST = 2**16
"""How many characters a query may have."""
NESTING = 200
"""How deep brackets may nest: some thousands overflow the engine's stack."""
DECLARED = re.compile(r"\bPREFIX\s+([\w.-]*):", re.IGNORECASE)
PROLOGUE = re.compile(
    r"(?:\s+|#[^\n\r]*|(?:PREFIX\s+[\w.-]*:|BASE)\s*<[^<>\s]*>)*(\w*)", re.IGNORECASE
)
FORMS = ("SELECT", "ASK", "CONSTRUCT", "DESCRIBE")


def run(store: ox.Store, text: str, prefixes: Mapping[str, str], origin: str = "query") -> Found:
    """Run SPARQL 1.1 on a store; prefixes that the text does not declare are added.

    Args:
        store: the store.
        text: the query.
        prefixes: prefix → namespace IRI.
        origin: the name that errors give the text, such as its file.

    Raises:
        LimitError: the text is longer than ``LONGEST``.
        QueryError: the text does not parse, nests past ``NESTING``, or uses SERVICE, which reads
            from the network.
    """
    if len(text) > LONGEST:
        raise LimitError(f"{origin}: found {len(text):,} characters; expected at most {LONGEST:,}")
    if refused := _refused(text, prefixes) or _service(text, prefixes):
        raise QueryError(f"{origin}:{refused}")
    try:
        return store.query(text, prefixes=dict(prefixes))
    except SyntaxError as error:
        raise QueryError(f"{origin}:{_syntax(str(error), text)}") from None


def _service(text: str, prefixes: Mapping[str, str]) -> str:
    """Say where the engine would read a call of SERVICE, or nothing.

    Only the engine's own parser knows: it takes ``5SERVICE`` for two words. A query that still
    parses when each "service" in it is another word calls none.
    """
    found = SERVICE.search(text)
    if not found:
        return ""
    word = next(w for w in ("zervice", "xervice", "qervice", "") if w not in text.lower() or not w)
    renamed = {SERVICE.sub(word, name): iri for name, iri in prefixes.items()}
    try:
        ox.Store().query(SERVICE.sub(word, text), prefixes=renamed)
    except SyntaxError:
        return f"{_place(text, found.start())}: found SERVICE; expected no remote endpoint"
    return ""


def _refused(text: str, prefixes: Mapping[str, str]) -> str:
    """Say what in a query is refused, after its place, or nothing."""
    known = {*prefixes, *DECLARED.findall(text), "_"}
    depth = 0
    for token in TOKEN.finditer(text):
        found = ""
        if (token["word"] or "").upper() == "SERVICE":
            found = "found SERVICE; expected no remote endpoint"
        elif token["prefix"] is not None and token["prefix"] not in known:
            hint = did_you_mean(token["prefix"], known)
            found = f"found the prefix {token['prefix']!r}; expected a declared prefix{hint}"
        elif token["signs"]:
            found = f"found {NESTING} signs in a row; expected a term"
        depth += bool(token["opening"]) - (bool(token["closing"]) and depth > 0)
        if depth > NESTING:
            found = f"found brackets nested {depth} deep; expected at most {NESTING}"
        if found:
            return f"{_place(text, token.start())}: {found}"
    if lone := re.search("[\ud800-\udfff]", text):
        return f"{_place(text, lone.start())}: found a lone surrogate; expected Unicode text"
    return ""


def _syntax(message: str, text: str) -> str:
    """Shorten Oxigraph's message, which lists every character that could come next."""
    form = PROLOGUE.match(text)
    if form and form[1].upper() not in FORMS:
        found = repr(form[1]) if form[1] else "no query"
        return f"{_place(text, form.start(1))}: found {found}; expected {', '.join(FORMS)}"
    position = re.match(r"error at (\d+):(\d+): expected (.*)", message, re.DOTALL)
    if not position:
        return f"1:1: {message.splitlines()[0]}"
    lines = text.split("\n")
    at = sum(len(line) + 1 for line in lines[: int(position[1]) - 1]) + int(position[2]) - 1
    if sentence := re.search(r"(?:The|IRI) [\w ]+", position[3]):
        return f"{_place(text, at)}: {sentence[0]}"
    if bracket := _bracket(text):
        return bracket
    if not text[at:].strip():  # it read white space before it stumbled over the last token
        at = max(text.rstrip().rfind(" "), text.rstrip().rfind("\n")) + 1
    found = repr(text[at:].split(maxsplit=1)[0][:30])
    # Of keywords it names only those that may stand anywhere in a group.
    words = re.findall(r'(?<![\w\'"])([A-Z]{2,}|"[^"\s]{1,10}")(?=,|$)', position[3], re.MULTILINE)
    expected = [word for word in words if word not in ("LATERAL", "SERVICE")]
    return f"{_place(text, at)}: found {found}; expected {', '.join(expected[:8]) or 'a term'}"


def _bracket(text: str) -> str:
    """Say which bracket has no partner, if one has none."""
    partners = {"(": ")", "{": "}", "[": "]"}
    open_: list[str] = []
    for token in TOKEN.finditer(text):
        if token["opening"]:
            open_.append(partners[token["opening"]])
        elif token["closing"] and (not open_ or open_.pop() != token["closing"]):
            return f"{_place(text, token.start())}: found {token[0]!r}; expected its partner first"
    end = _place(text, len(text))
    return f"{end}: found the end; expected {open_[-1]!r}" if open_ else ""


def _place(text: str, at: int) -> str:
    """Return line and column, from 1, of an offset."""
    return f"{text.count(chr(10), 0, at) + 1}:{at - text.rfind(chr(10), 0, at)}"
