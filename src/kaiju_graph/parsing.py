"""The parser of the command line, as ``arguments`` makes it and ``completing`` asks it."""

from __future__ import annotations

from argparse import ArgumentParser

from kaiju_graph.errors import UsageError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from argparse import Action
    from typing import NoReturn

__all__ = ["Parser"]


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
