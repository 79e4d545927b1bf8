"""Stage 7: the whole project → one Oxigraph store, cached by content.

The default graph of the store is the merge (a set) of all layers but the alignments; every named
graph stands beside it. An entry of the cache has ``quads.nq``, all quads with every lexical form,
inferences among them; ``rounds.nq``, what follows, each triple in the graph of its round; and
``merge.nt``, the default graph; and, where the graph is large, a read-only store that has both.
What a query does not need is not loaded. Beside these lie the prefixes and languages
(``prologue``), and the names, for who types one (``names``).
"""

from __future__ import annotations

import os
import warnings
from typing import TYPE_CHECKING, Any, NamedTuple

import pyoxigraph as ox

from kaiju_graph.errors import CacheWarning, SourceError
from kaiju_graph.project.sources import LAYERS, graph_layers, select_layers
from kaiju_graph.project.spelling import WORD, fold
from kaiju_graph.rdf import terms
from kaiju_graph.rdf.terms import Quad, Triple
from kaiju_graph.reasoning.matching import ROUND
from kaiju_graph.reasoning.reasoner import rules
from kaiju_graph.store import cache, eviction, files

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from typing import TypeVar

    from kaiju_graph.project.layout import Project

    T = TypeVar("T")

__all__ = [
    "DEFAULT_LAYERS",
    "Contents",
    "assemble",
    "infer_rounds",
    "load",
    "make_round_store",
    "make_store",
    "open_cached",
    "open_cached_proof_stores",
    "open_proof_stores",
]

DEFAULT_LAYERS = tuple(layer for layer in LAYERS if layer != "alignments")
"""The layers of the default graph."""

VERSION = f"{cache.FORMAT} {ox.__version__}"
"""Part of every key."""

TRIES = 3
"""How often sources are read that change meanwhile."""

LARGE = 10_000
"""From so many quads on, opening a store on disk is faster than reading the merge."""


class Contents(NamedTuple):
    """All quads of a project, and all that follows from them, each triple with its round."""

    quads: list[Quad]
    rounds: dict[Triple, int]


def load(
    project: Project, progress: Callable[[str], None] = lambda _: None, *, trusting: bool = True
) -> list[Quad]:
    """Return all quads of a project, from the cache where no source has changed.

    A cache that cannot be read or written is done without, with a ``CacheWarning``.

    Args:
        project: the project.
        progress: is told what is being done, where it may take more than a moment.
        trusting: believe that files whose sizes, times and inodes are as before have not changed.

    Raises:
        SourceError: a file does not load, or a quote is not in its article.
        InconsistencyError: the statements contradict each other.
        UnreachableError: a file or folder cannot be read.
    """
    if trusting and (entry := cache.find_entry(project.root)):
        quads = _read(entry)
        if quads is not None:
            return quads
    for _ in range(TRIES):
        try:
            seen, settled = cache.take_fingerprint(project.root)
        except OSError:  # what cannot be read is named where it is read
            break
        made_by = (text for rule in rules().items() for text in rule)
        key = project.content_hash(project.sources(), VERSION, *made_by)
        files.touch(entry := cache.locate("entries", key))
        quads = _read(entry)
        made = Contents(quads, {}) if quads else assemble(project, progress)
        if cache.take_fingerprint(project.root)[0] == seen:
            try:
                if not quads:
                    _enter(key, project, made)
                if settled:
                    cache.record_entry(project.root, seen, key)
            except OSError as error:
                _warn(f"{error.filename or cache.folder()} cannot be written: {error.strerror}")
            return made.quads
    return assemble(project, progress).quads


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
        from kaiju_graph.project.positions import Locator

        place = Locator(project, read).place(finding.file, finding.quad)
        raise SourceError(f"{place}: {finding.message}")
    asserted = [*read.quads, *located.evidence()]
    progress("inferring what follows")
    premises = sources.select_layers(asserted, *DEFAULT_LAYERS)
    rounds = reasoner.derive(quad.triple for quad in premises)
    return Contents([*asserted, *reasoner.conclusions(rounds, premises)], rounds)


