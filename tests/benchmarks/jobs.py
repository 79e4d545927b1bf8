"""The jobs: what to run, at which sizes, against which peers, and the targets."""

from __future__ import annotations

import re
import sys
from itertools import count, cycle
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from tests.benchmarks.measurement import Command
from tests.benchmarks.patterns import AGGREGATE, LOOK_UP, LOOK_UP_GRAPH, NEGATION, PATH, SCAN
from tests.benchmarks.session import BROKEN, OWN, tool

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.benchmarks.session import Session

Contestants = dict[str, "Callable[[], Command]"]
"""Name → function that prepares the next command; ``kaiju`` comes first."""

PYTHON = "python -c pass"
TIMES = {"one second": 1, "five seconds": 5}
"""The peers of jobs whose target is a time, programs that print it → the seconds."""
ALL = ("2k", "20k", "200k", "2M")


class Job(NamedTuple):
    """A job for the command and its peers."""

    name: str
    sizes: tuple[str, ...]
    contestants: Callable[[Session, str], Contestants]
    targets: dict[str, float]
    """Peer → the largest allowed ratio of the command's time to the peer's."""
    answer: Callable[[bytes], object] | None = None
    """Normalizes outputs so that they can be compared; None if they are not comparable."""


def lines(output: bytes) -> object:
    """Return the sorted lines of an output, without line ends."""
    return sorted(output.splitlines())


def results(output: bytes) -> object:
    """Return the focus node, shape and value of each result of a validation report."""
    import pyoxigraph as ox

    sh = "http://www.w3.org/ns/shacl#"
    kept = {sh + name for name in ("focusNode", "sourceShape", "value")}
    nodes: dict[str, list[str]] = {}
    for quad in ox.parse(output, format=ox.RdfFormat.TURTLE):
        if quad.predicate.value in kept and not isinstance(quad.object, ox.BlankNode):
            nodes.setdefault(str(quad.subject), []).append(f"{quad.predicate} {quad.object}")
    return sorted(sorted(node) for node in nodes.values())


def python(session: Session) -> Contestants:
    """Return Python itself: start and exit."""
    return {PYTHON: lambda: Command([sys.executable, "-c", "pass"], session.folder)}


def allow(session: Session, time: str) -> Contestants:
    """Return a program that prints a time."""
    arguments = [sys.executable, "-c", f"print({TIMES[time]})"]
    return {time: lambda: Command(arguments, session.folder, inside=True)}


def ask(session: Session, project: Path, pattern: str, *, fresh: bool = False) -> Contestants:
    """Return the command with a new question each time."""
    return {
        "kaiju": lambda: session.kaiju(
            project, "ask", session.question(project, pattern), "-f", "csv", fresh=fresh
        )
    }


def peers_for(session: Session, project: Path, pattern: str) -> Contestants:
    """Return the peers with a question: on the same files, or on a store that each has loaded."""

    def question() -> Path:
        return project / "queries" / f"{session.question(project, pattern)}.rq"

    def library(engine: str) -> Callable[[], Command]:
        return lambda: session.peer("ask", engine, project, question())

    def command(*arguments: str) -> Callable[[], Command]:
        return lambda: Command([*arguments, str(question())], session.folder)

    peers = {name: library(name) for name in ("rdflib", "oxrdflib", "pyoxigraph")}
    merged = str(session.export(project, asserted=False))
    if oxigraph := tool("oxigraph"):
        store = str(session.load(project))
        form = "--results-format", "csv", "--query-file"
        peers["oxigraph query"] = command(oxigraph, "query", "-l", store, *form)
    if comunica := tool("comunica-sparql-file"):
        peers["Comunica"] = command(comunica, merged, "-t", "text/csv", "-f")
    if roqet := tool("roqet"):
        peers["roqet"] = command(roqet, "-q", "-r", "csv", "-D", merged)
    return peers


def ask_cold(session: Session, size: str) -> Contestants:
    project = session.project(size)
    peers = peers_for(session, project, LOOK_UP)
    return ask(session, project, LOOK_UP) | python(session) | peers


def query_data(session: Session, size: str) -> Contestants:
    """Return a query of a bare file, against Oxigraph's command, which loads the file first."""
    file = session.export(session.project(size), asserted=False)
    text = DATA_QUERY
    contestants = {
        "kaiju": lambda: session.kaiju(session.folder, "query", "--data", str(file), text)
    } | python(session)
    if oxigraph := tool("oxigraph"):
        store = session.folder / "bare-store"
        load = f"rm -rf {store} && {oxigraph} load -l {store} -f {file} 2>/dev/null"
        ask = f"{oxigraph} query -l {store} --results-format csv -q '{text}'"
        contestants["oxigraph load and query"] = lambda: Command(
            ["sh", "-c", f"{load} && {ask}"], session.folder
        )
    return contestants


