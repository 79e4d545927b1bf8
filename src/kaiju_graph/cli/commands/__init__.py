"""Stage 13: what each subcommand of ``kaiju`` does: options → text and exit code."""

from __future__ import annotations

import os
import warnings
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from kaiju_graph.cli.command import Outcome, Process
from kaiju_graph.cli.options import ALIASES
from kaiju_graph.errors import InconsistencyError, QueryError, QueryWarning, UsageError

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Callable, Iterable

    from kaiju_graph.api import KnowledgeGraph

__all__ = ["COMMANDS", "Query"]


class Query(NamedTuple):
    """A query: as it is written, what errors call it, and how its parameters are bound."""

    text: str
    origin: str
    bind: Callable[[], str]
    doubts: Callable[[], Iterable[str]] = tuple
    """What may be wrong with its parameters, where nothing was found."""


def _graph(options: Namespace, process: Process) -> KnowledgeGraph:
    from kaiju_graph.api import load
    from kaiju_graph.store.store import DEFAULT_LAYERS

    layers = options.layer.split(",") if getattr(options, "layer", None) else DEFAULT_LAYERS
    trusting = not options.check_hash
    return load(options.root, layers, process.progress, trusting=trusting, memory=False)


def _ask(options: Namespace, process: Process) -> Outcome:
    from kaiju_graph.sparql import limits, questions
    from kaiju_graph.sparql import parameters as values

    kg = _graph(options, process)
    if options.name is None:
        from kaiju_graph.cli.commands import validate as inspecting

        return inspecting.questions(kg, options, process)
    if options.tag is not None:
        raise UsageError("found a question and --tag; expected one of them")
    asked = questions.find_question(kg.project, options.name)
    given = _parameters(options.parameter)
    if options.show:
        with limits.Watch(options.timeout, options.max_memory, process.stop):
            comments = values.comment_lines(asked, kg.store, kg.project)
        return Outcome(kg.bind(asked, given) + comments)

    def doubts() -> Iterable[str]:
        terms = questions.parameter_terms(asked, given, kg.resolve)
        return values.find_unmatched_values(asked, terms, kg.store, kg.project) if given else ()

    bind = partial(kg.bind, asked, given)
    query = Query(asked.text, f"queries/{asked.name}.rq", bind, doubts)
    return _answer(kg, query, options, process)


def _parameters(pairs: list[str]) -> dict[str, str]:
    found = {}
    for pair in pairs:
        name, equals, value = pair.partition("=")
        if not equals:
            raise UsageError(f"found -p {pair!r}; expected -p name=value")
        found[name] = value
    return found


def _query(options: Namespace, process: Process) -> Outcome:
    if (options.text is None) == (options.file is None) or options.file == "":
        raise UsageError("expected one query: TEXT, --file FILE, or - for standard input")
    if options.text and os.path.isfile(options.text):
        raise UsageError(f"found the name of a file; did you mean --file {options.text}?")
    if options.file not in (None, "-"):
        from kaiju_graph.project.layout import read_text

        text = read_text(options.file)
        query = Query(text, options.file, lambda: text)
        return _answer(_graph(options, process), query, options, process)
    text = options.text
    if "-" in (text, options.file):
        try:
            text = process.read().decode()
        except UnicodeDecodeError as error:
            raise QueryError(
                f"query: found byte {error.object[error.start]:#x}; expected UTF-8"
            ) from None
    query = Query(text, "query", lambda: text)
    return _answer(_graph(options, process), query, options, process)


def _answer(kg: KnowledgeGraph, query: Query, options: Namespace, process: Process) -> Outcome:
    """Answer a query, within limits, and keep what ``quick`` can find again."""
    from kaiju_graph.rdf import write
    from kaiju_graph.sparql import execute, limits, results
    from kaiju_graph.store import cache

    before = cache.find_entry(kg.project.root)
    parameters = getattr(options, "parameter", [])
    # What it takes to read the project is no fault of the query.
    _ = kg.explainer if options.evidence else kg.store_for(query.text)
    traced = None
    with (
        limits.Watch(options.timeout, options.max_memory, process.stop),
        warnings.catch_warnings(record=True, action="always") as doubts,
    ):
        text = query.bind()
        if options.evidence:
            from kaiju_graph.cli.render import evidence

            rows = kg.trace(text, query.origin, rows=options.max_rows)
            shown = evidence.render_rows(rows, options.format, kg.grounds, process.width)
            negative = options.exit_status and not rows.rows
            traced = Outcome(shown, int(negative), evidence.evidence_note(rows))
        else:
            answer, empty = kg.answer(text, query.origin, rows=options.max_rows), False
            if parameters or options.exit_status:
                answer, empty = execute.hold(answer)
            for found in query.doubts() if empty else ():
                warnings.warn(f"{query.origin}: {found}", QueryWarning, stacklevel=1)
            negative = empty and options.exit_status
            if isinstance(answer, list):
                form = options.format or "turtle"
                shown = write.write(answer, ALIASES.get(form, form), kg.project)
            else:
                shown = results.write(answer, options.format, kg.project, process.width)
    for doubt in doubts:
        warnings.warn(doubt.message, stacklevel=1)
    if traced:
        return traced
    if process.width and shown.endswith(results.NO_ROWS):
        return Outcome(shown, int(negative), "no rows")
    # Sources that changed since may have an entry by now, whose answer may be another.
    entry = cache.find_entry(kg.project.root)
    if entry and entry == before and not doubts and options.layer is None:
        question = cache.answer_key(query.text, parameters, options.format or "", process.width)
        cache.write_answer(entry, question, results.for_output(shown, process.width).encode())
    return Outcome(shown, int(negative))


