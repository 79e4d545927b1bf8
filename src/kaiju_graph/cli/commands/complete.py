"""``kaiju complete``: the candidates for a word, for the scripts of ``kaiju completion``."""

from __future__ import annotations

from argparse import REMAINDER, ArgumentTypeError

from kaiju_graph.cli.command import ArgumentParser, Namespace, Outcome, Process
from kaiju_graph.cli.commands.completion import SHELLS

__all__ = ["EPILOG", "add_options", "run"]

EPILOG = ""
MAX_WORDS = 10_000
"""How many words a command line may have."""


def add_options(parser: ArgumentParser) -> None:
    """Add the arguments of the command."""
    parser.add_argument("shell", choices=SHELLS)
    parser.add_argument("index", type=_position)
    parser.add_argument("words", nargs=REMAINDER)


def _position(text: str) -> int:
    """Return the position of a word on the command line, from 0."""
    if not (text.isascii() and text.isdigit() and int(text[:20]) < MAX_WORDS):
        raise ArgumentTypeError(f"found {text!r}; expected a whole number below {MAX_WORDS:,}")
    return int(text)


def run(options: Namespace, _: Process) -> Outcome:
    """Print the candidates, one a line."""
    from kaiju_graph.cli import completion, config
    from kaiju_graph.cli.commands import COMMANDS
    from kaiju_graph.cli.parser import build_parser
    from kaiju_graph.errors import KaijuError

    try:
        root = config.find_root(None, config.read_settings())
    except (KaijuError, OSError):  # a shell cannot show the error
        root = None
    parser = build_parser(COMMANDS)
    words = completion.complete(parser, options.shell, options.index, options.words, root)
    return Outcome("".join(f"{word}\n" for word in words))
