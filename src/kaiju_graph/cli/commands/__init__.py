"""The commands of ``kaiju``: one module each, imported only when it is used."""

from __future__ import annotations

from importlib import import_module

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from kaiju_graph.cli.command import Command

__all__ = ["COMMANDS", "load_command"]

COMMANDS = {
    "ask": "answer a stored question, or list them",
    "query": "answer a SPARQL 1.1 query; known prefixes are added when missing",
    "describe": "show all facts about a thing, and the passage that states each",
    "why": "prove a statement by rules and passages; exit 1 if it does not follow",
    "draw": "draw a stored picture, such as the story of a film in lanes",
    "search": "find things by name, in any language and spelling; exit 1 if there is none",
    "validate": "check the graph against its shapes and the article; exit 1 if it does not conform",
    "infer": "show the triples that OWL 2 RL infers from the graph",
    "coverage": "show how the graph covers each passage of the article; exit 1 if it is incomplete",
    "export": "write the graph as linked data",
    "init": "make an empty project of your own",
    "new": "draft the folder of an article from its text, or add what is new in the text",
    "diff": "compare two states of the graph, and their answers; exit 1 if they differ",
    "push": "load the graph into a store of SPARQL 1.1: only graphs that differ",
    "check": "compare the answers of a SPARQL engine with ours; exit 1 if one differs",
    "shell": "answer queries and commands line by line, with completion",
    "serve": "answer SPARQL over HTTP, and serve pages and linked data",
    "site": "write pages to look at: the article, things, terms and questions",
    "mcp": "answer agents by the Model Context Protocol",
    "stats": "count what the graph holds",
    "config": "show the settings, and what gives each",
    "cache": "show or clear the cache (in KAIJU_CACHE)",
    "completion": "print the completion script for bash, zsh or fish",
    "complete": "",
    "help": "",
    "version": "",
}
"""Name of a command and its module → its summary, in the order of the help.

The help lists only commands that have a summary. A new command is a module and an entry.
"""


def load_command(name: str) -> Command:
    """Return the module of a command."""
    module: Any = import_module(f"{__name__}.{name}")
    command: Command = module
    return command
