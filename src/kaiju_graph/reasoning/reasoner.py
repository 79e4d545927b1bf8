"""OWL 2 RL: infer triples about the project's own things.

The rules are those of OWL 2 Web Ontology Language Profiles (Second Edition), section 4.3. The
reasoner ``rules`` runs them as SPARQL, one file for each rule, named as in the tables there;
``rules/README.md`` lists the rules that are left out, and why. A SELECT query derives *false*.
The reasoner ``owlrl`` is the library of that name; tests compare ``rules`` with it. Most of a full
closure is of no use (``?x owl:sameAs ?x``, literals as subjects, ``owl:Thing``), so both reasoners
keep only conclusions about individuals: those whose class, or predicate, is not a term of RDF, RDFS
or OWL itself. No class or property has to be declared.
"""

from __future__ import annotations

import itertools
import os
from typing import TYPE_CHECKING, NamedTuple

import pyoxigraph as ox

from kaiju_graph.errors import AxiomError, InconsistencyError, KaijuError, UsageError
from kaiju_graph.rdf import terms
from kaiju_graph.rdf.lexical_forms import decode, fill, find_quads
from kaiju_graph.rdf.lexical_spaces import is_well_formed
from kaiju_graph.rdf.terms import INFERRED, OWL, RDF, RDFS, SAME_AS, TYPE, XSD, Quad, Triple
from kaiju_graph.reasoning.patterns import Rule, instances

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from kaiju_graph.reasoning.patterns import Pattern

__all__ = [
    "REASONERS",
    "conclusions",
    "derive",
    "infer",
    "is_about_individual",
    "is_ground",
    "is_of_individuals",
    "rules",
    "run_owlrl",
    "triple_text",
]

RULES = os.path.join(os.path.dirname(os.path.abspath(__file__)), "rules")
BUILT_IN = (RDF, RDFS, OWL, XSD)
"""The namespaces of the language itself, whose properties describe classes and properties."""
DECLARATIONS = {
    ox.NamedNode(OWL + name): ox.NamedNode(OWL + kind)
    for name, kind in (
        ("someValuesFrom", "Class"),
        ("allValuesFrom", "Class"),
        ("onProperty", "ObjectProperty"),
    )
}
"""Property of a restriction → the class of its values, which owlrl must know: a rule compares two
restrictions only if what they share is declared (scm-cls, scm-op)."""
OF_INDIVIDUALS = {
    SAME_AS.value,
    OWL + "differentFrom",
    *(RDFS + name for name in ("label", "comment", "seeAlso", "isDefinedBy")),
}
"""The properties in these namespaces that describe individuals."""
NEW = ox.NamedNode("urn:x-kaiju:new")
"""The graph in which ``derive`` keeps the triples of the last round."""
UNSUPPORTED_AXIOMS = """
PREFIX owl: <http://www.w3.org/2002/07/owl#>
PREFIX rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#>

SELECT ?property ?problem
WHERE {
    {
        ?property owl:propertyChainAxiom ?list .
        FILTER NOT EXISTS { ?list rdf:rest/rdf:rest/rdf:rest? rdf:nil }
        BIND("a property chain; expected two or three properties in a list" AS ?problem)
    }
    UNION
    {
        ?unnamed owl:inverseOf|^owl:inverseOf ?property .
        FILTER(isBlank(?unnamed))
        BIND("an inverse without an IRI; expected a property with an IRI" AS ?problem)
    }
}
ORDER BY ?property ?problem
"""
"""Axioms of OWL 2 RL that the rules do not support: long chains, properties without an IRI."""

Key = tuple[ox.NamedNode | None, ox.NamedNode | None]
"""Predicate and object of a triple pattern; None for a variable."""


def infer(quads: Iterable[Quad], reasoner: str = "rules") -> list[Quad]:
    """Return the conclusions about individuals, in the inferred graph, sorted.

    Args:
        quads: the asserted quads, with the ontology; their graphs are ignored.
        reasoner: a key of ``REASONERS``.

    Raises:
        UsageError: there is no such reasoner.
        InconsistencyError: a contradiction follows; the message names it.
        AxiomError: the ontology has an axiom that no rule supports.
    """
    if reasoner not in REASONERS:
        raise UsageError(f"no reasoner {reasoner!r}; expected one of {', '.join(REASONERS)}")
    return conclusions(REASONERS[reasoner](quad.triple for quad in quads))


