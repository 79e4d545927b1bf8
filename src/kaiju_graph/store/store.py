"""All quads of a project, as an Oxigraph store, and their entry in the cache.

The default graph of the store is the merge (a set) of all layers but the alignments; the store also
has every named graph. An entry of the cache has these files, and a query loads what it needs:

=============  =================================================================================
``quads.nq``   all quads, including the inferred ones
``merge.nt``   the default graph, triples with blank nodes last
``store/``     both as a store on disk, if the graph is large
``rounds.nq``  the inferred triples, each in the graph of the round of reasoning that derives it
``prologue``   the prefixes, the language tags, and whether literals are encoded
``names``      the names of things
``subject``    what the first article is about, for examples
=============  =================================================================================

Literals that Oxigraph would change are encoded in the stores and in these files
(``rdf.lexical_forms``).
"""

from __future__ import annotations

import os
import warnings
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple

import pyoxigraph as ox

from kaiju_graph.errors import CacheWarning, SourceError
from kaiju_graph.project.sources import LAYERS, graph_layers, select_layers
from kaiju_graph.project.spelling import WORD, fold
from kaiju_graph.rdf import terms
from kaiju_graph.rdf.lexical_forms import decode, encode, encode_all, fill, mark
from kaiju_graph.rdf.terms import Quad, Triple
from kaiju_graph.reasoning.closure import ROUND
from kaiju_graph.reasoning.reasoner import rules
from kaiju_graph.store import cache, files, maintenance

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from typing import TypeVar

    from kaiju_graph.project.layout import Project

    T = TypeVar("T")

__all__ = [
    "DEFAULT_LAYERS",
    "Contents",
    "Lines",
    "assemble",
    "infer_rounds",
    "load",
    "make_round_store",
    "make_store",
    "open_cached",
    "open_proof_stores",
    "read_lines",
]

DEFAULT_LAYERS = tuple(layer for layer in LAYERS if layer != "alignments")
"""The layers of the default graph."""

VERSION = f"{cache.FORMAT} {ox.__version__}"
"""Part of every key."""

TRIES = 3
"""How often the sources are read if they change meanwhile."""

LARGE = 10_000
"""From this number of quads on, a store on disk opens faster than the merge loads."""


class Contents(NamedTuple):
    """All quads of a project, and the inferred triples, each with its round of reasoning."""

    quads: list[Quad]
    rounds: dict[Triple, int]


class Lines(NamedTuple):
    """All quads of a project as text, with every lexical form as it is written."""

    quads: bytes
    """The named graphs, as N-Quads."""
    merge: bytes
    """The default graph, as N-Triples."""


def load(
    project: Project, progress: Callable[[str], None] = lambda _: None, *, trusting: bool = True
) -> list[Quad]:
    """Return all quads of a project, from the cache if no source has changed.

    If the cache cannot be read or written, there is a ``CacheWarning`` and the same result.

    Args:
        project: the project.
        progress: receives the name of each step that may be slow.
        trusting: whether files with the same size, time and inode as before count as unchanged.

    Raises:
        SourceError: a file does not load, or a quote is not in its article.
        InconsistencyError: the statements contradict each other.
        UnreachableError: a file or folder cannot be read.
    """
    if trusting and (entry := cache.find_entry(project.root)):
        quads = _read_quads(entry)
        if quads is not None:
            return quads
    for _ in range(TRIES):
        try:
            fingerprint, settled = cache.take_fingerprint(project.root)
        except OSError:  # reading the sources reports it
            break
        program = (text for rule in rules().items() for text in rule)
        key = project.content_hash(project.sources(), VERSION, *program)
        try:
            files.touch(entry := cache.locate("entries", key))
        except cache.UntrustedError as error:
            _warn(str(error))
            break
        quads = _read_quads(entry)
        contents = Contents(quads, {}) if quads else assemble(project, progress)
        if cache.take_fingerprint(project.root)[0] == fingerprint:
            with _write_warning():
                if not quads:
                    maintenance.write_entry(key, partial(_write_files, project, contents))
                    maintenance.prune("entries", "answers")
                if settled:
                    cache.record_entry(project.root, fingerprint, key)
            return contents.quads
    return assemble(project, progress).quads


@contextmanager
def _write_warning() -> Iterator[None]:
    """Turn an error of writing the cache into a warning; what others remove meanwhile is none."""
    try:
        yield
    except FileNotFoundError:
        pass
    except OSError as error:
        _warn(f"{error.filename or cache.folder()} cannot be written: {error.strerror}")


