"""``kaiju completion``: the script that makes a shell complete the command."""

from __future__ import annotations

from kaiju_graph.cli.command import ArgumentParser, Namespace, Outcome, Process

__all__ = ["EPILOG", "SHELLS", "add_options", "run"]

SHELLS = ("bash", "zsh", "fish")
EPILOG = """example:
  kaiju completion bash

in a file that the shell reads when it starts:
  bash  eval "$(kaiju completion bash)"
  zsh   eval "$(kaiju completion zsh)"    after compinit
  fish  kaiju completion fish | source"""


def add_options(parser: ArgumentParser) -> None:
    """Add the arguments of the command."""
    parser.add_argument("shell", metavar="SHELL", choices=SHELLS, help=", ".join(SHELLS))


def run(options: Namespace, _: Process) -> Outcome:
    """Print the script."""
    from kaiju_graph.cli import completion

    return Outcome(completion.SCRIPTS[options.shell])
