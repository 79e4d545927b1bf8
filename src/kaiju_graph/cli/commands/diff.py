"""``kaiju diff``: the differences between two states of a graph."""

from __future__ import annotations

from kaiju_graph.cli.command import ArgumentParser, Namespace, Outcome, Process, no_project_note
from kaiju_graph.cli.options import add_format
from kaiju_graph.rdf.formats import ENDINGS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from kaiju_graph.project.layout import Project
    from kaiju_graph.rdf.terms import Quad

__all__ = ["EPILOG", "add_options", "run"]

EPILOG = """examples:
  kaiju diff HEAD~1 .
  kaiju diff before.nq after.nq -f json

Statements are compared graph by graph, except for layers that a file does not have; if one side is
a file of one graph, both are compared as one graph without layers. Each side answers its own stored
questions; a file answers those of the other side, and two files those of the current project. What
only moved in an article, because words before it are new or gone, is counted; json lists it.

json:
  {"equal": false, "old": NAME, "new": NAME, "asked": the number of questions,
   "uncompared": {LAYER: the NAME of the only side that has it},
   "statements": [{"layer", "graph", "added": true or false,
                   "subject", "predicate", "object": each as in SPARQL Results JSON, "label"}],
   "answers": [{"question", "summary", "only": "old", "new" or null,
                "removed": [rows as in SPARQL Results JSON], "added": [rows]}]}"""


def add_options(parser: ArgumentParser) -> None:
    """Add the arguments of the command."""
    kinds = f"a project's folder, a data file ({', '.join(ENDINGS)}), or a git revision"
    parser.add_argument("old", metavar="OLD", help=f"{kinds} of the project")
    parser.add_argument(
        "new", metavar="NEW", help="the state to compare with it, in the same forms"
    )
    add_format(parser, "text", "json")


def run(options: Namespace, process: Process) -> Outcome:
    """Compare two states of a graph, and the answers that they give."""
    from kaiju_graph import api
    from kaiju_graph.cli.render import diff as render
    from kaiju_graph.diff import changes, states
    from kaiju_graph.project import layout

    def load(root: str) -> tuple[Project, list[Quad]]:
        trusting = not options.check_hash
        kg = api.load(root, progress=process.progress, trusting=trusting)
        return kg.project, kg.quads

    here = layout.find(options.root)
    old, new = (states.read_state(name, here, load) for name in (options.old, options.new))
    difference = changes.compare(old, new, here, process.progress)
    text = render.render_diff(difference, options.format, process.width)
    # A file has the prefixes and questions of the current project.
    is_file = None in (old.questions, new.questions)
    notes = [render.uncompared_note(difference), no_project_note(options) if is_file else ""]
    colour = render.paint_diff if options.format == "text" else None
    return Outcome(text, int(not difference.equal), "; ".join(filter(None, notes)), colour)
