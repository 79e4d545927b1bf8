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
    """Show how many files of each kind the cache has, and their size; or remove them."""
    from kaiju_graph.errors import UnreachableError
    from kaiju_graph.store import cache, maintenance

    sizes, title = maintenance.measure(), cache.folder()
    if options.clear:
        maintenance.clear()
        if any(count for count, _ in maintenance.measure().values()):
            raise UnreachableError(f"{title}: cannot be removed completely")
        title = f"{title}: {'removed' if any(map(any, sizes.values())) else 'nothing to remove'}"
        sizes = {kind: size for kind, size in sizes.items() if any(size)}
    lines = [
        f"{count:7,}  {kind:8} {size / 2**20:9,.1f} MiB\n" for kind, (count, size) in sizes.items()
    ]
    return Outcome("".join([f"{title}\n", *lines]))
