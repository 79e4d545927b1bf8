"""The parser of the command line, as ``arguments`` makes it and ``completing`` asks it."""

from __future__ import annotations

from argparse import ArgumentParser, ArgumentTypeError

from kaiju_graph.errors import UsageError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from argparse import Action
    from collections.abc import Callable, Collection, Mapping
    from typing import NoReturn

__all__ = ["Parser", "called", "count", "positive"]


class Parser(ArgumentParser):
    """A parser whose errors are one line, and that can tell what it takes."""

    def error(self, message: str) -> NoReturn:
        """Raise what a call is that does not fit."""
        raise UsageError(f"{message}; {self.prog} --help says more")

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
