"""Find the places and the graphs of the statements in a contradiction."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyoxigraph as ox

from kaiju_graph.errors import AxiomError, InconsistencyError
from kaiju_graph.project import sources as reading
from kaiju_graph.project.sources import Finding, select_layers
from kaiju_graph.rdf import terms
from kaiju_graph.reasoning.reasoner import is_ground, triple_text

if TYPE_CHECKING:
    from kaiju_graph.project.layout import Project
    from kaiju_graph.project.sources import Sources
    from kaiju_graph.rdf.terms import Quad, Triple

__all__ = ["contradiction", "locate", "locate_axiom"]

AXIOMS = {ox.NamedNode(terms.OWL + name) for name in ("inverseOf", "propertyChainAxiom")}
"""The predicates of the axioms that may be unsupported."""


def contradiction(error: InconsistencyError, sources: Sources) -> Finding:
    """Return a contradiction as a finding: each premise with the graphs that state it.

    Its place is that of a quad, if possible not of the ontology: one that states a premise, else
    one with the subject of a premise other than an axiom as its subject, else as its object.
    """
    graphs_of: dict[Triple, list[str]] = {premise: [] for premise in error.premises}
    axioms = {quad.triple for quad in select_layers(sources.quads, "ontology")}
    subjects = {premise.subject for premise in graphs_of if premise not in axioms}
    places: list[tuple[bool, int, str, Quad]] = []
    for name, file in sources.files.items():
        for quad in file.quads:
            fits = (quad.triple in graphs_of, quad.subject in subjects, quad.object in subjects)
            if any(fits):
                places.append((file.layer == "ontology", fits.index(True), name, quad))
            if fits[0]:
                graphs_of[quad.triple].append(str(quad.graph))
    premises = "; ".join(
        f"{triple_text(premise)} [{', '.join(graphs) or 'inferred'}]"
        for premise, graphs in graphs_of.items()
        if is_ground(premise)
    )
    message = f"found a contradiction: {premises}; expected statements that can be true together"
    unknown = (True, 0, "graph/entities.ttl", None)
    *_, name, at = min(places, key=lambda place: place[:2], default=unknown)
    return Finding(error.rule, message, name, at)


def locate_axiom(error: AxiomError, project: Project, sources: Sources | None = None) -> AxiomError:
    """Return an error whose message begins with the place of the axiom.

    This is the first statement of a file of ontology that an axiom can have of the property.

    Args:
        error: the error.
        project: the project.
        sources: what was read of it; None reads it.
    """
    from kaiju_graph.project.locator import Locator

    sources = sources or reading.read(project)
    statements = [
        (name, quad)
        for name, file in sources.files.items()
        if file.layer == "ontology"
        for quad in file.quads
    ]
    about = [one for one in statements if error.term in one[1][:3]]
    if not about:
        return error
    name, quad = min(about, key=lambda one: one[1].predicate not in AXIOMS)
    users = {quad.object: (name, quad) for name, quad in statements}
    while isinstance(quad.subject, ox.BlankNode) and quad.subject in users:
        name, quad = users.pop(quad.subject)
    is_named = quad.subject == error.term and not isinstance(quad.object, ox.BlankNode)
    part = "subject" if is_named else "object"
    term = project.prefixes.shorten_all(str(error.term))
    located = AxiomError(error.reason, error.term)
    located.args = (f"{Locator(project, sources).place(name, quad, part)}: {term}: {error.reason}",)
    return located


def locate(error: InconsistencyError, project: Project) -> InconsistencyError:
    """Return an error whose message begins with the place of the contradiction."""
    from kaiju_graph.project.locator import Locator

    sources = reading.read(project)
    finding = contradiction(error, sources)
    place = Locator(project, sources).place(finding.file, finding.quad)
    message = f"{place}: {project.prefixes.shorten_all(finding.message)} ({finding.rule})"
    return InconsistencyError(message, error.rule, error.premises, error.rounds)
