"""The entry point of ``kaiju``: answers of ``ask`` and ``query`` from the cache.

Such an answer takes little longer than the start of Python, so this module imports only what it
needs; in it and in what it imports, annotations are quoted, because ``__future__`` would be one
more module. It answers only simple calls: a few options, a project whose files have not changed, a
query that is harmless at first sight. It leaves everything else, and every error, to the whole
command, which starts again from the arguments.
"""

import os
import sys

from kaiju_graph import cli
from kaiju_graph.cli import output
from kaiju_graph.project import location
from kaiju_graph.store import cache

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Any, NoReturn

    import pyoxigraph as ox

    from kaiju_graph.project.data_files import DataFile
    from kaiju_graph.project.layout import Project
    from kaiju_graph.sparql.limits import Watch

__all__ = ["is_harmless", "main", "run"]

FLAGS = {
    flag: name
    for name, names in (
        ("root", cli.ROOT),
        ("format", cli.FORMAT),
        ("parameter", cli.PARAMETER),
        ("file", cli.FILE),
        ("data", cli.DATA),
    )
    for flag in names
}
MAX_LENGTH = 2**12
"""How many characters a harmless query may have."""
MAX_NESTING = 200
"""How many of the characters of ``NESTING`` a harmless query may have."""
MAX_DEPTH = 500
"""How many opening brackets a data file may have, so that it certainly does not nest too deeply."""
NESTING = "([{!^+-/|"
FORBIDDEN = (
    *("SERVICE", "LATERAL", "TRIPLE", "LANGDIR", "HASLANG", "VERSION", "BNODE"),
    *("<<", "{|", "~", "--", "^^"),
)
FORBIDDEN_WORDS = (b"FROM", b"SUBJECT", b"PREDICATE", b"OBJECT", b"ADJUST")
"""Syntax that reads other sources, that is not SPARQL 1.1, or for which the engine needs help."""
NUMBERS = bytes.maketrans(b"23456789E\t\n()[]{},;=<>!*&|'\"", b"11111111e" + b" " * 19)
"""Byte → 1 for any digit but 0, a space for a sign that is not a part of a number or a name."""
SIGNS = {ord(sign): " " for sign in "()[]{},;=<>!*&|'\"/^+?$@"}
"""Sign that is no part of a prefixed name → a space."""
NOT_CANONICAL = b" 00| 01|+0|+1|-0|.0|.1|0e0|0e1|1e0|1e1|.e0|.e1".split(b"|")
"""What may be a part of a number that the engine writes in another way, as ``NUMBERS`` shows it."""


class _Call:
    """A call of ``ask`` with a question, or of ``query`` with a text or a file."""

    def __init__(self, argv: "Sequence[str]") -> None:
        """Read arguments; raise ``ValueError`` if the whole command must read them."""
        self.command, *rest = argv
        if self.command not in ("ask", "query"):
            raise ValueError(self.command)
        self.options: dict[str, list[str]] = {}
        words = []
        rest.reverse()
        while rest:
            word = rest.pop()
            name, equals, value = word.partition("=")
            if not word.startswith("-"):
                words.append(word)
            elif word in FLAGS:
                values = self.options.setdefault(FLAGS[word], [])
                values.append(rest.pop() if rest else "-")
                while word in cli.DATA and rest and not rest[-1].startswith("-"):
                    values.append(rest.pop())
            elif equals and name in FLAGS and name.startswith("--"):
                self.options.setdefault(FLAGS[name], []).append(value)
            else:
                raise ValueError(word)
        self.root, self.form, self.file = map(self.last, ("root", "format", "file"))
        self.seconds: float | None = None
        self.mebibytes: float | None = None
        data = self.options.get("data", ())
        if len(data) > 1 and not words and self.file is None:  # as in --data *.ttl TEXT
            words.append(data.pop())
        invalid = ("file", "data") if self.command == "ask" else ("parameter",)
        has_empty = any("" in values for values in self.options.values())
        if len(words) != (self.file is None) or has_empty:
            raise ValueError(argv)
        if any(name in self.options for name in invalid):
            raise ValueError(argv)
        self.word = words[0] if words else ""

    def last(self, option: str) -> str | None:
        """Return the last value of an option, or None."""
        return self.options.get(option, [None])[-1]


def run() -> "NoReturn":
    """Run the command with the arguments of the process, and end the process.

    After an answer of this module, the process ends at once: nothing is open any more, and freeing
    all objects one by one would take a tenth of the time.
    """
    code = main()
    if "kaiju_graph.cli.main" in sys.modules:  # the whole command ran, and may have more to close
        sys.exit(code)
    os._exit(code)


