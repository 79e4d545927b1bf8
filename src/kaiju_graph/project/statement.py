"""Parse a triple that a person types as three words."""

from __future__ import annotations

import re
from itertools import chain
from typing import TYPE_CHECKING

import pyoxigraph as ox

from kaiju_graph.errors import SourceError, UnknownNameError
from kaiju_graph.project.names import resolve_name, suggest_things
from kaiju_graph.rdf.lexical_forms import find_quads
from kaiju_graph.rdf.notation import LEXICAL
from kaiju_graph.rdf.parse import parse
from kaiju_graph.rdf.terms import ALT_LABEL, LABEL, ONTOLOGY, TYPE, XSD, Term, Triple

if TYPE_CHECKING:
    from collections.abc import Callable

    from kaiju_graph.project.layout import Project
    from kaiju_graph.rdf.lexical_forms import QuadSource

__all__ = ["parse_triple"]

NAMED = """
PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
PREFIX skos: <http://www.w3.org/2004/02/skos/core#>

SELECT DISTINCT ?thing
WHERE {
    ?thing rdfs:label|skos:altLabel ?name .
    FILTER(ISIRI(?thing) && STR(?name) = %s)
}
ORDER BY ?thing
"""
SUBJECTS = "SELECT DISTINCT ?thing { ?thing ?p ?o FILTER(ISIRI(?thing)) }"
QUOTED = re.compile(r"""(["'])(.*)\1(?:@([^\s"']+)|\^\^(\S+))?""", re.DOTALL)


def parse_triple(
    words: tuple[str, str, str],
    project: Project,
    store: QuadSource,
    resolve: Callable[[str], ox.NamedNode],
) -> Triple:
    """Return the triple with a subject, predicate and object as a person types them.

    Each is an IRI, a CURIE or a label; the predicate may be ``a``. The object may be a literal: in
    quotes with its language or datatype, or bare. A bare literal is, in this order, a value of that
    subject and predicate in the store, a value of a datatype of that predicate, or a number or
    boolean of Turtle.

    Args:
        words: subject, predicate and object.
        project: has the prefixes.
        store: the graph, in its default graph.
        resolve: finds a thing by a similar name, or raises.

    Raises:
        UnknownNameError: nothing has such a name, or several things do.
    """

    def find(text: str, where: Callable[[ox.NamedNode], bool] = lambda _: True) -> ox.NamedNode:
        try:
            thing = resolve_name(
                text, project, lambda name: filter(where, _find_by_name(store, name))
            )
        except LookupError:
            thing = resolve(text)
        if not _is_known(store, thing):
            known: dict[str, list[str]] = {node.value: [] for node in _things(store, SUBJECTS)}
            for quad in chain(*(find_quads(store, None, p, None) for p in (LABEL, ALT_LABEL))):
                known.setdefault(quad.subject.value, []).append(quad.object.value)
            hint = suggest_things(thing.value, known, project.prefixes)
            curie = project.prefixes.shorten(thing.value)
            raise UnknownNameError(f"nothing is known of {curie}{hint}")
        return thing

    def is_predicate(term: ox.NamedNode) -> bool:
        return next(find_quads(store, None, term, None, None), None) is not None

    text = words[2]
    subject = find(words[0])
    predicate = TYPE if words[1] == "a" else find(words[1], is_predicate)
    if (literal := _parse_quoted(text, project)) is not None:
        return Triple(subject, predicate, literal)
    values = [quad.object for quad in find_quads(store, subject, predicate, None)]
    things = _find_by_name(store, text)
    stated: list[Term] = [
        *(v for v in values if isinstance(v, ox.Literal) and v.value == text),
        *(thing for thing in things if thing in values),
    ]
    objects = stated or _typed_literals(text, predicate, store) or _bare_literals(text, project)
    if len(objects) > 1:
        several = ", ".join(project.prefixes.shorten_all(str(term)) for term in objects)
        raise UnknownNameError(f"{text!r} may mean {several}; use one of these")
    return Triple(subject, predicate, objects[0] if objects else find(text))


def _find_by_name(store: QuadSource, name: str) -> list[ox.NamedNode]:
    return _things(store, NAMED % ox.Literal(name))


def _things(store: QuadSource, query: str) -> list[ox.NamedNode]:
    solutions = store.query(query)
    return [row["thing"] for row in solutions] if isinstance(solutions, ox.QuerySolutions) else []


def _parse_term(text: str, project: Project) -> Term | None:
    """Return a text as a term of Turtle, or None."""
    prefixes = "".join(f"PREFIX {name}: <{iri}>\n" for name, iri in project.prefixes.items())
    turtle = f"{prefixes}<urn:s> <urn:p> {text} ."
    try:
        (quad,) = parse("argument.ttl", turtle, ONTOLOGY)
    except (SourceError, ValueError):
        return None
    return quad.object


def _parse_quoted(text: str, project: Project) -> ox.Literal | None:
    """Return a literal in quotes: as Turtle reads it, or else with the text between the quotes."""
    match = QUOTED.fullmatch(text)
    if not match:
        return None
    if (term := _parse_term(text, project)) is not None:
        return term if isinstance(term, ox.Literal) else None
    _, value, language, datatype = match.groups()
    try:
        if language:
            return ox.Literal(value, language=language)
        iri = datatype and (project.prefixes.expand(datatype) or datatype.strip("<>"))
        return ox.Literal(value, datatype=ox.NamedNode(iri)) if iri else ox.Literal(value)
    except ValueError as error:
        raise UnknownNameError(f"{text!r} is not a literal: {error}") from None


def _typed_literals(text: str, predicate: ox.NamedNode, store: QuadSource) -> list[Term]:
    """Return a text as a literal of each datatype that fits, of those of a property's values."""
    fitting = {f"{XSD}{name}" for name, form in LEXICAL.items() if form.fullmatch(text)}
    if not fitting:  # the property may have very many values
        return []
    values = (quad.object for quad in find_quads(store, None, predicate, None, None))
    datatypes = {value.datatype.value for value in values if isinstance(value, ox.Literal)}
    return [ox.Literal(text, datatype=ox.NamedNode(name)) for name in sorted(datatypes & fitting)]


def _bare_literals(text: str, project: Project) -> list[Term]:
    """Return a number or boolean that Turtle writes without quotes, or nothing."""
    term = _parse_term(text, project)
    return [term] if isinstance(term, ox.Literal) and term.value == text else []


def _is_known(store: QuadSource, term: ox.NamedNode) -> bool:
    patterns = ((term, None, None), (None, term, None), (None, None, term))
    return any(next(find_quads(store, s, p, o, None), None) for s, p, o in patterns)
