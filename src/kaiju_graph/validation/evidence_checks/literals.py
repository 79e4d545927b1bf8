"""Hold the literals of each passage against its quote: numbers, dates and words.

A literal that its sentence does not bear out is a wrong answer that no shape can see. Numbers and
dates are known by their datatypes; the ontology marks the properties whose values are dictionary
forms (``ev:dictionaryForm``), or are counted in the passage instead of written (``ev:counted``).
Names and labels are held against the article by ``evidence_checks``.
"""

from __future__ import annotations

from decimal import Decimal
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple

import pyoxigraph as ox

from kaiju_graph.project.sources import Finding, select_layers
from kaiju_graph.rdf import terms
from kaiju_graph.rdf.terms import EV, RDF, XSD
from kaiju_graph.wording.dates import PartsOfDate, find_date, read_date
from kaiju_graph.wording.lemmas import find_lemma, has_lemmas
from kaiju_graph.wording.numbers import divide, has_rules
from kaiju_graph.wording.tokens import find
from kaiju_graph.wording.values import find_quantity, kind_of_value

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from kaiju_graph.project.passages import Articles, Passage
    from kaiju_graph.project.sources import Sources
    from kaiju_graph.rdf.terms import Quad, Resource, Term
    from kaiju_graph.wording.tokens import Token

    Recall = Callable[[str, list[str], Callable[[], list[int]]], list[int]]

__all__ = ["find_unknown_languages", "find_unquoted_literals"]

DICTIONARY_FORM, COUNTED = (ox.NamedNode(EV + name) for name in ("dictionaryForm", "counted"))
LABELS = (terms.LABEL, terms.ALT_LABEL, terms.HIDDEN_LABEL)
TEXTS = {XSD + "string", RDF + "langString"}
EXPECTED = {
    "number": "a number of the quote, in digits or in words",
    "date": "a date of the quote",
    "dictionary form": "that of words of the quote",
    "text": "words of the quote",
}
"""What a literal is, in messages → what it should be instead."""


class _Claim(NamedTuple):
    """A literal that a quote is to bear out."""

    kind: str
    """What it is: a key of ``EXPECTED``."""
    datatype: str
    texts: list[str]
    """Its text, and others that may stand for it in the quote."""


class _Quote(NamedTuple):
    """A quote, its words and numerals, and those of the passages that it needs."""

    text: str
    language: str
    tokens: list[Token]
    contexts: list[list[Token]]


def find_unquoted_literals(
    sources: Sources, located: Articles, recall: Recall = lambda _name, _inputs, make: make()
) -> Iterator[Finding]:
    """Find literals of a passage that its quote does not bear out.

    Args:
        sources: the sources of the project.
        located: the passages of its articles.
        recall: remembers the results of a function, as ``Memory.recall`` does.
    """
    ontology = select_layers(sources.quads, "ontology")
    lemmas = {quad.subject for quad in ontology if quad.predicate == DICTIONARY_FORM}
    held = {quad.subject for quad in ontology if quad.predicate == terms.IS_DEFINED_BY}
    held -= {quad.subject for quad in ontology if quad.predicate == COUNTED}
    nouns = _Nouns(sources, ontology)
    claims: dict[tuple[str, Resource], list[tuple[Quad, _Claim]]] = {}
    for name, file in sources.files.items():
        for quad in file.quads if file.layer == "stated" else ():
            literal = quad.object
            if not isinstance(literal, ox.Literal) or quad.predicate not in held:
                continue
            if kind := _kind(literal, quad, lemmas):
                texts = [literal.value, *(nouns.of(quad) if quad.predicate in lemmas else ())]
                claim = _Claim(kind, literal.datatype.value.removeprefix(XSD), texts)
                claims.setdefault((name, quad.graph), []).append((quad, claim))
    contexts = _contexts(sources)
    passages = {passage.iri: passage for passage in located.passages.values()}
    for (name, graph), found in claims.items():
        if (passage := passages.get(graph)) is None:
            continue
        others = [passages[other] for other in contexts.get(graph, ()) if other in passages]
        texts = [passage.quote.value, *(other.quote.value for other in others)]
        language, own = _language(passage), [claim for _, claim in found]
        find_wrong = partial(_find_wrong, texts, language, own)
        for at in recall("literals", [language, str(own), *texts], find_wrong):
            quad, (kind, _, (text, *_)) = found[at]
            message = f"found the {kind} {text!r}; expected {EXPECTED[kind]}"
            yield Finding("literals", message, name, quad)


