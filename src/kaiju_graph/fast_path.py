"""The command ``kaiju``, the short way: ``ask`` and ``query`` from what the cache has.

An answer takes little more than the start of Python, so nothing is imported here that is not
needed for it. Only what is plain is answered: known options, a project whose files have not
changed, a query that needs no second look. With all else, and with whatever goes wrong, the whole
command starts anew; so nothing here says what is wrong.
"""

from __future__ import annotations

import os
import sys

from kaiju_graph.cli import flags, output
from kaiju_graph.project import layout
from kaiju_graph.store import cache

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    import pyoxigraph as ox

__all__ = ["main", "plain"]

FLAGS = {
    flag: name
    for name, declared in (
        ("root", flags.ROOT),
        ("format", flags.FORMAT),
        ("parameter", flags.PARAMETER),
        ("file", flags.FILE),
    )
    for flag in declared
}
SHORT = 2**12
"""How many characters a plain query may have."""
MANY = 200
"""How often a plain query may have the signs of ``DEEP``, each of which may nest."""
DEEP = "([{!^+-/|"
REFUSED = ("SERVICE", "LATERAL", "TRIPLE", "LANGDIR", "HASLANG", "VERSION", "<<", "{|", "~", "--")
WORDS = (b"FROM", b"SUBJECT", b"PREDICATE", b"OBJECT", b"ADJUST")
"""What reads from elsewhere, or what the engine knows and SPARQL 1.1 does not."""


class _Call:
    """What the command is asked: a stored question, or the text of a query."""

    def __init__(self, argv: Sequence[str]) -> None:
        """Read arguments; raise ``ValueError`` where they are none that is read here."""
        self.command, *rest = argv
        if self.command not in ("ask", "query"):
            raise ValueError(self.command)
        self.options: dict[str, list[str]] = {}
        words = []
        waiting = iter(rest)
        for word in waiting:
            name, equals, value = word.partition("=")
            if not word.startswith("-"):
                words.append(word)
            elif word in FLAGS:
                self.options.setdefault(FLAGS[word], []).append(next(waiting, "-"))
            elif equals and name in FLAGS and name.startswith("--"):
                self.options.setdefault(FLAGS[name], []).append(value)
            else:
                raise ValueError(word)
        self.file = self.last("file")
        foreign = "file" if self.command == "ask" else "parameter"
        if len(words) != (self.file is None) or foreign in self.options:
            raise ValueError(argv)
        self.word = words[0] if words else ""

    def last(self, option: str) -> str | None:
        """Return the value that an option has, if it is given."""
        return self.options.get(option, [None])[-1]


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command and return its exit code.

    Args:
        argv: the arguments; None takes those of the process.
    """
    argv = sys.argv[1:] if argv is None else argv
    try:
        answer = _answer(_Call(argv))
    except KeyboardInterrupt:
        return 130
    except Exception:  # noqa: BLE001 (the whole command reports it)
        from kaiju_graph.cli import main as cli

        return cli.main(argv)
    return output.write(answer, pages=True) or 0


def _answer(call: _Call) -> bytes:
    """Return an answer by what is kept; raise ``LookupError`` where that needs a closer look."""
    root = layout.locate(call.last("root"))
    if (entry := cache.find_entry(root)) is None:
        raise LookupError(root)
    text = _text(call, root)
    width = output.terminal_width()
    parameters, form = call.options.get("parameter", []), call.last("format") or ""
    question = cache.answer_key(text, parameters, form, width)
    kept = cache.read_answer(entry, question)
    if kept is None:
        if width or not plain(text):
            raise LookupError(text)
        from kaiju_graph.sparql import limits

        with limits.Watch(*limits.DEFAULTS, output.stop):
            kept = _solve(call, root, entry, text).encode()
        cache.write_answer(entry, question, kept)
    return kept


def _text(call: _Call, root: str) -> str:
    """Return the SPARQL text: of a stored question, a file, or the call itself."""
    if call.command == "query" and call.file is None:
        return call.word
    file = call.file or os.path.join(root, "queries", f"{call.word}.rq")
    if os.path.basename(call.word) != call.word or not os.path.isfile(file):
        raise LookupError(file)  # what is no regular file (a pipe) may be read only once
    with open(file, "rb") as opened:
        text = opened.read().decode("ascii")
    if call.command == "ask" and "\n#+ summary: " not in f"\n{text}":
        raise LookupError(file)
    return text


def plain(text: str) -> bool:
    """Tell whether a query is surely harmless to run, without a look at its grammar.

    It is short, ASCII and not deep, nothing in it is escaped, it has nothing of ``REFUSED`` and no
    word of ``WORDS``, and the engine ends no comment of it (as at a return) before this does.
    """
    short = len(text) < SHORT and "\r" not in text
    while text.startswith("#"):
        text = text.partition("\n")[2]
    return (
        short
        and text.isascii()
        and sum(map(text.count, DEEP)) < MANY
        and "\\" not in text
        and not any(word in text.upper() for word in REFUSED)
        and not cache.has_word(text.encode(), *WORDS)
    )


def _solve(call: _Call, root: str, entry: str, text: str) -> str:
    """Return the engine's answer, as text in the format that was asked for."""
    import pyoxigraph as ox

    from kaiju_graph.sparql import results

    store = cache.open_store(entry, graphs=cache.uses_named_graphs(text))
    prefixes, languages = cache.read_prologue(entry)
    found = layout.Project(root, prefixes)
    if "parameter" in call.options:
        text = _bound(call, found, store, languages)
        if not plain(text):
            raise LookupError(text)
    answer = store.query(text, prefixes=prefixes)
    if isinstance(answer, ox.QueryTriples):
        raise LookupError(text)  # noqa: TRY004 (it is no fault: the exporter writes graphs)
    answer, is_empty = results.hold(answer)
    if is_empty:
        from kaiju_graph.sparql import unknown_terms

        for doubt in (
            *call.options.get("parameter", ()),
            *unknown_terms.unknown_term_warnings(store, text, prefixes),
        ):
            raise LookupError(doubt)  # the whole command says it
    return results.write(answer, call.last("format"), found)


def _bound(call: _Call, where: layout.Project, store: ox.Store, languages: list[str]) -> str:
    """Return the text of a question with its parameters bound."""
    from kaiju_graph.project import names
    from kaiju_graph.sparql import parameters, questions

    values = dict(pair.split("=", 1) for pair in call.options["parameter"])

    def resolve(text: str) -> ox.NamedNode:
        return names.resolve_name(
            text, where, lambda name: names.find_things(store, languages, name)
        )

    return parameters.bind_parameters(questions.find_question(where, call.word), values, resolve)