def ask_cold_with_graph(session: Session, size: str) -> Contestants:
    return ask(session, session.project(size), LOOK_UP_GRAPH) | python(session)


def ask_again(session: Session, size: str) -> Contestants:
    project = session.project(size)
    command = ask(session, project, LOOK_UP)["kaiju"]()
    session.prepare(command)
    return {"kaiju": lambda: command} | python(session)


def ask_after_edit(session: Session, size: str) -> Contestants:
    """Return a question after an edit, against peers that only parse the edited files."""
    project = session.project(size, "edited")
    file = project / "graph" / "curation.trig"
    text = file.read_text(encoding="utf-8")

    def edit() -> Command:
        command = ask(session, project, LOOK_UP)["kaiju"]()
        graph = "https://w3id.org/kaiju/graph/curation-readings"
        note = "http://www.w3.org/2004/02/skos/core#note"
        statement = f'<{graph}> {{ id:gamera-2 <{note}> "note for {command.arguments[-3]}"@en . }}'
        file.write_text(f"{text}\n{statement}\n", encoding="utf-8")
        return command

    return {
        "kaiju": edit,
        "rdflib, parsing only": lambda: session.peer("parse", "rdflib", project),
        "pyoxigraph, parsing only": lambda: session.peer("parse", "pyoxigraph", project),
    }


def ask_without_peers(
    pattern: str, *, fresh: bool = False
) -> Callable[[Session, str], Contestants]:
    """Return a job without peers: a question of this pattern."""
    return lambda session, size: ask(session, session.project(size), pattern, fresh=fresh)


def export(form: str) -> Callable[[Session, str], Contestants]:
    """Return the job of writing a project in a format."""

    def contestants(session: Session, size: str) -> Contestants:
        project = session.project(size)
        return {"kaiju": lambda: session.kaiju(project, "export", "-f", form)}

    return contestants


def write(form: str) -> Callable[[Session, str], Contestants]:
    """Return the job of writing a loaded project in a format."""

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
    """Return the job of inferring from loaded triples."""
    asserted = session.export(session.project(size), asserted=True)
    # Beyond 20k quads owlrl takes too long.
    engines = ("kaiju", "reasonable", *(("owlrl",) if size in ALL[:2] else ()))

    def engine(name: str) -> Callable[[], Command]:
        return lambda: session.peer("infer", name, asserted)._replace(inside=True)

    return {name: engine(name) for name in engines}


def infer(session: Session, size: str) -> Contestants:
    """Return the job of inferring from the files in a whole process."""
    project = session.project(size)
    asserted = session.export(project, asserted=True)
    return {
        "kaiju": lambda: session.kaiju(project, "infer", "-f", "ntriples", fresh=True),
        "owlrl": lambda: session.peer("infer", "owlrl", asserted),
    }


def ask_hot(pattern: str) -> Callable[[Session, str], Contestants]:
    """Return the job of answering a question from a loaded graph."""

    def contestants(session: Session, size: str) -> Contestants:
        project = session.project(size)
        merged = session.export(project, asserted=False)

        def engine(name: str) -> Callable[[], Command]:
            def command() -> Command:
                question = project / "queries" / f"{session.question(project, pattern)}.rq"
                source = project if name == "kaiju" else merged
                peer = session.peer("hot", name, source, question)
                environment = session.kaiju(project).environment
                return peer._replace(inside=True, environment=environment)

            return command

        return {name: engine(name) for name in ("kaiju", "rdflib", "oxrdflib", "pyoxigraph")}

    return contestants


def validate(*, fresh: bool = True, broken: bool = False) -> Callable[[Session, str], Contestants]:
    """Return the job of validating a project."""

    def contestants(session: Session, size: str) -> Contestants:
        project = session.project(size, BROKEN if broken else "")
        shapes, data = session.shapes(project), session.export(project, asserted=True)
        stock = [sys.executable, "-m", "pyshacl", "-s", str(shapes), "-f", "turtle", str(data)]

        def kaiju() -> Command:
            return session.kaiju(project, "validate", "-f", "turtle", fresh=fresh, code=broken)

        if not fresh:
            session.prepare(kaiju())
        return {
            "kaiju": kaiju,
            "pyshacl": lambda: Command(stock, session.folder, code=broken),
            "pyrudof": lambda: session.peer("validate", "pyrudof", shapes, data),
        }

    return contestants


