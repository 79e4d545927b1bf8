"""``kaiju cache``: the files that are kept between runs."""

from __future__ import annotations

from kaiju_graph.cli.command import ArgumentParser, Namespace, Outcome, Process

__all__ = ["EPILOG", "add_options", "run"]

EPILOG = """example:
  kaiju cache --clear"""


def add_options(parser: ArgumentParser) -> None:
    """Add the arguments of the command."""
    parser.add_argument("--clear", action="store_true", help="remove it; it is rebuilt when needed")


def run(options: Namespace, _: Process) -> Outcome:
    """Show how many files of each kind the cache has, and their size."""
    from kaiju_graph.store import cache

    if options.clear:
        cache.clear()
    lines = [
        f"{count:7,}  {kind:8} {size / 2**20:9,.1f} MiB\n"
        for kind, (count, size) in cache.measure().items()
    ]
    return Outcome("".join([f"{cache.folder()}\n", *lines]))
