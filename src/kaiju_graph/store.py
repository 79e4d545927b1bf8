"""Stage 7: the whole project → one Oxigraph store, cached by content.

The default graph of the store is the merge (a set) of all layers but the alignments; every named
graph stands beside it. The cache holds all quads, inferences among them, in a file whose name is
made from every source byte; a file is written whole beside its place, renamed, and never changed.
"""

from __future__ import annotations

import os
import stat
import sys
import tempfile
import warnings
from hashlib import sha256
from typing import TYPE_CHECKING

import pyoxigraph as ox

from kaiju_graph import terms
from kaiju_graph.errors import CacheWarning, SourceError
from kaiju_graph.project import read_bytes
from kaiju_graph.reasoning import rules
from kaiju_graph.sources import LAYERS, layers
from kaiju_graph.terms import Quad

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from kaiju_graph.project import Project

__all__ = ["MERGED", "assemble", "cache_folder", "fill", "load", "write_whole"]

MERGED = tuple(layer for layer in LAYERS if layer != "alignments")
"""The layers of the default graph."""

VERSION = f"2 {ox.__version__}"
"""Part of every key. The number is raised when the same sources would give other quads."""

END = b"# the end of a whole file\n"


def load(project: Project, progress: Callable[[str], None] = lambda _: None) -> list[Quad]:
    """Return all quads of a project, from the cache where no source has changed.

    A cache that cannot be read or written is done without, with a ``CacheWarning``.

    Args:
        project: the project.
        progress: is told what is being done, where it may take more than a moment.

    Raises:
        SourceError: a file does not load, or a quote is not in its article.
        InconsistencyError: the statements contradict each other.
    """
    path = os.path.join(cache_folder(), f"{_key(project)}.nq")
    try:
        with open(path, "rb") as file:
            content = file.read()
        if content.endswith(END):
            return [
                Quad(quad.subject, quad.predicate, quad.object, quad.graph_name)
                for quad in ox.parse(content, format=ox.RdfFormat.N_QUADS)
            ]
        warnings.warn(f"{path} was not whole and is made anew", CacheWarning, stacklevel=2)
    except FileNotFoundError:
        pass
    except (OSError, SyntaxError) as error:
        warnings.warn(f"{path} cannot be used: {error}", CacheWarning, stacklevel=2)
    quads = assemble(project, progress)
    try:
        os.makedirs(os.path.dirname(path), exist_ok=True)
        write_whole(path, terms.serialize(quads, ox.RdfFormat.N_QUADS) + END)
    except OSError as error:
        warnings.warn(f"{path} cannot be written: {error.strerror}", CacheWarning, stacklevel=2)
    return quads


def assemble(project: Project, progress: Callable[[str], None] = lambda _: None) -> list[Quad]:
    """Read the project, locate its quotes, and infer: all quads, each in its named graph.

    Raises:
        SourceError: a file does not load, or a quote is not in its article.
        InconsistencyError: the statements contradict each other.
    """
    from kaiju_graph import passages, reasoning, sources

    progress("reading the sources")
    read = sources.read(project)
    located = passages.locate(read)
    for finding in located.findings:
        from kaiju_graph.places import Locator

        place = Locator(project, read).place(finding.file, finding.quad)
        raise SourceError(f"{place}: {finding.message}")
    asserted = [*read.quads, *located.evidence()]
    progress("inferring what follows")
    return [*asserted, *reasoning.infer(sources.select(asserted, *MERGED))]


def fill(quads: Iterable[Quad], merged: Iterable[str] = MERGED) -> ox.Store:
    """Return a store of the quads whose default graph is the merge of some layers."""
    quads = list(quads)
    layer = layers(quads)
    names = set(merged)
    triples = terms.merge(quad for quad in quads if layer[quad.graph.value] in names)
    store = ox.Store()
    store.bulk_extend(ox.Quad(*quad) for quad in quads)
    store.bulk_extend(ox.Quad(*triple) for triple in triples)
    return store


def write_whole(path: str, content: bytes) -> None:
    """Write a file beside its place, then rename it: whole, or not at all.

    A link is followed; what is no regular file (a device, a pipe) is written to as it is; a file
    that is there keeps its mode, and is not replaced where it may not be written.

    Raises:
        OSError: the file or its folder cannot be written.
    """
    path = os.path.realpath(path)
    try:
        mode = os.stat(path).st_mode
    except FileNotFoundError:
        umask = os.umask(0)
        os.umask(umask)
        mode = 0o666 & ~umask
    else:
        with open(path, "r+b" if stat.S_ISREG(mode) else "wb") as there:
            if not stat.S_ISREG(mode):
                there.write(content)
                return
    handle, beside = tempfile.mkstemp(dir=os.path.dirname(path) or ".", prefix=".kaiju-")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
        os.chmod(beside, stat.S_IMODE(mode))
        os.replace(beside, path)
    except BaseException:
        os.unlink(beside)
        raise


def cache_folder() -> str:
    """Return ``KAIJU_CACHE``, or the folder that the platform has for caches."""
    if folder := os.environ.get("KAIJU_CACHE"):
        return folder
    if sys.platform == "win32":
        base = os.environ.get("LOCALAPPDATA", os.path.expanduser("~"))
    elif sys.platform == "darwin":
        base = os.path.expanduser("~/Library/Caches")
    else:
        base = os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")
    return os.path.join(base, "kaiju-graph")


def _key(project: Project) -> str:
    """Return a hash of the names and bytes of all that ``assemble`` reads."""
    digest = sha256(VERSION.encode())
    for name, text in rules().items():
        digest.update(f"{name}\0{text}\0".encode())
    files = [*project.files("ontology", ".ttl"), *project.files("graph", ".ttl", ".trig")]
    for folder in project.articles():
        files += [f"{folder}/article.txt", *project.files(folder, ".trig")]
    for name in files:
        content = read_bytes(project.path(*name.split("/")), name)
        digest.update(f"{name}\0{len(content)}\0".encode() + content)
    return digest.hexdigest()[:32]
