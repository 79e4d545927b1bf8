"""What the command writes: answers to standard output, errors and progress to standard error."""

import os
import sys
from stat import S_ISCHR

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import BinaryIO, NoReturn

__all__ = [
    "fail",
    "interrupt_at_limit",
    "is_interactive",
    "save",
    "say",
    "show_progress",
    "stop",
    "stream",
    "terminal_width",
    "write",
]

MAX_LINE = 1000
"""How many characters of a message are written."""
GRACE = 5.0
"""Seconds that a command has to remove its temporary files when it reaches a limit."""


def terminal_width(file: str | None = None) -> int:
    """Return the columns of the terminal that is written to; 0 if it is not a terminal.

    Args:
        file: the path of the terminal; None is standard output.
    """
    if not (sys.stdout.isatty() if file is None else _is_terminal(file)):
        return 0
    from shutil import get_terminal_size

    return get_terminal_size().columns


def _is_terminal(path: str) -> bool:
    """Tell whether a path is a terminal, such as /dev/stdout or /dev/tty may be."""
    try:
        if not S_ISCHR(os.stat(path).st_mode):
            return False
        file = os.open(path, os.O_WRONLY | getattr(os, "O_NOCTTY", 0))
    except (OSError, ValueError):  # writing reports it
        return False
    try:
        return os.isatty(file)
    finally:
        os.close(file)


def write(content: bytes, *, pages: bool = False) -> int | None:
    """Write to standard output; return an exit code if that ends early, else None.

    Args:
        content: the text, encoded.
        pages: show a text that is longer than the terminal in ``PAGER`` (default: less -FRX).
    """
    if pages and _page(content):
        return None
    return stream(lambda file: file.write(content))


def stream(work: "Callable[[BinaryIO], object]") -> int | None:
    """Call a function that writes to standard output; return as ``write``."""
    try:
        work(sys.stdout.buffer)
        sys.stdout.flush()
    except OSError as error:
        # Discard what Python still has in its buffer.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        if isinstance(error, BrokenPipeError):  # the reader has read enough
            return 0
        from kaiju_graph.errors import UnreachableError

        return fail(f"standard output: {error.strerror}", UnreachableError.exit_code)
    return None


def save(path: str, content: bytes) -> None:
    """Write a file completely or not at all.

    Raises:
        UnreachableError: it cannot be written.
    """
    from kaiju_graph.errors import UnreachableError
    from kaiju_graph.store.files import write_atomically

    try:
        write_atomically(path, content)
    except (OSError, ValueError) as error:  # ValueError: a null character in the path
        reason = getattr(error, "strerror", None) or error
        raise UnreachableError(f"{path}: cannot be written: {reason}") from None


def is_interactive() -> bool:
    """Tell whether a person reads standard output, and types into standard input."""
    return sys.stdout.isatty() and bool(sys.__stdin__) and sys.stdin.isatty()


def _page(content: bytes) -> bool:
    """Show a text in a pager, if it is longer than the terminal and there is a pager."""
    if not is_interactive():
        return False
    from shutil import get_terminal_size, which

    if content.count(b"\n") < get_terminal_size().lines:
        return False
    from shlex import split
    from signal import SIG_IGN, SIGINT, signal
    from subprocess import run

    pager = split(os.environ.get("PAGER", "less -FRX"))
    if not (pager and which(pager[0])):
        return False
    handler = signal(SIGINT, SIG_IGN)  # the pager handles it
    try:
        run(pager, input=content, check=False)  # noqa: S603 (the user's own pager)
    finally:
        signal(SIGINT, handler)
    return True


def fail(message: str, code: int) -> int:
    """Write an error; return the exit code."""
    show_progress("")
    say(f"error: {message}")
    return code


def stop(limit: str) -> "NoReturn":
    """End the process at once, from any thread, with an error.

    Args:
        limit: the limit that was exceeded.
    """
    from kaiju_graph.errors import LimitError

    os._exit(fail(limit, LimitError.exit_code))


def interrupt_at_limit() -> "Callable[[str], NoReturn]":
    """Return a function that ends the process when it exceeds a limit, from another thread.

    It interrupts this thread first, so that temporary files are removed. The signal is not that of
    Ctrl-C, which a command in the background of a script ignores. A library may be busy and notice
    no signal, so the process ends in any case.
    """
    import signal
    import time
    from _thread import get_ident

    thread = get_ident()
    try:
        signal.signal(signal.SIGALRM, signal.default_int_handler)
    except (AttributeError, ValueError):  # Windows; not the main thread, as in somebody's program
        return stop

    def interrupt(limit: str) -> "NoReturn":
        sys.unraisablehook = lambda _: None  # a callback of Python may receive the interrupt
        signal.pthread_kill(thread, signal.SIGALRM)
        time.sleep(GRACE)
        stop(limit)

    return interrupt


def say(message: str) -> None:
    """Write a line to standard error."""
    _write_error(f"kaiju: {_one_line(message)}\n")


def show_progress(doing: str) -> None:
    """Show the current step on a terminal, in a line that the next one replaces."""
    if sys.__stderr__ is not None and sys.stderr.isatty():
        _write_error(f"\r\x1b[K{_one_line(doing)} …" if doing else "\r\x1b[K")


def _one_line(text: str) -> str:
    """Return a text in one line that no terminal obeys, cut where it is too long."""
    from kaiju_graph.sparql.results import printable

    line = printable(text).replace("\n", " ")
    return line if len(line) <= MAX_LINE else f"{line[:MAX_LINE]}…"


def _write_error(text: str) -> None:
    if sys.__stderr__ is None:
        return
    try:
        sys.stderr.write(text)
        sys.stderr.flush()
    except OSError:
        return  # the exit code still reports the error
