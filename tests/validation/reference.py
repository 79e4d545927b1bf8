"""SHACL as its specification defines it, in plain Python, to compare reports with.

It knows the shapes of ``random_shapes`` only: their literals, patterns and queries by name.
"""

from __future__ import annotations

import re
from collections import Counter
from functools import cache, partial
from itertools import product
from typing import TYPE_CHECKING, Any, NamedTuple

import pyoxigraph as ox

from kaiju_graph.rdf.terms import RDF, RDFS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from kaiju_graph.rdf.terms import Term, Triple

__all__ = ["ILL_TYPED", "MEANINGS", "Graph", "Reference", "Result", "read_results"]

SH = "http://www.w3.org/ns/shacl#"
EX = "http://example.org/"
MADE_UP = "Parameterised SHACL Query generated constraint validation reports."
"""The message that pySHACL gives to the results of a component without one."""
TRUE = ox.Literal("true", datatype=ox.NamedNode("http://www.w3.org/2001/XMLSchema#boolean"))
KINDS = {ox.NamedNode: "IRI", ox.BlankNode: "BlankNode", ox.Literal: "Literal"}
ILL_TYPED = [
    *('"x"^^xsd:integer', '"1_0"^^xsd:integer', '"300"^^xsd:byte', '"yes"^^xsd:boolean'),
    *('" 1"^^xsd:integer', '"2026-02-30"^^xsd:date', '"inf"^^xsd:double'),
]
"""Literals whose text is not in the lexical space of their datatype."""
ILL_TYPED_TERMS = {
    triple.object
    for text in ILL_TYPED
    for triple in ox.parse(
        f"@prefix xsd: <http://www.w3.org/2001/XMLSchema#> . [] <x:x> {text} .",
        format=ox.RdfFormat.TURTLE,
    )
}


class Result(NamedTuple):
    """A validation result; its messages are None where SHACL leaves them open."""

    focus: Term
    path: Term | None
    value: Term | None
    component: str
    shape: Term
    severity: str
    messages: frozenset[Term] | None


class Graph:
    """Triples, indexed."""

    def __init__(self, triples: Iterable[Triple]) -> None:
        self.triples = [*triples]
        self._objects: dict[tuple[Term, str], list[Term]] = {}
        self._subjects: dict[tuple[Term, str], list[Term]] = {}
        for subject, predicate, value in self.triples:
            self._objects.setdefault((subject, predicate.value), []).append(value)
            self._subjects.setdefault((value, predicate.value), []).append(subject)

    def objects(self, subject: Term, predicate: str) -> list[Term]:
        """Return the objects of a subject and predicate."""
        return self._objects.get((subject, predicate), [])

    def subjects(self, value: Term, predicate: str) -> list[Term]:
        """Return the subjects of an object and predicate."""
        return self._subjects.get((value, predicate), [])

    def members(self, node: Term) -> list[Term]:
        """Return the members of a list."""
        found = []
        while first := self.objects(node, f"{RDF}first"):
            found.append(first[0])
            (node,) = self.objects(node, f"{RDF}rest")
        return found

    def closure(self, nodes: Iterable[Term], predicate: str) -> set[Term]:
        """Return nodes, and what a predicate leads to from them in any number of steps."""
        found = {*nodes}
        waiting = [*found]
        while waiting:
            new = {*self.objects(waiting.pop(), predicate)} - found
            found |= new
            waiting += new
        return found

    def classes(self, node: Term) -> set[Term]:
        """Return the classes of which a node is a SHACL instance."""
        return self.closure(self.objects(node, f"{RDF}type"), f"{RDFS}subClassOf")


