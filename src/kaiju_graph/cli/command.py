"""The interface of a command: the process in which it runs, and its outcome.

A command is a module of ``cli/commands`` with three names:

``EPILOG``       the end of its help, with examples
``add_options``  adds its arguments to its parser
``run``          runs it: options and ``Process`` → ``Outcome``
"""

from __future__ import annotations

import os
from argparse import ArgumentParser, Namespace

from kaiju_graph.cli import ENDPOINT

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import BinaryIO, Protocol

    from kaiju_graph.api import KnowledgeGraph
    from kaiju_graph.cli.config import Settings
    from kaiju_graph.data_graph import DataGraph
    from kaiju_graph.errors import UsageError
    from kaiju_graph.remote_graph import RemoteGraph
    from kaiju_graph.sparql.limits import Watch

    class Command(Protocol):
        """A module of ``cli/commands``."""

        EPILOG: str

        def add_options(self, parser: ArgumentParser) -> None:
            """Add the arguments of the command to its parser."""

        def run(self, options: Namespace, process: Process) -> Outcome:
            """Run the command."""


__all__ = [
    "ArgumentParser",
    "Namespace",
    "Outcome",
    "Process",
    "load_data",
    "load_graph",
    "missing_library",
    "no_project_note",
    "open_graph",
    "query_seconds",
]


class Process:
    """The process in which a command runs.

    Attributes:
        width: columns of the terminal on standard output; 0 where it is not a terminal.
        read: reads so many bytes of standard input.
        progress: shows the name of a step that may be slow.
        watch: watches the limits of the whole command.
        settings: what files set for options that are not given.
        show: writes an outcome before the command ends, in place of what the screen shows;
            returns an exit code if nobody reads it any more, else None.
    """

    def __init__(  # noqa: PLR0913, PLR0917 (made in one place, which has them all)
        self,
        width: int,
        read: Callable[[int], bytes],
        progress: Callable[[str], None],
        watch: Watch,
        settings: Settings,
        show: Callable[[Outcome], int | None],
    ) -> None:
        self.width = width
        self.read = read
        self.progress = progress
        self.watch = watch
        self.settings = settings
        self.show = show


class Outcome:
    """The result of a command.

    Attributes:
        text: the text for standard output.
        code: the exit code.
        note: a line for standard error.
        colour: a function that adds colours to the text, for a terminal that has them.
        pages: whether a terminal shows a long text in a pager.
        stream: writes to standard output as it computes, in place of the text.
    """

    def __init__(  # noqa: PLR0913 (most outcomes have only a text)
        self,
        text: str,
        code: int = 0,
        note: str = "",
        colour: Callable[[str], str] | None = None,
        *,
        pages: bool = False,
        stream: Callable[[BinaryIO], None] | None = None,
    ) -> None:
        self.text = text
        self.code = code
        self.note = note
        self.colour = colour
        self.pages = pages
        self.stream = stream


def load_graph(options: Namespace, process: Process, *, memory: bool = False) -> KnowledgeGraph:
    """Return the knowledge graph of the project and the layers in the options.

    Args:
        options: the options of the command.
        process: what the command has of its process.
        memory: whether a large graph is kept in memory, too.
    """
    from kaiju_graph.api import load
    from kaiju_graph.store.store import DEFAULT_LAYERS

    layers = options.layer.split(",") if getattr(options, "layer", None) else DEFAULT_LAYERS
    trusting = not options.check_hash
    return load(options.root, layers, process.progress, trusting=trusting, memory=memory)


def load_data(
    options: Namespace, process: Process, shapes: Sequence[str] = (), *, inferred: bool = False
) -> DataGraph:
    """Return the graph of the data files in the options, which take the place of a project.

    Raises:
        UsageError: standard input is named twice.
    """
    from kaiju_graph.data_graph import DataGraph
    from kaiju_graph.errors import UsageError
    from kaiju_graph.project.data_files import STANDARD_INPUT, DataFiles, read_file

    names = dict.fromkeys([*options.data, *shapes])
    query = (getattr(options, "text", None), getattr(options, "file", None))
    if [*options.data, *shapes, *query].count(STANDARD_INPUT) > 1:
        raise UsageError("found - twice; expected to read standard input once")
    form, base = options.data_format, options.data_base
    files = [
        read_file(name, form if name in options.data else None, base, process.read)
        for name in names
    ]
    return DataGraph(DataFiles(files), options.data, shapes, process.progress, inferred=inferred)


def open_graph(options: Namespace, process: Process) -> KnowledgeGraph | RemoteGraph:
    """Return the graph in the endpoint that the user names, or else that of ``load_graph``.

    Raises:
        UsageError: the URL of the endpoint is none, or it is to have some layers only.
    """
    names = (options.endpoint, os.environ.get(ENDPOINT), process.settings.endpoint)
    url = next((name for name in names if name is not None), "")
    if not url:
        return load_graph(options, process)
    from kaiju_graph.errors import UsageError
    from kaiju_graph.project import layout
    from kaiju_graph.remote.protocol import Endpoint
    from kaiju_graph.remote_graph import RemoteGraph

    if getattr(options, "layer", None):
        raise UsageError("found --layer and an endpoint; expected one of them")
    endpoint = Endpoint(url, process.progress, seconds=query_seconds(options))
    return RemoteGraph(layout.find(options.root), endpoint, process.progress)


def query_seconds(options: Namespace) -> float:
    """Return how many seconds a query may take."""
    from kaiju_graph.sparql import limits

    return limits.QUERY_SECONDS if options.timeout is None else float(options.timeout)


def missing_library(error: ModuleNotFoundError, command: str, extra: str) -> UsageError:
    """Return the error of a command that needs a library which is not installed.

    Args:
        error: names the library.
        command: the command.
        extra: the extra of this package that has the library.
    """
    from kaiju_graph.errors import UsageError

    libraries = f"pip install 'kaiju-graph[{extra}]' adds it"
    return UsageError(f"kaiju {command} needs {error.name}; {libraries}")


def no_project_note(options: Namespace) -> str:
    """Return a note if this is the bundled project and the user has not named it."""
    from kaiju_graph.project import location

    if not location.is_bundled(options.root):
        return ""
    return f"found no project here; this is the bundled copy, {location.locate()}"
