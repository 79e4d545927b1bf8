"""``kaiju serve``: a SPARQL endpoint, pages and linked data over HTTP."""

from __future__ import annotations

import os
from argparse import ArgumentTypeError

from kaiju_graph.cli.command import (
    ArgumentParser,
    Namespace,
    Outcome,
    Process,
    missing_library,
    no_project_note,
    query_seconds,
)

__all__ = ["EPILOG", "add_options", "run"]

HOST, PORT = "127.0.0.1", 8000
MAX_PORT = 65_535

EPILOG = """examples:
  kaiju serve
  kaiju serve --port 8080 --base https://example.org/film/
  kaiju serve --port 8080 --base https://example.org/film/ --recipe nginx

Queries go to /sparql, as in SPARQL 1.1 Protocol; GET /sparql without one describes the service, and
/.well-known/void the dataset. The header Kaiju-Hint of an empty answer names the terms that the
graph does not have. The pages are those of kaiju site, but questions take values. /id/NAME leads a
browser to the page of a thing, and others to its data. --timeout is for each query (default: 60),
--max-memory for the graph, and again for all queries together. Changed sources show as soon as they
load. It needs the library of kaiju-graph[web], and Linux or macOS."""


def add_options(parser: ArgumentParser) -> None:
    """Add the arguments of the command."""
    parser.add_argument(
        "--host", metavar="HOST", default=HOST, help=f"the address to listen at (default: {HOST})"
    )
    parser.add_argument(
        "--port",
        metavar="PORT",
        type=_port,
        default=PORT,
        help=f"the port; 0 takes a free one (default: {PORT})",
    )
    parser.add_argument(
        "--base",
        metavar="URL",
        help="the address that clients use, if another server stands in front",
    )
    parser.add_argument(
        "--recipe",
        choices=("w3id", "nginx", "caddy"),
        help="print how w3id.org, nginx or Caddy leads to the server at --base, and do not serve",
    )


def run(options: Namespace, process: Process) -> Outcome:
    """Serve until a signal ends it."""
    process.watch.start("kaiju serve", 0)  # it has no limit of time; each query has
    from functools import partial

    from kaiju_graph.cli import output
    from kaiju_graph.cli.watch import changes
    from kaiju_graph.errors import UsageError
    from kaiju_graph.project import location
    from kaiju_graph.publish.base import check_base

    base = None if options.base is None else check_base(options.base).rstrip("/")
    seconds = query_seconds(options)
    if options.recipe:
        return _recipe(options, base, seconds)
    if not hasattr(os, "fork"):
        raise UsageError("found a system without fork; kaiju serve needs Linux or macOS")
    try:
        from kaiju_graph.web import server
        from kaiju_graph.web.pages import engine
    except ModuleNotFoundError as error:
        raise missing_library(error, "serve", "web") from None
    root = location.locate(options.root)

    def ready(base: str) -> None:
        text = f"{base}/        pages and linked data\n{base}/sparql  SPARQL 1.1 queries\n"
        notes = (no_project_note(options), engine.missing_note())
        process.show(Outcome(text, note="; ".join(filter(None, notes))))

    server.serve(
        root,
        server.Address(options.host, options.port, base),
        output.say,
        partial(changes, root),
        ready=ready,
        trusting=not options.check_hash,
        seconds=seconds,
        mebibytes=process.watch.mebibytes,
    )
    return Outcome("")


def _recipe(options: Namespace, base: str | None, seconds: float) -> Outcome:
    """Return how another server leads to this one."""
    from kaiju_graph.errors import UsageError
    from kaiju_graph.project import layout
    from kaiju_graph.publish import void
    from kaiju_graph.web import recipes

    if base is None:
        raise UsageError(f"--recipe {options.recipe}: found no --base; expected it, too")
    place = recipes.Place(base, options.host, options.port, seconds)
    text = recipes.write(options.recipe, place, lambda: void.read(layout.find(options.root)).space)
    return Outcome(text, note=no_project_note(options))


def _port(text: str) -> int:
    if not (text.isascii() and text.isdigit() and int(text[:9]) <= MAX_PORT):
        raise ArgumentTypeError(f"found {text!r}; expected a port: 0 to {MAX_PORT}")
    return int(text)
