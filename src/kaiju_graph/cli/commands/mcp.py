"""``kaiju mcp``: the graph for agents, by the Model Context Protocol."""

from __future__ import annotations

import os

from kaiju_graph.cli.command import (
    ArgumentParser,
    Namespace,
    Outcome,
    Process,
    missing_library,
    query_seconds,
)

__all__ = ["EPILOG", "add_options", "run"]

EPILOG = """example:
  kaiju mcp --root my-films

A client starts it and speaks with it over standard input and output. Each stored question is a tool
with its parameters and their values; search, describe, why and query are more. Each answer has the
sentences that support it and the IRIs of their passages; articles, ontologies and shapes are
resources. --timeout (default: 60) and --max-memory are for each call. It needs the library of
kaiju-graph[mcp]."""


def add_options(parser: ArgumentParser) -> None:
    """Add no argument."""


def run(options: Namespace, process: Process) -> Outcome:
    """Serve until the client closes standard input."""
    process.watch.start("kaiju mcp", 0)  # each call has limits of its own
    from kaiju_graph.project import location

    try:
        from kaiju_graph.cli import agents
    except ModuleNotFoundError as error:
        raise missing_library(error, "mcp", "mcp") from None
    root = os.path.abspath(location.locate(options.root))
    agents.serve(root, agents.Limits(query_seconds(options), process.watch.mebibytes))
    return Outcome("")
