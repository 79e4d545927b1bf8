"""``kaiju init``: an empty project."""

from __future__ import annotations

from kaiju_graph.cli.command import ArgumentParser, Namespace, Outcome, Process
from kaiju_graph.cli.options import file_name

__all__ = ["EPILOG", "add_options", "run"]

EPILOG = """examples:
  kaiju init my-films
  kaiju init letters --bare --namespace https://example.org/letters/

The project has the ontology, shapes and questions of this one as a start, and no article. A bare
one has only the terms of evidence and the shapes that check an ontology, for documents of any kind.
Next, inside of the folder: kaiju new ARTICLE.txt"""


def add_options(parser: ArgumentParser) -> None:
    """Add the arguments of the command."""
    parser.add_argument("folder", metavar="DIR", type=file_name, help="the folder to make")
    parser.add_argument(
        "--bare", action="store_true", help="without the terms, shapes and questions about works"
    )
    parser.add_argument(
        "--namespace",
        metavar="IRI",
        help="what the IRIs of its things begin with (default: https://example.org/NAME/)",
    )


def run(options: Namespace, _: Process) -> Outcome:
    """Make an empty project."""
    from kaiju_graph.draft.skeleton import init

    init(options.folder, bare=options.bare, namespace=options.namespace)
    return Outcome(f"{options.folder}: a project without articles; next: kaiju new ARTICLE in it\n")
