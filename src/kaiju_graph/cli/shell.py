"""The interactive shell: a line is a query, a command of ``kaiju``, words to ask, or a setting.

Each line runs in a process of its own, so Ctrl-C ends the query and not the shell, and a query has
the limits, the cache and the pager that it has from the shell of the system.
"""

from __future__ import annotations

import os
import re
import shlex
import signal
import subprocess
import sys
from argparse import ArgumentTypeError
from time import monotonic, perf_counter
from typing import TYPE_CHECKING

from prompt_toolkit import PromptSession
from prompt_toolkit.completion import Completer, Completion
from prompt_toolkit.filters import Condition
from prompt_toolkit.history import FileHistory

from kaiju_graph.cli import output
from kaiju_graph.cli.candidates import CANDIDATES, Context, select_prefixed
from kaiju_graph.cli.commands import COMMANDS
from kaiju_graph.cli.completion import complete
from kaiju_graph.cli.options import format_type, positive_integer
from kaiju_graph.cli.parser import build_parser
from kaiju_graph.errors import KaijuError
from kaiju_graph.rdf import formats as graphs
from kaiju_graph.rdf.tokens import tokens
from kaiju_graph.sparql import results
from kaiju_graph.sparql.grammar import FUNCTIONS, KEYWORDS
from kaiju_graph.store import cache

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from prompt_toolkit.completion import CompleteEvent
    from prompt_toolkit.document import Document

__all__ = ["Settings", "command_for", "history_file", "is_incomplete", "is_query", "run_shell"]

STARTS = ("SELECT", "ASK", "CONSTRUCT", "DESCRIBE", "PREFIX", "BASE")
"""The words that begin a query, in capitals; ``ask`` and ``describe`` are commands."""
WORD = re.compile(r"[?$]?[\w:.-]*$")
"""The word of a query before the cursor."""
ARGUMENT = re.compile(r""""[^"]*"?|'[^']*'?|\S+""")
FORMATS = (*results.FORMATS, *graphs.FORMATS)
FLAGS = ("evidence", "labels", "timing")
"""The settings that are on or off."""
PATIENCE = 1.0
"""Seconds after Ctrl-C in which a query may end by itself."""
HELP = r"""a query        SPARQL; Enter continues it until its braces are closed, Alt-Enter runs it
a command      ask, describe, why, search, validate …, as after kaiju; help COMMAND explains one
other words    ask a stored question: who directed the film
\format NAME   the format of answers; without a name, the default
\evidence      turn the passages of each row on or off
\labels        turn names beside IRIs on or off
\timing        turn the time of each line on or off
\rows N        show at most so many rows; without a number, all
\prefixes      list the prefixes
\?             show this
\q             leave, as Ctrl-D does

Tab completes, Ctrl-R searches the history, Ctrl-C ends a query.
"""


class Settings:
    """The settings of a shell: what each answer shows, and the options of every command."""

    def __init__(self, root: str | None, common: Sequence[str]) -> None:
        self.root, self.common = root, tuple(common)
        self.form = self.rows = ""
        self.evidence = self.labels = self.timing = False

    def __str__(self) -> str:
        parts = [f"format: {self.form or 'default'}", f"rows: {self.rows or 'all'}"]
        parts += [name for name in FLAGS if getattr(self, name)]
        return " · ".join(parts)

    def change(self, name: str, value: str) -> None:
        """Change a setting; without a value, to its default, or to the other of on and off.

        Raises:
            ArgumentTypeError: there is no such setting, or the value does not fit.
        """
        if name == "format":
            form = format_type(FORMATS)(value)
            if form not in ("", *FORMATS):
                expected = f"expected one of {', '.join(FORMATS)}"
                raise ArgumentTypeError(f"found the format {value!r}; {expected}")
            self.form = form
        elif name == "rows":
            self.rows = value and str(positive_integer(value))
        elif name not in FLAGS:
            raise ArgumentTypeError(f"found \\{name}; \\? lists the settings")
        elif value in ("", "on", "off"):
            setattr(self, name, value == "on" or not (value or getattr(self, name)))
        else:
            raise ArgumentTypeError(f"found {value!r}; expected on or off")

    @property
    def options(self) -> list[str]:
        """The options of ``ask`` and ``query``."""
        pairs = [("-f", self.form), ("--max-rows", self.rows)]
        flags = [f"--{name}" for name in ("evidence", "labels") if getattr(self, name)]
        return [word for pair in pairs if pair[1] for word in pair] + flags