def assemble(project: Project, progress: Callable[[str], None] = lambda _: None) -> Contents:
    """Read the project, locate its quotes, and infer.

    Raises:
        SourceError: a file does not load, or a quote is not in its article.
        InconsistencyError: the statements contradict each other.
    """
    from kaiju_graph.project import passages, sources
    from kaiju_graph.reasoning import reasoner

    progress("reading the sources")
    read = sources.read(project)
    located = passages.locate_passages(read)
    for finding in located.findings:
        from kaiju_graph.project.locator import Locator

        place = Locator(project, read).place(finding.file, finding.quad)
        raise SourceError(f"{place}: {finding.message}")
    asserted = [*read.quads, *located.evidence()]
    progress("inferring what follows")
    premises = sources.select_layers(asserted, *DEFAULT_LAYERS)
    rounds = reasoner.derive(quad.triple for quad in premises)
    return Contents([*asserted, *reasoner.conclusions(rounds)], rounds)


def make_store(
    quads: Iterable[Quad], merged: Iterable[str] = DEFAULT_LAYERS, *, graphs: bool = True
) -> ox.Store:
    """Return a store of the quads whose default graph is the merge of some layers.

    Args:
        quads: all quads.
        merged: the layers.
        graphs: whether the store has the named graphs.
    """
    quads = list(quads)
    layer = graph_layers(quads)
    names = set(merged)
    triples = terms.merge(quad for quad in quads if layer[quad.graph.value] in names)
    store = ox.Store()
    if graphs:
        fill(store, quads)
    fill(store, triples)
    return store


def make_round_store(rounds: Mapping[Triple, int]) -> ox.Store:
    """Return a store of inferred triples, each in the graph of its round of reasoning."""
    store = ox.Store()
    fill(store, _in_rounds(rounds))
    return store


def infer_rounds(quads: Iterable[Quad]) -> ox.Store:
    """Infer from all quads of a project, and return the store of the rounds."""
    from kaiju_graph.reasoning import reasoner

    asserted = (quad for quad in quads if quad.graph != terms.INFERRED)
    premises = select_layers(asserted, *DEFAULT_LAYERS)
    return make_round_store(reasoner.derive(quad.triple for quad in premises))


def open_cached(project: Project, *, memory: bool, graphs: bool = True) -> ox.Store | None:
    """Return the store of a project from the cache, or None if the cache has none."""

    def read(entry: str) -> ox.Store:
        *_, encoded = cache.read_prologue(entry)
        return cache.open_store(entry, graphs=graphs, memory=memory, encoded=encoded)

    return _read_entry(project, read)


def open_proof_stores(
    project: Project, quads: Callable[[], list[Quad]], *, trusting: bool
) -> tuple[ox.Store, ox.Store]:
    """Return the two stores that proofs need: of all quads, and of the rounds of reasoning."""

    def read(entry: str) -> tuple[ox.Store, ox.Store]:
        rounds = ox.Store()
        rounds.bulk_extend(_parse(files.read(os.path.join(entry, "rounds.nq"))))
        *_, encoded = cache.read_prologue(entry)
        return cache.open_store(entry, graphs=True, encoded=encoded), rounds

    if trusting and (cached := _read_entry(project, read)):
        return cached
    loaded = quads()  # this may write an entry
    if trusting and (cached := _read_entry(project, read)):
        return cached
    return make_store(loaded), infer_rounds(loaded)


def read_lines(project: Project, quads: Callable[[], list[Quad]], *, trusting: bool) -> Lines:
    """Return all quads as text: from the cache, if that has the literals as they are written."""

    def read(entry: str) -> Lines | None:
        *_, encoded = cache.read_prologue(entry)
        if encoded:
            return None
        return Lines(*(files.read(os.path.join(entry, name)) for name in ("quads.nq", "merge.nt")))

    if trusting and (cached := _read_entry(project, read)):
        return cached
    loaded = quads()
    merged = terms.merge(select_layers(loaded, *DEFAULT_LAYERS))
    return Lines(
        terms.serialize(loaded, ox.RdfFormat.N_QUADS),
        terms.serialize(merged, ox.RdfFormat.N_TRIPLES),
    )


def _read_entry(project: Project, read: Callable[[str], T]) -> T | None:
    """Read the entry of a project with a function; return None if it is missing or damaged."""
    entry = cache.find_entry(project.root)
    if not entry or not os.path.isdir(entry):
        return None
    try:
        return read(entry)
    except OSError as error:
        _discard(entry, error)
        return None


