"""Stage 8: a stored question and its parameters → SPARQL.

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
from kaiju_graph.project.spelling import WORD, did_you_mean, fold
from kaiju_graph.rdf.notation import LEXICAL
from kaiju_graph.rdf.terms import XSD
from kaiju_graph.sparql.tokens import tokens

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from kaiju_graph.project.layout import Project

__all__ = [
    "Parameter",
    "Question",
    "bind_parameters",
    "find_question",
    "list_questions",
    "parameter_terms",
]

PARAMETER = re.compile(r"FILTER\(\?(\w+) = COALESCE\(\?__(\w+)_([A-Za-z]+), \?\1\)\)")
LANGUAGE = re.compile("[a-z]{2}")
"""A language of ISO 639-1: whatever is longer is more likely a misspelt type."""


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


def list_questions(project: Project, tag: str | None = None) -> list[Question]:
    """Return all stored questions, or those with a tag, sorted by name.

    Raises:
        QueryError: a file has no summary.
        UnknownNameError: no question has the tag.
    """
    found = [find_question(project, name) for name in _names(project)]
    if tag is None:
        return found
    if tagged := [asked for asked in found if tag in asked.tags]:
        return tagged
    tags = sorted({tag for asked in found for tag in asked.tags})
    hint = did_you_mean(tag, tags) or f"; expected one of {', '.join(tags)}"
    raise UnknownNameError(f"no question has the tag {tag!r}{hint}")


def find_question(project: Project, name: str) -> Question:
    """Return the stored question of a name, that of its file without ``.rq``, or of its summary.

    Raises:
        UnknownNameError: there is no such file.
        QueryError: the file has no summary, or a parameter of a type that is none.
    """
    known = _names(project)
    if name not in known:
        name = _meant(name, {each: _header(project.read(_file(each))) for each in known})
    file = _file(name)
    text = project.read(file)
    header = _header(text)
    summary = " ".join(header.get("summary", []))
    if not summary:
        raise QueryError(f'{file}:1: found no summary; expected #+ summary: "the question"')
    parameters = tuple(_parameters(text, file))
    description = " ".join(header.get("description", []))
    return Question(name, summary, description, tuple(header.get("tags", [])), parameters, text)


def _meant(text: str, known: Mapping[str, Mapping[str, list[str]]]) -> str:
    """Return the name of the question that has the words of a text as its name or summary.

    Args:
        text: what a person types.
        known: name of a question → its header.

    Raises:
        UnknownNameError: no question has them, or several do.
    """
    summaries = {name: " ".join(header.get("summary", [])) for name, header in known.items()}
    wanted = WORD.findall(fold(text))
    found = [
        name
        for name, summary in summaries.items()
        if wanted and wanted in (WORD.findall(fold(name)), WORD.findall(fold(summary)))
    ]
    if len(found) == 1:
        return found[0]
    if any(text in header.get("tags", []) for header in known.values()):
        hint = f"; it is a tag: kaiju ask --tag {text!r} lists its questions"
    else:
        near = (did_you_mean(text, words) for words in (known, summaries.values()))
        hint = next(filter(None, near), "; kaiju ask lists them all")
    raise UnknownNameError(f"no question {text!r}{hint}")


def _file(name: str) -> str:
    return f"queries/{name}.rq"


def _names(project: Project) -> list[str]:
    files = project.files("queries", ".rq")
    return sorted(file.partition("/")[2].removesuffix(".rq") for file in files)


def _filters(text: str) -> list[re.Match[str]]:
    """Return the filters of parameters: none that stands in a comment or in a string."""
    found = list(PARAMETER.finditer(text))
    starts = {token.offset for token in tokens(text) if token.text == "FILTER"} if found else ()
    return [match for match in found if match.start() in starts]


def _parameters(text: str, file: str) -> Iterator[Parameter]:
    for found in _filters(text):
        variable, label, kind = found.groups()
        if kind not in ("iri", "string", *LEXICAL) and not LANGUAGE.fullmatch(kind):
            line = text.count("\n", 0, found.start()) + 1
            known = ", ".join(["iri", "string", *LEXICAL])
            raise QueryError(
                f"{file}:{line}: found the parameter {label!r} of type {kind!r}; "
                f"expected {known} or a language such as en"
            )
        yield Parameter(label, kind, variable)


def _header(text: str) -> dict[str, list[str]]:
    """Read grlc's header: the subset of YAML that has texts and lists of texts."""
    found: dict[str, list[str]] = {}
    key = ""
    for line in text.splitlines():
        if not line.startswith("#+"):
            break
        item = line.removeprefix("#+").strip()
        if item.startswith("- "):
            found.setdefault(key, []).append(_unquoted(item[2:]))
        else:
            key, _, value = item.partition(":")
            found[key] = [_unquoted(value)] if value.strip() else []
    return found


def bind_parameters(
    asked: Question, values: Mapping[str, str], resolve: Callable[[str], ox.NamedNode]
) -> str:
    """Return the SPARQL text of a question with its parameters bound.

    Args:
        asked: the question.
        values: parameter name → value as a person types it.
        resolve: makes an IRI, a CURIE or a label the thing that it means.

    Raises:
        ParameterError: the question has no such parameter, or the value is not of its type.
        UnknownNameError: nothing bears the name.
    """
    terms = parameter_terms(asked, values, resolve)
    text = asked.text
    for match in reversed(_filters(text)):
        variable, name, _ = match.groups()
        if name in terms:
            clause = f"VALUES ?{variable} {{ {_written(terms[name])} }}"
            text = f"{text[: match.start()]}{clause}{text[match.end() :]}"
    return text


def parameter_terms(
    asked: Question, values: Mapping[str, str], resolve: Callable[[str], ox.NamedNode]
) -> dict[str, ox.NamedNode | ox.Literal]:
    """Return the terms that values of parameters mean; arguments and errors are those of ``bind``.

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
        terms[name] = _term(name, known[name].type, str(value), resolve)
    return terms


def _term(
    name: str, kind: str, value: str, resolve: Callable[[str], ox.NamedNode]
) -> ox.NamedNode | ox.Literal:
    if kind == "iri":
        return resolve(value)
    try:
        value.encode()
    except UnicodeEncodeError:
        raise ParameterError(f"{name}: found {value!a}; expected Unicode text") from None
    if kind not in LEXICAL:
        return ox.Literal(value) if kind == "string" else ox.Literal(value, language=kind)
    if not LEXICAL[kind].fullmatch(value) or (kind == "date" and not _is_date(value)):
        raise ParameterError(f"{name}: found {value!r}; expected a value of type xsd:{kind}")
    return ox.Literal(value, datatype=ox.NamedNode(XSD + kind))


def _written(term: ox.NamedNode | ox.Literal) -> str:
    r"""Return a term as SPARQL, the same in engines that undo ``\u`` before the grammar and others.

    SPARQL 1.1, section 19.2, undoes code point escapes first, even behind an escaped backslash.
    """

    def spell(match: re.Match[str]) -> str:
        return rf"\\\U{ord(match[1]):08X}" if match[1] else match[0]

    return re.sub(r"\\\\([uU])|\\.", spell, str(term))


def _unquoted(text: str) -> str:
    text = text.strip()
    return text[1:-1] if len(text) > 1 and text[0] == text[-1] and text[0] in "\"'" else text


def _is_date(text: str) -> bool:
    from datetime import date

    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True
