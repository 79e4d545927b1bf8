"""Find names among words, and the parameters of questions that they may fill."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any, NamedTuple

from kaiju_graph.project.spelling import fold
from kaiju_graph.rdf.lexical_forms import find_quads
from kaiju_graph.rdf.terms import ALT_LABEL, COINED, LABEL, TYPE
from kaiju_graph.sparql.parameters import input_text, is_of_kind
from kaiju_graph.sparql.phrasings import COMMON, Stems, split_words

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    import pyoxigraph as ox

    from kaiju_graph.project.names import Names
    from kaiju_graph.sparql.parameters import ParameterValues
    from kaiju_graph.sparql.questions import Parameter, Question

__all__ = ["Filling", "Mention", "find_fillings", "find_mentions", "find_valued"]


MAX_VALUE = 40
"""How many characters a value has at most that people type among other words."""


class Mention(NamedTuple):
    """A place among the user's words, and what the words there may name."""

    place: range
    things: set[Any]
    """The things with the words as a name, or else as a part of it."""
    labels: set[str]
    """The labels of the things, folded."""
    texts: set[str]
    """These, and the words."""
    described: set[Any]
    """The coined things whose descriptions have more words, but only between these."""
    is_whole: bool
    """Whether the words are a whole name."""


class Filling(NamedTuple):
    """Words, with the names of parameters in place of the words that fill them."""

    words: list[str]
    parameters: dict[str, str]
    """Parameter → value, as a user types it."""
    terms: dict[str, Any]
    """Parameter → value, as a term."""
    known: bool
    """Whether some row has each value; if not, a value is only of the right kind."""
    narrows: bool = False
    """Whether the words may stand in a phrasing of the question, too, and still mean the values."""


class _Option(NamedTuple):
    """A parameter that the words in a place may fill, and the value."""

    place: range
    parameter: str
    value: str
    term: Any
    known: bool


def find_mentions(
    words: Sequence[str], names: Names, stems: Stems, store: ox.Store
) -> list[Mention]:
    """Return what words name; mentions of more words come first.

    Words that are no whole name may be a part of one, such as a family name. This does not apply to
    labels of coined things, which are descriptions; there, words between may be missing.

    Args:
        words: the words, folded.
        names: the names of things.
        stems: word → stem.
        store: the graph, which has the classes of things.
    """
    places: dict[tuple[str, ...], range] = {}
    for length in range(len(words), 0, -1):
        for start in range(len(words) - length + 1):
            place = range(start, start + length)
            if COMMON.isdisjoint((words[place[0]], words[place[-1]])):
                places.setdefault(tuple(stems.reduce(words[start : start + length])), place)
    coined = {
        member.subject
        for quad in find_quads(store, None, COINED, None)
        for member in find_quads(store, None, TYPE, quad.subject)
    }
    whole: dict[tuple[str, ...], set[Any]] = {}
    parts: dict[tuple[str, ...], set[Any]] = {}
    for name, things in names.things.items():
        spelt = stems.reduce(split_words(name))
        for start in range(len(spelt)):
            for end in range(start + 1, min(start + len(words), len(spelt)) + 1):
                part = tuple(spelt[start:end])
                is_whole = {*spelt} - COMMON == {*part} - COMMON
                if part in places and (is_whole or not "".join(part).isdigit()):
                    found = whole if is_whole else parts
                    found.setdefault(part, set()).update(things if is_whole else {*things} - coined)
    described = _find_descriptions(places, coined, names, stems)
    mentions = []
    for part, place in places.items():
        named = whole.get(part) or parts.get(part, set())
        labels = {fold(names.labels[thing]) for thing in named if thing in names.labels}
        texts = labels | {" ".join(words[place.start : place.stop])}
        mentions.append(
            Mention(place, named, labels, texts, described.get(part, set()), part in whole)
        )
    return mentions


def _find_descriptions(
    parts: Iterable[tuple[str, ...]], things: Iterable[Any], names: Names, stems: Stems
) -> dict[tuple[str, ...], set[Any]]:
    """Return part of the words → the things whose label has the same words, and more between."""
    several = [part for part in parts if len({*part} - COMMON) > 1]
    found: dict[tuple[str, ...], set[Any]] = {}
    for thing in things:
        label = stems.reduce(split_words(names.labels.get(thing, "")))
        for part in several:
            rest = iter(label)
            if part[:1] + part[-1:] == (*label[:1], *label[-1:]) and all(
                word in rest for word in part if word not in COMMON
            ):
                found.setdefault(part, set()).add(thing)
    return found


