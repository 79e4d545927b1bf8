"""Stage 8, beside asking: how a person says a triple → the triple that is meant."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pyoxigraph as ox

from kaiju_graph.errors import UnknownNameError
from kaiju_graph.project.names import resolve_name
from kaiju_graph.project.spelling import did_you_mean
from kaiju_graph.rdf.notation import LEXICAL
from kaiju_graph.rdf.terms import TYPE, XSD, Term, Triple

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from kaiju_graph.project.layout import Project

__all__ = ["parse_triple"]

BEARERS = """
PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
PREFIX skos: <http://www.w3.org/2004/02/skos/core#>

SELECT DISTINCT ?thing
WHERE {
    ?thing rdfs:label|skos:altLabel ?name .
    FILTER(ISIRI(?thing) && STR(?name) = %s)
}
ORDER BY ?thing
"""
QUOTED = re.compile(r"""(["'])(.*)\1(?:@([^\s"']+)|\^\^(\S+))?""", re.DOTALL)
NUMBERS = {
    "integer": re.compile(r"[+-]?[0-9]+"),
    "decimal": re.compile(r"[+-]?[0-9]*\.[0-9]+"),
    "double": re.compile(r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)[eE][+-]?[0-9]+"),
    "boolean": re.compile(r"true|false"),
}


def parse_triple(
    said: tuple[str, str, str],
    project: Project,
    store: ox.Store,
    resolve: Callable[[str], ox.NamedNode],
) -> Triple:
    """Return the triple that is meant by subject, predicate and object as a person types them.

    Each is an IRI, a CURIE or a label; the predicate may be ``a``; the object may be a literal, in
    quotes with its language or datatype, or bare: what the graph has as a literal of that subject
    and predicate, what may be one of the datatypes that the predicate's values have, or a number.

    Args:
        said: what the person types.
        project: has the prefixes.
        store: what is known, in its default graph.
        resolve: finds what bears a label otherwise written, or says what is near.

    Raises:
        UnknownNameError: nothing is named so, or several things are.
    """

    def thing(text: str, where: Callable[[ox.NamedNode], bool] = lambda _: True) -> ox.NamedNode:
        try:
            found = resolve_name(text, project, lambda name: filter(where, _bearers(store, name)))
        except LookupError:
            found = resolve(text)
        if not _is_known(store, found):
            hint = did_you_mean(project.prefixes.shorten(found.value), _curies(store, project))
            raise UnknownNameError(
                f"nothing is known of {project.prefixes.shorten(found.value)}{hint}"
            )
        return found

    def is_predicate(term: ox.NamedNode) -> bool:
        return next(store.quads_for_pattern(None, term, None), None) is not None

    subject = thing(said[0])
    predicate = TYPE if said[1] == "a" else thing(said[1], is_predicate)
    written = _literal(said[2], project)
    if written is not None:
        return Triple(subject, predicate, written)
    default = ox.DefaultGraph()
    there = [
        quad.object
        for quad in store.quads_for_pattern(subject, predicate, None, default)
        if isinstance(quad.object, ox.Literal) and quad.object.value == said[2]
    ]
    named = [
        bearer
        for bearer in _bearers(store, said[2])
        if next(store.quads_for_pattern(subject, predicate, bearer, default), None)
    ]
    meanings: list[Term] = [*there, *named]
    meant_by = meanings or _typed(said[2], predicate, store) or _bare(said[2])
    if len(meant_by) > 1:
        several = ", ".join(project.prefixes.shorten_all(str(term)) for term in meant_by)
        raise UnknownNameError(f"{said[2]!r} may mean {several}; use one of these")
    return Triple(subject, predicate, meant_by[0] if meant_by else thing(said[2]))


def _bearers(store: ox.Store, name: str) -> Iterable[ox.NamedNode]:
    solutions = store.query(BEARERS % ox.Literal(name))
    for row in solutions if isinstance(solutions, ox.QuerySolutions) else ():
        yield row["thing"]


def _literal(text: str, project: Project) -> ox.Literal | None:
    """Return a literal in quotes: as Turtle has it, or else with its text as it is."""
    found = QUOTED.fullmatch(text)
    if not found:
        return None
    prefixes = "".join(f"PREFIX {name}: <{iri}>\n" for name, iri in project.prefixes.items())
    try:
        (parsed,) = ox.parse(f"{prefixes}<urn:s> <urn:p> {text} .", format=ox.RdfFormat.TURTLE)
    except (SyntaxError, ValueError):
        _, value, language, datatype = found.groups()
    else:
        return parsed.object if isinstance(parsed.object, ox.Literal) else None
    try:
        if language:
            return ox.Literal(value, language=language)
        iri = datatype and (project.prefixes.expand(datatype) or datatype.strip("<>"))
        return ox.Literal(value, datatype=ox.NamedNode(iri)) if iri else ox.Literal(value)
    except ValueError as error:
        raise UnknownNameError(f"{text!r} is not a literal: {error}") from None


def _typed(text: str, predicate: ox.NamedNode, store: ox.Store) -> list[Term]:
    """Return the literals that a text is of the datatypes that a property's values have."""
    values = (quad.object for quad in store.quads_for_pattern(None, predicate, None))
    datatypes = {value.datatype.value for value in values if isinstance(value, ox.Literal)}
    return [
        ox.Literal(text, datatype=ox.NamedNode(datatype))
        for datatype in sorted(datatypes)
        if (form := LEXICAL.get(datatype.removeprefix(XSD))) and form.fullmatch(text)
    ]


def _bare(text: str) -> list[Term]:
    found = (name for name, form in NUMBERS.items() if form.fullmatch(text))
    return [ox.Literal(text, datatype=ox.NamedNode(XSD + name)) for name in found]


def _is_known(store: ox.Store, term: ox.NamedNode) -> bool:
    patterns = ((term, None, None), (None, term, None), (None, None, term))
    return any(next(store.quads_for_pattern(*each), None) is not None for each in patterns)


def _curies(store: ox.Store, project: Project) -> set[str]:
    found = store.query("SELECT DISTINCT ?s { ?s ?p ?o FILTER(ISIRI(?s)) }")
    solutions = found if isinstance(found, ox.QuerySolutions) else ()
    return {project.prefixes.shorten(row["s"].value) for row in solutions}