def find_unknown_languages(sources: Sources, located: Articles) -> Iterator[Finding]:
    """Find the first quote of an article in each language whose words are not known."""
    quotes = {quad.subject: quad for quad in sources.quads if quad.predicate == terms.QUOTE}
    for article in located.articles:
        first = {_language(passage): passage for passage in reversed(article.passages)}
        for language, passage in first.items():
            knows = {"numbers": has_rules(language), "dictionary forms": has_lemmas(language)}
            lacking = " and ".join(name for name, is_known in knows.items() if not is_known)
            if lacking:
                message = f"found the language {language!r}; expected one whose {lacking} are known"
                quad = quotes[passage.iri]
                yield Finding("languages", message, passage.file, quad)


def _contexts(sources: Sources) -> dict[Resource, list[Any]]:
    """Return passage → the passages whose words it needs."""
    contexts: dict[Resource, list[Any]] = {}
    for quad in sources.quads:
        if quad.predicate == terms.NEEDS_CONTEXT:
            contexts.setdefault(quad.subject, []).append(quad.object)
    return contexts


def _language(passage: Passage) -> str:
    return passage.quote.language or "und"


def _kind(literal: ox.Literal, quad: Quad, lemmas: set[Resource]) -> str:
    """Return what the literal of a quad is; empty if no quote need bear it out."""
    if literal.datatype.value in TEXTS:
        return "dictionary form" if quad.predicate in lemmas else "text"
    return kind_of_value(literal)


def _find_wrong(texts: list[str], language: str, claims: list[_Claim]) -> list[int]:
    """Return the positions of claims that a quote does not bear out.

    Args:
        texts: the quote, and those of the passages that it needs.
        language: their language.
        claims: the literals of the passage.
    """
    tokens, *contexts = (divide(text, language) for text in texts)
    quote = _Quote(texts[0], language, tokens, contexts)
    return [at for at, claim in enumerate(claims) if not _bears_out(quote, claim)]


def _bears_out(quote: _Quote, claim: _Claim) -> bool:
    """Tell whether a quote bears out a claim, or nobody knows how its language would."""
    text, language, tokens, _ = quote
    value = claim.texts[0]
    if claim.kind == "text":
        if words := divide(value, language):
            return any(find(words, tokens, lambda a, b: a.folded == b.folded))
        return value in text  # a sign, such as that of a currency
    if claim.kind == "dictionary form":
        forms = [divide(form, language) for form in claim.texts]
        return any(find_lemma(form, tokens, language) for form in forms) or not has_lemmas(language)
    if claim.kind == "number":
        return any(find_quantity(Decimal(value), tokens, language)) or not has_rules(language)
    date = read_date(value, claim.datatype)
    return date is None or _has_date(quote, date) or not has_rules(language)


def _has_date(quote: _Quote, date: PartsOfDate) -> bool:
    """Tell whether a date is in a quote, or without its year, which is in a needed passage."""
    _, language, tokens, contexts = quote
    if find_date(date, tokens, language):
        return True
    day, year = date._replace(year=None), PartsOfDate(date.year, None, None)
    if None in date or any(len(token.text) >= len("1996") for token in tokens if token.value):
        return False
    return bool(find_date(day, tokens, language)) and any(
        find_date(year, context, language) for context in contexts
    )


class _Nouns:
    """The nouns for verbs: "explosion" for "explode", which is a hidden label of its class."""

    def __init__(self, sources: Sources, ontology: list[Quad]) -> None:
        hidden = {quad.subject for quad in ontology if quad.predicate == terms.HIDDEN_LABEL}
        self.labels: dict[Term, set[str]] = {}
        """Class with a hidden label → all its labels."""
        for quad in ontology:
            if quad.subject in hidden and quad.predicate in LABELS:
                self.labels.setdefault(quad.subject, set()).add(quad.object.value)
        self.classes: dict[tuple[Resource, Resource], set[Term]] = {}
        """Graph and thing → those of these classes that a statement relates it to."""
        for quad in sources.quads:
            if quad.object in self.labels:
                self.classes.setdefault((quad.graph, quad.subject), set()).add(quad.object)

    def of(self, quad: Quad) -> list[str]:
        """Return the nouns that may stand for a verb: other labels of a class of its subject."""
        verb = quad.object.value
        known = (self.labels[kind] for kind in self.classes.get((quad.graph, quad.subject), ()))
        return sorted({noun for labels in known if verb in labels for noun in labels - {verb}})