def main(argv: "Sequence[str] | None" = None) -> int:
    """Run the command and return its exit code.

    Args:
        argv: the arguments; None means those of the process.
    """
    try:
        return _run(sys.argv[1:] if argv is None else argv)
    except KeyboardInterrupt:
        return 130


def _run(argv: "Sequence[str]") -> int:
    try:
        answer = _answer(_Call(argv))
    except Exception:  # noqa: BLE001 (the whole command reports it)
        from kaiju_graph.cli.main import main as whole_command

        return whole_command(argv)
    return output.write(answer, pages=True) or 0


def _answer(call: _Call) -> bytes:
    """Return an answer; raise ``LookupError`` if only the whole command can give it."""
    if any(files := location.settings_files()):
        _apply_settings(call, files)
    if "data" in call.options:
        return _answer_data(call)
    if os.environ.get(cli.ENDPOINT):
        raise LookupError(cli.ENDPOINT)
    root = location.locate(call.root)
    if (entry := cache.find_entry(root)) is None:
        raise LookupError(root)
    text = _read_query(call, root)
    width = output.terminal_width()
    key = cache.answer_key(text, call.options.get("parameter", []), call.form or "", width)
    if (answer := cache.read_answer(entry, key)) is not None:
        return answer
    if width or not is_harmless(text):
        raise LookupError(text)
    with _watch(call):
        answer = _solve(call, root, entry, text).encode()
    cache.write_answer(entry, key, answer)
    return answer


def _apply_settings(call: _Call, files: "tuple[str, str]") -> None:
    """Give a call the settings of files; raise an error if only the whole command can use them."""
    from kaiju_graph.cli import config

    with _watch(call):
        settings = config.read_settings(files)
    if settings.endpoint and cli.ENDPOINT not in os.environ and "data" not in call.options:
        raise LookupError(settings.endpoint)
    call.root = config.find_root(call.root, settings)
    call.form = call.form or settings.format
    call.seconds, call.mebibytes = settings.timeout, settings.max_memory


def _watch(call: _Call) -> "Watch":
    """Return the limits of a call."""
    from kaiju_graph.sparql import limits

    seconds = limits.QUERY_SECONDS if call.seconds is None else call.seconds
    mebibytes = limits.MEBIBYTES if call.mebibytes is None else call.mebibytes
    return limits.Watch(seconds, mebibytes, output.stop)


def _answer_data(call: _Call) -> bytes:
    """Return an answer from data files; raise ``LookupError`` as ``_answer`` does."""
    text = _read_query(call, "")
    # A pipe can be read only once.
    can_read = all(map(os.path.isfile, call.options["data"]))
    if output.terminal_width() or not (is_harmless(text) and can_read):
        raise LookupError(text)
    with _watch(call):
        store, project = _read_data(call.options["data"])
        return _write_answer(call, store, text, project).encode()


def _read_data(names: "Sequence[str]") -> "tuple[ox.Store, Project]":
    """Return the store of data files, and their prefixes.

    Raises:
        LookupError: only the whole command can read them.
    """
    import pyoxigraph as ox

    from kaiju_graph.project import data_files
    from kaiju_graph.rdf.blank_nodes import Labels
    from kaiju_graph.rdf.formats import FORMATS

    files = [data_files.read_file(name) for name in dict.fromkeys(names)]
    project, store = data_files.DataFiles(files), ox.Store()
    objects: set[Any] = set()
    for file in files:
        _guard(file)
        form = ox.RdfFormat.from_media_type(FORMATS[file.form].media_type)
        read = ox.parse(file.text, format=form, base_iri=file.base)
        relabel, blank = Labels(file.name).relabel, ox.BlankNode
        quads = [
            _number(quad, relabel)
            if blank in (type(quad.subject), type(quad.object), type(quad.graph_name))
            else quad
            for quad in read
        ]
        objects.update(quad.object for quad in quads)
        store.bulk_extend(quads)
        project.learn(read.prefixes)
    is_beyond = any(getattr(term, "direction", None) or type(term) is ox.Triple for term in objects)
    if is_beyond or not objects <= {quad.object for quad in store}:
        raise LookupError(names)  # RDF 1.2, or literals that a store changes
    return store, project


def _number(quad: "ox.Quad", relabel: "Callable[[Any], Any]") -> "ox.Quad":
    """Return a quad with its blank nodes relabelled."""
    import pyoxigraph as ox

    subject, predicate, object_, graph = quad
    return ox.Quad(relabel(subject), predicate, relabel(object_), relabel(graph))