class Reference:
    """A validator of data against shapes."""

    def __init__(self, data: Iterable[Triple], shapes: Iterable[Triple]) -> None:
        self.data = Graph(data)
        self.shapes = Graph(shapes)

    def report(self) -> Counter[Result]:
        """Return the results of all shapes."""
        found: Counter[Result] = Counter()
        for shape in {triple.subject for triple in self.shapes.triples}:
            for focus in self.focus_nodes(shape):
                found.update(self.results(focus, shape))
        return found

    def focus_nodes(self, shape: Term) -> set[Term]:
        """Return the targets of a shape (section 2.1.3)."""
        kinds = {kind.value for kind in self.shapes.classes(shape)}
        classes = {*self.values(shape, "targetClass")}
        if f"{RDFS}Class" in kinds and kinds & {f"{SH}NodeShape", f"{SH}PropertyShape"}:
            classes.add(shape)
        subjects = {term.value for term in self.values(shape, "targetSubjectsOf")}
        objects = {term.value for term in self.values(shape, "targetObjectsOf")}
        return {
            *self.values(shape, "targetNode"),
            *(t.subject for t in self.data.triples if classes & self.data.classes(t.subject)),
            *(t.subject for t in self.data.triples if t.predicate.value in subjects),
            *(t.object for t in self.data.triples if t.predicate.value in objects),
        }

    def values(self, shape: Term, name: str) -> list[Term]:
        """Return the values of a parameter."""
        return self.shapes.objects(shape, SH + name)

    def value(self, shape: Term, name: str) -> Term | None:
        """Return the value of a parameter that has one at most."""
        return next(iter(self.values(shape, name)), None)

    def path(self, path: Term, node: Term) -> set[Term]:
        """Return what a path leads to (section 2.3.1)."""
        return {end for start, end in self.pairs(path) if start == node} | (
            {node} if self.has_empty(path) else set()
        )

    def pairs(self, path: Term) -> set[tuple[Term, Term]]:
        """Return the pairs of different or equal nodes of the data that a path connects."""
        if isinstance(path, ox.NamedNode):
            return {(t.subject, t.object) for t in self.data.triples if t.predicate == path}
        nodes = {end for t in self.data.triples for end in (t.subject, t.object)}
        same = {(node, node) for node in nodes}
        if steps := self.shapes.members(path):
            found = same
            for step in steps:
                found = _compose(
                    found, self.pairs(step) | (same if self.has_empty(step) else set())
                )
            return found
        for name, value in self.parts(path):
            if name == "inversePath":
                return {(end, start) for start, end in self.pairs(value)}
            if name == "alternativePath":
                return {pair for step in self.shapes.members(value) for pair in self.pairs(step)}
            found = self.pairs(value)
            while name != "zeroOrOnePath" and not _compose(found, found) <= found:
                found |= _compose(found, found)
            return found
        raise AssertionError(path)

    def has_empty(self, path: Term) -> bool:
        """Return whether a path leads from each node to itself."""
        if isinstance(path, ox.NamedNode):
            return False
        if steps := self.shapes.members(path):
            return all(map(self.has_empty, steps))
        ((name, value),) = self.parts(path)
        if name == "alternativePath":
            return any(map(self.has_empty, self.shapes.members(value)))
        return name.startswith("zero") or self.has_empty(value)

    def parts(self, path: Term) -> list[tuple[str, Term]]:
        """Return the predicate and object of a path that is a blank node."""
        return [
            (t.predicate.value.removeprefix(SH), t.object)
            for t in self.shapes.triples
            if t.subject == path and t.predicate.value.startswith(SH)
        ]

    def conforms(self, node: Term, shape: Term) -> bool:
        """Return whether a node conforms to a shape (section 3.4.2)."""
        return not any(True for _ in self.results(node, shape))

    def results(self, focus: Term, shape: Term) -> Iterator[Result]:
        """Yield the results of a focus node and a shape (section 3.4)."""
        if TRUE in self.values(shape, "deactivated"):
            return
        path = self.value(shape, "path")
        values = {focus} if path is None else self.path(path, focus)
        severity = self.value(shape, "severity")
        messages = frozenset(self.values(shape, "message")) or None

        def result(name: str, value: Term | None = None, **other: Any) -> Result:
            return Result(
                **{
                    "focus": focus,
                    "path": path,
                    "value": value,
                    "component": f"{SH}{name}ConstraintComponent",
                    "shape": shape,
                    "severity": severity.value if severity else f"{SH}Violation",
                    "messages": messages,
                    **other,
                }
            )

        for check in (
            *(self.of_values, self.of_sets, self.of_pairs, self.closed, self.parts_of),
            *(self.qualified, self.constraints, self.components),
        ):
            yield from check(shape, focus, values, result)

    def of_values(self, shape: Term, _: Term, values: set[Term], result: Any) -> Iterator[Result]:
        """Yield the results of constraints that a value fails on its own."""
        for name, fits in FITS.items():
            for parameter in self.values(shape, name):
                for value in values:
                    if not fits(self, value, parameter):
                        yield result(name[0].upper() + name[1:], value)

    def of_sets(self, shape: Term, focus: Term, values: set[Term], result: Any) -> Iterator[Result]:
        """Yield the results of constraints on all values of a focus node."""
        for other in self.values(shape, "equals"):
            for value in values ^ {*self.data.objects(focus, other.value)}:
                yield result("Equals", value)
        for other in self.values(shape, "disjoint"):
            for value in values & {*self.data.objects(focus, other.value)}:
                yield result("Disjoint", value)
        if any(len(values) < int(low.value) for low in self.values(shape, "minCount")):
            yield result("MinCount")
        if any(len(values) > int(high.value) for high in self.values(shape, "maxCount")):
            yield result("MaxCount")
        for _ in {*self.values(shape, "hasValue")} - values:
            yield result("HasValue")
        if TRUE in self.values(shape, "uniqueLang"):
            tags = Counter(v.language for v in values if isinstance(v, ox.Literal) and v.language)
            for _ in (tag for tag, count in tags.items() if count > 1):
                yield result("UniqueLang")

    def of_pairs(
        self, shape: Term, focus: Term, values: set[Term], result: Any
    ) -> Iterator[Result]:
        """Yield the results of ``sh:lessThan`` and ``sh:lessThanOrEquals``."""
        for name, sign in (("lessThan", "<"), ("lessThanOrEquals", "<=")):
            for other in self.values(shape, name):
                for left, right in product(values, self.data.objects(focus, other.value)):
                    if not compare(left, sign, right):
                        yield result(name[0].upper() + name[1:], left)

    def closed(self, shape: Term, _: Term, values: set[Term], result: Any) -> Iterator[Result]:
        """Yield the results of ``sh:closed``."""
        if TRUE not in self.values(shape, "closed"):
            return
        allowed = {p for s in self.values(shape, "property") for p in self.values(s, "path")}
        for ignored in self.values(shape, "ignoredProperties"):
            allowed |= {*self.shapes.members(ignored)}
        for subject, predicate, value in self.data.triples:
            if subject in values and predicate not in allowed:
                yield result("Closed", value, path=predicate)

    def parts_of(self, shape: Term, _: Term, values: set[Term], __: Any) -> Iterator[Result]:
        """Yield the results of ``sh:property``."""
        for part, value in product(self.values(shape, "property"), values):
            yield from self.results(value, part)

    def qualified(self, shape: Term, _: Term, values: set[Term], result: Any) -> Iterator[Result]:
        """Yield the results of qualified cardinality constraints (section 4.7.3)."""
        for wanted in self.values(shape, "qualifiedValueShape"):
            siblings: set[Term] = set()
            if TRUE in self.values(shape, "qualifiedValueShapesDisjoint"):
                for parent in self.shapes.subjects(shape, f"{SH}property"):
                    for part in self.values(parent, "property"):
                        siblings |= {*self.values(part, "qualifiedValueShape")}
            count = sum(
                self.conforms(value, wanted)
                and not any(self.conforms(value, other) for other in siblings - {wanted})
                for value in values
            )
            if any(count < int(low.value) for low in self.values(shape, "qualifiedMinCount")):
                yield result("QualifiedMinCount")
            if any(count > int(high.value) for high in self.values(shape, "qualifiedMaxCount")):
                yield result("QualifiedMaxCount")

    def constraints(self, shape: Term, focus: Term, _: set[Term], result: Any) -> Iterator[Result]:
        """Yield the results of ``sh:sparql``."""
        for constraint in self.values(shape, "sparql"):
            if TRUE not in self.values(constraint, "deactivated"):
                yield from self.solutions(constraint, shape, focus, result)

    def solutions(
        self, constraint: Term, shape: Term, focus: Term, result: Any
    ) -> Iterator[Result]:
        """Yield the results of a SPARQL constraint (section 5.3)."""
        (query,) = self.values(constraint, "select")
        path = self.value(shape, "path")
        texts = [*self.values(constraint, "message"), *self.values(shape, "message")]
        seen = []
        for solution in MEANINGS[query.value](self.data, focus, partial(self.follow, path)):
            if solution in seen:
                continue
            seen.append(solution)
            names = {"this": focus, **({"path": path} if path else {}), **solution}
            changed = {"path": solution["path"]} if "path" in solution else {}
            value = solution.get("value") or (None if path else focus)
            yield result("SPARQL", value, messages=_fill(texts, names) or None, **changed)

    def follow(self, path: Any, node: Term) -> set[tuple[Term, Term]]:
        """Return the pairs that a path connects, as Oxigraph: of the data's nodes only."""
        nodes = {end for t in self.data.triples for end in (t.subject, t.object)}
        same = {(node, node)} if node in nodes and self.has_empty(path) else set()
        return self.pairs(path) | same

    def components(
        self, shape: Term, focus: Term, values: set[Term], result: Any
    ) -> Iterator[Result]:
        """Yield the results of the components of ``random_shapes`` (section 6.3)."""
        path = self.value(shape, "path")
        always = {"this": focus, **({"path": path} if path else {})}

        def of(component: str, texts: tuple[Term, ...], node: Term, **names: Term) -> Result:
            said = _fill([*texts, *self.values(shape, "message")], {**always, **names})
            found: Result = result("", node, component=EX + component, messages=said)
            return found

        for asked in self.shapes.objects(shape, f"{EX}asked"):
            for maybe in self.shapes.objects(shape, f"{EX}maybe"):
                for value in values - {asked}:
                    yield of("Ask", ASK, value, value=value, asked=asked, maybe=maybe)
        for selected in self.shapes.objects(shape, f"{EX}selected"):
            if path is None and not self.data.objects(focus, selected.value):
                yield of("Nodes", NODES, focus, selected=selected)
            for value in values if path else ():
                if self.data.objects(value, selected.value):
                    yield of("Nodes", PROPERTIES, value, value=value, selected=selected)


