"""The commands of ``kaiju``, one module each; the help lists those that have a summary."""

from __future__ import annotations

from kaiju_graph.cli.commands import (
    ask,
    cache,
    complete,
    completion,
    coverage,
    describe,
    diff,
    export,
    help,  # noqa: A004 (the name of the command)
    infer,
    query,
    search,
    stats,
    validate,
    version,
    why,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from kaiju_graph.cli.command import Command

__all__ = ["COMMANDS"]

COMMANDS: dict[str, Command] = {
    "ask": ask,
    "query": query,
    "describe": describe,
    "why": why,
    "search": search,
    "validate": validate,
    "infer": infer,
    "coverage": coverage,
    "export": export,
    "diff": diff,
    "stats": stats,
    "cache": cache,
    "completion": completion,
    "complete": complete,
    "help": help,
    "version": version,
}
"""Name → command, in the order of the help. A new command is a module and an entry here."""
