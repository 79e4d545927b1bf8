"""Where the statements of a contradiction stand, and which graphs have them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kaiju_graph.errors import InconsistencyError
from kaiju_graph.project import sources as reading
from kaiju_graph.project.sources import Finding, select_layers
from kaiju_graph.reasoning.reasoner import is_ground, triple_text

if TYPE_CHECKING:
    from kaiju_graph.project.layout import Project
    from kaiju_graph.project.sources import Sources
    from kaiju_graph.rdf.terms import Quad, Triple

__all__ = ["contradiction", "locate"]


def contradiction(error: InconsistencyError, sources: Sources) -> Finding:
    """Return a contradiction as a finding: each premise with the graphs that state it.

    Its place is that of a quad, best one of data, that states a premise, or else has the subject
    of a premise that is no axiom as its subject or object.
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


def locate(error: InconsistencyError, project: Project) -> InconsistencyError:
    """Return an error whose message begins with the place of the contradiction."""
    from kaiju_graph.project.positions import Locator

    sources = reading.read(project)
    finding = contradiction(error, sources)
    place = Locator(project, sources).place(finding.file, finding.quad)
    message = f"{place}: {project.prefixes.shorten_all(finding.message)} ({finding.rule})"
    return InconsistencyError(message, error.rule, error.premises, error.rounds)
