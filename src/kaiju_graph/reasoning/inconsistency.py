"""Stage 5, after reasoning: a contradiction → a finding that says who says so, and where."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kaiju_graph.errors import InconsistencyError
from kaiju_graph.project import sources as reading
from kaiju_graph.project.sources import Finding, select
from kaiju_graph.reasoning.reasoner import is_ground, triple_text

if TYPE_CHECKING:
    from kaiju_graph.project.layout import Project
    from kaiju_graph.project.sources import Sources
    from kaiju_graph.rdf.terms import Quad, Triple

__all__ = ["contradiction", "locate"]


def contradiction(error: InconsistencyError, sources: Sources) -> Finding:
    """Return a contradiction as a finding of its rule; each premise tells the graphs that say it.

    It stands where some file, best one of data, says one of the premises, or speaks of the subject
    of one that is no axiom: as its subject, or else as its object.
    """
    graphs_of: dict[Triple, list[str]] = {premise: [] for premise in error.premises}
    axioms = {quad.triple for quad in select(sources.quads, "ontology")}
    subjects = {premise.subject for premise in graphs_of if premise not in axioms}
    places: list[tuple[bool, int, str, Quad]] = []
    for name, file in sources.files.items():
        for quad in file.quads:
            found = (quad.triple in graphs_of, quad.subject in subjects, quad.object in subjects)
            if any(found):
                places.append((file.layer == "ontology", found.index(True), name, quad))
            if found[0]:
                graphs_of[quad.triple].append(str(quad.graph))
    premises = "; ".join(
        f"{triple_text(premise)} [{', '.join(graphs) or 'inferred'}]"
        for premise, graphs in graphs_of.items()
        if is_ground(premise)
    )
    message = f"found a contradiction: {premises}; expected what can be true at once"
    nowhere = (True, 0, "graph/entities.ttl", None)
    *_, name, at = min(places, key=lambda place: place[:2], default=nowhere)
    return Finding(error.rule, message, name, at)


def locate(error: InconsistencyError, project: Project) -> InconsistencyError:
    """Return an error that says where the statements stand that contradict each other."""
    from kaiju_graph.project.positions import Locator

    read = reading.read(project)
    found = contradiction(error, read)
    place = Locator(project, read).place(found.file, found.quad)
    message = f"{place}: {project.prefixes.shorten_all(found.message)} ({found.rule})"
    return InconsistencyError(message, error.rule, error.premises, error.rounds)