@cache
def compare(left: Term, sign: str, right: Term) -> bool:
    """Return whether a comparison of SPARQL is true."""
    if not (isinstance(left, ox.Literal) and isinstance(right, ox.Literal)):
        return False  # SPARQL 1.1, section 17.3, though Oxigraph takes equal IRIs as <= and >=
    if not ILL_TYPED_TERMS.isdisjoint((left, right)):
        return False
    return bool(ox.Store().query(f"ASK {{ FILTER({left} {sign} {right}) }}"))


def _text(term: Term) -> str | None:
    return None if isinstance(term, ox.BlankNode) else term.value


def _language(term: Term) -> str:
    return (isinstance(term, ox.Literal) and term.language) or ""


def _matches(reference: Reference, value: Term, pattern: Term) -> bool:
    """Return whether a text matches a pattern, which has no flag but ``i``."""
    text = _text(value)
    (shape,) = reference.shapes.subjects(pattern, f"{SH}pattern")[:1]
    flags = re.IGNORECASE if reference.values(shape, "flags") else re.NOFLAG
    return text is not None and bool(re.search(pattern.value.replace("$", r"\Z"), text, flags))


def _conforming(reference: Reference, value: Term, members: Term) -> list[bool]:
    return [reference.conforms(value, shape) for shape in reference.shapes.members(members)]


