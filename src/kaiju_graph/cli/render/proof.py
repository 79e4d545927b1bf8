"""Proofs, or the triples nearest to one without a proof, as text, data or a picture."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple

from kaiju_graph.cli.render.text import json_text, mark, wrap
from kaiju_graph.evidence import prov
from kaiju_graph.evidence.proof_words import axioms, is_axiom, rule_words, sentence
from kaiju_graph.pictures.formats import FORMATS
from kaiju_graph.pictures.picture import web_address
from kaiju_graph.rdf.terms import Triple, term_json
from kaiju_graph.reasoning.proof import walk
from kaiju_graph.sparql import markdown

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kaiju_graph.evidence.grounds import Ground, Grounds
    from kaiju_graph.reasoning.proof import Explanation, Nearest, Proof

__all__ = ["render_proof"]


class _Line(NamedTuple):
    """A line of a proof, of one of the kinds triple, ground, quote, rule and axiom."""

    depth: int
    kind: str
    text: str


def render_proof(grounds: Grounds, explanation: Explanation, form: str, width: int = 0) -> str:
    """Return an explanation as text, Markdown, JSON, Turtle (PROV-O) or a picture.

    Args:
        grounds: finds the words and sources of asserted triples.
        explanation: the proofs, or the nearest triples.
        form: ``text``, ``markdown``, ``json``, ``turtle`` or a format of pictures.
        width: columns of the terminal; 0 where there is none.
    """
    if form in FORMATS:
        from kaiju_graph.pictures.proof import draw_explanation
        from kaiju_graph.pictures.write import write as write_picture

        return write_picture(draw_explanation(grounds, explanation, web_address), form)
    if form == "turtle":
        return prov.write(grounds, explanation)
    if form == "json":
        return json_text(_explanation_json(grounds, explanation))
    write = _markdown if form == "markdown" else partial(_text, width=width)
    if explanation.nearest is not None and explanation.triple is not None:
        return write(list(_nearest(grounds, explanation.triple, explanation.nearest)))
    texts = [write(list(_lines(grounds, proof))) for proof in explanation.proofs]
    if len(texts) == 1:
        return texts[0]
    return "\n".join(f"{number} of {len(texts)}:\n\n{text}" for number, text in enumerate(texts, 1))


def _lines(grounds: Grounds, proof: Proof) -> Iterator[_Line]:
    """Yield the lines of a proof."""
    for depth, step, place in walk(proof):
        if depth and is_axiom(grounds, step):
            continue  # shown with the step that uses it
        where = "" if place == "here" else f" (as {place})"
        yield _Line(depth, "triple", f"{sentence(grounds, step.conclusion)}{where}")
        for ground in _grounds(grounds, step):
            yield _Line(depth + 1, "ground", _origin(grounds, ground))
            if ground.quote:
                yield _Line(depth + 2, "quote", mark(ground.quote, ground.marks))
        if step.rule and not where:
            yield _Line(depth + 1, "rule", f"by {step.rule}: {rule_words(grounds, step)}")
            for text, quad in axioms(grounds, step).items():
                at = grounds.locate(quad)
                comment = f"  # {at}" if at else ""
                yield _Line(depth + 2, "axiom", f"{text}{comment}")


def _origin(grounds: Grounds, ground: Ground) -> str:
    """Return in one line which graph states a triple, where it comes from, and its place."""
    graph = grounds.project.prefixes.shorten(ground.graph.value)
    name = f"stated in {graph}" if ground.quote else ground.layer
    if ground.layer == "curated":
        name += f" in {graph}"
    if ground.section:
        name += f", under “{ground.section}”"
    if ground.source or ground.origin:
        name += f", from {ground.source or ground.origin}"
    return f"{name}: {ground.place or 'computed from the article'}"


def _nearest(grounds: Grounds, triple: Triple, nearest: Nearest) -> Iterator[_Line]:
    """Yield the lines for a triple without a proof: the triples that share terms with it."""
    yield _Line(0, "triple", f"{sentence(grounds, triple)}: neither stated nor inferred")
    kinds = ("with this subject and predicate", "of this pair", "of this pair, reversed")
    for kind, triples in zip(kinds, nearest, strict=True):
        if triples:
            yield _Line(1, "rule", f"known triples {kind}:")
        for other in triples:
            yield _Line(2, "triple", sentence(grounds, other))


def _grounds(grounds: Grounds, proof: Proof) -> list[Ground]:
    return [] if proof.rule or proof.conclusion is None else grounds.find(proof.conclusion)


def _text(lines: list[_Line], width: int) -> str:
    pads = [(line.text, "  " * line.depth) for line in lines]
    return "".join(wrap(text, width, pad, f"{pad}    ") for text, pad in pads)


def _markdown(lines: list[_Line]) -> str:
    """Return nested lists: triples in bold, axioms as code."""

    def inline(line: _Line) -> str:
        if line.kind == "axiom":
            return markdown.code(line.text)
        text = markdown.escape(line.text)
        return {"triple": f"**{text}**", "quote": f"> {text}"}.get(line.kind, text)

    return "".join(f"{'  ' * line.depth}- {inline(line)}\n" for line in lines)


def _explanation_json(grounds: Grounds, explanation: Explanation) -> dict[str, Any]:
    nearest = explanation.nearest._asdict() if explanation.nearest else {}
    return {
        "triple": _triple_json(explanation.triple),
        "entailed": bool(explanation.proofs),
        "proofs": [_proof_json(grounds, proof) for proof in explanation.proofs],
        "nearest": {name: list(map(_triple_json, triples)) for name, triples in nearest.items()},
    }


def _triple_json(triple: Triple | None) -> dict[str, Any] | None:
    return None if triple is None else {k: term_json(v) for k, v in triple._asdict().items()}


def _proof_json(grounds: Grounds, proof: Proof) -> dict[str, Any]:
    """Return a proof with nested premises; proofs that nest too deeply are its lemmas."""
    roots: list[dict[str, Any]] = []
    above: list[dict[str, Any]] = []
    for depth, step, place in walk(proof):
        if depth and is_axiom(grounds, step):
            continue
        node = _step_json(grounds, step, place)
        (above[depth - 1]["premises"] if depth else roots).append(node)
        above[depth:] = [node]
    return roots[0] | {"lemmas": roots[1:]}


def _step_json(grounds: Grounds, proof: Proof, place: str) -> dict[str, Any]:
    of_step = axioms(grounds, proof) if place == "here" else {}
    places = {text: grounds.locate(quad) for text, quad in of_step.items()}
    return {
        "triple": _triple_json(proof.conclusion),
        "steps": proof.steps,
        "rule": proof.rule or None,
        "words": rule_words(grounds, proof) or None,
        "proved": place,
        "axioms": [{"turtle": text} | (at._asdict() if at else {}) for text, at in places.items()],
        "premises": [],
        "grounds": [_ground_json(ground) for ground in _grounds(grounds, proof)],
    }


def _ground_json(ground: Ground) -> dict[str, Any]:
    value: dict[str, Any] = {"graph": ground.graph.value, "layer": ground.layer}
    value |= ground.place._asdict() if ground.place else {}
    if ground.quote:
        value |= {"quote": ground.quote, "section": ground.section}
        value["marks"] = [{"start": start, "end": end} for start, end in ground.marks]
    return value | {k: text for k in ("source", "origin") if (text := getattr(ground, k))}