def _guard(file: "DataFile") -> None:
    """Refuse a text that a parser must not see, or that may be RDF 1.2."""
    text, may_have_version = file.text, False
    for part in text.encode().lower().split(b"version")[1:]:  # bytes are faster than a text
        may_have_version |= part.lstrip()[:1] in (b"'", b'"')
    is_flat = file.form != "rdfxml" and sum(map(text.count, "[({")) <= MAX_DEPTH
    has_escapes = file.form == "jsonld" and "\\u" in text
    if is_flat and not may_have_version and not has_escapes:
        return
    from kaiju_graph.rdf import guard

    guard.check(file.name, text, file.form)
    if may_have_version and guard.find_rdf12(text, file.form) is not None:
        raise LookupError(file.name)


def _read_query(call: _Call, root: str) -> str:
    """Return the text of the query, from a stored question, a file, or the call itself."""
    if call.command == "query" and call.file is None:
        return call.word
    file = call.file or os.path.join(root, "queries", f"{call.word}.rq")
    if os.path.basename(call.word) != call.word:
        raise LookupError(file)
    # Another kind of file (a pipe) can be read only once, so it is not opened.
    content = location.read_regular(
        file, file, root=None if call.file else root, limit=cli.MAX_QUERY
    )
    text = content.decode("ascii")
    if call.command == "ask" and "\n#+ summary: " not in f"\n{text}":
        raise LookupError(file)
    return text


def is_harmless(text: str) -> bool:
    """Tell whether a query is certainly safe to run, without parsing it.

    Such a query is short, ASCII, without escapes and without deep nesting; it has nothing of
    ``FORBIDDEN`` and no word of ``FORBIDDEN_WORDS``. It has no carriage return, because that ends a
    comment for the engine but not here, and only numbers that the engine writes in the same way.
    """
    is_short = len(text) < MAX_LENGTH and "\r" not in text
    text = _without_header(text)
    return (
        is_short
        and text.isascii()
        and sum(map(text.count, NESTING)) < MAX_NESTING
        and "\\" not in text
        and not any(word in text.upper() for word in FORBIDDEN)
        and not cache.has_word(text.encode(), *FORBIDDEN_WORDS)
        and _has_canonical_numbers(text)
    )


def _without_header(text: str) -> str:
    """Return a query without the comments at its beginning."""
    while text.startswith("#"):
        text = text.partition("\n")[2]
    return text


def _may_have_no_step(text: str) -> bool:
    """Tell whether a query may have a path with ``*`` or ``?``, without parsing it."""
    text = _without_header(text)
    before = [part.split()[-1:] for part in text.split("*")[:-1]]
    after = [part[:1] for part in text.split("?")[1:]]
    return any(
        word[-1] != "(" and word.upper() not in ("SELECT", "DISTINCT", "REDUCED")
        for words in before
        for word in words
    ) or not all(sign.isalnum() or sign == "_" for sign in after)


def _may_not_bind(text: str) -> bool:
    """Tell whether a query may select a variable that it never binds, without parsing it.

    Words of comments and texts count as variables, too, if they look like one.
    """
    head, _, pattern = _without_header(text).replace("$", "?").partition("{")
    selected = [
        part
        for before, part in zip(head.split("?"), head.split("?")[1:], strict=False)
        if before.split()[-1:] not in (["AS"], ["as"])
    ]
    bound = {*map(_first_name, pattern.split("?")[1:])}
    return not bound.issuperset(map(_first_name, selected))


def _first_name(text: str) -> str:
    """Return the name at the beginning of a text."""
    return (text.translate(SIGNS).split() or [""])[0].rstrip(".")


def _has_warnings(
    store: "ox.Store", text: str, prefixes: dict[str, str], *, is_hollow: bool
) -> bool:
    """Tell whether the graph lacks something that a query asks for."""
    if is_hollow:
        from kaiju_graph.sparql.empty_answers import empty_answer_warnings

        return any(empty_answer_warnings(store, text, prefixes))
    if _may_lack(store, text, prefixes):
        from kaiju_graph.sparql.empty_answers import absent_warnings

        return any(absent_warnings(store, text, prefixes))
    return False


