"""What can go wrong, and the exit code that each kind of it gives.

    KaijuError                 70   a fault of kaiju-graph itself
    ├── UsageError              2   a wrong call: option, argument, format
    ├── InputError              3   input that cannot be used
    │   ├── QueryError              SPARQL that does not parse or is refused
    │   ├── ParameterError          a parameter that the question does not take
    │   ├── SourceError             a file of the project that does not load
    │   ├── UnknownNameError        a question, thing or layer that nobody knows
    │   └── InconsistencyError      a graph from which a contradiction follows
    ├── UnreachableError        4   a file or folder that cannot be read or written
    └── LimitError              5   a limit of time or size

Exit code 1 is not an error: it is a negative answer (does not conform, differs).
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

__all__ = [
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
    """An error with one line to show and an exit code."""

    exit_code = 70


class UsageError(KaijuError):
    """A call that does not fit the command or function."""

    exit_code = 2


class InputError(KaijuError):
    """Input that was read and cannot be used."""

    exit_code = 3


class QueryError(InputError):
    """SPARQL text that does not parse or is refused."""


class ParameterError(InputError):
    """A parameter that the question does not take, or a value that it cannot hold."""


class SourceError(InputError):
    """A file of the project that does not load; the text begins with ``file:line:``."""

    @classmethod
    def of_syntax(cls, file: str, error: SyntaxError) -> SourceError:
        """Return the error of a file that Oxigraph does not parse.

        Oxigraph gives the position twice: in the text and as attributes.
        """
        reason = (error.msg or "does not parse").partition(": ")[2] or error.msg
        return cls(f"{file}:{error.lineno or 1}:{error.offset or 1}: {reason}")


class UnknownNameError(InputError):
    """A name that nothing in the project bears."""


class InconsistencyError(InputError):
    """A graph from which a contradiction follows (OWL 2 RL derives ``false``)."""

    def __init__(
        self,
        message: str,
        rule: str = "",
        premises: tuple[Any, ...] = (),
        rounds: dict[Any, int] | None = None,
    ) -> None:
        """Keep what a proof needs.

        Args:
            message: the line to show.
            rule: the name of the rule that derives ``false``, where known.
            premises: the triples that it needs, those of lists left out.
            rounds: what had followed by then, each triple with its round.
        """
        super().__init__(message)
        self.rule = rule
        self.premises = premises
        self.rounds = rounds or {}


class UnreachableError(KaijuError):
    """A file, folder or endpoint that cannot be reached."""

    exit_code = 4


class LimitError(KaijuError):
    """A limit of time or size that was met."""

    exit_code = 5


class CacheWarning(UserWarning):
    """The cache could not be used; the answer is the same, only slower."""


class QueryWarning(UserWarning):
    """A query was answered, but perhaps not the one that was meant, or not in full."""
