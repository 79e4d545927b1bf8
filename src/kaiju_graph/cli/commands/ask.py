"""``kaiju ask``: stored questions, and their answers."""

from __future__ import annotations

from itertools import islice

from kaiju_graph.cli.command import ArgumentParser, Namespace, Outcome, Process, open_graph
from kaiju_graph.cli.options import add_answer_options, add_parameters, read_parameters

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from kaiju_graph.api import KnowledgeGraph
    from kaiju_graph.rdf.terms import Term
    from kaiju_graph.remote_graph import RemoteGraph
    from kaiju_graph.sparql.question_search import Match
    from kaiju_graph.sparql.questions import Question

__all__ = ["EPILOG", "add_options", "run"]

EPILOG = """examples:
  kaiju ask who-directed
  kaiju ask who directed the film
  kaiju ask --tag evidence
  kaiju ask producers-in-order -p position=2 -f json"""
MAX_OFFERS = 5
"""How many questions are offered if none clearly fits the words."""
MAX_RELATED = 3
"""How many questions are offered beside an empty answer."""


def add_options(parser: ArgumentParser) -> None:
    """Add the arguments of the command."""
    parser.add_argument(
        "words",
        nargs="*",
        metavar="NAME",
        help="the question, by its name or in other words (default: list all questions)",
    )
    parser.add_argument("--tag", metavar="TAG", help="list only the questions with this tag")
    add_parameters(parser)
    parser.add_argument(
        "--show",
        action="store_true",
        help="do not answer: print the SPARQL, and possible values of its parameters",
    )
    add_answer_options(parser, "a graph, and the list of questions as SHACL")


def run(options: Namespace, process: Process) -> Outcome:
    """Answer a stored question, print its SPARQL, list the questions, or offer the nearest."""
    from kaiju_graph.errors import UnknownNameError, UsageError
    from kaiju_graph.sparql import questions

    kg = open_graph(options, process)
    if not options.words:
        return _list_questions(kg, options, process)
    if options.tag is not None:
        raise UsageError("found a question and --tag; expected one of them")
    for word in options.words:
        if "=" in word:
            raise UsageError(f"found {word!r}; did you mean -p {word}?")
    text = " ".join(options.words)
    try:
        return _answer(kg, questions.find_question(kg.project, text), options, process)
    except UnknownNameError as error:
        if "-" in text and " " not in text:  # a name, not words
            raise
        from kaiju_graph.sparql import question_search
        from kaiju_graph.sparql.parameters import ParameterValues

        values = ParameterValues(kg.project_store, kg.project)
        ranked = question_search.rank_questions(text.split(), kg.names, values)
        subject = question_search.find_subject(text.split(), kg.names)
        if not ranked and subject is None:
            raise
        code = error.exit_code
    if not ranked or not ranked[0].certain or (subject and _fills_thing(ranked[0])):
        offers = [] if subject is None else [_offer_description(subject)]
        offers += map(_offer, islice(_answerable(kg, ranked), MAX_OFFERS - len(offers)))
        note = f"error: no stored question clearly fits {text!r}; run one of these"
        return Outcome("".join(offers), code, note)
    best = ranked[0]
    options.parameter = [
        f"{name}={value}" for name, value in best.parameters.items()
    ] + options.parameter
    others = [match for match in ranked[1:] if match.parameters]
    outcome = _answer(kg, best.question, options, process, others)
    note = "; ".join(filter(None, (f"answer of: {_command(best)}", outcome.note)))
    return Outcome(outcome.text, outcome.code, note, pages=True)


def _answer(
    kg: KnowledgeGraph | RemoteGraph,
    question: Question,
    options: Namespace,
    process: Process,
    others: Sequence[Match] = (),
) -> Outcome:
    """Answer a question; for an empty answer, name others."""
    import warnings

    from kaiju_graph.cli.answer import Query, answer
    from kaiju_graph.errors import QueryWarning

    parameters = read_parameters(options.parameter)
    origin = f"queries/{question.name}.rq"
    if not (parameters or options.show):
        return answer(kg, Query(question.text, origin, lambda: question.text), options, process)
    from kaiju_graph.evidence.stats import count_drafts
    from kaiju_graph.sparql import parameters as values
    from kaiju_graph.sparql.question_search import related_questions

    if options.show:
        comments = values.describe_parameters(question, kg.project_store, kg.project)
        return Outcome(kg.bind(question, parameters) + comments)

    def bind() -> str:
        text = kg.bind(question, parameters)
        for message in values.find_doubles(question, terms(), kg.project_store, kg.project):
            warnings.warn(f"{origin}: {message}", QueryWarning, stacklevel=1)
        return text

    def terms() -> Mapping[str, Term]:
        return values.parameter_terms(question, parameters, kg.resolve)

    def explain_no_rows() -> Iterator[str]:
        yield from values.explain_no_rows(question, terms(), kg.project_store, kg.project)
        for thing in terms().values():
            drafts, passages = count_drafts(kg.project_store, thing)
            if drafts:
                name = kg.names.labels.get(thing, str(thing))
                yield f"{drafts} of {passages} passages about {name} are not modelled yet"
        related = (*related_questions(question, terms(), kg.project_store, kg.project), *others)
        commands = map(_command, islice(_answerable(kg, related), MAX_RELATED))
        if hint := "; ".join(commands):
            yield f"see also: {hint}"

    query = Query(question.text, origin, bind, explain_no_rows)
    return answer(kg, query, options, process)


def _answerable(kg: KnowledgeGraph | RemoteGraph, matches: Iterable[Match]) -> Iterator[Match]:
    """Yield the matches whose answers have rows."""
    from kaiju_graph.sparql.parameters import has_rows

    for match in matches:
        if has_rows(kg.bind(match.question, match.parameters), kg.project_store, kg.project):
            yield match


def _fills_thing(match: Match) -> bool:
    """Tell whether a thing fills a parameter; many questions are about a bare name."""
    things = {parameter.name for parameter in match.question.parameters if parameter.type == "iri"}
    return not things.isdisjoint(match.parameters)


def _offer(match: Match) -> str:
    """Return a command that the user can copy, and the question below it."""
    return f"{_command(match)}\n    {match.question.summary}\n"


def _offer_description(name: str) -> str:
    """Return the command that shows all facts about a thing, in the form of ``_offer``."""
    from shlex import join

    return f"{join(['kaiju', 'describe', name])}\n    All facts about {name}\n"


def _command(match: Match) -> str:
    from shlex import join

    pairs = [part for pair in match.parameters.items() for part in ("-p", "=".join(pair))]
    return join(["kaiju", "ask", match.question.name, *pairs])


def _list_questions(
    kg: KnowledgeGraph | RemoteGraph, options: Namespace, process: Process
) -> Outcome:
    """List the stored questions, as text or as a graph."""
    from kaiju_graph.cli.render import lists
    from kaiju_graph.rdf.formats import FORMATS
    from kaiju_graph.sparql import questions

    selection = questions.list_questions(kg.project, options.tag)
    if options.format in FORMATS:
        from kaiju_graph.publish import question_pages
        from kaiju_graph.rdf import write

        executables = question_pages.executables(selection, kg.project)
        first = question_pages.ORDER
        return Outcome(write.write(executables, options.format, kg.project, first=first))
    text = lists.render_questions(selection, options.format or "table", process.width, options.tag)
    return Outcome(text, pages=True)