def validate_after_edit(session: Session, size: str) -> Contestants:
    """Return the validation of a project after an edit, each time of the next kind of file."""
    project = session.project(size, "edited")
    session.prepare(session.kaiju(project, "validate"))
    numbers = count(1)
    edits = cycle(EDITS)

    def edit() -> Command:
        pattern, old, new = next(edits)
        file = next(
            path
            for path in sorted(project.glob(pattern))
            if re.search(old, path.read_text(encoding="utf-8"))
        )
        text = file.read_text(encoding="utf-8")
        file.write_text(re.sub(old, new.format(next(numbers)), text, count=1), encoding="utf-8")
        return session.kaiju(project, "validate")

    return {
        "kaiju": edit,
        "from nothing": lambda: session.kaiju(project, "validate", fresh=True),
    }


def site(*, fresh: bool) -> Callable[[Session, str], Contestants]:
    """Return the job of writing the pages of a project, without or with its answers in a cache."""

    def contestants(session: Session, size: str) -> Contestants:
        project, pages = session.project(size, "site"), str(session.folder / "pages")
        if not fresh:
            session.prepare(session.kaiju(project, "site", pages))
        site = {"kaiju": lambda: session.kaiju(project, "site", pages, fresh=fresh)}
        return site | allow(session, "five seconds")

    return contestants


def show_help(session: Session, size: str) -> Contestants:
    project = session.project(size)
    return {"kaiju": lambda: session.kaiju(project, "--help")} | python(session)


def requests(name: str, base: str = "") -> Callable[[Session, str], Contestants]:
    """Return a job of requests to ``kaiju serve``, against Oxigraph's server or another job."""

    def contestants(session: Session, size: str) -> Contestants:
        project = session.project(size)

        def command(job: str, server: Command) -> Callable[[], Command]:
            arguments = [sys.executable, str(SERVING), job, *server.arguments]
            return lambda: server._replace(arguments=arguments, inside=True)

        kaiju = session.kaiju(project, "serve", "--port", "PORT")
        found: Contestants = {"kaiju": command(name, kaiju)}
        if base:
            found["nobody else"] = command(base, kaiju)
        elif oxigraph := tool("oxigraph"):
            place = ("--location", str(session.load(project)), "--bind", "127.0.0.1:PORT")
            serve = Command([oxigraph, "serve-read-only", *place], session.folder)
            found["oxigraph serve"] = command(name, serve)
        return found

    return contestants


def from_endpoint(
    session: Session, project: Path, server: list[str], jobs: dict[str, str]
) -> Contestants:
    """Return contestants, each by its job of ``serving.py`` at a server of another engine."""
    environment = session.kaiju(project).environment

    def command(job: str) -> Callable[[], Command]:
        arguments = [sys.executable, str(SERVING), job, *server]
        return lambda: Command(arguments, project, environment, inside=True)

    return {name: command(job) for name, job in jobs.items()}


def query_endpoint(session: Session, size: str) -> Contestants:
    """Return a query at an endpoint, against httpx alone: processor time beyond Python's."""
    project = session.project(size)
    place = ("--location", str(session.load(project)), "--bind", "127.0.0.1:PORT")
    server = [tool("oxigraph") or "", "serve-read-only", *place]
    return from_endpoint(session, project, server, {"kaiju": "kaiju", "httpx": "httpx"})


def push(session: Session, size: str) -> Contestants:
    """Return a push into an empty store, against one request with the same statements."""
    project = session.statements(session.project(size)).parent
    server = [tool("oxigraph") or "", "serve", "--bind", "127.0.0.1:PORT"]
    return from_endpoint(session, project, server, {"kaiju": "push", "oxigraph load": "load"})


def paint(session: Session, size: str) -> Contestants:
    """Return the first paint of the page of an article, against one second."""
    project = session.project(size)
    site = project.with_name(f"{project.name}-site")
    session.prepare(session.kaiju(project, "site", str(site)))
    page = str(min((site / "article").glob("*.html")))
    arguments = [sys.executable, str(PAINTING), page]
    painting = {"kaiju": lambda: Command(arguments, session.folder, inside=True)}
    return painting | allow(session, "one second")


