"""The command ``kaiju``: with ``quick``, all that reads arguments, prints or exits."""

from __future__ import annotations

import argparse
import os
import sys
import warnings
from contextlib import redirect_stdout
from io import StringIO

from kaiju_graph.cli.commands import COMMANDS
from kaiju_graph.cli.parser import build_parser
from kaiju_graph.errors import KaijuError, LimitError, UnreachableError, UsageError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["lost", "main", "stop"]

MOST = 2**18
"""How many bytes a query on standard input may have, so that none of any length fills memory."""
LONGEST_LINE = 1000
"""How many characters of an error are shown."""


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command and return its exit code.

    Args:
        argv: the arguments; None takes those of the process.
    """
    warnings.showwarning = _warn
    options = argparse.Namespace(debug=False, root=None, check_hash=False)
    argv = sys.argv[1:] if argv is None else argv
    try:
        _check(argv)
        told = _parse(argv, options)
        code = _run(options) if told is None else _write(told) or 0
    except KaijuError as error:
        if options.debug:
            raise
        return _fail(str(error), error.exit_code)
    except KeyboardInterrupt:
        return 130
    except OSError as error:
        if options.debug:
            raise
        said = f"{error.filename}: {error.strerror}" if error.filename else str(error)
        return _fail(said, UnreachableError.exit_code)
    except Exception as error:
        if options.debug:
            raise
        return _fail(f"a bug: {type(error).__name__}: {error} (--debug shows where)", 70)
    return code


def _parse(argv: Sequence[str], options: argparse.Namespace) -> str | None:
    """Read arguments into options; return the help or the version where that is asked for.

    argparse would write it, and say nothing where it cannot be written.
    """
    told = StringIO()
    try:
        with redirect_stdout(told):
            build_parser(argv).parse_args(argv, options)
    except SystemExit:
        return told.getvalue()
    return None


def _run(options: argparse.Namespace) -> int:
    from kaiju_graph.cli.command import Process
    from kaiju_graph.sparql.results import for_output

    width = 0
    if sys.stdout.isatty():
        from shutil import get_terminal_size

        width = get_terminal_size().columns
    process = Process(width, _read, _progress, stop)
    outcome = COMMANDS[options.command].run(options, process)
    _progress("")
    text = for_output(outcome.text, width)
    if outcome.colour and width and _has_colours():
        text = outcome.colour(text)
    if (code := _write(text)) is not None:
        return code
    if outcome.note:
        _say(outcome.note)
    return outcome.code


def _write(text: str) -> int | None:
    """Write to standard output; return the exit code where that cannot be done."""
    try:
        # A name of a file that is not UTF-8 goes out as it came in.
        sys.stdout.buffer.write(text.encode(errors="surrogateescape"))
        sys.stdout.flush()
    except OSError as error:
        return lost(error)
    return None


def _has_colours() -> bool:
    """Tell whether the terminal has colours and its user wants them (no-color.org)."""
    return not os.environ.get("NO_COLOR") and os.environ.get("TERM", "dumb") != "dumb"


def _read() -> bytes:
    if sys.__stdin__ is None:  # as after <&-
        raise UnreachableError("standard input is closed; expected a query there")
    try:
        found = sys.stdin.buffer.read(MOST + 1)
    except OSError as error:
        raise UnreachableError(f"standard input cannot be read: {error.strerror}") from None
    if len(found) > MOST:
        raise LimitError(f"found more than {MOST:,} bytes on standard input; expected a query")
    return found


def lost(error: OSError) -> int:
    """Return the exit code where standard output cannot be written."""
    # What Python still holds goes nowhere, without complaint.
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    if isinstance(error, BrokenPipeError):  # the reader has had enough
        return 0
    return _fail(f"standard output: {error.strerror}", UnreachableError.exit_code)


def stop(limit: str) -> None:
    """End the process from whatever thread, with nothing more written than the error."""
    os._exit(_fail(f"the query {limit}", LimitError.exit_code))


def _check(argv: Sequence[str]) -> None:
    if sys.__stdout__ is None:  # as after >&-
        raise UnreachableError("standard output is closed; expected one to write to")
    for argument in argv:
        try:
            argument.encode()
        except UnicodeEncodeError:
            raise UsageError(f"found the argument {argument!a}; expected UTF-8") from None


def _fail(message: str, code: int) -> int:
    _progress("")
    _say(f"error: {message}")
    return code


def _warn(message: Warning | str, *_: object, **__: object) -> None:
    _say(f"warning: {message}")


def _say(message: str) -> None:
    from kaiju_graph.sparql.results import printable

    line = printable(message).replace("\n", " ")
    line = line if len(line) <= LONGEST_LINE else f"{line[:LONGEST_LINE]}…"
    _tell(f"kaiju: {line}\n")


def _progress(doing: str) -> None:
    """Show on a terminal what takes a while, in one line that the next one covers."""
    if sys.__stderr__ is not None and sys.stderr.isatty():
        _tell(f"\r\x1b[K{doing} …" if doing else "\r\x1b[K")


def _tell(text: str) -> None:
    if sys.__stderr__ is None:
        return
    try:
        sys.stderr.write(text)
        sys.stderr.flush()
    except OSError:
        return  # who cannot be told still has the exit code
