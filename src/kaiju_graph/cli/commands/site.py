"""``kaiju site``: the pages of the graph as files."""

from __future__ import annotations

from kaiju_graph.cli.command import ArgumentParser, Namespace, Outcome, Process, load_graph

__all__ = ["EPILOG", "add_options", "run"]

EPILOG = """examples:
  kaiju site pages
  kaiju site pages --base https://example.org/film/

Open pages/index.html in a browser, or copy the folder to any host: all links are relative."""


def add_options(parser: ArgumentParser) -> None:
    """Add the arguments of the command."""
    parser.add_argument(
        "folder", metavar="DIR", help="the folder; an earlier site in its place is replaced"
    )
    parser.add_argument(
        "--base",
        metavar="URL",
        help="where the folder will be on the web, for canonical links and a site map",
    )


def run(options: Namespace, process: Process) -> Outcome:
    """Write the pages."""
    from kaiju_graph.web.pages import engine, site

    kg = load_graph(options, process, memory=True)
    site.write(kg, options.folder, options.base, mebibytes=process.watch.mebibytes)
    return Outcome("", note=engine.missing_note())