def _may_lack(store: "ox.Store", text: str, prefixes: dict[str, str]) -> bool:
    """Tell whether a query may have an IRI or a text that is nowhere in a store.

    The query is not parsed: words of its comments count, too, and so do texts that are not in a
    pattern, except after an equals sign and as the last argument of a function.
    """
    import pyoxigraph as ox

    text = _without_header(text)
    if "BASE" in text.upper() or ('"' in text and "'" in text):
        return True
    first, *rest = text.split("<")
    known, iris, names = dict(prefixes), [], first
    for part in rest:
        iri, end, after = part.partition(">")
        is_iri = end and not any(map(iri.count, " \n"))
        before, name = ["", "", *names.split()][-2:]
        if is_iri and before.upper() == "PREFIX":
            known[name[:-1]] = iri
        elif is_iri:
            iris.append(iri)
        names += f" {after if is_iri else part}"
    for word in names.translate(SIGNS).split():
        prefix, _, local = word.rstrip(".").partition(":")
        if local and prefix in known:
            iris.append(known[prefix] + local)
    parts = text.replace("'", '"').split('"')
    literals = [
        ox.Literal(literal)
        for before, literal, after in zip(parts[::2], parts[1::2], parts[2::2], strict=False)
        if after[:1] != "@"
        and before.rstrip()[-1:] != "="
        and (before.rstrip()[-1:] != "," or after.lstrip()[:1] != ")")
    ]
    found = store.quads_for_pattern
    return (
        len(parts) % 2 == 0
        or any(next(found(None, None, literal), None) is None for literal in literals)
        or any(
            next(found(node, None, None), None) is None
            and next(found(None, node, None), None) is None
            and next(found(None, None, node), None) is None
            and not store.contains_named_graph(node)
            for node in map(ox.NamedNode, iris)
        )
    )


def _has_canonical_numbers(text: str) -> bool:
    """Tell whether a query certainly has no number that the engine writes in another way."""
    first, *rest = text.split("<")  # before an IRI, or before an operand, which ")" follows
    parts = [part.partition(">") for part in rest]
    parts = [(first, "", "")] + [part if ")" in part[0] else ("", "", part[2]) for part in parts]
    numbers = b"".join(b" %b %b" % (a.encode(), b.encode()) for a, _, b in parts).translate(NUMBERS)
    return not any(map(numbers.__contains__, NOT_CANONICAL))


def _solve(call: _Call, root: str, entry: str, text: str) -> str:
    """Return the answer of the engine in the requested format."""
    from kaiju_graph.project.layout import Project

    prefixes, languages, encoded = cache.read_prologue(entry)
    if encoded:
        raise LookupError(entry)  # the whole command rewrites the query
    store = cache.open_store(entry, graphs=cache.uses_named_graphs(text))
    project = Project(root, prefixes)
    if "parameter" in call.options:
        text = _bind(call, project, store, languages)
        if not is_harmless(text):
            raise LookupError(text)
    return _write_answer(call, store, text, project)


def _write_answer(call: _Call, store: "ox.Store", text: str, project: "Project") -> str:
    """Return the answer to a query that is harmless, unless there is something to say about it."""
    import pyoxigraph as ox

    from kaiju_graph.sparql import results

    prefixes = dict(project.prefixes)
    if _may_not_bind(text):
        from kaiju_graph.sparql.unbound_variables import unbound_variable_warnings

        if any(unbound_variable_warnings(text)):
            raise LookupError(text)  # the whole command warns
    if _may_have_no_step(text):
        from kaiju_graph.sparql.missed_paths import missed_path_warnings

        if any(missed_path_warnings(text, lambda ask: store.query(ask, prefixes=prefixes))):
            raise LookupError(text)  # the whole command warns
    answer = store.query(text, prefixes=prefixes)
    if isinstance(answer, ox.QueryTriples):
        raise LookupError(text)  # noqa: TRY004 (not an error: the whole command writes graphs)
    answer, content = results.buffer(answer, text)
    is_empty = content.endswith(results.EMPTY)
    is_hollow = results.is_hollow(content)
    if ("parameter" in call.options and is_empty) or ("data" in call.options and is_hollow):
        raise LookupError(text)  # the whole command gives the reason
    if _has_warnings(store, text, prefixes, is_hollow=is_hollow):
        raise LookupError(text)  # the whole command gives them
    return results.write(answer, call.form, project)


def _bind(call: _Call, project: "Project", store: "ox.Store", languages: list[str]) -> str:
    """Return the text of a question with its parameters bound."""
    from kaiju_graph.project import names
    from kaiju_graph.sparql import parameters, questions

    pairs = call.options["parameter"]
    values = dict(pair.split("=", 1) for pair in pairs)
    if len(values) < len(pairs):
        raise LookupError(pairs)

    def resolve(text: str) -> "ox.NamedNode":
        thing = names.resolve_name(
            text, project, lambda name: names.find_things(store, languages, name)
        )
        if parameters.doubles_of(thing, store):
            raise LookupError(text)  # the whole command names what may be the same
        return thing

    return parameters.bind_parameters(questions.find_question(project, call.word), values, resolve)
