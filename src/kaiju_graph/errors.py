"""The tree of errors, with the exit code of each.

    KaijuError                 70   a bug in kaiju-graph
    ├── UsageError              2   invalid arguments: option, argument, format
    ├── InputError              3   invalid input
    │   ├── QueryError              SPARQL that does not parse or is not allowed
    │   ├── ParameterError          a parameter that the question does not have
    │   ├── SourceError             a file of the project that does not load
    │   ├── AxiomError              an axiom that no rule of inference supports
    │   ├── UnknownNameError        a question, thing or layer that does not exist
    │   └── InconsistencyError      a graph that contradicts itself
    ├── UnreachableError        4   a file, folder or endpoint that cannot be reached
    └── LimitError              5   a limit of time or size

Exit code 1 is not an error but a negative answer (does not conform, differs).
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

__all__ = [
    "AxiomError",
    "CacheWarning",
    "InconsistencyError",
    "InputError",
    "KaijuError",
    "LimitError",
    "ParameterError",
    "QueryError",
    "QueryWarning",
    "SourceError",
    "UnknownNameError",
    "UnreachableError",
    "UsageError",
]


class KaijuError(Exception):
    """An error with a message of one line and an exit code."""

    exit_code = 70


class UsageError(KaijuError):
    """Invalid arguments of the command or of a function."""

    exit_code = 2


class InputError(KaijuError):
    """Input that can be read but is not valid."""

    exit_code = 3


class QueryError(InputError):
    """SPARQL text that does not parse or is not allowed."""


class ParameterError(InputError):
    """A parameter that the question does not have, or a value that does not fit."""


class SourceError(InputError):
    """A file of the project that does not load; the message begins with ``file:line:``."""


class AxiomError(InputError):
    """An axiom of an ontology that no rule of inference supports."""

    def __init__(self, reason: str, term: Any) -> None:
        """Take the reason (``found …; expected …``) and the property that the axiom is about."""
        super().__init__(f"ontology: {term}: {reason}")
        self.reason = reason
        self.term = term


class UnknownNameError(InputError):
    """A name that nothing in the project has."""


class InconsistencyError(InputError):
    """A graph that contradicts itself: OWL 2 RL derives ``false``."""

    def __init__(
        self,
        message: str,
        rule: str = "",
        premises: tuple[Any, ...] = (),
        rounds: dict[Any, int] | None = None,
    ) -> None:
        """Take what a proof needs.

        Args:
            message: the message.
            rule: the name of the rule that derives ``false``, if known.
            premises: its premises, without those of lists.
            rounds: the triples inferred so far, each with its round.
        """
        super().__init__(message)
        self.rule = rule
        self.premises = premises
        self.rounds = rounds or {}


class UnreachableError(KaijuError):
    """A file, folder or endpoint that cannot be reached."""

    exit_code = 4


class LimitError(KaijuError):
    """A limit of time or size that was reached."""

    exit_code = 5


class CacheWarning(UserWarning):
    """The cache could not be used; the answer is the same, but slower."""


class QueryWarning(UserWarning):
    """A query that may not mean what its author intended, or an answer that is not complete."""