def is_query(text: str) -> bool:
    """Tell whether a line is SPARQL.

    >>> [is_query(text) for text in ("select * { ?s ?p ?o }", "ASK", "ask who-directed")]
    [True, True, False]
    """
    words = text.split(maxsplit=1)
    return "{" in text or (bool(words) and words[0] in STARTS)


def is_incomplete(text: str) -> bool:
    """Tell whether a query goes on: a brace or a long string is open, or it has no group yet.

    >>> [is_incomplete(text) for text in ("SELECT *", "SELECT * {", "SELECT * { }", "ask x")]
    [True, True, False, False]
    """
    if not is_query(text) or text.startswith("\\"):
        return False
    found = [token for token in tokens(text) if token.kind in ("sign", "unclosed")]
    signs = [token.text for token in found]
    is_open = any(token.kind == "unclosed" for token in found)
    is_description = text.lstrip().startswith("DESCRIBE")
    return is_open or signs.count("{") > signs.count("}") or not ("{" in signs or is_description)


def command_for(text: str, settings: Settings) -> list[str]:
    """Return the arguments of ``kaiju`` for a line that is no setting.

    In words without options, a quotation mark is an apostrophe.

    Raises:
        ValueError: a quotation mark is open.
    """
    if is_query(text):
        return ["query", *settings.common, *settings.options, text]
    plain = text.split()
    is_plain = plain[0] not in COMMANDS and not any(word.startswith("-") for word in plain)
    name, *words = plain if is_plain else shlex.split(text)
    if name not in COMMANDS:
        name, words = "ask", [name, *words]
    options = settings.options if name in ("ask", "query") else []
    return [name, *settings.common, *options, *words]


def history_file() -> str:
    """Return the file of the history: ``KAIJU_HISTORY``, or where the system keeps state.

    That is ``XDG_STATE_HOME`` (XDG Base Directory, 0.8), or the folder of the cache elsewhere.
    """
    if path := os.environ.get("KAIJU_HISTORY"):
        return path
    if sys.platform in ("win32", "darwin"):
        return os.path.join(cache.folder(), "history")
    base = os.environ.get("XDG_STATE_HOME", "")
    base = base if os.path.isabs(base) else os.path.expanduser("~/.local/state")
    return os.path.join(base, "kaiju-graph", "history")


def run_shell(settings: Settings) -> None:
    r"""Read lines and run them, until Ctrl-D or ``\q``."""
    session: PromptSession[str] = PromptSession(
        "kaiju> ",
        history=_open_history(),
        completer=_Completer(settings),
        complete_while_typing=False,
        multiline=Condition(lambda: is_incomplete(session.default_buffer.text)),
        prompt_continuation="  ...> ",
        bottom_toolbar=lambda: f"{settings} · \\? for help",
        enable_open_in_editor=True,
    )
    while True:
        try:
            text = session.prompt().strip()
        except KeyboardInterrupt:
            continue
        except EOFError:
            return
        if text in ("\\q", "\\quit"):
            return
        start = perf_counter()
        try:
            if text.startswith("\\"):
                output.write(_change(text, settings).encode())
            elif text:
                _run(command_for(text, settings))
        except (ArgumentTypeError, KaijuError, OSError, ValueError) as error:
            output.say(f"error: {error}")  # such as a line that is too long
        if settings.timing and text[:1] not in ("", "\\"):
            output.say(f"time: {perf_counter() - start:.3f} s")


def _open_history() -> FileHistory:
    """Return the history in its file, which only its user can read."""
    path = history_file()
    os.makedirs(os.path.dirname(path) or ".", mode=0o700, exist_ok=True)
    os.close(os.open(path, os.O_CREAT | os.O_APPEND, 0o600))
    return FileHistory(path)


