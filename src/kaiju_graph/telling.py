"""Stage 12, beside showing: explanations → what a person or a program reads of them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, NamedTuple

import pyoxigraph as ox

from kaiju_graph import provenance
from kaiju_graph.formats import article, document
from kaiju_graph.terms import ONTOLOGY, SUB_CLASS_OF, Quad, Triple, as_json

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kaiju_graph.explaining import Explanation, Nearest, Proof
    from kaiju_graph.grounding import Ground, Grounds

__all__ = ["explanation", "marked", "origin"]

VARIABLE = re.compile(r"(?:\b(a) )?\?(\w+)")


class _Line(NamedTuple):
    """A line of a proof: how deep it stands, what kind of words it has, and the words."""

    depth: int
    kind: str
    text: str


def explanation(grounds: Grounds, found: Explanation, form: str) -> str:
    """Return an explanation as text, Markdown, JSON or Turtle (PROV-O).

    Args:
        grounds: knows the words and sources of what is asserted.
        found: the explanation.
        form: ``text``, ``markdown``, ``json`` or ``turtle``.
    """
    if form == "turtle":
        return provenance.write(grounds, found)
    if form == "json":
        return document(_as_json(grounds, found))
    write = _markdown if form == "markdown" else _text
    if found.nearest is not None and found.triple is not None:
        return write(list(_absent(grounds, found.triple, found.nearest)))
    proofs = [write(list(_lines(grounds, proof, 0, set()))) for proof in found.proofs]
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
    graph = grounds.project.shorten(ground.graph.value)
    name = f"stated in {graph}" if ground.quote else ground.layer
    if ground.layer == "curated":
        name += f" in {graph}"
    if ground.section:
        name += f", under “{ground.section}”"
    if ground.source or ground.origin:
        name += f", from {ground.source or ground.origin}"
    return f"{name}: {ground.place or 'computed from the article'}"


def _lines(grounds: Grounds, proof: Proof, depth: int, told: set[Triple | None]) -> Iterator[_Line]:
    """Yield the lines of a proof; what was proved above is not proved again."""
    said = _sentence(grounds, proof.conclusion)
    if proof.rule and proof.conclusion in told:
        yield _Line(depth, "triple", f"{said} (as above)")
        return
    told.add(proof.conclusion)
    yield _Line(depth, "triple", said)
    if not proof.rule:
        for ground in grounds.of(proof.conclusion) if proof.conclusion else ():
            yield _Line(depth + 1, "ground", origin(grounds, ground))
            if ground.quote:
                yield _Line(depth + 2, "quote", marked(ground))
        return
    yield _Line(depth + 1, "rule", f"by {proof.rule}: {_words(grounds, proof)}")
    axioms, premises = _parted(grounds, proof)
    for axiom in axioms:
        place = axiom["place"]
        yield _Line(depth + 2, "axiom", f"{axiom['turtle']}" + (f"  # {place}" if place else ""))
    for premise in premises:
        yield from _lines(grounds, premise, depth + 1, told)


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
        return article(text) if match[1] else text

    return VARIABLE.sub(label, proof.words)


def _parted(grounds: Grounds, proof: Proof) -> tuple[list[dict[str, Any]], list[Proof]]:
    """Return the axioms among the premises, as Turtle with their places, and the other premises."""
    axioms: dict[str, dict[str, Any]] = {}
    others = []
    for premise in proof.premises:
        triple = premise.conclusion
        if triple is None or premise.rule or not _is_axiom(grounds, triple):
            others.append(premise)
        elif not (isinstance(triple.subject, ox.BlankNode) and grounds.members(triple.subject)):
            subject = grounds.turtle(triple.subject)
            predicate, object_ = grounds.predicate(triple.predicate), grounds.turtle(triple.object)
            within = isinstance(triple.subject, ox.BlankNode) and triple.predicate != SUB_CLASS_OF
            text = f"{subject} ." if within else f"{subject} {predicate} {object_} ."
            place = grounds.place(Quad(*triple, ONTOLOGY))
            axioms.setdefault(text, {"turtle": text, "place": place})
    return list(axioms.values()), others


def _is_axiom(grounds: Grounds, triple: Triple) -> bool:
    return ox.Quad(*triple, ONTOLOGY) in grounds.store


def _text(lines: list[_Line]) -> str:
    return "".join(f"{'  ' * line.depth}{line.text}\n" for line in lines)


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
    return None if triple is None else {k: as_json(v) for k, v in triple._asdict().items()}


def _proof(grounds: Grounds, proof: Proof) -> dict[str, Any]:
    axioms, premises = _parted(grounds, proof)
    return {
        "triple": _triple(proof.conclusion),
        "steps": proof.steps,
        "rule": proof.rule or None,
        "words": _words(grounds, proof) or None,
        "axioms": [
            {"turtle": axiom["turtle"]} | (axiom["place"]._asdict() if axiom["place"] else {})
            for axiom in axioms
        ],
        "premises": [_proof(grounds, premise) for premise in premises],
        "grounds": [
            _ground(ground)
            for ground in (grounds.of(proof.conclusion) if proof.conclusion else ())
            if not proof.rule
        ],
    }


def _ground(ground: Ground) -> dict[str, Any]:
    found: dict[str, Any] = {"graph": ground.graph.value, "layer": ground.layer}
    found |= ground.place._asdict() if ground.place else {}
    if ground.quote:
        found |= {"quote": ground.quote, "section": ground.section}
        found["marks"] = [{"start": start, "end": end} for start, end in ground.marks]
    return found | {k: v for k in ("source", "origin") if (v := getattr(ground, k))}
