"""Stage 13: what each subcommand of ``kaiju`` does: options → text and exit code."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, NamedTuple

from kaiju_graph import arguments
from kaiju_graph.errors import (
    InconsistencyError,
    InputError,
    QueryError,
    UnreachableError,
    UsageError,
)

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Callable

    from kaiju_graph.knowledge import KnowledgeGraph

__all__ = ["COMMANDS", "Outcome", "Process"]


class Process(NamedTuple):
    """What a command may know of the process that it runs in."""

    width: int
    """Columns of the terminal that standard output is; 0 where it is none."""
    read: Callable[[], bytes]
    """Reads standard input."""
    progress: Callable[[str], None]
    """Is told what is being done, where it may take more than a moment."""
    stop: Callable[[str], None]
    """Ends the process at a limit, which it is told."""


class Outcome(NamedTuple):
    """What a command has to say, on standard output, by its exit code, and on standard error."""

    text: str
    code: int = 0
    note: str = ""


def _graph(options: Namespace, process: Process) -> KnowledgeGraph:
    from kaiju_graph.knowledge import load
    from kaiju_graph.store import MERGED

    layers = options.layer.split(",") if getattr(options, "layer", None) else MERGED
    return load(options.root, layers, process.progress, trusting=not options.check_hash)


def _ask(options: Namespace, process: Process) -> Outcome:
    from kaiju_graph import asking, showing

    kg = _graph(options, process)
    if options.name is None:
        return Outcome(showing.menu(asking.questions(kg.project), options.format or "table"))
    asked = asking.question(kg.project, options.name)
    text = kg.bind(asked, _parameters(options.parameter))
    if options.show:
        return Outcome(text)
    return _answer(kg, (asked.text, text), f"queries/{asked.name}.rq", options, process)


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
    if options.file:
        from kaiju_graph.project import read_text

        text = read_text(options.file)
        return _answer(_graph(options, process), (text, text), options.file, options, process)
    text = options.text
    if text == "-":
        try:
            text = process.read().decode()
        except UnicodeDecodeError as error:
            raise QueryError(
                f"query: found byte {error.object[error.start]:#x}; expected UTF-8"
            ) from None
    return _answer(_graph(options, process), (text, text), "query", options, process)


def _answer(
    kg: KnowledgeGraph, texts: tuple[str, str], origin: str, options: Namespace, process: Process
) -> Outcome:
    """Answer a query (as written, and as bound), and keep what ``quick`` can find again."""
    import pyoxigraph as ox

    from kaiju_graph import cache, exporting, formats, limits
    from kaiju_graph.terms import Triple

    limits.watch(options.timeout, options.max_memory, process.stop)
    text, bound = texts
    answer = kg.answer(bound, origin)
    if isinstance(answer, ox.QueryTriples):
        triples = [Triple(t.subject, t.predicate, t.object) for t in answer]
        shown = exporting.write(triples, options.format or "turtle", kg.project)
    else:
        shown = formats.write(answer, options.format, kg.project, process.width)
    if options.layer is None and (entry := cache.entry(kg.project.root)):
        parameters = getattr(options, "parameter", [])
        question = cache.question(text, parameters, options.format or "", process.width)
        cache.keep(entry, question, formats.shown(shown, process.width).encode())
    negative = isinstance(answer, ox.QueryBoolean) and not answer
    return Outcome(shown, int(negative and options.exit_status))


def _describe(options: Namespace, process: Process) -> Outcome:
    from kaiju_graph import showing

    kg = _graph(options, process)
    thing = kg.resolve(options.thing)
    facts = kg.describe(f"<{thing.value}>")
    return Outcome(showing.facts(kg, thing, facts, options.format))


def _search(options: Namespace, process: Process) -> Outcome:
    from kaiju_graph import showing
    from kaiju_graph.names import did_you_mean

    kg = _graph(options, process)
    words = " ".join(options.words)
    found = kg.search(words)
    text = showing.found(kg, found, options.format)
    if found:
        return Outcome(text)
    hint = did_you_mean(words, kg.names.things)
    return Outcome(text, note=f"nothing is named {words!r}{hint}")


def _validate(options: Namespace, process: Process) -> Outcome:
    from kaiju_graph import showing

    kg = _graph(options, process)
    try:
        outcome = kg.validate(cache=not options.no_cache)
    except InputError as error:  # a file that does not load does not conform
        return Outcome("", 1, f"error: {error}")
    return Outcome(showing.report(kg, outcome, options.format), int(not outcome.conforms))


def _infer(options: Namespace, process: Process) -> Outcome:
    from kaiju_graph import exporting
    from kaiju_graph.terms import text_order

    kg = _graph(options, process)
    try:
        inferred = kg.infer(options.reasoner)
        if options.check:
            other = "owlrl" if options.reasoner == "rules" else "rules"
            process.progress(f"inferring by {other}")
            differing = sorted(set(inferred) ^ set(kg.infer(other)), key=text_order)
    except InconsistencyError as error:
        return Outcome("", 1, f"error: {error}")
    if options.check:
        text = exporting.write(differing, "ntriples", kg.project)
        counts = f"{len(inferred):,} conclusions; {len(differing):,} differ from those of {other}"
        return Outcome(text, int(bool(differing)), counts)
    return Outcome(exporting.write(inferred, options.format, kg.project))


def _coverage(options: Namespace, process: Process) -> Outcome:
    from kaiju_graph import showing

    kg = _graph(options, process)
    covered = kg.cover()
    return Outcome(showing.coverage(kg, covered, options.format), int(not covered.complete))


def _export(options: Namespace, process: Process) -> Outcome:
    ending = os.path.splitext(options.output or "")[1]
    text = _graph(options, process).export(
        options.format or arguments.ENDINGS.get(ending),
        profile=options.profile,
        thing=options.thing,
        passages=options.passage.split(",") if options.passage else (),
        evidence=options.with_evidence,
        inferred=options.inferred,
        ids=options.ids,
    )
    if options.output is None:
        return Outcome(text)
    from kaiju_graph.files import write_whole

    try:
        write_whole(options.output, text.encode())
    except OSError as error:
        message = f"{options.output}: cannot be written: {error.strerror}"
        raise UnreachableError(message) from None
    return Outcome("")


def _stats(options: Namespace, process: Process) -> Outcome:
    import json

    figures = _graph(options, process).stats()
    if options.format == "json":
        return Outcome(json.dumps(figures, indent=2) + "\n")
    return Outcome("".join(f"{count:7,}  {name}\n" for name, count in figures.items()))


def _cache(options: Namespace, _: Process) -> Outcome:
    from kaiju_graph import cache

    if options.clear:
        cache.clear()
    lines = [
        f"{count:7,}  {kind:8} {size / 2**20:9,.1f} MiB\n"
        for kind, (count, size) in cache.usage().items()
    ]
    return Outcome("".join([f"{cache.folder()}\n", *lines]))


COMMANDS: dict[str, Callable[[Namespace, Process], Outcome]] = {
    "ask": _ask,
    "query": _query,
    "describe": _describe,
    "search": _search,
    "validate": _validate,
    "infer": _infer,
    "coverage": _coverage,
    "export": _export,
    "stats": _stats,
    "cache": _cache,
}
