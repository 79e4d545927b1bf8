"""The peers that are libraries, each job a whole process: ``python peers.py JOB ARGUMENT...``.

A peer does what the command does, in the way its documentation shows first. What stands alone
here imports nothing that it does not need.
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
    """Parse the files of a project, and no more."""
    READS[engine](project)


def hot(engine: str, source: str, question: str) -> None:
    """Load, and then time a question alone: how many rows, and how many seconds.

    One question goes before, the same for all: what an engine imports or builds at the first is
    part of loading.
    """
    store = LOADS[engine](source)
    list(store.query("SELECT ?subject { ?subject ?predicate ?object } LIMIT 1"))
    text = Path(question).read_text(encoding="utf-8")
    start = time.perf_counter()
    rows: Iterable[object] = store.query(text)
    print(sum(1 for _ in rows))
    print(time.perf_counter() - start)


def write(engine: str, project: str, form: str) -> None:
    """Load a project, and time writing it in a format: how many characters, how many seconds."""
    import kaiju_graph
    from kaiju_graph.project import sources
    from kaiju_graph.rdf import terms
    from kaiju_graph.rdf import write as exporting
    from kaiju_graph.rdf.formats import DATASETS
    from kaiju_graph.store import store

    kg = kaiju_graph.load(project)
    quads = sources.select_layers(kg.quads, *store.DEFAULT_LAYERS)
    make: Callable[[], str]
    if engine == "kaiju":
        make = lambda: exporting.write(quads, form, kg.project)  # noqa: E731
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
    """Load a file of N-Triples, named as the Turtle that it is, too, and time what OWL 2 RL adds.

    How many triples there are of it is printed, then how many seconds.
    """
    conclude = REASONERS[engine](file)
    start = time.perf_counter()
    print(len(conclude()))
    print(time.perf_counter() - start)


def by_kaiju(file: str) -> Callable[[], Sized]:
    """Return the rules with their triples."""
    import pyoxigraph as ox

    from kaiju_graph.rdf.terms import Triple
    from kaiju_graph.reasoning.reasoner import derive

    parsed = ox.parse(path=file, format=ox.RdfFormat.N_TRIPLES)
    triples = [Triple(quad.subject, quad.predicate, quad.object) for quad in parsed]
    return lambda: derive(triples)


def by_reasonable(file: str) -> Callable[[], Sized]:
    """Return reasonable with its graph."""
    from reasonable import PyReasoner

    reasoner = PyReasoner()
    reasoner.load_file(file)
    reason: Callable[[], Sized] = reasoner.reason
    return reason


def by_owlrl(file: str) -> Callable[[], Sized]:
    """Return owlrl with its graph."""
    from owlrl import DeductiveClosure, OWLRL_Semantics

    graph = load_rdflib(file)

    def close() -> rdflib.Graph:
        DeductiveClosure(OWLRL_Semantics).expand(graph)
        return graph

    return close


REASONERS: dict[str, Callable[[str], Callable[[], Sized]]] = {
    "kaiju": by_kaiju,
    "owlrl": by_owlrl,
    "reasonable": by_reasonable,
}


def validate(_: str, shapes: str, data: str) -> None:
    """Hold a file of Turtle against one of shapes with rudof."""
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