FITS: dict[str, Callable[[Reference, Term, Term], bool]] = {
    "minExclusive": lambda _, value, bound: compare(value, ">", bound),
    "minInclusive": lambda _, value, bound: compare(value, ">=", bound),
    "maxExclusive": lambda _, value, bound: compare(value, "<", bound),
    "maxInclusive": lambda _, value, bound: compare(value, "<=", bound),
    "class": lambda r, value, kind: (
        not isinstance(value, ox.Literal) and kind in r.data.classes(value)
    ),
    "datatype": lambda _, value, datatype: (
        isinstance(value, ox.Literal)
        and value.datatype == datatype
        and value not in ILL_TYPED_TERMS
    ),
    "nodeKind": lambda _, value, kind: KINDS[type(value)] in kind.value.removeprefix(SH),
    "minLength": lambda _, value, low: (
        len(_text(value) or "") >= int(low.value) and _text(value) is not None
    ),
    "maxLength": lambda _, value, high: (
        len(_text(value) or "") <= int(high.value) and _text(value) is not None
    ),
    "pattern": _matches,
    "languageIn": lambda r, value, ranges: any(
        _is_in_range(_language(value), language.value.lower())
        for language in r.shapes.members(ranges)
    ),
    "in": lambda r, value, members: value in r.shapes.members(members),
    "node": lambda r, value, shape: r.conforms(value, shape),
    "not": lambda r, value, shape: not r.conforms(value, shape),
    "and": lambda r, value, members: all(_conforming(r, value, members)),
    "or": lambda r, value, members: any(_conforming(r, value, members)),
    "xone": lambda r, value, members: sum(_conforming(r, value, members)) == 1,
}
"""Parameter → whether a value fits it (section 4)."""


