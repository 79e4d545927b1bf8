"""``kaiju check``: compare the answers of an engine with ours."""

from __future__ import annotations

from kaiju_graph.cli.command import (
    ArgumentParser,
    Namespace,
    Outcome,
    Process,
    load_graph,
    query_seconds,
)
from kaiju_graph.cli.options import add_format

__all__ = ["EPILOG", "add_options", "run"]

EPILOG = """example:
  kaiju check http://127.0.0.1:7878/query

The endpoint has the graph of this project (kaiju push URL loads it). Credentials are read from
KAIJU_ENDPOINT_USER and KAIJU_ENDPOINT_PASSWORD, KAIJU_ENDPOINT_TOKEN, or netrc."""


def add_options(parser: ArgumentParser) -> None:
    """Add the arguments of the command."""
    parser.add_argument("url", metavar="URL", help="the endpoint of SPARQL")
    parser.add_argument(
        "--tag", metavar="TAG", help="ask only the questions with this tag (default: all)"
    )
    add_format(parser, "text", "json", "csv")


def run(options: Namespace, process: Process) -> Outcome:
    """Ask every stored question there, and compare."""
    from kaiju_graph.cli.render import comparison
    from kaiju_graph.remote import check, engine
    from kaiju_graph.remote.protocol import Endpoint
    from kaiju_graph.sparql import questions

    kg = load_graph(options, process)
    endpoint = Endpoint(options.url, process.progress, seconds=query_seconds(options))
    default = engine.find_default_graph(endpoint)
    missing = list(engine.missing_features(endpoint))
    selection = questions.list_questions(kg.project, options.tag)
    compared = list(
        check.compare_questions(
            endpoint,
            selection,
            kg.project.prefixes,
            lambda question: kg.answer(question.text, question.name),
        )
    )
    merged = engine.find_dataset(endpoint, graphs=False) is not None
    text = comparison.render(default, missing, compared, options.format, merged=merged)
    return Outcome(text, int(any(each.verdict != check.SAME for each in compared)))
