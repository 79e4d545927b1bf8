"""Stored questions: plain SPARQL 1.1 files with grlc's ``#+`` header.

A parameter ``film`` of type IRI is the variable ``?__film_iri``, used in one way only::

    FILTER(?film = COALESCE(?__film_iri, ?film))

Without a value the filter is true, so the file runs unchanged in any engine. A value becomes an RDF
term, and a ``VALUES`` clause with this term replaces the filter: this is fast, and means the same
if the variable is always bound. A value cannot inject SPARQL, because it is a term or an error.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from kaiju_graph.errors import QueryError, UnknownNameError
from kaiju_graph.project.spelling import WORD, did_you_mean, fold
from kaiju_graph.rdf.lines import line_column
from kaiju_graph.rdf.notation import LEXICAL
from kaiju_graph.rdf.tokens import tokens

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from kaiju_graph.project.layout import Project

__all__ = [
    "MENTION",
    "Parameter",
    "Question",
    "check_header",
    "find_filters",
    "find_question",
    "list_questions",
    "parse_question",
]

PARAMETER = re.compile(r"FILTER\(\?(\w+) = COALESCE\(\?__(\w+)_([A-Za-z]+), \?\1\)\)")
ITEM = re.compile(r"""\s*"[^"]*"\s*(?=,|$)|\s*'[^']*'\s*(?=,|$)|[^,]+""")
"""An item of a list in brackets."""
KEYS = ("also", "description", "summary", "tags")
"""The keys of a header that are read; grlc has others."""
CLOSING = {'"': '"', "'": "'", "[": "]"}
"""The first character of a value in a header → its last one."""
MENTION = re.compile(r"(\w+(?:-\w+)+)")
"""What may be the name of a question in a description; without a hyphen, it may be a word."""
LANGUAGE = re.compile("[a-z]{2}")
"""A language code of ISO 639-1; a longer word is more likely a misspelt type."""


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
    also: tuple[str, ...] = ()
    """Other phrasings of the question."""

    @property
    def code(self) -> str:
        """The text without its header."""
        return re.sub(r"\A(?:#\+.*\n)*\n*", "", self.text)


def list_questions(project: Project, tag: str | None = None) -> list[Question]:
    """Return all stored questions, or those with a tag, sorted by name.

    Raises:
        QueryError: a file has no summary.
        UnknownNameError: no question has the tag.
    """
    questions = [_read_question(project, name) for name in _names(project)]
    if tag is None:
        return questions
    if matches := [question for question in questions if tag in question.tags]:
        return matches
    tags = sorted({tag for question in questions for tag in question.tags})
    hint = did_you_mean(tag, tags) or f"; expected one of {', '.join(tags)}"
    raise UnknownNameError(f"no question has the tag {tag!r}{hint}")


def find_question(project: Project, name: str) -> Question:
    """Return the stored question with a name (its file without ``.rq``) or a summary.

    Raises:
        UnknownNameError: there is no such question.
        QueryError: the file has no summary, or a parameter of an unknown type or in another form.
    """
    names = _names(project)
    if name not in names:
        headers = {other: _read_header(project.read(_file(other))) for other in names}
        name = _find_name(name, headers)
    return _read_question(project, name)


def _read_question(project: Project, name: str) -> Question:
    file = _file(name)
    return parse_question(name, project.read(file), file)


@lru_cache(maxsize=2**10)  # free words are compared with all of them
def parse_question(name: str, text: str, file: str) -> Question:
    """Return the question in the text of a file.

    Raises:
        QueryError: it has no summary, or a parameter of an unknown type or in another form.
    """
    header = _read_header(text)
    summary = " ".join(header.get("summary", []))
    if not summary:
        raise QueryError(f'{file}:1: found no summary; expected #+ summary: "the question"')
    parameters = tuple(_read_parameters(text, file))
    description = " ".join(header.get("description", []))
    tags, also = (tuple(header.get(key, [])) for key in ("tags", "also"))
    return Question(name, summary, description, tags, parameters, text, also)