def _run(arguments: Sequence[str]) -> None:
    """Run the command; Ctrl-C ends it, at once if it does not end by itself."""
    interrupts: list[float] = []
    handler = signal.signal(signal.SIGINT, lambda *_: interrupts.append(monotonic()))
    try:
        command = [sys.executable, "-m", "kaiju_graph", *arguments]
        with subprocess.Popen(command) as process:  # noqa: S603 (this command)
            while process.poll() is None:
                try:
                    process.wait(0.1)
                except subprocess.TimeoutExpired:
                    if interrupts and monotonic() - interrupts[0] > PATIENCE:
                        process.kill()
    finally:
        signal.signal(signal.SIGINT, handler)
    if interrupts:
        output.write(b"\n")


def _change(text: str, settings: Settings) -> str:
    """Change a setting, or find the prefixes or the help; return what to show.

    Raises:
        ArgumentTypeError: there is no such setting, or its value does not fit.
        KaijuError: the prefixes cannot be read.
    """
    name, _, value = text[1:].partition(" ")
    if name == "?":
        return HELP
    if name == "prefixes":
        prefixes = Context(settings.root, None, "").project.prefixes
        return "".join(f"{prefix}: {namespace}\n" for prefix, namespace in prefixes.items())
    settings.change(name, value.strip())
    return f"{settings}\n"


class _Completer(Completer):
    """Completes settings, commands with their arguments, and the words of a query."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.parser = build_parser(COMMANDS)

    def get_completions(self, document: Document, _: CompleteEvent) -> Iterator[Completion]:
        """Yield the completions of the word before the cursor."""
        text = document.text_before_cursor
        words: Iterable[str]
        if text.startswith("\\"):
            words, length = _settings(text)
        elif is_query(text):
            word = WORD.search(text)
            last = word[0] if word else ""
            words, length = self._of_query(last, document.text), len(last)
        else:
            words, length = self._of_command(text)
        for found in words:
            yield Completion(found, -length)

    def _of_query(self, last: str, text: str) -> Iterable[str]:
        """Return the variables, prefixed names, keywords or prefixes that begin with a word."""
        if last[:1] in ("?", "$"):
            found = {token.text for token in tokens(text) if token.kind == "variable"} - {last}
            return sorted(select_prefixed(last, found))
        context = Context(self.settings.root, None, last)
        try:
            if ":" in last:
                names = CANDIDATES["THING"](context)
                return sorted({name for name in names if name.startswith(last)})
            prefixes = [f"{prefix}:" for prefix in context.project.prefixes]
        except (KaijuError, OSError):
            prefixes = []
        return select_prefixed(last, [*sorted({*KEYWORDS, *FUNCTIONS}), *prefixes])

    def _of_command(self, text: str) -> tuple[Iterable[str], int]:
        """Return the words that may continue a command, and the length of the last."""
        before = ARGUMENT.findall(text)
        last = before.pop() if before and not text[-1:].isspace() else ""
        root = ("--root", self.settings.root) if self.settings.root else ()
        line = ["kaiju", *before[:1], *root, *before[1:], last]
        found = complete(self.parser, "zsh", len(line) - 1, line)
        if not before:
            found += [*_questions(self.settings.root, last), *select_prefixed(last, STARTS)]
        return (word if word.endswith("=") else shlex.quote(word) for word in found), len(last)


def _questions(root: str | None, text: str) -> list[str]:
    try:
        return select_prefixed(text, CANDIDATES["NAME"](Context(root, None, text)))
    except (KaijuError, OSError):
        return []


def _settings(text: str) -> tuple[list[str], int]:
    """Return the names of settings, or of formats, that begin like a line."""
    name, space, value = text.partition(" ")
    if space:
        known: Sequence[str] = FORMATS if name == "\\format" else ("on", "off")
        return select_prefixed(value, known), len(value)
    names = re.findall(r"^(\\\S+)", HELP, re.MULTILINE)
    return [known for known in names if known.startswith(text)], len(text)