def _describe(options: Namespace, process: Process) -> Outcome:
    from kaiju_graph.cli.render import thing as rendering

    kg = _graph(options, process)
    thing = kg.resolve(options.thing)
    facts = kg.describe(f"<{thing.value}>")
    return Outcome(rendering.render_thing(kg, thing, facts, options.format, process.width))


def _why(options: Namespace, process: Process) -> Outcome:
    from kaiju_graph.cli.render import proof

    kg = _graph(options, process)
    said = (options.subject, options.predicate, options.object)
    try:
        found, grounds = kg.why(*said, every=options.all), kg.grounds
    except InconsistencyError as error:
        from kaiju_graph.evidence.grounds import refute

        grounds, found = refute(error, kg.project)
        text = proof.render_proof(grounds, found, options.format, process.width)
        return Outcome(text, 1, f"error: {error}")
    text = proof.render_proof(grounds, found, options.format, process.width)
    return Outcome(text, int(not found.proofs))


def _search(options: Namespace, process: Process) -> Outcome:
    from kaiju_graph.cli.render import lists
    from kaiju_graph.project.spelling import WORD, did_you_mean

    words = " ".join(options.words)
    if not words.strip():
        raise UsageError("found no words; expected some that a name has")
    kg = _graph(options, process)
    found = kg.search(words)
    text = lists.render_hits(found, options.format, kg.project, process.width)
    if found:
        return Outcome(text)
    known = dict.fromkeys(part for name in kg.names.things for part in (name, *WORD.findall(name)))
    return Outcome(text, 1, f"nothing is named {words!r}{did_you_mean(words, known)}")


def _validate(options: Namespace, process: Process) -> Outcome:
    from kaiju_graph.cli.commands import validate as inspecting

    return inspecting.validate(options, process)


def _infer(options: Namespace, process: Process) -> Outcome:
    from kaiju_graph.cli.render.text import quantity
    from kaiju_graph.rdf import write
    from kaiju_graph.rdf.terms import sort_key

    kg = _graph(options, process)
    try:
        inferred = kg.infer(options.reasoner)
        if options.check:
            other = "owlrl" if options.reasoner == "rules" else "rules"
            process.progress(f"inferring by {other}")
            differing = sorted(set(inferred) ^ set(kg.infer(other)), key=sort_key)
    except InconsistencyError as error:
        return Outcome("", 1, f"error: {error}")
    if options.check:
        text = write.write(differing, "ntriples", kg.project)
        total = quantity(len(inferred), "conclusion")
        note = f"{total}; {len(differing):,} differ from those of {other}"
        return Outcome(text, int(bool(differing)), note)
    return Outcome(write.write(inferred, options.format, kg.project))


def _coverage(options: Namespace, process: Process) -> Outcome:
    from kaiju_graph.cli.commands import validate as inspecting

    return inspecting.coverage(_graph(options, process), options)


def _export(options: Namespace, process: Process) -> Outcome:
    from kaiju_graph.cli.commands import export as publishing

    return publishing.export(_graph(options, process), options)


def _diff(options: Namespace, process: Process) -> Outcome:
    from kaiju_graph.cli.commands import validate as inspecting

    return inspecting.diff(options, process)


def _stats(options: Namespace, process: Process) -> Outcome:
    from kaiju_graph.cli.commands import validate as inspecting

    return inspecting.stats(_graph(options, process), options)


def _cache(options: Namespace, _: Process) -> Outcome:
    from kaiju_graph.store import cache, eviction

    if options.clear:
        eviction.clear()
    lines = [
        f"{count:7,}  {kind:8} {size / 2**20:9,.1f} MiB\n"
        for kind, (count, size) in eviction.measure().items()
    ]
    return Outcome("".join([f"{cache.folder()}\n", *lines]))


def _help(options: Namespace, _: Process) -> Outcome:
    from kaiju_graph.cli.arguments import parser

    whole = parser([options.topic])
    return Outcome((whole.commands[options.topic] if options.topic else whole).format_help())


def _version(_: Namespace, __: Process) -> Outcome:
    from kaiju_graph import __version__

    return Outcome(f"kaiju-graph {__version__}\n")


def _completion(options: Namespace, _: Process) -> Outcome:
    from kaiju_graph.cli import completion

    return Outcome(completion.SCRIPTS[options.shell])


def _complete(options: Namespace, _: Process) -> Outcome:
    from kaiju_graph.cli import completion
    from kaiju_graph.cli.arguments import parser

    found = completion.complete(parser(), options.shell, options.index, options.words)
    return Outcome("".join(f"{text}\n" for text in found))


COMMANDS: dict[str, Callable[[Namespace, Process], Outcome]] = {
    "ask": _ask,
    "query": _query,
    "describe": _describe,
    "why": _why,
    "search": _search,
    "validate": _validate,
    "infer": _infer,
    "coverage": _coverage,
    "export": _export,
    "diff": _diff,
    "stats": _stats,
    "cache": _cache,
    "completion": _completion,
    "complete": _complete,
    "help": _help,
    "version": _version,
}
