"""The parser of the command line: global options, and the arguments of each command."""

from __future__ import annotations

import os
from argparse import SUPPRESS, ArgumentParser, ArgumentTypeError, RawDescriptionHelpFormatter

from kaiju_graph import __version__
from kaiju_graph.cli import ROOT
from kaiju_graph.cli.commands import COMMANDS, load_command
from kaiju_graph.errors import KaijuError, UsageError
from kaiju_graph.project import location
from kaiju_graph.store import cache

TYPE_CHECKING = False
if TYPE_CHECKING:
    from argparse import Action, Namespace
    from collections.abc import Collection, Iterable, Sequence
    from typing import Any, NoReturn

__all__ = ["Parser", "build_parser", "limit"]

DESCRIPTION = """A knowledge graph of a document: every triple points to the words that state it.

start here:
  kaiju ask                   list the stored questions
  kaiju ask who-directed      answer one of them
  kaiju describe {thing}      show all facts about a thing
"""
EXIT_CODES = """exit codes:
  0   success
  1   a negative answer: does not conform; does not follow; differs; nothing has that name; with
      --exit-status, ASK is false or there is no row
  2   invalid arguments
  3   bad input: SPARQL, Turtle, a parameter, a name
  4   a file or folder that cannot be read or written
  5   a limit of time or size
  70  a bug"""


PLACEHOLDERS = ("{thing}", "{class}", "{word}")
GAP = 6
"""Spaces that follow a placeholder where a column ends, which stays where it is."""
EXAMPLE = ("ev:Passage", "owl:Class", "passage")
"""A thing, a class and a word for examples, if the cache does not know the project's subject."""


class Parser(ArgumentParser):
    """A parser that reports an error in one line, with what the user may have meant."""

    def error(self, message: str) -> NoReturn:
        """Raise an error of the arguments.

        Raises:
            UsageError: always.
        """
        raise UsageError(f"{message}; {self.prog} --help says more")

    def format_help(self) -> str:
        """Return the help, with examples about the subject of the project."""
        text = super().format_help()
        for placeholder, word in zip(PLACEHOLDERS, _find_example(), strict=False):
            column = len(placeholder) + GAP
            text = text.replace(placeholder.ljust(column), word.ljust(column))
            text = text.replace(placeholder, word)
        return text

    def parse_known_args(  # type: ignore[override]
        self, args: Sequence[str] | None = None, namespace: Namespace | None = None
    ) -> tuple[Namespace, list[str]]:
        """Parse arguments; the parser of a command reports its own unknown arguments.

        argparse leaves words that follow an option; they are added to the list of words.
        """
        options, unknown = super().parse_known_args(args, namespace)
        takes_words = any(action.nargs in ("*", "+") for action in self.positionals)
        for word in unknown:
            if word.startswith("-") or not takes_words:
                raise UsageError(self._explain_unknown(word))
            options.words.append(word)
        return options, []

    def _check_value(self, action: Action, value: Any) -> None:
        """Suggest commands for an unknown one, because the list of all is too long."""
        if isinstance(action.choices, dict) and value not in action.choices:
            program = self.prog.partition(" ")[0]
            hint = _hint(value, (n for n in COMMANDS if n != "complete"), program)
            raise UsageError(f"no command {value!r}{hint}")
        super()._check_value(action, value)

    def _explain_unknown(self, word: str) -> str:
        name = word.partition("=")[0]
        if word.startswith("-"):
            return f"no option {name!r}{_hint(name, self.flags, self.prog)}"
        expected = "nothing more" if self.positionals else "an option"
        if any(action.metavar in ("THING", "SUBJECT") for action in self.positionals):
            expected = "a name of several words in quotes"
        return f"found {word!r}; expected {expected}; {self.prog} --help says more"

    @property
    def flags(self) -> dict[str, Action]:
        """Its options, by flag."""
        return {flag: action for action in self._actions for flag in action.option_strings}

    @property
    def positionals(self) -> list[Action]:
        """Its positional arguments, in order."""
        return [action for action in self._actions if not action.option_strings]

    @property
    def commands(self) -> dict[str, Parser]:
        """The parsers of its commands, by name."""
        return next((a.choices for a in self._actions if isinstance(a.choices, dict)), {})


def _hint(word: str, known: Iterable[str], program: str) -> str:
    from kaiju_graph.project.spelling import did_you_mean

    return did_you_mean(word, known) or f"; {program} --help says more"


def _formatter(prog: str) -> RawDescriptionHelpFormatter:
    """Return argparse's formatter without its import of shutil, which is slow."""
    try:
        columns = int(os.environ.get("COLUMNS", "0")) or os.get_terminal_size(1).columns
    except (OSError, ValueError):
        columns = 80
    return RawDescriptionHelpFormatter(prog, width=(columns or 80) - 2)


def _find_example() -> Sequence[str]:
    """Return what the articles of the project are about, from the cache, or ``EXAMPLE``."""
    try:
        entry = cache.find_entry(location.locate())
        return (entry and cache.read_subject(entry)) or EXAMPLE
    except (KaijuError, OSError):
        return EXAMPLE


def limit(text: str) -> float:
    """Return the number that a text means: positive, or 0 for no limit."""
    try:
        number = float(text)
    except ValueError:
        number = -1
    if not 0 <= number < float("inf"):
        raise ArgumentTypeError(f"found {text!r}; expected a positive number, or 0 for no limit")
    return number


def build_parser(names: Collection[str | None]) -> Parser:
    """Return the parser of the command line, which sets ``command`` to a command's name.

    Args:
        names: the commands that get their arguments; the others get none, to save time.
    """
    options = Parser(add_help=False, argument_default=SUPPRESS, formatter_class=_formatter)
    common = options.add_argument_group("options of every command")
    common.add_argument(
        *ROOT,
        metavar="DIR",
        help="the project (default: KAIJU_ROOT, the nearest parent folder that is a project, or "
        "the bundled copy)",
    )
    common.add_argument(
        "--check-hash",
        action="store_true",
        help="read every source to see whether it has changed, instead of trusting sizes and times",
    )
    common.add_argument(
        "--timeout",
        metavar="SECONDS",
        type=limit,
        help="stop after this many seconds, with exit code 5; 0 is no limit (default: 600, and 60 "
        "for the query of ask and query)",
    )
    common.add_argument(
        "--max-memory",
        metavar="MIB",
        type=limit,
        help="stop if the process takes more memory, with exit code 5; 0 is no limit "
        "(default: 4096)",
    )
    common.add_argument("--debug", action="store_true", help="show the traceback of an error")
    parser = Parser(
        prog="kaiju",
        description=DESCRIPTION,
        epilog=EXIT_CODES,
        formatter_class=_formatter,
        parents=[options],
    )
    parser.add_argument("--version", action="version", version=f"kaiju-graph {__version__}")
    commands = parser.add_subparsers(metavar="COMMAND", dest="command")
    parser.set_defaults(command="help", topic=None)
    for name, summary in COMMANDS.items():
        in_list: dict[str, Any] = {"help": summary} if summary else {}
        if name not in names:
            commands.add_parser(name, add_help=False, **in_list)
            continue
        command = load_command(name)
        subparser = commands.add_parser(
            name,
            description=f"{summary[0].upper()}{summary[1:]}." if summary else None,
            epilog=command.EPILOG,
            formatter_class=_formatter,
            parents=[options],
            **in_list,
        )
        command.add_options(subparser)
    return parser