def make_store(
    quads: Iterable[Quad], merged: Iterable[str] = DEFAULT_LAYERS, *, graphs: bool = True
) -> ox.Store:
    """Return a store of the quads whose default graph is the merge of some layers.

    Args:
        quads: all quads.
        merged: the layers.
        graphs: whether it is to have the named graphs.
    """
    quads = list(quads)
    layer = graph_layers(quads)
    names = set(merged)
    triples = terms.merge(quad for quad in quads if layer[quad.graph.value] in names)
    store = ox.Store()
    if graphs:
        store.bulk_extend(ox.Quad(*quad) for quad in quads)
    store.bulk_extend(ox.Quad(*triple) for triple in triples)
    return store


def open_cached(project: Project, *, memory: bool, graphs: bool = True) -> ox.Store | None:
    """Return the store that the cache has of a project, or None where it has none of use."""

    def opened(entry: str) -> ox.Store:
        cache.read_prologue(entry)
        return cache.open_store(entry, graphs=graphs, memory=memory)

    return _of_entry(project, opened)


def infer_rounds(quads: Iterable[Quad]) -> ox.Store:
    """Return the same as ``make_round_store`` of all quads of a project, inferred anew."""
    from kaiju_graph.reasoning import reasoner

    asserted = (quad for quad in quads if quad.graph != terms.INFERRED)
    return make_round_store(
        reasoner.derive(quad.triple for quad in select_layers(asserted, *DEFAULT_LAYERS))
    )


def make_round_store(rounds: Mapping[Triple, int]) -> ox.Store:
    """Return a store of what follows from something, each triple in the graph of its round."""
    store = ox.Store()
    store.bulk_extend(ox.Quad(*quad) for quad in _in_rounds(rounds))
    return store


def open_proof_stores(
    project: Project, quads: Callable[[], list[Quad]], *, trusting: bool
) -> tuple[ox.Store, ox.Store]:
    """Return the two stores in which proofs are found: from the cache, or else made anew."""
    if trusting and (kept := open_cached_proof_stores(project)):
        return kept
    made = quads()  # which the cache may have from now on
    return (open_cached_proof_stores(project) if trusting else None) or (
        make_store(made),
        infer_rounds(made),
    )


def open_cached_proof_stores(project: Project) -> tuple[ox.Store, ox.Store] | None:
    """Return the two stores in which proofs are found, from the cache; None where it has none.

    One is that of ``open_cached`` with named graphs, the other that of ``make_round_store``.
    """

    def opened(entry: str) -> tuple[ox.Store, ox.Store]:
        rounds = ox.Store()
        rounds.bulk_extend(_parsed(files.read(os.path.join(entry, "rounds.nq"))))
        return cache.open_store(entry, graphs=True), rounds

    return _of_entry(project, opened)


def _of_entry(project: Project, opened: Callable[[str], T]) -> T | None:
    """Return what is made of the entry of a project, or None where the cache has none of use."""
    entry = cache.find_entry(project.root)
    if not entry or not os.path.isdir(entry):
        return None
    try:
        return opened(entry)
    except OSError as error:
        _warn(f"{error}; it is made anew")
        files.remove(entry)
        return None


def _in_rounds(rounds: Mapping[Triple, int]) -> Iterator[Quad]:
    for triple, number in rounds.items():
        yield Quad(*triple, ox.NamedNode(f"{ROUND}{number}"))


def _read(entry: str) -> list[Quad] | None:
    """Return the quads of an entry of the cache, or None where there is none of use."""
    try:
        return _quads(entry)
    except FileNotFoundError:
        return None
    except OSError as error:
        _warn(f"{error}; it is made anew")
        return None


