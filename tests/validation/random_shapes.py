"""Random shapes and data, as Turtle: each constraint, path and target of SHACL, and SPARQL."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hypothesis import strategies as st

from tests.validation.reference import ILL_TYPED, MEANINGS

if TYPE_CHECKING:
    from collections.abc import Iterable

    from hypothesis.strategies import SearchStrategy

__all__ = ["COMPONENTS", "data_graphs", "paths", "shapes_graphs"]

CLASSES = ["ex:C", "ex:D", "ex:E"]
PROPERTIES = ["ex:p", "ex:q", "ex:r"]
NODES = ["ex:a", "ex:b", "ex:c", "_:x", "_:y", "ex:S0", "ex:C"]
LITERALS = [
    *("1", "2", "-1", "01", "1.0", "0.5", "1e0", "0", "true", "false"),
    *('""', '"a"', '"b"', '"ab"', '"A"', '"1"', '"\\U0001F600"', '"a\\nb"', '"\\\\1"'),
    *('"a"@en', '"b"@en', '"a"@en-gb', '"a"@en-gb-oed', '"a"@de', '"a"@fr'),
    *('"NaN"^^xsd:double', '"INF"^^xsd:double', '"-0"^^xsd:double', '"1"^^xsd:float'),
    *('"1"^^xsd:byte', '"1"^^xsd:boolean', '"1"^^ex:unknown'),
    *('"2026-01-01"^^xsd:date', '"2026-01-01Z"^^xsd:date', '"2026-01-01T00:00:00"^^xsd:dateTime'),
    *('"2026-01-01T00:00:00+14:00"^^xsd:dateTime', '"-0044-03-15"^^xsd:date', '"2026"^^xsd:gYear'),
    *('"P1D"^^xsd:dayTimeDuration', '"P1Y"^^xsd:duration'),
    *ILL_TYPED,
]
DATATYPES = ["xsd:integer", "xsd:string", "rdf:langString", "xsd:date", "xsd:double", "xsd:byte"]
KINDS = "BlankNode IRI Literal BlankNodeOrIRI BlankNodeOrLiteral IRIOrLiteral".split()
MESSAGES = ['"wrong"', '"wrong"@en', '"falsch"@de', '"{$this} has {?value} and {?no}"@en']

terms = st.sampled_from([*NODES, *LITERALS])
literals = st.sampled_from(LITERALS)
iris = st.sampled_from([node for node in NODES if not node.startswith("_")])
properties = st.sampled_from(PROPERTIES)
classes = st.sampled_from(CLASSES)
counts = st.integers(0, 2).map(str)
booleans = st.sampled_from(["true", "true", "false", '"1"^^xsd:boolean'])


def _list(items: Iterable[str]) -> str:
    return f"( {' '.join(items)} )"


def _some(
    items: SearchStrategy[str], *, least: int = 1, most: int = 3
) -> SearchStrategy[list[str]]:
    return st.lists(items, min_size=least, max_size=most, unique=True)


def _one(parameter: str, values: SearchStrategy[str]) -> SearchStrategy[str]:
    return values.map(lambda value: f"sh:{parameter} {value}")


def _many(parameter: str, values: SearchStrategy[str]) -> SearchStrategy[str]:
    return _some(values, most=2).map(lambda found: f"sh:{parameter} {' , '.join(found)}")


paths: SearchStrategy[str] = st.recursive(
    properties,
    lambda inner: st.one_of(
        inner.map("[ sh:inversePath {} ]".format),
        st.lists(inner, min_size=2, max_size=3).map(_list),
        st.lists(inner, min_size=2, max_size=3).map(_list).map("[ sh:alternativePath {} ]".format),
        inner.map("[ sh:zeroOrMorePath {} ]".format),
        inner.map("[ sh:oneOrMorePath {} ]".format),
        inner.map("[ sh:zeroOrOnePath {} ]".format),
    ),
    max_leaves=4,
)
"""Property paths of every kind (SHACL, section 2.3.1)."""

VALUE_CONSTRAINTS = [
    _many("class", classes),
    _one("datatype", st.sampled_from(DATATYPES)),
    _one("nodeKind", st.sampled_from(KINDS).map("sh:{}".format)),
    *(
        _one(f"{end}{kind}", literals)
        for end in ("min", "max")
        for kind in ("Exclusive", "Inclusive")
    ),
    *(_one(f"{end}Length", counts) for end in ("min", "max")),
    _one(
        "pattern", st.sampled_from(['"^a"', '"b$"', '"^A" ; sh:flags "i"', '"."', '"a.b"', '"^$"'])
    ),
    _one("languageIn", _some(st.sampled_from(['"en"', '"de"', '"en-GB"', '"*"'])).map(_list)),
    _many("equals", properties),
    _many("disjoint", properties),
    _many("hasValue", terms.filter(lambda term: not term.startswith("_"))),
    _one("in", _some(terms.filter(lambda term: not term.startswith("_"))).map(_list)),
]
PATH_CONSTRAINTS = [
    *(_one(f"{end}Count", counts) for end in ("min", "max")),
    _one("uniqueLang", booleans),
    _many("lessThan", properties),
    _many("lessThanOrEquals", properties),
]
CLOSED = st.tuples(booleans, _some(properties, least=0, most=2)).map(
    lambda drawn: (
        f"sh:closed {drawn[0]}" + (f" ; sh:ignoredProperties {_list(drawn[1])}" if drawn[1] else "")
    )
)

PATH_SELECTS = [query for query in MEANINGS if "$PATH" in query]
SELECTS = [query for query in MEANINGS if "$PATH" not in query]
COMPONENTS = """
ex:Ask a sh:ConstraintComponent ;
    sh:parameter [ sh:path ex:asked ] , [ sh:path ex:maybe ; sh:optional true ] ;
    sh:validator [ a sh:SPARQLAskValidator ; sh:message "{?value} is not {$asked}"@en , "{$maybe}" ;
        sh:prefixes ex: ; sh:ask "ASK { FILTER(sameTerm($value, $asked) || !bound($maybe)) }" ] .
