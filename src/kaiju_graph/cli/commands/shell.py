"""``kaiju shell``: queries and commands, line by line."""

from __future__ import annotations

from kaiju_graph.cli.command import (
    ArgumentParser,
    Namespace,
    Outcome,
    Process,
    missing_library,
    no_project_note,
)

__all__ = ["EPILOG", "add_options", "run"]

EPILOG = """example:
  kaiju shell

A line is a query, a command such as describe, or words to ask. Tab completes keywords, prefixes,
terms, things, questions and options; a query goes on over lines until its braces are closed; Ctrl-C
ends it, and Ctrl-D the shell. \\? lists the settings: format, evidence, labels, rows, timing. The
history is in KAIJU_HISTORY. It needs the library of kaiju-graph[shell]."""


def add_options(parser: ArgumentParser) -> None:
    """Add no argument."""


def run(options: Namespace, process: Process) -> Outcome:
    """Run lines until Ctrl-D."""
    from kaiju_graph.cli import output
    from kaiju_graph.errors import UsageError
    from kaiju_graph.project import location

    if not output.is_interactive():
        raise UsageError("kaiju shell needs a terminal; kaiju query - reads standard input")
    process.watch.start("kaiju shell", 0)  # each line has limits of its own
    try:
        from kaiju_graph.cli import shell
    except ModuleNotFoundError as error:
        raise missing_library(error, "shell", "shell") from None
    location.locate(options.root)
    if note := no_project_note(options):
        output.say(note)
    # Each line reads the settings of files by itself.
    given = {
        name: value
        for name in ("root", "timeout", "max_memory")
        if (value := getattr(options, name)) not in (None, getattr(process.settings, name))
    }
    common = [f"--{name.replace('_', '-')}={value}" for name, value in given.items()]
    shell.run_shell(shell.Settings(options.root, common + ["--check-hash"] * options.check_hash))
    return Outcome("")