def _compose(left: set[tuple[Term, Term]], right: set[tuple[Term, Term]]) -> set[tuple[Term, Term]]:
    return {(start, end) for start, middle in left for other, end in right if middle == other}


def _is_in_range(tag: str, language: str) -> bool:
    """Return whether a language tag matches a basic range (RFC 4647, section 3.3.1)."""
    return bool(tag) and (language == "*" or f"{tag}-".startswith(f"{language}-"))


def _fill(messages: Iterable[Any], names: dict[str, Term]) -> frozenset[Term]:
    """Return messages in which values replace the names of variables."""
    return frozenset(
        ox.Literal(
            re.sub(
                r"\{[?$](\w+)\}",
                lambda found: names[found[1]].value if found[1] in names else found[0],
                message.value,
            ),
            language=message.language,
        )
        for message in messages
    )


ASK = (ox.Literal("{?value} is not {$asked}", language="en"), ox.Literal("{$maybe}"))
NODES = (ox.Literal("{$this} lacks {$selected}"),)
PROPERTIES = (ox.Literal("{?value}, {?path}", language="en"),)

P, Q = f"{EX}p", f"{EX}q"


def _values(found: Iterable[Term]) -> list[dict[str, Term]]:
    return [{"value": value} for value in found]


def _once(holds: object) -> list[dict[str, Term]]:
    return [{}] if holds else []


def _iri(node: Term) -> bool:
    return isinstance(node, ox.NamedNode)


def _reach(data: Graph, this: Term) -> Iterator[Term]:
    """Yield the nodes from which ``ex:p/ex:q*`` leads to a node."""
    for t in data.triples:
        if t.predicate.value == P and this in data.closure([t.object], Q):
            yield t.subject