def _quads(entry: str) -> list[Quad]:
    content = files.read(os.path.join(entry, "quads.nq"))
    known: dict[Any, Any] = {}

    def one(term: Any) -> Any:
        """Return the same object for the same term: less memory, which is faster, too."""
        return known.setdefault(term, term)

    return [
        Quad(one(quad.subject), one(quad.predicate), one(quad.object), one(quad.graph_name))
        for quad in _parsed(content)
    ]


def _parsed(content: bytes) -> Iterator[Any]:
    """Read N-Quads, of which N-Triples are a part, as this package wrote them."""
    return ox.parse(content, format=ox.RdfFormat.N_QUADS, lenient=True)


def _enter(key: str, project: Project, made: Contents) -> None:
    cache.write_entry(key, lambda folder: _write(folder, project, made))
    eviction.prune("entries", "answers")


def _write(folder: str, project: Project, made: Contents) -> None:
    """Write the files of an entry: quads, rounds, what queries run on, prefixes and languages."""
    quads, rounds = made
    everything = terms.serialize(quads, ox.RdfFormat.N_QUADS)
    merged = terms.serialize(
        terms.merge(select_layers(quads, *DEFAULT_LAYERS)), ox.RdfFormat.N_TRIPLES
    )
    files.write(os.path.join(folder, "quads.nq"), everything)
    found = terms.serialize(_in_rounds(rounds), ox.RdfFormat.N_QUADS)
    files.write(os.path.join(folder, "rounds.nq"), found)
    files.write(os.path.join(folder, "merge.nt"), merged)
    if len(quads) >= LARGE:
        store = ox.Store(os.path.join(folder, "store"))
        store.bulk_extend(_parsed(everything))
        store.bulk_extend(_parsed(merged))
        store.flush()
    languages = {
        quad.object.language
        for quad in quads
        if isinstance(quad.object, ox.Literal) and quad.object.language
    }
    lines = [f"{prefix} {namespace}\n" for prefix, namespace in project.prefixes.items()]
    lines += [f"@{language}\n" for language in sorted(languages)]
    files.write(os.path.join(folder, "prologue"), "".join(lines).encode())
    files.write(os.path.join(folder, "names"), "".join(_names(project, quads)).encode())
    files.write(os.path.join(folder, "subject"), "\t".join(_subject(project, quads)).encode())


def _names(project: Project, quads: Iterable[Quad]) -> list[str]:
    """Return what things are called, sorted: of a name what ``fold`` makes of it and itself.

    A line without a name has the CURIE of a thing.
    """
    found = set()
    for quad in quads:
        thing, name = quad.subject, quad.object
        if quad.predicate == terms.TYPE and isinstance(thing, ox.NamedNode):
            found.add(f"{project.prefixes.shorten(thing.value)}\t\n")
        elif quad.predicate in (terms.LABEL, terms.ALT_LABEL) and name.value.isprintable():
            found.add(f"{fold(name.value)}\t{name.value}\n")
    return sorted(found)


def _subject(project: Project, quads: Sequence[Quad]) -> list[str]:
    """Return what the first article is about, for examples: its CURIE, a class, a word of its name.

    The class is inferred, so that its proof has a rule. If one is missing, the list is empty.
    """
    things = [quad.object for quad in quads if quad.predicate.value == terms.EV + "about"][:1]
    about = [quad for quad in quads if quad.subject in things]
    inferred = {q.object for q in about if q.predicate == terms.TYPE and q.graph == terms.INFERRED}
    classes = sorted(project.prefixes.shorten(term.value) for term in inferred)
    names = (quad.object.value for quad in about if quad.predicate == terms.LABEL)
    words = [word for name in names for word in WORD.findall(name)]
    curies = [project.prefixes.shorten(thing.value) for thing in things]
    return [*curies, classes[0], words[0]] if classes and words else []


def _warn(message: str) -> None:
    warnings.warn(message, CacheWarning, stacklevel=3)
