"""``kaiju push``: load the graph into a store."""

from __future__ import annotations

from kaiju_graph.cli.command import ArgumentParser, Namespace, Outcome, Process, load_graph

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from kaiju_graph.remote.push import Push

__all__ = ["EPILOG", "add_options", "run"]

EPILOG = """examples:
  kaiju push http://127.0.0.1:7878/query --dry-run
  KAIJU_ENDPOINT_USER=dba kaiju push http://127.0.0.1:8890/sparql

URL answers queries. The graphs go to the graph store of the same server: that of Oxigraph and of
Virtuoso is known, any other needs --graph-store or --update, or takes updates at URL. If the
default graph of the store is the union of all graphs with duplicates, the merge goes to the graph
graph:merge, which kaiju ask --endpoint then names in each request. Credentials are read from
KAIJU_ENDPOINT_USER and KAIJU_ENDPOINT_PASSWORD, KAIJU_ENDPOINT_TOKEN, or netrc."""
FEW = 20
"""How many graphs of one kind are listed."""


def add_options(parser: ArgumentParser) -> None:
    """Add the arguments of the command."""
    parser.add_argument("url", metavar="URL", help="the endpoint of SPARQL")
    parser.add_argument(
        "--graph-store", metavar="URL", help="where it speaks the Graph Store HTTP Protocol"
    )
    parser.add_argument("--update", metavar="URL", help="where it takes SPARQL 1.1 Update")
    parser.add_argument(
        "--dry-run", action="store_true", help="show which graphs differ, and change nothing"
    )
    parser.add_argument(
        "--prune",
        action="store_true",
        help="remove the graphs in our namespaces that the project does not have",
    )
    parser.add_argument(
        "--replace",
        action="store_true",
        help="put the merge in the place of a default graph that has triples of others",
    )


def run(options: Namespace, process: Process) -> Outcome:
    """Load the graphs that differ, and compare them afterwards."""
    from kaiju_graph.remote import answers, push, stores
    from kaiju_graph.remote.protocol import Endpoint

    kg = load_graph(options, process)
    quads, merge = kg.read_lines()
    endpoint = Endpoint(options.url, process.progress, seconds=options.timeout)
    answers.ask(endpoint, "ASK {}")
    store = stores.find_store(endpoint, options.graph_store, options.update)

    def show(count: int, total: int) -> None:
        process.progress(f"{count} of {total} graphs")
        process.watch.start(
            f"kaiju push ({count} of {total} graphs are loaded; run it again to go on)"
        )

    choices = push.Choices(options.dry_run, options.replace, options.prune)
    pushed = push.push(endpoint, store, quads, merge, choices=choices, done=show)
    return Outcome(_text(pushed, kg.project.prefixes.shorten, options), int(bool(pushed.different)))


def _text(pushed: Push, shorten: Callable[[str], str], options: Namespace) -> str:
    """Return what was sent, what is stale and what went wrong, in lines."""
    from kaiju_graph.cli.render.text import quantity

    def name(graph: str) -> str:
        return shorten(graph) if ":" in graph else graph

    verb = "would send" if options.dry_run else "sent"
    lines = [f"{verb} {name(graph)}: {count:,} triples" for graph, count in pushed.sent.items()]
    if len(lines) > FEW:
        rest = sum(list(pushed.sent.values())[FEW:])
        lines[FEW:] = [f"{verb} {len(lines) - FEW:,} more graphs: {rest:,} triples"]
    action = "removed" if options.prune and not options.dry_run else "left alone"
    lines += [f"{action} {name(graph)}, which the project does not have" for graph in pushed.stale]
    lines += [f"differs after it was sent: {name(graph)}" for graph in pushed.different]
    total = quantity(len(pushed.sent), "graph")
    where = f"; the merge is {_place(name(pushed.merge))}" if pushed.merge else ""
    lines.append(f"{verb} {total}; {pushed.same:,} are the same{where}")
    return "".join(f"{line}\n" for line in lines)


def _place(merge: str) -> str:
    if merge == "unknown":
        return "to go where the default graph of the store wants it"
    if merge == "union":
        return "the default graph, the union of all named graphs, with the alignments"
    return "the default graph" if merge == "default" else f"the named graph {merge}"
