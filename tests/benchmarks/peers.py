"""The peers that are libraries; a job is a whole process: ``python peers.py JOB ARGUMENT...``.

A peer does the same work as the command, in the first way that its documentation shows. Each
function imports only what it needs.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sized

    import pyoxigraph
    import rdflib


def files(project: str) -> list[Path]:
    """Return the data files of a project."""
    root = Path(project)
    ontology = [path for path in root.glob("ontology/*.ttl") if path.stem != "prefixes"]
    return sorted([*ontology, *root.glob("graph/**/*.ttl"), *root.glob("graph/**/*.trig")])


def read_rdflib(project: str, store: str = "default") -> rdflib.Dataset:
    """Read the files of a project with rdflib; the default graph is the union."""
    import rdflib

    data = rdflib.Dataset(store=store, default_union=True)
    for path in files(project):
        data.parse(path, format="trig" if path.suffix == ".trig" else "turtle")
    return data


def read_oxrdflib(project: str) -> rdflib.Dataset:
    """Read the files of a project with rdflib into Oxigraph."""
    return read_rdflib(project, "Oxigraph")


def read_pyoxigraph(project: str) -> pyoxigraph.Store:
    """Read the files of a project with Oxigraph; the default graph is the merge."""
    import pyoxigraph as ox

    store = ox.Store()
    for path in files(project):
        quads = list(ox.parse(path=path))
        store.extend(quads)
        store.extend(ox.Quad(quad.subject, quad.predicate, quad.object) for quad in quads)
    return store


def load_rdflib(file: str, store: str = "default") -> rdflib.Graph:
    """Load a file of N-Triples with rdflib."""
    import rdflib

    return rdflib.Graph(store=store).parse(file, format="nt")


def load_oxrdflib(file: str) -> rdflib.Graph:
    """Load a file of N-Triples with rdflib into Oxigraph."""
    return load_rdflib(file, "Oxigraph")


def load_pyoxigraph(file: str) -> pyoxigraph.Store:
    """Load a file of N-Triples with Oxigraph."""
    import pyoxigraph as ox

    store = ox.Store()
    store.bulk_load(path=file, format=ox.RdfFormat.N_TRIPLES)
    return store


def load_kaiju(project: str) -> Any:
    """Load a project."""
    import kaiju_graph

    return kaiju_graph.load(project)


LOADS: dict[str, Callable[[str], Any]] = {
    "kaiju": load_kaiju,
    "oxrdflib": load_oxrdflib,
    "pyoxigraph": load_pyoxigraph,
    "rdflib": load_rdflib,
}
READS: dict[str, Callable[[str], Any]] = {
    "oxrdflib": read_oxrdflib,
    "pyoxigraph": read_pyoxigraph,
    "rdflib": read_rdflib,
}


def ask(engine: str, project: str, question: str) -> None:
    """Answer a question from the files of a project, as CSV."""
    answer = READS[engine](project).query(Path(question).read_text(encoding="utf-8"))
    if engine == "pyoxigraph":
        import pyoxigraph as ox

        answer.serialize(sys.stdout.buffer, ox.QueryResultsFormat.CSV)
    else:
        answer.serialize(sys.stdout.buffer, format="csv")


def parse(engine: str, project: str) -> None:
    """Parse the files of a project."""
    READS[engine](project)


def hot(engine: str, source: str, question: str) -> None:
    """Load, then time one question; print the number of rows, then the seconds.

    Another question runs first, because what an engine imports or builds for its first question
    is part of loading.
    """
    store = LOADS[engine](source)
    list(store.query("SELECT ?subject { ?subject ?predicate ?object } LIMIT 1"))
    text = Path(question).read_text(encoding="utf-8")
    start = time.perf_counter()
    rows: Iterable[object] = store.query(text)
    print(sum(1 for _ in rows))
    print(time.perf_counter() - start)


def write(engine: str, project: str, form: str) -> None:
    """Load a project, then time writing it; print the number of characters, then the seconds."""
    import kaiju_graph
    from kaiju_graph.project import sources
    from kaiju_graph.rdf import terms
    from kaiju_graph.rdf.formats import DATASETS
    from kaiju_graph.rdf.write import write as write_quads
    from kaiju_graph.store import store

    kg = kaiju_graph.load(project)
    quads = sources.select_layers(kg.quads, *store.DEFAULT_LAYERS)
    make: Callable[[], str]
    if engine == "kaiju":
        make = lambda: write_quads(quads, form, kg.project)  # noqa: E731
    else:
        names = {"ntriples": "nt", "jsonld": "json-ld", "rdfxml": "xml"}
        data: rdflib.Graph = terms.rdflib_dataset([], quads, kg.project.prefixes)
        if form not in DATASETS:
            data = terms.rdflib_graph(terms.merge(quads))
            for prefix, namespace in kg.project.prefixes.items():
                data.bind(prefix, namespace)
        make = lambda: data.serialize(format=names.get(form, form))  # noqa: E731
    start = time.perf_counter()
    print(len(make()))
    print(time.perf_counter() - start)


def infer(engine: str, file: str) -> None:
    """Load a file of N-Triples, then time OWL 2 RL; print the number of triples, then the seconds.

    The file is named as Turtle, which N-Triples also is.
    """
    conclude = REASONERS[engine](file)
    start = time.perf_counter()
    print(len(conclude()))
    print(time.perf_counter() - start)


def prepare_kaiju(file: str) -> Callable[[], Sized]:
    """Return a function that runs this project's rules on the triples of a file."""
    import pyoxigraph as ox

    from kaiju_graph.rdf.terms import Triple
    from kaiju_graph.reasoning.reasoner import derive

    parsed = ox.parse(path=file, format=ox.RdfFormat.N_TRIPLES)
    triples = [Triple(quad.subject, quad.predicate, quad.object) for quad in parsed]
    return lambda: derive(triples)


def prepare_reasonable(file: str) -> Callable[[], Sized]:
    """Return a function that runs reasonable on the triples of a file."""
    from reasonable import PyReasoner

    reasoner = PyReasoner()
    reasoner.load_file(file)
    reason: Callable[[], Sized] = reasoner.reason
    return reason


def prepare_owlrl(file: str) -> Callable[[], Sized]:
    """Return a function that runs owlrl on the triples of a file."""
    from owlrl import DeductiveClosure, OWLRL_Semantics

    graph = load_rdflib(file)

    def close() -> rdflib.Graph:
        DeductiveClosure(OWLRL_Semantics).expand(graph)
        return graph

    return close


REASONERS: dict[str, Callable[[str], Callable[[], Sized]]] = {
    "kaiju": prepare_kaiju,
    "owlrl": prepare_owlrl,
    "reasonable": prepare_reasonable,
}


def validate(_: str, shapes: str, data: str) -> None:
    """Validate a file of Turtle against a file of shapes with rudof."""
    from pyrudof import Rudof

    rudof = Rudof()
    rudof.read_data(data, merge=False)
    rudof.read_shacl(shapes)
    rudof.validate_shacl()


JOBS: dict[str, Callable[..., None]] = {
    "ask": ask,
    "hot": hot,
    "infer": infer,
    "parse": parse,
    "validate": validate,
    "write": write,
}

if __name__ == "__main__":
    JOBS[sys.argv[1]](*sys.argv[2:])