ex:Nodes a sh:ConstraintComponent ;
    sh:parameter [ sh:path ex:selected ] ;
    sh:nodeValidator [ a sh:SPARQLSelectValidator ; sh:message "{$this} lacks {$selected}" ;
        sh:prefixes ex: ;
        sh:select "SELECT $this { FILTER NOT EXISTS { $this $selected ?any } }" ] ;
    sh:propertyValidator [ a sh:SPARQLSelectValidator ; sh:message "{?value}, {?path}"@en ;
        sh:prefixes ex: ;
        sh:select "SELECT $this ?value { $this $PATH ?value . ?value $selected ?any }" ] .
ex: sh:declare [ sh:prefix "ex" ; sh:namespace "http://example.org/"^^xsd:anyURI ] .
"""
COMPONENT_PARAMETERS = [
    _one("x", terms.filter(lambda term: not term.startswith("_"))).map(
        lambda text: text.replace("sh:x", "ex:asked")
    ),
    properties.map("ex:selected {}".format),
    st.just('ex:asked "a" ; ex:maybe 1'),
]


@st.composite
def _sparql(draw: st.DrawFn, *, path: bool) -> str:
    query = draw(st.sampled_from(SELECTS + PATH_SELECTS * path))
    messages = draw(st.lists(st.sampled_from(MESSAGES), max_size=2, unique=True))
    said = f" ; sh:message {' , '.join(messages)}" if messages else ""
    off = draw(st.sampled_from(["", "", "", " ; sh:deactivated true"]))
    return f'sh:sparql [ sh:prefixes ex: ; sh:select "{query}"{said}{off} ]'


@st.composite
def _shape(draw: st.DrawFn, depth: int, known: tuple[str, ...], *, path: bool) -> str:
    """Return the predicates and objects of a node or property shape."""
    choices = [*VALUE_CONSTRAINTS]
    if path:
        choices += PATH_CONSTRAINTS
    if depth:
        nodes = _inner(depth - 1, known, path=False)
        either = st.one_of(nodes, _inner(depth - 1, known, path=True))
        choices += [
            _many("node", nodes),
            _many("not", either),
            _one("property", _inner(depth - 1, known, path=True)),
            *(_one(word, _some(either).map(_list)) for word in ("and", "or", "xone")),
            _sparql(path=path),
            *COMPONENT_PARAMETERS,
        ]
        if path:
            choices.append(_qualified(depth, known))
        else:
            choices.append(CLOSED)
    parts = draw(st.lists(st.one_of(choices), min_size=1, max_size=3, unique_by=_parameter))
    parts = [f"sh:path {draw(paths)}"] * path + parts
    if not draw(st.integers(0, 3)):
        parts.append(draw(_many("message", st.sampled_from(MESSAGES))))
    if not draw(st.integers(0, 3)):
        parts.append(f"sh:severity sh:{draw(st.sampled_from(['Info', 'Warning', 'Violation']))}")
    if not draw(st.integers(0, 9)):
        parts.append(f"sh:deactivated {draw(booleans)}")
    return " ; ".join(parts)


def _parameter(constraint: str) -> str:
    return constraint.partition(" ")[0]


@st.composite
def _inner(draw: st.DrawFn, depth: int, known: tuple[str, ...], *, path: bool) -> str:
    """Return a shape without a name, or the name of another."""
    if known and not path and not draw(st.integers(0, 3)):
        return draw(st.sampled_from(known))
    return f"[ {draw(_shape(depth, known, path=path))} ]"


@st.composite
def _qualified(draw: st.DrawFn, depth: int, known: tuple[str, ...]) -> str:
    inner = draw(_inner(depth - 1, known, path=False))
    ends = draw(_some(st.sampled_from(["Min", "Max"]), most=2))
    bounds = " ; ".join(f"sh:qualified{end}Count {draw(counts)}" for end in sorted(ends))
    return f"sh:qualifiedValueShape {inner} ; {bounds}"


@st.composite
def _disjoint(draw: st.DrawFn, known: tuple[str, ...]) -> str:
    """Return property shapes whose qualified shapes are disjoint."""
    parts = [
        f"[ sh:path {draw(paths)} ; {draw(_qualified(1, known))} ; "
        f"sh:qualifiedValueShapesDisjoint {draw(booleans)} ]"
        for _ in range(draw(st.integers(2, 3)))
    ]
    return f"sh:property {' , '.join(parts)}"


TARGETS = st.one_of(
    _many("targetNode", terms.filter(lambda term: not term.startswith("_"))),
    _many("targetClass", classes),
    _many("targetSubjectsOf", st.sampled_from([*PROPERTIES, "rdf:type"])),
    _many("targetObjectsOf", properties),
)


@st.composite
def shapes_graphs(draw: st.DrawFn) -> str:
    """Return a shapes graph: a few shapes with targets, and the components that they may use."""
    texts = [COMPONENTS]
    known: tuple[str, ...] = ()
    for number in range(draw(st.integers(1, 3))):
        path = not draw(st.integers(0, 2))
        name = f"ex:S{number}"
        kind = f"a sh:{'Property' if path else 'Node'}Shape"
        if not path and not draw(st.integers(0, 5)):
            name, kind = CLASSES[number], "a sh:NodeShape , rdfs:Class"
        body = draw(_shape(2, known, path=path))
        if not path and not draw(st.integers(0, 4)) and "sh:property" not in body:
            body += f" ; {draw(_disjoint(known))}"
        target = "" if not draw(st.integers(0, 5)) else f" ; {draw(TARGETS)}"
        texts.append(f"{name} {kind}{target} ; {body} .")
        if not path and name not in CLASSES:
            known += (name,)
    return "\n".join(texts)


@st.composite
def data_graphs(draw: st.DrawFn) -> str:
    """Return a data graph: some statements about few nodes, with their classes."""
    subjects = st.sampled_from(NODES)
    statements = [
        f"{draw(subjects)} {draw(properties)} {draw(terms)} ."
        for _ in range(draw(st.integers(0, 8)))
    ]
    statements += [f"{draw(subjects)} a {draw(classes)} ." for _ in range(draw(st.integers(0, 3)))]
    statements += [
        f"{draw(classes)} rdfs:subClassOf {draw(classes)} ." for _ in range(draw(st.integers(0, 2)))
    ]
    return "\n".join(statements)
