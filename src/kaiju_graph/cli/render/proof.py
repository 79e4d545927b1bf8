"""Stage 12, beside showing: explanations → what a person or a program reads of them."""

from __future__ import annotations

import re
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple

import pyoxigraph as ox

from kaiju_graph.cli.render.text import json_text, with_article, wrap
from kaiju_graph.evidence import prov
from kaiju_graph.rdf.terms import ONTOLOGY, SUB_CLASS_OF, Quad, Triple, term_json
from kaiju_graph.reasoning.proof import walk

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kaiju_graph.evidence.grounds import Ground, Grounds
    from kaiju_graph.reasoning.proof import Explanation, Nearest, Proof

__all__ = ["marked", "origin", "render_proof"]

VARIABLE = re.compile(r"(?:\b(a) )?\?(\w+)")


class _Line(NamedTuple):
    """A line of a proof: how deep it stands, what kind of words it has, and the words."""

    depth: int
    kind: str
    text: str


def render_proof(grounds: Grounds, found: Explanation, form: str, width: int = 0) -> str:
    """Return an explanation as text, Markdown, JSON or Turtle (PROV-O).

    Args:
        grounds: knows the words and sources of what is asserted.
        found: the explanation.
        form: ``text``, ``markdown``, ``json`` or ``turtle``.
        width: columns of the terminal; 0 where there is none.
    """
    if form == "turtle":
        return prov.write(grounds, found)
    if form == "json":
        return json_text(_as_json(grounds, found))
    write = _markdown if form == "markdown" else partial(_text, width=width)
    if found.nearest is not None and found.triple is not None:
        return write(list(_absent(grounds, found.triple, found.nearest)))
    proofs = [write(list(_lines(grounds, proof))) for proof in found.proofs]
    if len(proofs) == 1:
        return proofs[0]
    return "\n".join(
        f"{number} of {len(proofs)}:\n\n{text}" for number, text in enumerate(proofs, 1)
    )


def marked(ground: Ground) -> str:
    """Return the quote of a passage, the words that name subject and object marked «so»."""
    text = ground.quote
    for start, end in reversed(ground.marks):
        text = f"{text[:start]}«{text[start:end]}»{text[end:]}"
    return " ".join(text.split("\n"))


def origin(grounds: Grounds, ground: Ground) -> str:
    """Return in a line which graph says something, where it comes from, and where it stands."""
    graph = grounds.project.prefixes.shorten(ground.graph.value)
    name = f"stated in {graph}" if ground.quote else ground.layer
    if ground.layer == "curated":
        name += f" in {graph}"
    if ground.section:
        name += f", under “{ground.section}”"
    if ground.source or ground.origin:
        name += f", from {ground.source or ground.origin}"
    return f"{name}: {ground.place or 'computed from the article'}"


def _lines(grounds: Grounds, proof: Proof) -> Iterator[_Line]:
    """Yield the lines of a proof."""
    for depth, step, proved in walk(proof):
        if depth and _is_axiom(grounds, step):
            continue  # it is told with what it is a premise of
        where = "" if proved == "here" else f" (as {proved})"
        yield _Line(depth, "triple", f"{_sentence(grounds, step.conclusion)}{where}")
        for ground in _grounds(grounds, step):
            yield _Line(depth + 1, "ground", origin(grounds, ground))
            if ground.quote:
                yield _Line(depth + 2, "quote", marked(ground))
        if step.rule and not where:
            yield _Line(depth + 1, "rule", f"by {step.rule}: {_words(grounds, step)}")
            for axiom in _axioms(grounds, step):
                place = f"  # {axiom['place']}" if axiom["place"] else ""
                yield _Line(depth + 2, "axiom", f"{axiom['turtle']}{place}")


def _absent(grounds: Grounds, triple: Triple, near: Nearest) -> Iterator[_Line]:
    yield _Line(0, "triple", f"{_sentence(grounds, triple)}: neither stated nor inferred")
    kinds = ("with this subject and predicate", "of this pair", "of this pair, reversed")
    for kind, triples in zip(kinds, near, strict=True):
        if triples:
            yield _Line(1, "rule", f"what is so {kind}:")
        for other in triples:
            yield _Line(2, "triple", _sentence(grounds, other))


def _sentence(grounds: Grounds, triple: Triple | None) -> str:
    if triple is None:
        return "a contradiction"
    predicate = grounds.predicate(triple.predicate)
    return f"{grounds.label(triple.subject)} {predicate} {grounds.label(triple.object)}"