def conclusions(inferred: Iterable[Triple]) -> list[Quad]:
    """Return the inferred triples about individuals, in the inferred graph, sorted."""
    about_individuals = filter(is_about_individual, inferred)
    return sorted((Quad(*triple, INFERRED) for triple in about_individuals), key=terms.sort_key)


def is_about_individual(triple: Triple) -> bool:
    """Return whether a triple is about an individual with an IRI.

    >>> juliet, ex = ox.NamedNode("http://e/juliet"), "http://e/"
    >>> is_about_individual(Triple(juliet, TYPE, ox.NamedNode(ex + "Person")))
    True
    >>> is_about_individual(Triple(juliet, TYPE, ox.NamedNode(OWL + "Thing")))
    False
    """
    subject, predicate, object_ = triple
    if not isinstance(subject, ox.NamedNode):
        return False
    if predicate == TYPE:
        return isinstance(object_, ox.NamedNode) and not object_.value.startswith(BUILT_IN)
    if predicate == SAME_AS:
        return subject != object_ and isinstance(object_, ox.NamedNode)
    return is_of_individuals(predicate)


def is_of_individuals(predicate: ox.NamedNode) -> bool:
    """Return whether individuals have values of a property; classes and properties have others."""
    name = predicate.value
    return name in OF_INDIVIDUALS or predicate == TYPE or not name.startswith(BUILT_IN)


def rules() -> dict[str, str]:
    """Return the rules: name → SPARQL."""
    texts = {}
    for file in sorted(os.listdir(RULES)):
        name, ending = os.path.splitext(file)
        if ending == ".rq":
            with open(os.path.join(RULES, file), encoding="utf-8") as stream:
                texts[name] = stream.read()
    return texts


def derive(asserted: Iterable[Triple]) -> dict[Triple, int]:
    """Run the rules to a fixpoint; return each new triple with the round that found it, from 1.

    The premises of a triple are asserted or come from earlier rounds. After the first round, a rule
    is run only on matches with a triple of the round before (semi-naive evaluation: Abiteboul, Hull
    and Vianu, *Foundations of Databases*, section 13.1), and only where the graph has its axioms.

    Raises:
        InconsistencyError: a rule derives false.
        AxiomError: the ontology has an axiom that no rule supports.
        KaijuError: the file of a rule does not parse.
    """
    store = ox.Store()
    fill(store, asserted)
    _check_axioms(store)
    program = [_Query.of(Rule.parse(name, text)) for name, text in rules().items()]
    keys = {key for query in program for key, _ in query.steps}
    matched: set[Key] = set()
    rounds: dict[Triple, int] = {}
    for number in itertools.count(1):
        latest = ox.DefaultGraph() if number == 1 else NEW
        fresh = {key for key in keys if _has_match(store, key, latest)}
        matched |= fresh
        new: dict[Triple, int] = {}
        for query in program:
            if query.needs <= matched:
                steps = [step for key, step in query.steps if key in fresh]
                for text in [query.text] if number == 1 else steps:
                    new |= dict.fromkeys(_conclude(query.rule, text, store, rounds), number)
        if not new:
            break
        rounds |= new
        store.clear_graph(NEW)
        for graph in (None, NEW):
            fill(store, new, graph)
    return rounds


class _Query(NamedTuple):
    """A rule as ``derive`` runs it."""

    rule: Rule
    text: str
    """The query for all new conclusions."""
    steps: list[tuple[Key, str]]
    """For each triple pattern: its key, and the query for conclusions from its new matches."""
    needs: set[Key]
    """The keys that must all have a match for the rule to conclude anything."""

    @classmethod
    def of(cls, rule: Rule) -> _Query:
        above, where, body = rule.text.partition("WHERE {\n")
        if rule.head:
            known = f"    FILTER NOT EXISTS {{ {_sparql(rule.head)} }}\n}}\n"
            body = body.removesuffix("}\n") + known
        query = cls(rule, above + where + body, [], set())
        for pattern, line in rule.lines.items():
            if pattern.times in ("*", "+"):
                continue
            _, predicate, object_, times = pattern
            key = (
                None if isinstance(predicate, str) else predicate,
                None if isinstance(object_, str) else object_,
            )
            new = f"    GRAPH {NEW} {{ {_sparql(pattern)} }}"
            rest = f"\n{body}".replace(f"\n{line}\n", "\n", 1)
            query.steps.append((key, f"{above}{where}{new}{rest}"))
            if not times:
                query.needs.add(key)
        return query


