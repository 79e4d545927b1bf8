"""The parser of the command line, as ``arguments`` makes it and ``completing`` asks it."""

from __future__ import annotations

from argparse import ArgumentParser, ArgumentTypeError

from kaiju_graph.errors import UsageError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from argparse import Action, Namespace
    from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
    from typing import Any, NoReturn

__all__ = ["INTERNAL", "Parser", "called", "count", "positive"]

INTERNAL = "complete"
"""The subcommand that nobody types, as the scripts of shells call it."""


class Parser(ArgumentParser):
    """A parser whose errors are one line, and that can tell what it takes."""

    def error(self, message: str) -> NoReturn:
        """Raise what a call is that does not fit."""
        raise UsageError(f"{message}; {self.prog} --help says more")

    def parse_known_args(  # type: ignore[override]
        self, args: Sequence[str] | None = None, namespace: Namespace | None = None
    ) -> tuple[Namespace, list[str]]:
        """Parse arguments; what is not known is an error of the subcommand that has it."""
        found, unknown = super().parse_known_args(args, namespace)
        for word in unknown:
            raise UsageError(self._unknown(word))
        return found, unknown

    def _check_value(self, action: Action, value: Any) -> None:
        """Raise what is none of an argument's choices: of commands without a list of them all."""
        if isinstance(action.choices, dict) and value not in action.choices:
            known = (name for name in action.choices if name != INTERNAL)
            command = self.prog.partition(" ")[0]
            raise UsageError(f"no command {value!r}{_hint(value, known, command)}")
        super()._check_value(action, value)

    def _unknown(self, word: str) -> str:
        name, equals, _ = word.partition("=")
        if word.startswith("-"):
            known = (option for action in self._actions for option in action.option_strings)
            return f"no option {name!r}{_hint(name, known, self.prog)}"
        pairs = (a.option_strings[0] for a in self._actions if "=" in str(a.metavar))
        if equals and (option := next(pairs, None)):
            return f"found {word!r}; did you mean {option} {word}?"
        return f"found {word!r}; expected nothing more; {self.prog} --help says more"

    @property
    def actions(self) -> list[Action]:
        """The arguments that it takes."""
        return self._actions

    @property
    def positionals(self) -> list[Action]:
        """Those that are told by their place, in order."""
        return [action for action in self._actions if not action.option_strings]

    @property
    def commands(self) -> dict[str, Parser]:
        """The parsers of its subcommands."""
        return {
            name: parser
            for action in self._actions
            if isinstance(action.choices, dict)
            for name, parser in action.choices.items()
        }

    def option(self, name: str) -> Action | None:
        """Return the option of a name, such as ``--format``, or None."""
        return next((a for a in self._actions if name in a.option_strings), None)


def _hint(word: str, known: Iterable[str], command: str) -> str:
    from kaiju_graph.project.spelling import did_you_mean

    return did_you_mean(word, known) or f"; {command} --help says more"


def called(known: Collection[str], others: Mapping[str, str]) -> Callable[[str], str]:
    """Return what reads a name: one that is known, or else another that it has."""
    return lambda name: name if name in known else others.get(name, name)


def positive(text: str) -> float:
    """Read a limit: a positive number."""
    try:
        number = float(text)
    except ValueError:
        number = 0
    if not 0 < number < float("inf"):
        raise ArgumentTypeError(f"found {text!r}; expected a positive number")
    return number


def count(text: str) -> int:
    """Read how many: a positive whole number."""
    if not (text.isascii() and text.isdigit() and 0 < int(text[:20]) < 2**53):
        raise ArgumentTypeError(f"found {text!r}; expected a positive whole number")
    return int(text)
