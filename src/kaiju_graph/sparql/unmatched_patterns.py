"""Warnings for the patterns that leave an answer empty although the graph knows all their terms.

Either no value of a property is the literal, or no subject that fits the other patterns has the
property. Such a pattern is the part of the query that fails, as the rest has solutions without it
(the rest is a maximal succeeding subquery; Fokou et al., "Cooperative Techniques for SPARQL Query
Relaxation in RDF Databases", ESWC 2015). What the subject has instead is read from the graph, not
from the ontology: a path to things that have the property, or a property with the same values.
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple

import pyoxigraph as ox

from kaiju_graph.project.likeness import rank_by_name
from kaiju_graph.project.names import find_likely
from kaiju_graph.project.spelling import MAX_SUGGESTIONS, suggest
from kaiju_graph.rdf.lexical_forms import decode, has_encoded
from kaiju_graph.rdf.lines import line_column
from kaiju_graph.rdf.prefixes import Prefixes
from kaiju_graph.rdf.terms import ALT_LABEL, HIDDEN_LABEL, LABEL, OWL, RDF, RDFS, TYPE, XSD
from kaiju_graph.rdf.tokens import Token, tokens
from kaiju_graph.sparql.grammar import (
    LITERALS,
    Scope,
    find_constants,
    find_patterns,
    find_plain_literals,
    find_template,
)
from kaiju_graph.sparql.tokens import find_form, find_iris
from kaiju_graph.sparql.unknown_terms import occurs

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

__all__ = ["absent_literal_warnings", "unmatched_pattern_warnings"]

MAX_PATTERNS = 30
"""How many patterns of a query are examined."""
MAX_VALUES = 10_000
"""How many values of a property are searched for a likely one."""
MAX_QUADS = 100_000
"""How many statements are searched for a way or a value."""
MAX_EXAMPLES = 3
"""How many subjects are examined that match all other patterns."""
VARIABLE = "?$"
"""The first characters of variables."""
TEXTS = (XSD + "string", RDF + "langString")
SIGNS = ("+", "-", "*", "/")
"""The operators that need numbers (a path has none beside a variable)."""
COMPARISONS = ("=", "<", ">", "<=", ">=")
OF_ANYTHING = {TYPE, LABEL, ALT_LABEL, HIDDEN_LABEL}
DOMAIN, SUB_PROPERTY_OF = f"<{RDFS}domain>", f"<{RDFS}subPropertyOf>"
CHAIN, STEP = f"<{OWL}propertyChainAxiom>", f"<{RDF}rest>*/<{RDF}first>"
ONLY = "FILTER NOT EXISTS { ?node ?q ?other FILTER(?other != ?s) }"
"""A node with other parts like ?s has values that are not those of ?s."""
WAYS = {"{0}/{1}": "?s ?q ?node", "^{0}/{1}": f"?node ?q ?s {ONLY}"}
"""A path from ?s to values of a property of ?node → the pattern for its first step."""
OTHER_KIND = "FILTER NOT EXISTS { ?s a ?class . ?node a ?class }"
"""A node of the same class is only a neighbour: what that has is no property of ?s."""


class _Pattern(NamedTuple):
    """A pattern as the texts of its terms, its group, and the tokens that may fail."""

    subject: str
    path: str
    object: str
    scope: Scope
    verb: Token
    value: Token

    @property
    def text(self) -> str:
        return f"{self.subject} {self.path} {self.object} ."


def unmatched_pattern_warnings(
    store: ox.Store, text: str, prefixes: Mapping[str, str]
) -> Iterator[str]:
    """Yield a message for each pattern without which a part of an empty answer would not be empty.

    Args:
        store: the store that was queried.
        text: the query; patterns in GRAPH and in what an answer need not match are left out.
        prefixes: prefix → namespace IRI.
    """
    return _Patterns(store, text, prefixes).warnings()


def absent_literal_warnings(
    store: ox.Store, text: str, prefixes: Mapping[str, str]
) -> Iterator[str]:
    """Yield a message for each text in a pattern that the graph has only in other forms.

    Such a pattern matches nothing, so that a count, an OPTIONAL or a negation is wrong.

    Args:
        store: the store that was queried.
        text: the query; the template of CONSTRUCT is left out.
        prefixes: prefix → namespace IRI.
    """
    template = find_template(text)
    absent = [
        (token, literal)
        for token, literal in find_plain_literals(text, values=False)
        if token.kind == "string" and token.offset not in template
        if not occurs(store, literal)
    ]
    if absent and not has_encoded(store):
        patterns = _Patterns(store, text, prefixes)
        for token, literal in absent:
            if message := patterns.find_forms(token, literal):
                yield f"{line_column(text, token.offset)}: {message}"


class _Patterns:
    """The patterns of a query that every answer matches."""

    def __init__(self, store: ox.Store, text: str, prefixes: Mapping[str, str]) -> None:
        self.store, self.text, self.prefixes = store, text, dict(prefixes)
        self.prologue = text[: find_form(text).offset]
        self.iris = {token.offset: iri for token, iri in find_iris(text, prefixes)}
        self.constants = find_constants(text)
        self.triples = [*self._find_triples(in_graphs=False)]
        self._subproperties: dict[ox.NamedNode, set[ox.NamedNode]] = {}

    def warnings(self) -> Iterator[str]:
        """Yield the messages: first of literals, then of the patterns without faulty literals."""
        if len(self.triples) > MAX_PATTERNS or has_encoded(self.store):
            return
        for token, message in (*self._find_operands(), *self._find_merged()):
            yield f"{line_column(self.text, token.offset)}: {message}"
        faulty = dict(self._find_values())
        for token, message in (*faulty.items(), *self._find_untagged()):
            if message:
                yield f"{line_column(self.text, token.offset)}: {message}"
        self.triples = [each for each in self.triples if each.value not in faulty]
        missing = [
            (each, message) for each in self.triples if (message := self._find_missing(each))
        ]
        # Of patterns that exclude each other, those are meant otherwise for which there is a hint.
        hinted = [pair for pair in missing if pair[1].endswith("?")]
        for each, message in hinted or missing:
            yield f"{line_column(self.text, each.verb.offset)}: {message}"

    def _find_triples(self, *, in_graphs: bool) -> Iterator[_Pattern]:
        """Yield the patterns that have only variables and known constants.

        These are the patterns in the default graph, or else those in GRAPH.
        """
        for pattern in find_patterns(self.text):
            tokens_ = (pattern.subject, pattern.path, pattern.object)
            subject, path, object_ = map(self._term, tokens_)
            iris = (self.iris.get(token.offset) for token in tokens_)
            if (
                all((subject, path, object_))
                and pattern.scope.required
                and bool(pattern.scope.graph) == in_graphs
                and all(occurs(self.store, ox.NamedNode(iri)) for iri in iris if iri)
            ):
                yield _Pattern(subject, path, object_, pattern.scope, pattern.path, pattern.object)

    def _term(self, token: Token) -> str:
        """Return the text of a variable, a constant or a property; empty for a list or a path."""
        if token.text[:1] in VARIABLE and token.text:
            return f"?{token.text[1:]}"
        constant = self.constants.get(token.offset)
        return constant.text if constant and constant.text.startswith(token.text) else ""

    def _is_property(self, each: _Pattern) -> bool:
        """Tell whether the predicate of a pattern is a property, but not rdf:type."""
        return self.iris.get(each.verb.offset) not in (None, TYPE.value)

    def _select(self, variables: str, pattern: str, limit: int) -> list[Any]:
        query = f"{self.prologue} SELECT DISTINCT {variables} {{ {pattern} }} LIMIT {limit}"
        rows: Any = self.store.query(query, prefixes=self.prefixes)
        return [*rows]

    def _has(self, pattern: str) -> bool:
        return bool(self._select("*", pattern, 1))

    def _find_values(self) -> Iterator[tuple[Token, str]]:
        """Yield the values that their property has nowhere: literals with a message or none."""
        for each in self.triples:
            if each.value.offset in self.iris and not self._has(f"[] {each.path} {each.object}"):
                message = self._find_use(each)
                yield from [(each.value, message)] if message else []
        for each in filter(self._is_property, self.triples):
            values = f"[] {each.path} {each.object}"
            if each.value.kind in LITERALS and not self._has(values):
                yield each.value, self._find_like(each.path, each.object) or self._find_use(each)
            for token, sign, test in self._comparisons.get(each.object, ()):
                given = self.constants[token.offset].text
                if sign == "=" and not self._has(f"{values} FILTER({test})"):
                    yield token, self._find_like(each.path, given)
                elif not self._has(f"{values} FILTER({test} || !({test}))"):
                    yield token, self._find_type(each.path, given)

    def _find_untagged(self) -> Iterator[tuple[Token, str]]:
        """Yield the literals of other patterns that the graph has only in another form."""
        examined = {each.value for each in self.triples if self._is_property(each)}
        for token, literal in find_plain_literals(self.text):
            is_absent = token not in examined and not occurs(self.store, literal)
            if is_absent and (message := self.find_forms(token, literal)):
                yield token, message

    def find_forms(self, token: Token, literal: ox.Literal) -> str:
        """Return a message with the other forms in which the graph has a literal, or none."""
        same = f"isLiteral(?o) && STR(?o) = {ox.Literal(literal.value)}"
        rows = self._select("?o", f"?s ?p ?o FILTER({same})", MAX_SUGGESTIONS)
        likely = ", ".join(sorted(self._write(row[0]) for row in rows))
        return f"the graph has no literal {token.text}; did you mean {likely}?" if likely else ""

    @cached_property
    def _comparisons(self) -> dict[str, list[tuple[Token, str, str]]]:
        """Variable → the literals with which it is compared: the token, the sign, and the whole."""
        found: dict[str, list[tuple[Token, str, str]]] = {}
        stream = [self.constants.get(token.offset, token) for token in tokens(self.text)]
        for left, sign, right in zip(stream, stream[1:], stream[2:], strict=False):
            if sign.text in COMPARISONS and left.kind == "variable" and right.kind in LITERALS:
                whole = f"{left.text} {sign.text} {right.text}"
                found.setdefault(f"?{left.text[1:]}", []).append((right, sign.text, whole))
        return found

    def _find_like(self, path: str, given: str) -> str:
        """Return a hint to values of a property that are like a literal or have a label like it."""
        some = f"{{ SELECT ?value {{ ?s {path} ?value }} LIMIT {MAX_QUADS} }}"
        values = f"{some} OPTIONAL {{ ?value {LABEL} ?label }}"
        names: dict[str, list[str]] = {}
        for value, label in self._select("?value ?label", values, MAX_VALUES):
            own = label or value
            name = [own.value] if isinstance(own, ox.Literal) else []
            names.setdefault(self._write(value), []).extend(name)
        literal = self._read(given)
        if literal.datatype.value in TEXTS:
            likely = rank_by_name(literal.value, names)
        else:
            likely = [term for term, own in names.items() if literal.value in own]
        return f"no {path} is {given}; did you mean {', '.join(likely)}?" if likely else ""

    def _find_operands(self) -> Iterator[tuple[Token, str]]:
        """Yield the properties of which no value is a number, but with which a query calculates."""
        stream = [Token("", "", 0), *tokens(self.text), Token("", "", 0)]
        operands = {
            f"?{token.text[1:]}"
            for before, token, after in zip(stream, stream[1:], stream[2:], strict=False)
            if token.kind == "variable"
            if after.text in SIGNS or before.text in SIGNS
        }
        operands |= {
            f"?{variable.text[1:]}"
            for name, bracket, variable in zip(stream, stream[1:], stream[2:], strict=False)
            if name.text.upper() in ("SUM", "AVG") and bracket.text == "("
            if variable.kind == "variable"
        }
        for each in filter(self._is_property, self.triples):
            values = f"?s {each.path} ?value"
            has_difference = "BIND(?value - ?value AS ?zero) FILTER(BOUND(?zero))"
            if each.object in operands and not self._has(f"{values} {has_difference}"):
                steps = f"{values} . ?value ?q ?number FILTER(isNumeric(?number))"
                rows = self._special(self._select("?q", steps, MAX_VALUES))
                hint = suggest(f"{each.path}/{self._write(q)}" for (q,) in rows)
                yield each.verb, f"no {each.path} is a number{hint}"

    def _find_merged(self) -> Iterator[tuple[Token, str]]:
        """Yield the first pattern of each GRAPH that no graph matches alone, with a message.

        Who names one graph asks for what that one states, and may well find nothing.
        """
        scopes: dict[Scope, list[_Pattern]] = {}
        for each in self._find_triples(in_graphs=True):
            if each.scope.graph.startswith(("?", "$")):
                scopes.setdefault(each.scope, []).append(each)
        for scope, patterns in scopes.items():
            group = " ".join(each.text for each in patterns)
            about = [each.text for each in self.triples if scope.graph in each.text.split()]
            inside = " ".join([f"GRAPH {scope.graph} {{ {group} }}", *about])
            if not self._has(inside) and self._has(group):
                message = (
                    f"GRAPH {scope.graph} finds only what one graph states; what follows from the"
                    " graphs matches without GRAPH, where --evidence shows the graphs"
                )
                yield patterns[0].verb, message

    def _find_use(self, each: _Pattern) -> str:
        """Return a message with the properties of which a value is one, if their names are alike.

        Of a class that has no instance, any property may be meant that is no part of an ontology.
        """
        rows = self._special(self._select("?q", f"?s ?q {each.object}", MAX_VALUES))
        uses: dict[str, list[str]] = {
            q.value: [] for (q,) in rows if not q.value.startswith((OWL, RDFS))
        }
        prefixes = Prefixes(self.prefixes)
        if self._is_property(each):
            likely = find_likely(self.iris[each.verb.offset], uses, prefixes)
            hint = suggest(map(prefixes.shorten, likely))
            return hint and f"no {each.path} is {each.object}{hint}"
        hint = suggest(map(prefixes.shorten, uses))
        return hint and f"nothing is a {each.object}{hint}"

    def _find_type(self, path: str, given: str) -> str:
        """Return a hint to a literal with the datatype or language of the values of a property."""
        for (value,) in self._select("?value", f"?s {path} ?value FILTER(isLiteral(?value))", 1):
            text, tag = self._read(given).value, value.language
            typed = (
                ox.Literal(text, language=tag) if tag else ox.Literal(text, datatype=value.datatype)
            )
            return f"no {path} can be compared with {given}; did you mean {self._write(typed)}?"
        return ""

    def _read(self, text: str) -> ox.Literal:
        """Return a literal of the query."""
        literal: ox.Literal = self._select("?value", f"VALUES ?value {{ {text} }}", 1)[0][0]
        return literal

    def _write(self, term: Any) -> str:
        """Return a term as a query would have it."""
        is_literal = isinstance(term, ox.Literal)
        return Prefixes(self.prefixes).shorten_all(str(decode(term) if is_literal else term))

    def _find_missing(self, each: _Pattern) -> str:
        """Return a message if no subject has a property, with the paths to what it may mean."""
        ends = {each.subject, each.object}
        is_relation = each.path[0] in VARIABLE and each.object[0] not in VARIABLE and len(ends) > 1
        if not is_relation and not self._is_property(each):
            return ""
        examples = self._find_examples(each)
        subjects = f"VALUES ?s {{ {' '.join(examples)} }}"
        if not examples or (not is_relation and self._has(f"{subjects} ?s {each.path} ?any")):
            return ""
        hint = suggest(self._find_ways(subjects, each))
        if is_relation:
            return hint and f"no property relates {each.subject} to {each.object}{hint}"
        domain = f"{subjects} {each.path} {DOMAIN} ?class FILTER NOT EXISTS {{ ?s a ?class }}"
        classes = [self._write(row[0]) for row in self._select("?class", domain, 1)]
        what = "".join([each.path, *(f", a property of {name}" for name in classes)])
        if each.subject[0] in VARIABLE:
            hint = hint or self._find_others(subjects, each)
            return f"no {each.subject} here has {what}{hint}"
        return f"{each.subject} has no {what}{hint}" if hint or classes else ""

    def _find_examples(self, each: _Pattern) -> list[str]:
        """Return the subjects of a pattern that fails: of a variable, those of the others."""
        if each.subject[0] not in VARIABLE:
            return [] if self._has(each.text) else [each.subject]
        others = " ".join(
            other.text
            for other in self.triples
            if other.scope == each.scope and each.subject in (other.subject, other.object)
            if other != each
        )
        if not others or self._has(f"{others} {each.subject} {each.path} ?any"):
            return []
        pattern = f"{others} FILTER(isIRI({each.subject}))"
        return [self._write(row[0]) for row in self._select(each.subject, pattern, MAX_EXAMPLES)]

    def _find_ways(self, subjects: str, each: _Pattern) -> list[str]:
        """Return the paths that lead from some subjects to values of a property.

        These are the inverse property, properties with all its values and perhaps others, steps of
        chains of properties from which it follows, and the paths of ``WAYS``.
        """
        value = "?value" if each.object[0] in VARIABLE else each.object
        given = [("?p", each.path), ("?value", each.object)]
        terms = " ".join(f"VALUES {name} {{ {t} }}" for name, t in given if t[0] not in VARIABLE)
        inverse = self._select("?p", f"{subjects} {terms} ?value ?p ?s", MAX_VALUES)
        paths = [f"^{self._write(p)}" for (p,) in self._special(inverse)]
        if each.path[0] not in VARIABLE:
            shared = f"FILTER(isIRI(?o)) FILTER EXISTS {{ ?any {each.path} ?o }}"
            missing = f"?any {each.path} ?o FILTER NOT EXISTS {{ ?some %s ?o }}"
            rows = self._select("?q", f"{subjects} ?s ?q ?o {shared}", MAX_VALUES)
            same = [
                row
                for row in rows
                if self._is_step(row[0], each) or not self._has(missing % row[0])
            ]
            paths += [self._write(q) for (q,) in self._special(same)]
        for form, step in WAYS.items():
            steps = f"{{ SELECT * {{ {subjects} {step} }} LIMIT {MAX_QUADS} }} {OTHER_KIND}"
            if each.path[0] in VARIABLE:
                found = self._select("?q ?p", f"{steps} ?node ?p {value}", MAX_VALUES)
            else:
                exists = f"FILTER EXISTS {{ ?node {each.path} {value} }}"
                rows = self._select("?q", f"{steps} {exists}", MAX_VALUES)
                found = [(q, ox.NamedNode(self.iris[each.verb.offset])) for (q,) in rows]
            paths += [form.format(*map(self._write, row)) for row in self._special(found)]
        return paths

    def _is_step(self, property_: ox.NamedNode, each: _Pattern) -> bool:
        """Tell whether a property is a step of a chain that implies that of a pattern."""
        return self._has(f"{each.path} ^{SUB_PROPERTY_OF}*/{CHAIN}/{STEP} {property_}")

    def _find_others(self, subjects: str, each: _Pattern) -> str:
        """Return a hint to the other properties of some subjects: with a like name, or all."""
        sort = f"SELECT (isLiteral(?value) AS ?sort) {{ ?any {each.path} ?value }} LIMIT 1"
        pattern = f"{subjects} ?s ?q ?o {{ {sort} }} FILTER(isLiteral(?o) = ?sort)"
        rows = self._special(self._select("?q", pattern, MAX_VALUES))
        paths = {triple.path for triple in self.triples}
        others: dict[str, list[str]] = {q.value: [] for (q,) in rows if self._write(q) not in paths}
        prefixes = Prefixes(self.prefixes)
        likely = find_likely(self.iris[each.verb.offset], others, prefixes)
        few = ", ".join(repr(prefixes.shorten(q)) for q in [*others][:MAX_SUGGESTIONS])
        return suggest(map(prefixes.shorten, likely)) or (few and f"; it has {few}")

    def _special(self, rows: list[Any]) -> list[tuple[ox.NamedNode, ...]]:
        """Return rows of properties without those above another row, the rarest properties first.

        What names or classifies things is left out.
        """
        found = [tuple(row) for row in rows if OF_ANYTHING.isdisjoint(row)]
        special = [
            row
            for row in found
            if not any(row != other and all(map(self._is_above, row, other)) for other in found)
        ]
        return sorted(special, key=lambda row: [*map(self._count, row), *map(str, row)])

    def _is_above(self, general: ox.NamedNode, special: ox.NamedNode) -> bool:
        """Tell whether a property is another one or above it."""
        return general == special or special in self._below(general)

    def _below(self, general: ox.NamedNode) -> set[ox.NamedNode]:
        """Return the sub-properties of a property."""
        if general not in self._subproperties:
            rows = self._select("?sub", f"?sub {SUB_PROPERTY_OF}+ {general}", MAX_VALUES)
            self._subproperties[general] = {row[0] for row in rows}
        return self._subproperties[general]

    def _count(self, property_: ox.NamedNode) -> int:
        """Return how many statements have a property, at most ``MAX_QUADS``."""
        some = f"SELECT * {{ ?s {property_} ?o }} LIMIT {MAX_QUADS}"
        return int(self._select("(COUNT(*) AS ?n)", f"{{ {some} }}", 1)[0][0].value)
