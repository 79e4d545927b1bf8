"""The jobs: what the command is to do, at which sizes, against whom, and how fast it is to be."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from tests.benchmarks.measurement import Command
from tests.benchmarks.patterns import AGGREGATE, LOOK_UP, LOOK_UP_GRAPH, NEGATION, PATH, SCAN
from tests.benchmarks.session import BROKEN, OWN, tool

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.benchmarks.session import Session

Contestants = dict[str, "Callable[[], Command]"]
"""Name → what makes the next command; ``kaiju`` comes first."""

PYTHON = "python -c pass"
ALL = ("2k", "20k", "200k", "2M")


class Job(NamedTuple):
    """A job of the command, and who else does it."""

    name: str
    sizes: tuple[str, ...]
    contestants: Callable[[Session, str], Contestants]
    targets: dict[str, float]
    """Peer → how much of its time the command may take."""
    answer: Callable[[bytes], object] | None = None
    """What all have in common who print anything; None where they print different things."""


def lines(output: bytes) -> object:
    """Return the lines of an output, in whatever order and with whatever ends."""
    return sorted(output.splitlines())


def results(output: bytes) -> object:
    """Return the results of a report of validation: of what, by which rule, with what value."""
    import pyoxigraph as ox

    sh = "http://www.w3.org/ns/shacl#"
    kept = {sh + name for name in ("focusNode", "sourceShape", "value")}
    found: dict[str, list[str]] = {}
    for quad in ox.parse(output, format=ox.RdfFormat.TURTLE):
        if quad.predicate.value in kept and not isinstance(quad.object, ox.BlankNode):
            found.setdefault(str(quad.subject), []).append(f"{quad.predicate} {quad.object}")
    return sorted(sorted(each) for each in found.values())


def nothing(session: Session) -> Contestants:
    """Return Python itself, as it starts and ends."""
    return {PYTHON: lambda: Command([sys.executable, "-c", "pass"], session.folder)}


def new(session: Session, project: Path, pattern: str, *, fresh: bool = False) -> Contestants:
    """Return the command with a question that was never asked before."""
    return {
        "kaiju": lambda: session.kaiju(
            project, "ask", session.question(project, pattern), "-f", "csv", fresh=fresh
        )
    }


def asked_by(session: Session, project: Path, pattern: str) -> Contestants:
    """Return the peers with a question: from the same files, or from what each has loaded."""

    def question() -> Path:
        return project / "queries" / f"{session.question(project, pattern)}.rq"

    def library(engine: str) -> Callable[[], Command]:
        return lambda: session.peer("ask", engine, project, question())

    def command(*arguments: str) -> Callable[[], Command]:
        return lambda: Command([*arguments, str(question())], session.folder)

    peers = {name: library(name) for name in ("rdflib", "oxrdflib", "pyoxigraph")}
    merged = str(session.exported(project, asserted=False))
    if oxigraph := tool("oxigraph"):
        store = str(session.loaded(project))
        form = "--results-format", "csv", "--query-file"
        peers["oxigraph query"] = command(oxigraph, "query", "-l", store, *form)
    if comunica := tool("comunica-sparql-file"):
        peers["Comunica"] = command(comunica, merged, "-t", "text/csv", "-f")
    if roqet := tool("roqet"):
        peers["roqet"] = command(roqet, "-q", "-r", "csv", "-D", merged)
    return peers


def cold(session: Session, size: str) -> Contestants:
    project = session.project(size)
    peers = asked_by(session, project, LOOK_UP)
    return new(session, project, LOOK_UP) | nothing(session) | peers


def cold_graph(session: Session, size: str) -> Contestants:
    return new(session, session.project(size), LOOK_UP_GRAPH) | nothing(session)


def again(session: Session, size: str) -> Contestants:
    project = session.project(size)
    command = new(session, project, LOOK_UP)["kaiju"]()
    session.once(command)
    return {"kaiju": lambda: command} | nothing(session)


def edited(session: Session, size: str) -> Contestants:
    """Return a question after an edit, against reading the edited files alone."""
    project = session.project(size, "edited")
    file = project / "graph" / "curation.trig"
    text = file.read_text(encoding="utf-8")

    def edit() -> Command:
        command = new(session, project, LOOK_UP)["kaiju"]()
        graph = "https://w3id.org/kaiju/graph/curation-readings"
        note = "http://www.w3.org/2004/02/skos/core#note"
        said = f'<{graph}> {{ id:gamera-2 <{note}> "note for {command.arguments[-3]}"@en . }}'
        file.write_text(f"{text}\n{said}\n", encoding="utf-8")
        return command

    return {
        "kaiju": edit,
        "rdflib, parsing only": lambda: session.peer("parse", "rdflib", project),
        "pyoxigraph, parsing only": lambda: session.peer("parse", "pyoxigraph", project),
    }


def alone(pattern: str, *, fresh: bool = False) -> Callable[[Session, str], Contestants]:
    """Return a job of the command alone: a question of this pattern."""
    return lambda session, size: new(session, session.project(size), pattern, fresh=fresh)


def export(form: str) -> Callable[[Session, str], Contestants]:
    """Return the job of writing a project in a format."""

    def contestants(session: Session, size: str) -> Contestants:
        project = session.project(size)
        return {"kaiju": lambda: session.kaiju(project, "export", "-f", form)}

    return contestants


def write(form: str) -> Callable[[Session, str], Contestants]:
    """Return the job of writing what is loaded in a format."""

    def contestants(session: Session, size: str) -> Contestants:
        project = session.project(size)

        def engine(name: str) -> Callable[[], Command]:
            def command() -> Command:
                made = session.peer("write", name, project, Path(form))
                environment = session.kaiju(project).environment
                return made._replace(inside=True, environment=environment)

            return command

        return {name: engine(name) for name in ("kaiju", "rdflib")}

    return contestants


def rules(session: Session, size: str) -> Contestants:
    """Return the job of inferring with everything loaded."""
    asserted = session.exported(session.project(size), asserted=True)
    # Beyond 20k it is known to take longer than anyone waits.
    engines = ("kaiju", "reasonable", *(("owlrl",) if size in ALL[:2] else ()))

    def engine(name: str) -> Callable[[], Command]:
        return lambda: session.peer("infer", name, asserted)._replace(inside=True)

    return {name: engine(name) for name in engines}


def infer(session: Session, size: str) -> Contestants:
    """Return the job of inferring from the files, as a process of its own."""
    project = session.project(size)
    asserted = session.exported(project, asserted=True)
    return {
        "kaiju": lambda: session.kaiju(project, "infer", "-f", "ntriples", fresh=True),
        "owlrl": lambda: session.peer("infer", "owlrl", asserted),
    }


def hot(pattern: str) -> Callable[[Session, str], Contestants]:
    """Return the job of answering a question with everything loaded."""

    def contestants(session: Session, size: str) -> Contestants:
        project = session.project(size)
        merged = session.exported(project, asserted=False)

        def engine(name: str) -> Callable[[], Command]:
            def command() -> Command:
                asked = project / "queries" / f"{session.question(project, pattern)}.rq"
                source = project if name == "kaiju" else merged
                made = session.peer("hot", name, source, asked)
                environment = session.kaiju(project).environment
                return made._replace(inside=True, environment=environment)

            return command

        return {name: engine(name) for name in ("kaiju", "rdflib", "oxrdflib", "pyoxigraph")}

    return contestants


def validate(*, fresh: bool = True, broken: bool = False) -> Callable[[Session, str], Contestants]:
    """Return the job of holding a project against its shapes."""

    def contestants(session: Session, size: str) -> Contestants:
        project = session.project(size, BROKEN if broken else "")
        shapes, data = session.shapes(project), session.exported(project, asserted=True)
        stock = [sys.executable, "-m", "pyshacl", "-s", str(shapes), "-f", "turtle", str(data)]

        def kaiju() -> Command:
            return session.kaiju(project, "validate", "-f", "turtle", fresh=fresh, code=broken)

        if not fresh:
            session.once(kaiju())
        return {
            "kaiju": kaiju,
            "pyshacl": lambda: Command(stock, session.folder, code=broken),
            "pyrudof": lambda: session.peer("validate", "pyrudof", shapes, data),
        }

    return contestants


def usage(session: Session, size: str) -> Contestants:
    project = session.project(size)
    return {"kaiju": lambda: session.kaiju(project, "--help")} | nothing(session)


WRITERS = {
    "turtle": 0.15,
    "trig": 0.15,
    "jsonld": 0.4,
    "ntriples": 0.6,
    "nquads": 0.6,
    "rdfxml": 0.6,
}
"""Format → how much of the time of rdflib's writer the command's may take."""
JOBS = (
    Job(
        "cold ask",
        (OWN,),
        cold,
        {PYTHON: 3.5, "rdflib": 0.06, "oxigraph query": 2.0},
        lines,
    ),
    Job("cold ask with GRAPH", (OWN,), cold_graph, {PYTHON: 4.5}),
    Job("the same question again", (OWN,), again, {PYTHON: 2.4}),
    Job("first ask after an edit", (OWN,), edited, {"rdflib, parsing only": 1.0}),
    Job("--help", (OWN,), usage, {PYTHON: 3.0}),
    Job("look-up", ALL, alone(LOOK_UP), {}),
    Job("scan", ALL, alone(SCAN), {}),
    Job("build", ALL, alone(LOOK_UP, fresh=True), {}),
    Job("export -f turtle", ALL, export("turtle"), {}),
    Job("export -f nquads", ALL, export("nquads"), {}),
    *(
        Job(f"write {form}", ALL[1:3], write(form), {"rdflib": target})
        for form, target in WRITERS.items()
    ),
    Job("aggregate", ALL[1:3], hot(AGGREGATE), {"rdflib": 0.1}, lines),
    Job("path", ALL[1:3], hot(PATH), {"rdflib": 0.1}, lines),
    Job("negation", ALL[1:3], hot(NEGATION), {"rdflib": 0.1}, lines),
    Job("rules", ALL, rules, {"owlrl": 0.02}),
    Job("infer", ALL[:2], infer, {"owlrl": 0.02}),
    Job("validate", (OWN,), validate(), {"pyshacl": 1.1}, results),
    Job("validate again", (OWN,), validate(fresh=False), {"pyshacl": 0.1}, results),
    Job("validate with faults", ALL[1:2], validate(broken=True), {"pyshacl": 0.5}, results),
)
EXPONENTS = {
    "build": 1.15,
    "export -f turtle": 1.15,
    "export -f nquads": 1.15,
    "scan": 1.15,
    "rules": 1.25,
    "look-up": 0.05,
}
"""Job → how steep its time may grow with the size; memory may grow by ``MEMORY``."""
MEMORY = 1.05
LOOK_UP_GROWTH = 1.3
"""How much longer a look-up may take at the largest size than at the smallest."""