def _read_quads(entry: str) -> list[Quad] | None:
    """Return the quads of an entry of the cache; None if it is missing or damaged."""
    try:
        content = files.read(os.path.join(entry, "quads.nq"))
    except OSError as error:
        _discard(entry, error)
        return None
    # One object for each term takes less memory, and less time.
    same: Any = _Originals()
    return [
        Quad(*(same[term] for term in (*quad.triple, quad.graph_name))) for quad in _parse(content)
    ]


def _discard(entry: str, error: OSError) -> None:
    """Remove an entry that is damaged or lacks a file, if it exists at all."""
    if not isinstance(error, FileNotFoundError):
        _warn(f"{error}; it is rebuilt", level=4)
    files.remove(entry)


class _Originals(dict[Any, Any]):
    """A term of an entry → the term that it stands for."""

    def __missing__(self, term: Any) -> Any:
        self[term] = decode(term)
        return self[term]


def _parse(content: bytes) -> Iterator[Any]:
    """Parse N-Quads or N-Triples that this package wrote."""
    return ox.parse(content, format=ox.RdfFormat.N_QUADS, lenient=True)


def _in_rounds(rounds: Mapping[Triple, int]) -> Iterator[Quad]:
    for triple, number in rounds.items():
        yield Quad(*triple, ox.NamedNode(f"{ROUND}{number}"))


def _write_files(project: Project, contents: Contents, folder: str) -> None:
    """Write the files of an entry."""
    quads, rounds = contents

    def write(name: str, content: bytes) -> None:
        files.write(os.path.join(folder, name), content)

    literals = {quad.object for quad in quads if isinstance(quad.object, ox.Literal)}
    encoded = any(encode(literal) is not literal for literal in literals)
    everything = terms.serialize(encode_all(quads), ox.RdfFormat.N_QUADS)
    default = terms.merge(select_layers(quads, *DEFAULT_LAYERS))
    merged = terms.serialize(encode_all(default), ox.RdfFormat.N_TRIPLES)
    write("quads.nq", everything)
    write("merge.nt", _blank_below(merged))
    write("rounds.nq", terms.serialize(encode_all(_in_rounds(rounds)), ox.RdfFormat.N_QUADS))
    if len(quads) >= LARGE:
        store = ox.Store(os.path.join(folder, "store"))
        store.bulk_extend(_parse(everything))
        store.bulk_extend(_parse(merged))
        if encoded:
            mark(store)
        store.flush()
    languages = {literal.language for literal in literals if literal.language}
    lines = [f"{prefix} {namespace}\n" for prefix, namespace in project.prefixes.items()]
    lines += [f"@{language}\n" for language in sorted(languages)]
    lines += ["^^\n"] if encoded else []
    write("prologue", "".join(lines).encode())
    write("names", "".join(_names(project, quads)).encode())
    write("subject", "\t".join(_subject(project, quads)).encode())


def _blank_below(lines: bytes) -> bytes:
    """Return lines of N-Triples in two parts: without blank nodes, and with them."""
    parts: tuple[list[bytes], list[bytes]] = [], []
    for line in lines.splitlines(keepends=True):
        parts[b"_:" in line].append(line)
    named, blank = map(b"".join, parts)
    return named + cache.BLANK_BELOW + blank


def _names(project: Project, quads: Iterable[Quad]) -> list[str]:
    """Return a line for each name of a thing (folded name, tab, name) and each CURIE, sorted."""
    lines = set()
    for quad in quads:
        thing, name = quad.subject, quad.object
        if quad.predicate == terms.TYPE and isinstance(thing, ox.NamedNode):
            lines.add(f"{project.prefixes.shorten(thing.value)}\t\n")
        elif quad.predicate in (terms.LABEL, terms.ALT_LABEL) and name.value.isprintable():
            lines.add(f"{fold(name.value)}\t{name.value}\n")
    return sorted(lines)


def _subject(project: Project, quads: Sequence[Quad]) -> list[str]:
    """Return what the first article is about, for examples: a CURIE, a class and a word of a name.

    The class is inferred, so that its proof has a rule. If one of them is missing, the list is
    empty.
    """
    things = [quad.object for quad in quads if quad.predicate.value == terms.EV + "about"][:1]
    about = [quad for quad in quads if quad.subject in things]
    inferred = {q.object for q in about if q.predicate == terms.TYPE and q.graph == terms.INFERRED}
    classes = sorted(project.prefixes.shorten(term.value) for term in inferred)
    names = (quad.object.value for quad in about if quad.predicate == terms.LABEL)
    words = [word for name in names for word in WORD.findall(name)]
    curies = [project.prefixes.shorten(thing.value) for thing in things]
    return [*curies, classes[0], words[0]] if classes and words else []


def _warn(message: str, level: int = 3) -> None:
    warnings.warn(message, CacheWarning, stacklevel=level)
