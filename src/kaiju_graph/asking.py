"""Stage 8: a stored or ad-hoc question and its parameters → the answer.

A stored question is a plain SPARQL 1.1 file with grlc's ``#+`` header. A parameter ``film`` of type
IRI is the variable ``?__film_iri``, used in one way only::

    FILTER(?film = COALESCE(?__film_iri, ?film))

With nothing bound the filter is true, so the file runs unchanged in any engine. A value is first
made an RDF term and then stands in a ``VALUES`` clause in the filter's place, which means the same
where the variable is always bound, and stays fast. No value can inject: it is a term or an error.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

import pyoxigraph as ox

from kaiju_graph.errors import ParameterError, QueryError, UnknownNameError
from kaiju_graph.names import did_you_mean
from kaiju_graph.terms import XSD

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from kaiju_graph.project import Project

__all__ = ["Found", "Parameter", "Question", "bind", "question", "questions", "run"]

PARAMETER = re.compile(r"FILTER\(\?(\w+) = COALESCE\(\?__(\w+)_([A-Za-z]+), \?\1\)\)")
LEXICAL = {
    "integer": re.compile(r"[+-]?\d+"),
    "decimal": re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)"),
    "date": re.compile(r"-?\d{4,}-\d\d-\d\d"),
    "gYear": re.compile(r"-?\d{4,}"),
    "boolean": re.compile(r"true|false"),
}
# Strings, IRIs and comments of SPARQL 1.1, section 19.8, in which a keyword is none.
SKIPPED = (
    r'"""(?:[^"\\]|\\.|"(?!""))*"""'
    r"|'''(?:[^'\\]|\\.|'(?!''))*'''"
    r'|"(?:[^"\\\n\r]|\\.)*"'
    r"|'(?:[^'\\\n\r]|\\.)*'"
    r'|<[^<>"{}|^`\\\x00-\x20]*>'
    r"|#[^\n\r]*"
)
SERVICE = re.compile(rf"{SKIPPED}|(?<![\w?$:@.-])(SERVICE)(?![\w:.-])", re.IGNORECASE | re.DOTALL)
PREFIX = re.compile(rf"{SKIPPED}|(?<![\w?$:@.-])([A-Za-z]?[\w.-]*):(?=[\w%\\-])", re.DOTALL)
DECLARED = re.compile(r"\bPREFIX\s+([\w.-]*):", re.IGNORECASE)
PROLOGUE = re.compile(
    r"(?:\s+|#[^\n\r]*|(?:PREFIX\s+[\w.-]*:|BASE)\s*<[^<>\s]*>)*(\w*)", re.IGNORECASE
)
FORMS = ("SELECT", "ASK", "CONSTRUCT", "DESCRIBE")
ESCAPE = re.compile(r"\\u([0-9A-Fa-f]{4})|\\U([0-9A-Fa-f]{8})")


Found = ox.QuerySolutions | ox.QueryBoolean | ox.QueryTriples
"""What Oxigraph answers: solutions, a boolean, or triples; to be read once."""


class Parameter(NamedTuple):
    """A parameter: its name, its type (``iri``, an XSD datatype or a language), its variable."""

    name: str
    type: str
    variable: str


class Question(NamedTuple):
    """A stored question."""

    name: str
    summary: str
    description: str
    tags: tuple[str, ...]
    parameters: tuple[Parameter, ...]
    text: str


def questions(project: Project) -> list[Question]:
    """Return all stored questions, sorted by name.

    Raises:
        QueryError: a file has no summary.
    """
    names = [file.partition("/")[2].removesuffix(".rq") for file in project.files("queries", ".rq")]
    return [question(project, name) for name in names]


def question(project: Project, name: str) -> Question:
    """Return the stored question of a name, the name of its file without ``.rq``.

    Raises:
        UnknownNameError: there is no such file.
        QueryError: the file has no summary.
    """
    file = f"queries/{name}.rq"
    if file not in project.files("queries", ".rq"):
        known = [f.partition("/")[2].removesuffix(".rq") for f in project.files("queries", ".rq")]
        hint = did_you_mean(name, known) or "; kaiju ask lists them all"
        raise UnknownNameError(f"no question {name!r}{hint}")
    text = project.read(file)
    header = _header(text)
    summary = header.get("summary", [""])[0]
    if not summary:
        raise QueryError(f'{file}:1: found no summary; expected #+ summary: "the question"')
    parameters = tuple(
        Parameter(label, kind, variable) for variable, label, kind in PARAMETER.findall(text)
    )
    description = header.get("description", [""])[0]
    return Question(name, summary, description, tuple(header.get("tags", [])), parameters, text)


def _header(text: str) -> dict[str, list[str]]:
    """Read grlc's header: the subset of YAML that has texts and lists of texts."""
    found: dict[str, list[str]] = {}
    key = ""
    for line in text.splitlines():
        if not line.startswith("#+"):
            break
        item = line.removeprefix("#+").strip()
        if item.startswith("- "):
            found[key].append(item[2:].strip().strip("\"'"))
        else:
            key, _, value = item.partition(":")
            found[key] = [value.strip().strip("\"'")] if value.strip() else []
    return found


def bind(asked: Question, values: Mapping[str, str], resolve: Callable[[str], ox.NamedNode]) -> str:
    """Return the SPARQL text of a question with its parameters bound.

    Args:
        asked: the question.
        values: parameter name → value as a person types it.
        resolve: makes an IRI, a CURIE or a label the thing that it means.

    Raises:
        ParameterError: the question has no such parameter, or the value is not of its type.
        UnknownNameError: nothing bears the name.
    """
    known = {parameter.name: parameter for parameter in asked.parameters}
    terms = {}
    for name, value in values.items():
        if name not in known:
            takes = ", ".join(known) or "none"
            raise ParameterError(f"{asked.name} has no parameter {name!r}; it takes {takes}")
        terms[name] = _term(name, known[name].type, value, resolve)

    def replace(match: re.Match[str]) -> str:
        variable, name, _ = match.groups()
        return f"VALUES ?{variable} {{ {terms[name]} }}" if name in terms else match[0]

    return PARAMETER.sub(replace, asked.text)


def _term(
    name: str, kind: str, value: str, resolve: Callable[[str], ox.NamedNode]
) -> ox.NamedNode | ox.Literal:
    if kind == "iri":
        return resolve(value)
    if kind in LEXICAL:
        if not LEXICAL[kind].fullmatch(value):
            raise ParameterError(f"{name}: found {value!r}; expected a value of type xsd:{kind}")
        return ox.Literal(value, datatype=ox.NamedNode(XSD + kind))
    return ox.Literal(value) if kind == "string" else ox.Literal(value, language=kind)


def run(store: ox.Store, text: str, prefixes: Mapping[str, str], origin: str = "query") -> Found:
    """Run SPARQL 1.1 on a store; prefixes that the text does not declare are added.

    Args:
        store: the store.
        text: the query.
        prefixes: prefix → namespace IRI.
        origin: the name that errors give the text, such as its file.

    Raises:
        QueryError: the text does not parse, or uses SERVICE, which reads from the network.
    """
    # SPARQL 1.1, section 19.2: escapes are undone before the grammar is applied.
    plain = ESCAPE.sub(lambda match: chr(int(match[1] or match[2], 16)), text)
    for match in SERVICE.finditer(plain):
        if match[1]:
            place = _place(plain, match.start())
            raise QueryError(f"{origin}:{place}: found SERVICE; expected no remote endpoint")
    try:
        return store.query(text, prefixes=dict(prefixes))
    except SyntaxError as error:
        reason = _undeclared(plain, prefixes) or _syntax(str(error), text)
        raise QueryError(f"{origin}:{reason}") from None


def _place(text: str, at: int) -> str:
    return f"{text.count(chr(10), 0, at) + 1}:{at - text.rfind(chr(10), 0, at)}"


def _undeclared(text: str, prefixes: Mapping[str, str]) -> str:
    """Say which prefix is used and declared nowhere, if one is."""
    known = {*prefixes, *DECLARED.findall(text)}
    for match in PREFIX.finditer(text):
        if match[1] is not None and match[1] not in known:
            place = _place(text, match.start())
            expected = f"a declared prefix{did_you_mean(match[1], known)}"
            return f"{place}: found the prefix {match[1]!r}; expected {expected}"
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
    line, column = int(position[1]), int(position[2])
    rest = text.split("\n")[line - 1][column - 1 :].split(maxsplit=1)
    found = repr(rest[0][:30]) if rest else "the end of the line"
    if sentence := re.search(r"(?:The|IRI) [\w ]+", position[3]):
        return f"{line}:{column}: {sentence[0]}"
    # Of keywords it names only those that may stand anywhere in a group.
    words = re.findall(r'(?<![\w\'"])([A-Z]{2,}|"[^"\s]{1,10}")(?=,|$)', position[3], re.MULTILINE)
    expected = [word for word in words if word not in ("LATERAL", "SERVICE")]
    return f"{line}:{column}: found {found}; expected {', '.join(expected[:8]) or 'a term'}"