def check_header(text: str, file: str) -> None:
    """Check that the header of a stored query loses nothing by a mistake in writing.

    Raises:
        QueryError: a key is like one that is read, or a text or list in brackets does not end.
    """
    for number, line in enumerate(text.splitlines(), 1):
        if not line.startswith("#+"):
            return
        item = line.removeprefix("#+").strip()
        key, _, value = ("", "", item[2:]) if item.startswith("- ") else item.partition(":")
        value = value.strip()
        near = "" if key in KEYS else did_you_mean(key, KEYS)
        if near:
            expected = f"expected one of {', '.join(KEYS)}"
            raise QueryError(f"{file}:{number}: found the key {key!r}; {expected}{near}")
        closing = CLOSING.get(value[:1], "")
        if closing and (len(value) == 1 or not value.endswith(closing)):
            raise QueryError(f"{file}:{number}: found {value}; expected {closing} at its end")


def find_filters(text: str) -> list[re.Match[str]]:
    """Return the filters of parameters, without those in comments and strings."""
    matches = list(PARAMETER.finditer(text))
    starts = {token.offset for token in tokens(text) if token.text == "FILTER"} if matches else ()
    return [match for match in matches if match.start() in starts]


def _find_name(text: str, headers: Mapping[str, Mapping[str, list[str]]]) -> str:
    """Return the name of the question whose name or summary has the words of a text.

    Args:
        text: what a user types.
        headers: name of a question → its header.

    Raises:
        UnknownNameError: no question has them, or several do.
    """
    summaries = {name: " ".join(header.get("summary", [])) for name, header in headers.items()}
    wanted = WORD.findall(fold(text))
    names = [
        name
        for name, summary in summaries.items()
        if wanted and wanted in (WORD.findall(fold(name)), WORD.findall(fold(summary)))
    ]
    if len(names) == 1:
        return names[0]
    if any(text in header.get("tags", []) for header in headers.values()):
        hint = f"; it is a tag: kaiju ask --tag {text!r} lists its questions"
    else:
        hints = (did_you_mean(text, words) for words in (headers, summaries.values()))
        hint = next(filter(None, hints), "; kaiju ask lists them all")
    raise UnknownNameError(f"no question {text!r}{hint}")


def _file(name: str) -> str:
    return f"queries/{name}.rq"


def _names(project: Project) -> list[str]:
    files = project.files("queries", ".rq")
    return sorted(file.partition("/")[2].removesuffix(".rq") for file in files)


def _read_parameters(text: str, file: str) -> Iterator[Parameter]:
    known = ["iri", "string", *LEXICAL]
    for match in find_filters(text):
        variable, name, kind = match.groups()
        if kind not in known and not LANGUAGE.fullmatch(kind):
            line = text.count("\n", 0, match.start()) + 1
            raise QueryError(
                f"{file}:{line}: found the parameter {name!r} of type {kind!r}; "
                f"expected {', '.join(known)} or a language such as en"
            )
        yield Parameter(name, kind, variable)
    _check_variables(text, file)


def _check_variables(text: str, file: str) -> None:
    """Refuse a variable that grlc takes for a parameter and that no filter binds.

    Raises:
        QueryError: there is one, such as ``?_film``.
    """
    rest = PARAMETER.sub(lambda match: " " * len(match[0]), text)
    for token in tokens(rest) if re.search("[?$]_", rest) else ():
        if token.kind == "variable" and token.text[1] == "_":
            name = token.text.strip("?$_").partition("_")[0] or "name"
            raise QueryError(
                f"{file}:{line_column(text, token.offset)}: found the parameter {token.text}; "
                f"expected FILTER(?{name} = COALESCE(?__{name}_iri, ?{name}))"
            )


def _read_header(text: str) -> dict[str, list[str]]:
    """Return grlc's header: YAML, of which only texts and lists of texts are read."""
    header: dict[str, list[str]] = {}
    key = ""
    for line in text.splitlines():
        if not line.startswith("#+"):
            break
        item = line.removeprefix("#+").strip()
        if item.startswith("- "):
            header.setdefault(key, []).append(_unquote(item[2:]))
        else:
            key, _, value = item.partition(":")
            header[key] = _read_value(value.strip())
    return header


def _read_value(text: str) -> list[str]:
    """Return a text or a list in brackets: ``[a, "b, c"]`` has two texts."""
    if text[:1] == "[" and text[-1:] == "]":
        return [_unquote(item) for item in ITEM.findall(text[1:-1]) if item.strip()]
    return [_unquote(text)] if text else []


def _unquote(text: str) -> str:
    text = text.strip()
    return text[1:-1] if len(text) > 1 and text[0] == text[-1] and text[0] in "\"'" else text