MEANINGS: dict[str, Callable[[Graph, Term, Any], list[dict[str, Term]]]] = {
    "SELECT $this ?value { $this ex:p ?value }": lambda d, t, _: _values(d.objects(t, P)),
    "SELECT $this ?value { $this ex:p ?value FILTER(isLiteral(?value)) }": lambda d, t, _: _values(
        value for value in d.objects(t, P) if isinstance(value, ox.Literal)
    ),
    "SELECT $this ?path ?value { $this ?path ?value FILTER(STR(?value) = 'a') }": lambda d, t, _: [
        {"path": s.predicate, "value": s.object}
        for s in d.triples
        if s.subject == t and not isinstance(s.object, ox.BlankNode) and s.object.value == "a"
    ],
    "SELECT $this ?path ?value { $this ?path ?value }": lambda d, t, _: [
        {"path": s.predicate, "value": s.object} for s in d.triples if s.subject == t
    ],
    "SELECT $this { FILTER NOT EXISTS { $this ex:q ?any } }": lambda d, t, _: _once(
        not d.objects(t, Q)
    ),
    "SELECT $this { { { FILTER(bound($this)) } } }": lambda *_: _once(holds=True),
    "SELECT $this ?value { { $this ex:p ?value } UNION { ?value ex:q $this } }": lambda d, t, _: (
        _values([*d.objects(t, P), *d.subjects(t, Q)])
    ),
    "SELECT $this ?value { $this ex:p ?value OPTIONAL { ?value ex:q ?more } "
    "FILTER(!bound(?more)) }": lambda d, t, _: _values(
        value for value in d.objects(t, P) if not d.objects(value, Q)
    ),
    "SELECT $this ?value { BIND(STR($this) AS ?value) }": lambda _, t, __: (
        [{}] if isinstance(t, ox.BlankNode) else _values([ox.Literal(t.value)])
    ),
    "SELECT $this ?value { { SELECT $this (COUNT(*) AS ?value) { $this ex:p ?any } "
    "GROUP BY $this } }": lambda d, t, _: _values(
        ox.Literal(number) for number in [len(d.objects(t, P))] if number
    ),
    "SELECT $this ?value { ?value ex:p/ex:q* $this FILTER(isIRI($this)) }": lambda d, t, _: _values(
        _reach(d, t) if _iri(t) else []
    ),
    "SELECT $this ?value ?no { $this ex:p ?value . ?value a ?no }": lambda d, t, _: [
        {"value": value, "no": kind}
        for value in d.objects(t, P)
        for kind in d.objects(value, f"{RDF}type")
    ],
    "SELECT $this { FILTER EXISTS { ?other ex:p $this FILTER(sameTerm($this, ?other)) } }": (
        lambda d, t, _: _once(t in d.objects(t, P))
    ),
    "SELECT DISTINCT $this ?value { $this ex:q ?value FILTER(lang(?value) = '') }": (
        lambda d, t, _: _values(
            value
            for value in d.objects(t, Q)
            if isinstance(value, ox.Literal) and not value.language
        )
    ),
    "SELECT $this ?value { $this $PATH ?value }": lambda _, t, path: _values(
        end for start, end in path(t) if start == t
    ),
    "SELECT $this ?value { $this $PATH ?value FILTER(isBlank(?value)) }": lambda _, t, path: (
        _values(end for start, end in path(t) if start == t and isinstance(end, ox.BlankNode))
    ),
    "SELECT $this { FILTER NOT EXISTS { $this $PATH ?any } }": lambda _, t, path: _once(
        t not in {start for start, _ in path(t)}
    ),
    "SELECT $this ?value { ?value $PATH $this }": lambda _, t, path: _values(
        start for start, end in path(t) if end == t
    ),
}
"""The queries of ``random_shapes`` → the solutions of each for a focus node and a path."""


def read_results(report: Iterable[Triple], shapes: Iterable[Triple]) -> Counter[Result]:
    """Return the results of a report; messages that pySHACL makes up are None."""
    graph, by = Graph(report), Graph(shapes)

    def one(node: Term, name: str) -> Any:
        return next(iter(graph.objects(node, SH + name)), None)

    found: Counter[Result] = Counter()
    (root,) = {t.subject for t in graph.triples if t.object.value == f"{SH}ValidationReport"}
    for node in graph.objects(root, f"{SH}result"):
        shape, constraint = one(node, "sourceShape"), one(node, "sourceConstraint")
        component = one(node, "sourceConstraintComponent").value
        declared = component.startswith(EX) or any(
            by.objects(source, f"{SH}message") for source in (shape, constraint) if source
        )
        texts = [m for m in graph.objects(node, f"{SH}resultMessage") if m.value != MADE_UP]
        messages = (frozenset(texts) or None) if declared else None
        found[
            Result(
                focus=one(node, "focusNode"),
                path=one(node, "resultPath"),
                value=one(node, "value"),
                component=component,
                shape=shape,
                severity=one(node, "resultSeverity").value,
                messages=messages,
            )
        ] += 1
    return found