def _sparql(pattern: Pattern) -> str:
    return " ".join(f"?{node}" if isinstance(node, str) else str(node) for node in pattern[:3])


def _has_match(store: ox.Store, key: Key, graph: ox.NamedNode | ox.DefaultGraph) -> bool:
    return next(find_quads(store, None, *key, graph), None) is not None


def _conclude(
    rule: Rule, text: str, store: ox.Store, rounds: dict[Triple, int]
) -> Iterator[Triple]:
    """Yield the conclusions of a query of a rule.

    Raises:
        InconsistencyError: the query derives *false*; its first solution is the message.
    """
    try:
        answer = store.query(text)
    except SyntaxError as error:
        raise KaijuError(f"rules/{rule.name}.rq: {error}") from None
    if isinstance(answer, ox.QueryTriples):
        for triple in answer:
            yield Triple(triple.subject, triple.predicate, decode(triple.object))
    elif isinstance(answer, ox.QuerySolutions):
        names = [variable.value for variable in answer.variables]
        solutions = (terms.solution(names, map(decode, row)) for row in answer)
        clashes = [tuple(instances(rule.lines, solution)) for solution in solutions]
        if clashes:
            first = min(clashes, key=str)
            words = "; ".join(triple_text(premise) for premise in first if is_ground(premise))
            message = f"the graph contradicts itself by {rule.name}: {words}"
            raise InconsistencyError(message, rule.name, first, rounds)


def _check_axioms(store: ox.Store) -> None:
    problems = store.query(UNSUPPORTED_AXIOMS)
    for row in problems if isinstance(problems, ox.QuerySolutions) else ():
        raise AxiomError(f"found {row['problem'].value}", row["property"])


def triple_text(triple: Triple) -> str:
    """Return a triple as text for an error message."""
    return " ".join("a" if term == TYPE else str(term) for term in triple)


def is_ground(triple: Triple) -> bool:
    """Return whether a triple has no blank node."""
    return not any(isinstance(term, ox.BlankNode) for term in triple)


def run_owlrl(asserted: Iterable[Triple]) -> tuple[list[Triple], list[str]]:
    """Run owlrl; return the new triples whose subject is an IRI, and the errors.

    A literal that XSD allows but Python cannot convert, such as a long integer, is no error.
    """
    import owlrl
    from rdflib import URIRef

    import kaiju_graph.rdf.rdflib_settings  # noqa: F401 (makes them)

    asserted = set(asserted)
    known = asserted | {
        Triple(triple.object, TYPE, DECLARATIONS[triple.predicate])
        for triple in asserted
        if triple.predicate in DECLARATIONS and isinstance(triple.object, ox.NamedNode)
    }
    closure = terms.rdflib_graph(known)
    # No axiomatic triples, no datatype axioms, no RDFS rules: OWL 2 RL alone.
    core = owlrl.OWLRL_Semantics(closure, False, False, False)  # noqa: FBT003 (owlrl's signature)
    core.closure()
    triples = (
        Triple._make(map(terms.from_rdflib, nodes))
        for nodes in closure
        if isinstance(nodes[0], URIRef) and isinstance(nodes[1], URIRef)
    )
    errors = core.error_messages and sorted({*core.error_messages} - _errors_of_python(asserted))
    return [triple for triple in triples if triple not in known], errors


def _errors_of_python(asserted: Iterable[Triple]) -> set[str]:
    """Return the errors that owlrl would report about literals that are well-formed."""
    return {
        f"Lexical value of the literal '{literal.value}' does not match its datatype"
        f" ({literal.datatype.value})"
        for _, _, literal in asserted
        if isinstance(literal, ox.Literal) and is_well_formed(literal)
    }


def _derive_by_owlrl(asserted: Iterable[Triple]) -> Iterable[Triple]:
    triples, errors = run_owlrl(asserted)
    if errors:
        raise InconsistencyError(f"the graph contradicts itself: {min(errors)}")
    return triples


REASONERS = {"rules": derive, "owlrl": _derive_by_owlrl}
