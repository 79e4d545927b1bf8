"""The command ``kaiju``: the only module that reads arguments, prints or exits."""

from __future__ import annotations

import argparse
import os
import shutil
import sys
import warnings
from typing import TYPE_CHECKING

from kaiju_graph import arguments
from kaiju_graph.errors import (
    KaijuError,
    LimitError,
    QueryError,
    SourceError,
    UnreachableError,
    UsageError,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from kaiju_graph.knowledge import KnowledgeGraph

__all__ = ["main"]

LONGEST_LINE = 1000
"""How many characters of an error are shown."""


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command and return its exit code.

    Args:
        argv: the arguments; None takes those of the process.
    """
    warnings.showwarning = _warn
    options = argparse.Namespace(debug=False, root=None)
    argv = sys.argv[1:] if argv is None else argv
    try:
        _check_unicode(argv)
        arguments.parser().parse_args(argv, options)
        code = COMMANDS[options.command](options)
        sys.stdout.flush()
    except KaijuError as error:
        if options.debug:
            raise
        return _fail(str(error), error.exit_code)
    except BrokenPipeError:
        # The reader has had enough; what Python still holds goes nowhere, without complaint.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except KeyboardInterrupt:
        return 130
    except OSError as error:
        if options.debug:
            raise
        return _fail(f"{error.filename or 'standard output'}: {error.strerror}", 4)
    except Exception as error:
        if options.debug:
            raise
        return _fail(f"a bug: {type(error).__name__}: {error} (--debug shows where)", 70)
    return code


def _stop(limit: str) -> None:
    """End the process from whatever thread, with nothing more written than the error."""
    code = _fail(f"the query {limit}", LimitError.exit_code)
    sys.stderr.flush()
    os._exit(code)


def _check_unicode(argv: Sequence[str]) -> None:
    for argument in argv:
        try:
            argument.encode()
        except UnicodeEncodeError:
            raise UsageError(f"found the argument {argument!a}; expected UTF-8") from None


def _fail(message: str, code: int) -> int:
    _progress("")
    _say(f"error: {message}")
    return code


def _warn(message: Warning | str, *_: object, **__: object) -> None:
    _say(f"warning: {message}")


def _say(message: str) -> None:
    from kaiju_graph.formats import printable

    line = printable(message).replace("\n", " ")
    line = line if len(line) <= LONGEST_LINE else f"{line[:LONGEST_LINE]}…"
    print(f"kaiju: {line}", file=sys.stderr)


def _write(text: str) -> None:
    """Write to standard output, as UTF-8; a terminal gets no control character of the data."""
    _progress("")
    if sys.stdout.isatty():
        from kaiju_graph.formats import printable

        text = printable(text.replace("\r\n", "\n"))
    sys.stdout.buffer.write(text.encode())


def _graph(options: argparse.Namespace) -> KnowledgeGraph:
    from kaiju_graph.knowledge import load
    from kaiju_graph.store import MERGED

    layers = getattr(options, "layer", None)
    return load(options.root, layers.split(",") if layers else MERGED, _progress)


def _progress(doing: str) -> None:
    """Show on a terminal what takes a while, in one line that the next one covers."""
    if sys.stderr.isatty():
        print(f"\r\x1b[K{doing} …" if doing else "\r\x1b[K", end="", file=sys.stderr, flush=True)


def _ask(options: argparse.Namespace) -> int:
    from kaiju_graph import asking, showing

    kg = _graph(options)
    if options.name is None:
        _write(showing.menu(asking.questions(kg.project), options.format or "table"))
        return 0
    asked = asking.question(kg.project, options.name)
    text = kg.bind(asked, _parameters(options.parameter))
    if options.show:
        _write(text)
        return 0
    return _answer(kg, text, f"queries/{asked.name}.rq", options)


def _parameters(pairs: list[str]) -> dict[str, str]:
    found = {}
    for pair in pairs:
        name, equals, value = pair.partition("=")
        if not equals:
            raise UsageError(f"found -p {pair!r}; expected -p name=value")
        found[name] = value
    return found


def _query(options: argparse.Namespace) -> int:
    if (options.text is None) == (options.file is None) or options.file == "":
        raise UsageError("expected one query: TEXT, --file FILE, or - for standard input")
    if options.file:
        from kaiju_graph.project import read_text

        return _answer(_graph(options), read_text(options.file), options.file, options)
    text = options.text
    if text == "-":
        try:
            text = sys.stdin.buffer.read().decode()
        except UnicodeDecodeError as error:
            raise QueryError(
                f"query: found byte {error.object[error.start]:#x}; expected UTF-8"
            ) from None
    return _answer(_graph(options), text, "query", options)


def _answer(kg: KnowledgeGraph, text: str, origin: str, options: argparse.Namespace) -> int:
    import pyoxigraph as ox

    from kaiju_graph import exporting, formats, limits
    from kaiju_graph.terms import Triple

    limits.watch(options.timeout, options.max_memory, _stop)
    answer = kg.answer(text, origin)
    form, terminal = options.format, sys.stdout.isatty()
    if isinstance(answer, ox.QueryTriples):
        triples = [Triple(t.subject, t.predicate, t.object) for t in answer]
        _write(exporting.write(triples, form or "turtle", kg.project))
        return 0
    boolean = isinstance(answer, ox.QueryBoolean)
    form = form or ("table" if terminal or boolean else "csv")
    width = shutil.get_terminal_size().columns if terminal else 200
    _write(formats.write(answer, form, kg.project, width))
    return int(boolean and options.exit_status and not answer)


def _describe(options: argparse.Namespace) -> int:
    from kaiju_graph import showing

    kg = _graph(options)
    thing = kg.resolve(options.thing)
    _write(showing.facts(kg, thing, kg.describe(f"<{thing.value}>"), options.format))
    return 0


def _search(options: argparse.Namespace) -> int:
    from kaiju_graph import showing
    from kaiju_graph.names import did_you_mean

    kg = _graph(options)
    words = " ".join(options.words)
    found = kg.search(words)
    _write(showing.found(kg, found, options.format))
    if not found:
        _say(f"nothing is named {words!r}{did_you_mean(words, kg.names.things)}")
    return 0


def _validate(options: argparse.Namespace) -> int:
    from kaiju_graph import showing

    kg = _graph(options)
    try:
        outcome = kg.validate(cache=not options.no_cache)
    except SourceError as error:  # a file that does not load does not conform
        return _fail(str(error), 1)
    _write(showing.report(kg, outcome, options.format))
    return 0 if outcome.conforms else 1


def _infer(options: argparse.Namespace) -> int:
    from kaiju_graph import exporting
    from kaiju_graph.terms import text_order

    kg = _graph(options)
    inferred = kg.infer(options.reasoner)
    if options.check:
        other = "owlrl" if options.reasoner == "rules" else "rules"
        _progress(f"inferring by {other}")
        differing = sorted(set(inferred) ^ set(kg.infer(other)), key=text_order)
        _write(exporting.write(differing, "ntriples", kg.project))
        _say(f"{len(inferred):,} conclusions; {len(differing):,} differ from those of {other}")
        return 1 if differing else 0
    _write(exporting.write(inferred, options.format, kg.project))
    return 0


def _coverage(options: argparse.Namespace) -> int:
    from kaiju_graph import showing

    kg = _graph(options)
    covered = kg.cover()
    _write(showing.coverage(kg, covered, options.format))
    return 0 if covered.complete else 1


def _export(options: argparse.Namespace) -> int:
    ending = os.path.splitext(options.output or "")[1]
    text = _graph(options).export(options.format or arguments.ENDINGS.get(ending, "turtle"))
    if options.output is None:
        _write(text)
        return 0
    from kaiju_graph.store import write_whole

    try:
        write_whole(options.output, text.encode())
    except OSError as error:
        message = f"{options.output}: cannot be written: {error.strerror}"
        raise UnreachableError(message) from None
    return 0


def _stats(options: argparse.Namespace) -> int:
    import json

    figures = _graph(options).stats()
    if options.format == "json":
        _write(json.dumps(figures, indent=2) + "\n")
    else:
        _write("".join(f"{count:7,}  {name}\n" for name, count in figures.items()))
    return 0


COMMANDS: dict[str, Callable[[argparse.Namespace], int]] = {
    "ask": _ask,
    "query": _query,
    "describe": _describe,
    "search": _search,
    "validate": _validate,
    "infer": _infer,
    "coverage": _coverage,
    "export": _export,
    "stats": _stats,
}
