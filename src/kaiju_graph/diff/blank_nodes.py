"""Labels for the blank nodes of two states by which their statements can be compared.

Labels do not matter: two graphs are equal if they are isomorphic (RDF 1.1 Concepts, section 3.6).
Blank nodes that statements connect are compared together, as one component. Two components are
isomorphic if their canonical forms are equal. Nodes are divided by their statements, round by
round (the partition refinement of R. Paige and R. E. Tarjan, 1987); where that tells all nodes of a
component apart, it gives the canonical form, and elsewhere RDFC-1.0 does. No two nodes of a state
get the same label, so that states which are not isomorphic always differ.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections import Counter
from hashlib import sha256
from itertools import chain
from typing import TYPE_CHECKING, Any, NamedTuple

import pyoxigraph as ox

from kaiju_graph.errors import LimitError
from kaiju_graph.rdf import terms
from kaiju_graph.rdf.terms import Quad

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

__all__ = ["SECONDS", "align_blank_nodes", "canonicalize"]

SECONDS = 20
"""How long RDFC-1.0 may take; there are small graphs for which it would take years."""
MAX_STEPS = 1_000_000
"""How many statements are read, at about this number, to divide the blank nodes."""
COLOUR = ox.NamedNode("urn:x-kaiju:colour")
"""The predicate that gives RDFC-1.0 what is known of a node."""
FEW = 6
"""Of how many blank nodes RDFC-1.0 may try all orders in this process."""
CHILD = """
import json, sys
sys.path[:] = json.loads(sys.argv[1])
from kaiju_graph.diff.blank_nodes import canonicalize
json.dump([canonicalize(text) for text in json.load(sys.stdin)], sys.stdout)
"""
"""A program that canonicalizes datasets: Oxigraph cannot be interrupted, but a process can."""


class _Component(NamedTuple):
    """Statements that blank nodes connect, with canonical labels."""

    form: str
    quads: list[Quad]


def align_blank_nodes(*states: Sequence[Quad]) -> list[list[Quad]]:
    """Return the quads of states, in which blank nodes that correspond have the same label.

    Raises:
        LimitError: blank nodes are so much alike that comparing them takes too long.
    """
    components = _canonical_components([list(dict.fromkeys(quads)) for quads in states])
    counts = [Counter(component.form for component in of_state) for of_state in components]
    in_all = counts[0]
    for others in counts[1:]:
        in_all &= others
    aligned: list[list[Quad]] = []
    left: list[list[Quad]] = []
    for quads, of_state in zip(states, components, strict=True):
        kept = [quad for quad in quads if not any(map(_is_blank, quad))]
        rest: list[Quad] = []
        numbers: Counter[str] = Counter()
        for component in sorted(of_state, key=lambda component: component.form):
            name = f"{_hash([component.form])}.{numbers[component.form]}."
            group = kept if numbers[component.form] < in_all[component.form] else rest
            group += [_rename(quad, name.__add__) for quad in component.quads]
            numbers[component.form] += 1
        aligned.append(kept)
        left.append(rest)
    labelled = _label_by_statements(left)
    return [kept + rest for kept, rest in zip(aligned, labelled, strict=True)]


def _canonical_components(states: Sequence[Sequence[Quad]]) -> list[list[_Component]]:
    """Return the components of each state."""
    parts = [
        (number, part)
        for number, quads in enumerate(_name_by_state(states))
        for part in _components(quad for quad in quads if any(map(_is_blank, quad)))
    ]
    colours = _colours((quad for _, part in parts for quad in part), inward=True)
    found: list[list[_Component]] = [[] for _ in states]
    alike: list[tuple[int, list[Quad]]] = []
    for number, part in parts:
        nodes: set[Any] = {term for quad in part for term in quad if _is_blank(term)}
        if len({colours[node.value] for node in nodes}) == len(nodes):
            quads = [_rename(quad, colours.__getitem__) for quad in part]
            found[number].append(_Component(_form(quads), quads))
        else:
            hints = [_hint(node, colours[node.value]) for node in nodes]
            alike.append((number, [*part, *hints]))
    for (number, _), quads in zip(alike, _canonicalize([quads for _, quads in alike]), strict=True):
        form = _form(quads)
        own = [quad for quad in quads if quad.predicate != COLOUR]
        found[number].append(_Component(form, own))
    return found


def _hint(node: ox.BlankNode, colour: str) -> Quad:
    return Quad(node, COLOUR, ox.Literal(colour), terms.ONTOLOGY)


def _components(quads: Iterable[Quad]) -> list[list[Quad]]:
    """Return quads in groups, two in one where they share a blank node, maybe through others."""
    by_node: dict[Any, list[Quad]] = {}
    for quad in quads:
        nodes = list(filter(_is_blank, quad))
        groups = {id(group): group for node in nodes if (group := by_node.get(node))}
        group, *others = sorted(groups.values(), key=len, reverse=True) or [[]]
        for other in others:
            group += other
            by_node |= {node: group for member in other for node in member if _is_blank(node)}
        group.append(quad)
        by_node |= dict.fromkeys(nodes, group)
    return [*{id(group): group for group in by_node.values()}.values()]


def _colours(quads: Iterable[Quad], *, inward: bool) -> dict[str, str]:
    """Return for each blank node (by its label) a hash of the statements about it, at any depth.

    Nodes of one colour get others where their statements differ. The next round reads only the
    statements of nodes with a new colour, and most nodes keep theirs: the time for a list or chain
    grows with its length, not with the square of that.

    Args:
        quads: the statements, without duplicates.
        inward: also take the statements that use the node as object or graph.
    """
    uses = _uses(quads)
    colours = dict.fromkeys(uses, "_:b")
    sizes = Counter(colours.values())
    read = {
        node: {statement for statement in used if inward or statement[0] == node}
        for node, used in uses.items()
    }
    steps = 0
    while read and steps < MAX_STEPS:
        steps += sum(map(len, read.values()))
        changed: list[str] = []
        for colour, part in _divide(read, colours).items():
            if sizes[colour] == sum(map(len, part.values())):  # the largest part keeps the colour
                del part[max((len(nodes), key) for key, nodes in part.items())[1]]
            for key, nodes in part.items():
                new = f"_:{_hash([colour, key])}"
                sizes[new], sizes[colour] = len(nodes), sizes[colour] - len(nodes)
                colours |= dict.fromkeys(nodes, new)
                changed += nodes
        read = {}
        for node in changed:
            for statement in uses[node]:
                for term in statement if inward else statement[:1]:
                    if term != node and term in colours:
                        read.setdefault(term, set()).add(statement)
    return {node.removeprefix("_:"): colour.removeprefix("_:") for node, colour in colours.items()}


def _uses(quads: Iterable[Quad]) -> dict[str, list[tuple[str, ...]]]:
    """Return blank node → the statements that have it, all as N-Quads has them."""
    uses: dict[str, list[tuple[str, ...]]] = {}
    for quad in quads:
        statement = tuple(map(str, quad))
        for node in dict.fromkeys(term for term in statement if term.startswith("_:")):
            uses.setdefault(node, []).append(statement)
    return uses


def _divide(
    read: Mapping[str, Iterable[tuple[str, ...]]], colours: Mapping[str, str]
) -> dict[str, dict[str, list[str]]]:
    """Return colour → hash of the statements, with colours for nodes → the nodes that have both."""
    parts: dict[str, dict[str, list[str]]] = {}
    for node, statements in read.items():
        lines = (
            " ".join("*" if term == node else colours.get(term, term) for term in statement)
            for statement in statements
        )
        parts.setdefault(colours[node], {}).setdefault(_hash(lines), []).append(node)
    return parts


def canonicalize(text: str) -> str:
    """Return N-Quads with the canonical labels of RDFC-1.0."""
    dataset = ox.Dataset(ox.parse(text, format=ox.RdfFormat.N_QUADS))
    dataset.canonicalize(ox.CanonicalizationAlgorithm.RDFC_1_0)
    return (ox.serialize(dataset, format=ox.RdfFormat.N_QUADS) or b"").decode()


def _canonicalize(datasets: list[list[Quad]]) -> list[list[Quad]]:
    """Return datasets with canonical labels; large ones are left to a process with a limit."""
    texts = [terms.serialize(quads, ox.RdfFormat.N_QUADS).decode() for quads in datasets]
    is_small = [len(set(filter(_is_blank, chain(*quads)))) <= FEW for quads in datasets]
    large = [text for text, small in zip(texts, is_small, strict=True) if not small]
    forms = iter(_canonicalize_in_child(large) if large else ())
    return [
        [
            Quad(quad.subject, quad.predicate, quad.object, quad.graph_name)
            for quad in ox.parse(
                canonicalize(text) if small else next(forms), format=ox.RdfFormat.N_QUADS
            )
        ]
        for text, small in zip(texts, is_small, strict=True)
    ]


def _canonicalize_in_child(texts: list[str]) -> list[str]:
    paths = json.dumps([*filter(None, sys.path)])
    try:
        run = subprocess.run(  # noqa: S603 (this Python, with a program of our own)
            [sys.executable, "-I", "-c", CHILD, paths],
            input=json.dumps(texts).encode(),
            capture_output=True,
            timeout=SECONDS,
            check=True,
        )
    except (subprocess.TimeoutExpired, subprocess.CalledProcessError):
        message = f"found blank nodes that are too much alike to be compared in {SECONDS} s"
        raise LimitError(f"{message}; expected statements that tell them apart") from None
    return list(json.loads(run.stdout))


def _label_by_statements(states: Iterable[Iterable[Quad]]) -> list[list[Quad]]:
    """Return states with labels by the statements about each node, numbered where these agree."""
    named = _name_by_state(states)
    colours = _colours(chain(*named), inward=False)
    numbers: Counter[tuple[str, str]] = Counter()
    labels = {}
    for node in sorted(colours):
        key = node.partition(".")[0], colours[node]
        labels[node] = f"{colours[node]}.{numbers[key]}"
        numbers[key] += 1
    return [[_rename(quad, labels.__getitem__) for quad in quads] for quads in named]


def _name_by_state(states: Iterable[Iterable[Quad]]) -> list[list[Quad]]:
    """Return states in which the label of each blank node begins with the number of its state."""
    return [
        [_rename(quad, f"s{number}.{{}}".format) for quad in quads]
        for number, quads in enumerate(states)
    ]


def _rename(quad: Quad, label: Callable[[str], str]) -> Quad:
    """Return a quad with other labels of its blank nodes."""
    renamed: Any = (ox.BlankNode(label(term.value)) if _is_blank(term) else term for term in quad)
    return Quad._make(renamed)


def _is_blank(term: Any) -> bool:
    return isinstance(term, ox.BlankNode)


def _form(quads: Iterable[Quad]) -> str:
    return "\n".join(sorted(" ".join(map(str, quad)) for quad in quads))


def _hash(lines: Iterable[str]) -> str:
    text = "\n".join(sorted(lines))
    return f"b{sha256(text.encode()).hexdigest()[:24]}"