def _words(grounds: Grounds, proof: Proof) -> str:
    """Return the sentence of a rule with the labels of what its variables stand for."""

    def label(match: re.Match[str]) -> str:
        text = grounds.label(proof.binding[match[2]])
        return with_article(text) if match[1] else text

    return VARIABLE.sub(label, proof.words)


def _grounds(grounds: Grounds, proof: Proof) -> list[Ground]:
    return [] if proof.rule or proof.conclusion is None else grounds.of(proof.conclusion)


def _axioms(grounds: Grounds, proof: Proof) -> list[dict[str, Any]]:
    """Return the axioms among the premises, as Turtle with their places; lists stand in these."""
    axioms: dict[str, dict[str, Any]] = {}
    for premise in proof.premises:
        triple = premise.conclusion
        if triple is None or not _is_axiom(grounds, premise):
            continue
        if not (isinstance(triple.subject, ox.BlankNode) and grounds.members(triple.subject)):
            subject = grounds.turtle(triple.subject)
            predicate, object_ = grounds.predicate(triple.predicate), grounds.turtle(triple.object)
            within = isinstance(triple.subject, ox.BlankNode) and triple.predicate != SUB_CLASS_OF
            text = f"{subject} ." if within else f"{subject} {predicate} {object_} ."
            place = grounds.place(Quad(*triple, ONTOLOGY))
            axioms.setdefault(text, {"turtle": text, "place": place})
    return list(axioms.values())


def _is_axiom(grounds: Grounds, proof: Proof) -> bool:
    triple = proof.conclusion
    return triple is not None and not proof.rule and ox.Quad(*triple, ONTOLOGY) in grounds.store


def _text(lines: list[_Line], width: int) -> str:
    pads = [(line.text, "  " * line.depth) for line in lines]
    return "".join(wrap(text, width, pad, f"{pad}    ") for text, pad in pads)


def _markdown(lines: list[_Line]) -> str:
    """Return nested lists: triples in bold, axioms as code."""

    def shown(line: _Line) -> str:
        if line.kind == "axiom":
            fence = "``" if "`" in line.text else "`"
            return f"{fence}{line.text}{fence}"
        text = re.sub(r"([\\`*_\[\]<>|#])", r"\\\1", line.text)
        return {"triple": f"**{text}**", "quote": f"> {text}"}.get(line.kind, text)

    return "".join(f"{'  ' * line.depth}- {shown(line)}\n" for line in lines)


def _as_json(grounds: Grounds, found: Explanation) -> dict[str, Any]:
    near = found.nearest
    return {
        "triple": _triple(found.triple),
        "entailed": bool(found.proofs),
        "proofs": [_proof(grounds, proof) for proof in found.proofs],
        "nearest": {
            name: [_triple(triple) for triple in triples]
            for name, triples in (near._asdict() if near else {}).items()
        },
    }


def _triple(triple: Triple | None) -> dict[str, Any] | None:
    return None if triple is None else {k: term_json(v) for k, v in triple._asdict().items()}


def _proof(grounds: Grounds, proof: Proof) -> dict[str, Any]:
    """Return a proof with its premises in it, and behind it what else it is told by."""
    parts: list[dict[str, Any]] = []
    above: list[dict[str, Any]] = []
    for depth, step, proved in walk(proof):
        if depth and _is_axiom(grounds, step):
            continue
        told = _step(grounds, step, proved)
        (above[depth - 1]["premises"] if depth else parts).append(told)
        above[depth:] = [told]
    return parts[0] | {"lemmas": parts[1:]}


def _step(grounds: Grounds, proof: Proof, proved: str) -> dict[str, Any]:
    axioms = _axioms(grounds, proof) if proved == "here" else []
    return {
        "triple": _triple(proof.conclusion),
        "steps": proof.steps,
        "rule": proof.rule or None,
        "words": _words(grounds, proof) or None,
        "proved": proved,
        "axioms": [
            {"turtle": axiom["turtle"]} | (axiom["place"]._asdict() if axiom["place"] else {})
            for axiom in axioms
        ],
        "premises": [],
        "grounds": [_ground(ground) for ground in _grounds(grounds, proof)],
    }


def _ground(ground: Ground) -> dict[str, Any]:
    found: dict[str, Any] = {"graph": ground.graph.value, "layer": ground.layer}
    found |= ground.place._asdict() if ground.place else {}
    if ground.quote:
        found |= {"quote": ground.quote, "section": ground.section}
        found["marks"] = [{"start": start, "end": end} for start, end in ground.marks]
    return found | {k: v for k in ("source", "origin") if (v := getattr(ground, k))}