def find_valued(mentions: Sequence[Mention], store: ox.Store) -> set[str]:
    """Return the IRIs of the properties, other than names, of which mentions are values."""
    texts = {text for mention in mentions for text in mention.texts}
    least = f"isLiteral(?value) && STRLEN(STR(?value)) <= {MAX_VALUE}"
    rows: Any = store.query(f"SELECT DISTINCT ?p ?value {{ ?s ?p ?value FILTER({least}) }}")
    return {
        property_.value
        for property_, value in rows
        if property_ not in (LABEL, ALT_LABEL)
        and not texts.isdisjoint((fold(value.value), _core(value.value)))
    }


def find_fillings(
    question: Question,
    words: Sequence[str],
    mentions: Sequence[Mention],
    values: ParameterValues,
) -> list[Filling]:
    """Return the ways in which words may fill the parameters of a question; the first fills none.

    A mention fills a parameter if exactly one value of rows is meant: by its name, or else by its
    description. Otherwise a mention that is a whole name fills it if exactly one thing of the right
    kind is meant.

    Args:
        question: the question.
        words: the words.
        mentions: what they name.
        values: the values of parameters.
    """
    options = [
        _Option(mention.place, parameter.name, text, term, known)
        for mention in mentions
        for parameter in question.parameters
        for text, term, known in _choose(question, parameter, values, mention)
    ]
    of_rows = [option for option in options if option.known]
    combinations = (*_combine(options), *_combine(of_rows), *((option,) for option in of_rows))
    narrow = _find_narrow(question, words, mentions, options)
    fillings = (
        _fill(words, each)._replace(narrows=narrow.issuperset(each))
        for each in dict.fromkeys(combinations)
    )
    return [Filling([*words], {}, {}, known=True), *fillings]


def _find_narrow(
    question: Question,
    words: Sequence[str],
    mentions: Sequence[Mention],
    options: Sequence[_Option],
) -> set[_Option]:
    """Return the options that mean their value even where a phrasing has their words.

    In "who made the music", that is "music", a name of the term whose label is the value. It is the
    only value for its parameter, and not in the summary, which asks for the rows of all.
    """
    summary = {*split_words(question.summary)}
    texts = {each.name for each in question.parameters if each.type != "iri"}
    values = {(option.parameter, option.value) for option in options if option.known}
    counts = Counter(parameter for parameter, _ in values)
    labels = {mention.place: mention.labels for mention in mentions if mention.is_whole}
    return {
        option
        for option in options
        if option.known
        and fold(option.value) in labels.get(option.place, ())
        and option.parameter in texts
        and counts[option.parameter] == 1
        and summary.isdisjoint(words[option.place.start : option.place.stop])
    }


def _choose(
    question: Question, parameter: Parameter, values: ParameterValues, mention: Mention
) -> list[tuple[str, Any, bool]]:
    """Return the value that a mention gives to a parameter, and whether some row has it."""
    of_rows, store = values.find(question, parameter), values.store
    if parameter.type != "iri":
        chosen = [
            text for text in of_rows if not mention.texts.isdisjoint((fold(text), _core(text)))
        ]
    else:
        chosen = [text for text, term in of_rows.items() if term in mention.things]
    if not chosen:
        chosen = [text for text, term in of_rows.items() if term in mention.described]
    if chosen or parameter.type != "iri" or not mention.is_whole:
        return [(text, of_rows[text], True) for text in chosen] if len(chosen) == 1 else []
    alike = [t for t in mention.things if is_of_kind(t, parameter, of_rows.values(), store)]
    return (
        [(input_text(alike[0], store, values.project), alike[0], False)] if len(alike) == 1 else []
    )


def _core(text: str) -> str:
    """Return the words of a text without common ones before and after: "ruins" of "in ruins"."""
    words = split_words(text)
    core = [at for at, word in enumerate(words) if word not in COMMON]
    return " ".join(words[core[0] : core[-1] + 1]) if core else ""


def _combine(options: Sequence[_Option]) -> Iterator[tuple[_Option, ...]]:
    """Yield the options that fit together: one for each place, one value for each parameter."""
    for option in options:
        if option.place == options[0].place:
            others = [
                other
                for other in options
                if {*other.place}.isdisjoint(option.place)
                and (other.parameter != option.parameter or other.value == option.value)
            ]
            for rest in _combine(others) if others else [()]:
                yield (option, *rest)


def _fill(words: Sequence[str], options: Sequence[_Option]) -> Filling:
    """Return the words with parameters filled; a parameter that is named twice stands once."""
    parts = [[word] for word in words]
    parameters: dict[str, str] = {}
    terms: dict[str, Any] = {}
    for option in options:
        for at in option.place:
            parts[at] = []
        if option.parameter not in parameters:
            parts[option.place.start] = split_words(option.parameter)
        parameters[option.parameter] = option.value
        terms[option.parameter] = option.term
    known = all(option.known for option in options)
    return Filling([word for part in parts for word in part], parameters, terms, known)
