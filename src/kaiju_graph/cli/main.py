"""The command ``kaiju``: reads its arguments, runs a command, and writes its outcome."""

from __future__ import annotations

import argparse
import os
import sys
import warnings
from contextlib import redirect_stdout, suppress
from io import StringIO

from kaiju_graph.cli import output
from kaiju_graph.cli.commands import load_command
from kaiju_graph.cli.parser import build_parser
from kaiju_graph.errors import KaijuError, UnreachableError, UsageError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from kaiju_graph.cli.command import Outcome
    from kaiju_graph.cli.config import Settings
    from kaiju_graph.sparql.limits import Watch

__all__ = ["main"]

CLEAR = b"\x1b[H\x1b[2J"
"""Clears the screen of a terminal (ECMA-48, sections 8.3.21 and 8.3.39)."""
BUG = 70
"""The exit code of an unexpected error (``EX_SOFTWARE`` of sysexits.h)."""


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command and return its exit code.

    Args:
        argv: the arguments; None means those of the process.
    """
    warnings.showwarning = lambda message, *_, **__: output.say(f"warning: {message}")
    options = argparse.Namespace(
        debug=False, root=None, check_hash=False, timeout=None, max_memory=None
    )
    argv = sys.argv[1:] if argv is None else argv
    try:
        _check_process(argv)
        text = _parse(argv, options)
        return _run(options) if text is None else _show_help(text)
    except KeyboardInterrupt:
        return 130
    except Exception as error:
        if options.debug:
            raise
        return output.fail(*_explain(error))


def _explain(error: Exception) -> tuple[str, int]:
    """Return the message and the exit code of an error."""
    if isinstance(error, KaijuError):
        return str(error), error.exit_code
    if isinstance(error, OSError):
        message = f"{error.filename}: {error.strerror}" if error.filename else str(error)
        return message, UnreachableError.exit_code
    if isinstance(error, ModuleNotFoundError) and not str(error.name).startswith(__package__ or ""):
        message = f"the library {error.name} is not installed; expected those of pip install"
        return f"{message} kaiju-graph", UnreachableError.exit_code
    return f"a bug: {type(error).__name__}: {error} (--debug shows where)", BUG


def _parse(argv: Sequence[str], options: argparse.Namespace) -> str | None:
    """Read arguments into options; return the help or the version if they ask for it.

    argparse would write it itself, and ignore errors.
    """
    text = StringIO()
    try:
        with redirect_stdout(text):
            build_parser(argv).parse_args(argv, options)
    except SystemExit:
        return text.getvalue()
    return None


def _show_help(text: str) -> int:
    from kaiju_graph.sparql.results import for_output

    return output.write(for_output(text, output.terminal_width()).encode()) or 0


def _run(options: argparse.Namespace) -> int:
    from kaiju_graph.cli.command import Process
    from kaiju_graph.sparql import limits

    file = getattr(options, "output", None)
    width = output.terminal_width(file)
    watch = limits.Watch(
        limits.SECONDS if options.timeout is None else options.timeout,
        limits.MEBIBYTES if options.max_memory is None else options.max_memory,
        output.interrupt_at_limit(),
        f"kaiju {options.command}",
    )

    def show(outcome: Outcome) -> int | None:
        return _write(CLEAR * bool(width and _has_screen()) + _encode(outcome, width), outcome)

    try:
        with watch:
            settings = _read_settings(options, watch)
            if file is not None:
                _check_output(file, options.root)
            process = Process(width, _read, output.show_progress, watch, settings, show)
            outcome = load_command(options.command).run(options, process)
            if outcome.stream is not None:
                code = output.stream(outcome.stream)
                return outcome.code if code is None else code
            content = _encode(outcome, width)
    finally:
        if watch.exceeded:
            output.stop(watch.exceeded)  # at once: the engine may still run in another thread
    code = _write(content, outcome, file)
    return outcome.code if code is None else code


def _read_settings(options: argparse.Namespace, watch: Watch) -> Settings:
    """Return the settings of files, and give them to the options that every command has."""
    from kaiju_graph.cli import config

    if options.command in config.FREE:
        return config.Settings()
    settings = config.read_settings()
    options.root = config.find_root(options.root, settings)
    if options.timeout is None and settings.timeout is not None:
        options.timeout = settings.timeout
        watch.start(f"kaiju {options.command}", options.timeout)
    if options.max_memory is None and settings.max_memory is not None:
        options.max_memory = watch.mebibytes = settings.max_memory
    return settings


def _encode(outcome: Outcome, width: int) -> bytes:
    """Return the text of an outcome, for a terminal of some columns."""
    from kaiju_graph.sparql.results import for_output

    output.show_progress("")
    text = for_output(outcome.text, width)
    if outcome.colour and width and _has_colours():
        text = outcome.colour(text)
    # The name of a file that is not UTF-8 is written as it is.
    return text.encode(errors="surrogateescape")


def _write(content: bytes, outcome: Outcome, file: str | None = None) -> int | None:
    """Write an outcome; return an exit code if that ends early, else None."""
    if file is not None:
        output.save(file, content)
    elif (code := output.write(content, pages=outcome.pages)) is not None:
        return code
    if outcome.note:
        output.say(outcome.note)
    return None


def _has_colours() -> bool:
    """Tell whether the terminal has colours and its user wants them (no-color.org)."""
    return not os.environ.get("NO_COLOR") and _has_screen()


def _has_screen() -> bool:
    """Tell whether the terminal can clear its screen."""
    return os.environ.get("TERM", "dumb") != "dumb"


def _check_output(file: str, root: str | None) -> None:
    """Refuse to write to a source, also if it has another name or is a link."""
    from kaiju_graph.project import layout, location

    with suppress(ValueError):  # a null character, which writing reports
        if layout.Project(location.locate(root), {}).owns(file):
            raise UsageError(f"{file}: found a file among the sources; expected another")


def _read(size: int) -> bytes:
    if sys.__stdin__ is None:  # as after <&-
        raise UnreachableError("standard input is closed; expected a text there")
    try:
        return sys.stdin.buffer.read(size)
    except OSError as error:
        raise UnreachableError(f"standard input cannot be read: {error.strerror}") from None


def _check_process(argv: Sequence[str]) -> None:
    if sys.__stdout__ is None:  # as after >&-
        raise UnreachableError("standard output is closed; expected one to write to")
    for argument in argv:
        try:
            argument.encode()
        except UnicodeEncodeError:
            raise UsageError(f"found the argument {argument!a}; expected UTF-8") from None