SERVING = Path(__file__).with_name("serving.py")
PAINTING = Path(__file__).with_name("painting.py")
DATA_QUERY = "SELECT (COUNT(?s) AS ?n) { ?s a <https://w3id.org/kaiju/film#Film> }"
"""The query of a bare file."""
EDITS = (
    ("graph/*/*.trig", r'(rdfs:label "[^"]*)"', r'\g<1> {}"'),
    ("ontology/film.ttl", r'(skos:definition "[^"]*)\."', r'\g<1> {}."'),
    ("ontology/shapes/film.ttl", r'(sh:message "[^"]*)\."', r'\g<1> {}."'),
    ("queries/*.rq", r"\Z", "# {}\n"),
    ("graph/*/article.txt", r"(?m)^(== *[^=\n]*[^=\s]) *==$", r"\g<1> {} =="),
)
"""Files, what an edit finds in the first that has it, and its replacement with a number."""
WRITERS = {
    "turtle": 0.15,
    "trig": 0.15,
    "jsonld": 0.4,
    "ntriples": 0.6,
    "nquads": 0.6,
    "rdfxml": 0.6,
}
"""Format → the largest allowed ratio of the command's time to that of rdflib's writer."""
JOBS = (
    Job(
        "cold ask",
        (OWN,),
        ask_cold,
        {PYTHON: 2.6, "rdflib": 0.06, "oxigraph query": 2.0},
        lines,
    ),
    Job("query --data", (OWN, "20k"), query_data, {"oxigraph load and query": 1.2}, lines),
    Job("query --endpoint", (OWN,), query_endpoint, {"httpx": 1.3}),
    Job("query --endpoint", ALL, query_endpoint, {}),
    Job("push", ALL[:2], push, {}),  # most of it is the start of Python
    Job("push", ALL[2:], push, {"oxigraph load": 2.0}),
    Job("cold ask with GRAPH", (OWN,), ask_cold_with_graph, {PYTHON: 4.5}),
    Job("the same question again", (OWN,), ask_again, {PYTHON: 1.3}),
    Job("first ask after an edit", (OWN,), ask_after_edit, {"rdflib, parsing only": 1.0}),
    Job("serve a query again", (OWN,), requests("again"), {"oxigraph serve": 2.0}),
    Job("serve new queries", (OWN,), requests("new"), {"oxigraph serve": 2.0}),
    Job("serve 32 clients", (OWN,), requests("clients"), {"oxigraph serve": 2.0}),
    Job(
        "serve new queries to 32 clients", (OWN,), requests("clients, new"), {"oxigraph serve": 2.0}
    ),
    Job("serve beside 8 endless queries", (OWN,), requests("among", "few"), {"nobody else": 3.0}),
    Job("first paint of the article", (OWN,), paint, {"one second": 1.0}),
    Job("--help", (OWN,), show_help, {PYTHON: 3.0}),
    Job("site", (OWN,), site(fresh=True), {"five seconds": 1.0}),
    Job("site again", (OWN,), site(fresh=False), {"five seconds": 1.0}),
    Job("look-up", ALL, ask_without_peers(LOOK_UP), {}),
    Job("scan", ALL, ask_without_peers(SCAN), {}),
    Job("build", ALL, ask_without_peers(LOOK_UP, fresh=True), {}),
    Job("export -f turtle", ALL, export("turtle"), {}),
    Job("export -f nquads", ALL, export("nquads"), {}),
    *(
        Job(f"write {form}", ALL[1:3], write(form), {"rdflib": target})
        for form, target in WRITERS.items()
    ),
    Job("aggregate", ALL[1:3], ask_hot(AGGREGATE), {"rdflib": 0.1}, lines),
    Job("path", ALL[1:3], ask_hot(PATH), {"rdflib": 0.1}, lines),
    Job("negation", ALL[1:3], ask_hot(NEGATION), {"rdflib": 0.1}, lines),
    Job("rules", ALL, rules, {"owlrl": 0.02}),
    Job("infer", ALL[:2], infer, {"owlrl": 0.02}),
    Job("validate", (OWN,), validate(), {"pyshacl": 1.1}, results),
    Job("validate again", (OWN,), validate(fresh=False), {"pyshacl": 0.1}, results),
    Job("validate after an edit", (OWN, *ALL[1:2]), validate_after_edit, {"from nothing": 0.2}),
    Job("validate with faults", ALL[1:2], validate(broken=True), {"pyshacl": 0.2}, results),
)
EXPONENTS = {
    "build": 1.15,
    "export -f turtle": 1.15,
    "export -f nquads": 1.15,
    "scan": 1.15,
    "rules": 1.25,
    "look-up": 0.05,
}
"""Job → the largest allowed exponent of its time over size; ``MEMORY`` is that of memory."""
MEMORY = 1.05
LOOK_UP_GROWTH = 1.3
"""The largest allowed ratio of a look-up at the largest size to one at the smallest."""
