"""Data files that belong to no project, such as those of ``--data``.

A file is RDF in the format of its ending. A pipe, standard input and a file with another ending
have the format that their beginning shows, unless the user names it. Relative IRIs are resolved by
the address of the file (RFC 3986, section 5.1.3).
"""

from __future__ import annotations

import os

from kaiju_graph.project.layout import Project
from kaiju_graph.project.location import MAX_BYTES
from kaiju_graph.rdf.formats import ENDINGS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    import pyoxigraph as ox

    from kaiju_graph.rdf.terms import Quad

__all__ = ["PREFIXES", "STANDARD_INPUT", "DataFile", "DataFiles", "read_file"]

STANDARD_INPUT = "-"
"""The name of standard input, as on the command line."""
PREFIXES = {
    "owl": "http://www.w3.org/2002/07/owl#",
    "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
    "rdfs": "http://www.w3.org/2000/01/rdf-schema#",
    "sh": "http://www.w3.org/ns/shacl#",
    "skos": "http://www.w3.org/2004/02/skos/core#",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
}
"""The prefixes that need no declaration, besides those that the files declare."""
SAFE = "/abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~"
"""The characters that stand for themselves in the path of an IRI (RFC 3986, section 2.3)."""
MARK = "\ufeff"
"""The byte order mark."""
MAX_DECLARATION = 2**8
"""How many bytes of a file may have the declaration of XML."""
DECLARATION = r"""(<\?xml[^>]*?)(\sencoding\s*=\s*["'][A-Za-z][A-Za-z0-9._-]*["'])"""
"""The declaration of XML up to its encoding (XML 1.0, section 4.3.3)."""


class DataFile:
    """A data file: its name in messages, its text, its format and its base IRI."""

    def __init__(self, name: str, text: str, form: str, base: str | None) -> None:
        self.name, self.text, self.form, self.base = name, text, form, base


class DataFiles(Project):
    """Data files in place of a project: it has no folder, and the prefixes that they declare.

    A prefix that two files declare for different namespaces is unknown.
    """

    def __init__(self, files: Iterable[DataFile]) -> None:
        super().__init__("", PREFIXES)
        self.data = {file.name: file for file in files}

    def parse(self, name: str, default: ox.NamedNode) -> list[Quad]:
        """Return the quads of a file, and learn its prefixes.

        Args:
            name: its name.
            default: the graph of triples that stand in no named graph.

        Raises:
            SourceError: it does not parse; the message begins with the place.
        """
        from kaiju_graph.rdf.parse import parse

        file, declared = self.data[name], dict[str, str]()
        form, base = file.form, file.base
        quads = [*parse(name, file.text, default, form=form, base=base, prefixes=declared)]
        self.learn(declared)
        return quads

    def learn(self, declared: dict[str, str]) -> None:
        """Add the prefixes that a file declares."""
        from kaiju_graph.rdf.prefixes import Prefixes

        known = dict(self.prefixes)
        for prefix, namespace in declared.items():
            if prefix in known and prefix not in PREFIXES and known[prefix] != namespace:
                namespace = ""  # noqa: PLW2901 (which no IRI begins with)
            known[prefix] = namespace
        self.prefixes = Prefixes(known)

    def files(self, folder: str, *endings: str) -> list[str]:  # noqa: ARG002 (that of a project)
        """Return no file: there are no folders."""
        return []

    def read(self, file: str) -> str:
        """Return the text of a file; that of the context has the prefixes."""
        if file in self.data:
            return self.data[file].text
        import json

        return json.dumps({"@context": dict(self.prefixes)})

    def read_bytes(self, file: str) -> bytes:
        """Return the text of a file as UTF-8."""
        return self.read(file).encode()


def read_file(
    name: str,
    form: str | None = None,
    base: str | None = None,
    read: Callable[[int], bytes] | None = None,
) -> DataFile:
    """Read a data file.

    Args:
        name: its path, or ``STANDARD_INPUT``.
        form: the name of its format; None is that of its ending, or that which its text shows.
        base: the IRI that resolves relative ones; None is the address of the file.
        read: reads so many bytes of standard input.

    Raises:
        UnreachableError: it cannot be read.
        LimitError: it has more than ``MAX_BYTES``.
        SourceError: it is not text.
    """
    is_input = name == STANDARD_INPUT
    if is_input and read:
        content = read(MAX_BYTES + 1)
    else:
        try:
            with open(name, "rb") as file:  # which may be a pipe, as in --data <(...)
                content = file.read(MAX_BYTES + 1)
        except (OSError, ValueError) as error:
            from kaiju_graph.errors import UnreachableError

            reason = getattr(error, "strerror", None) or error
            raise UnreachableError(f"{name}: cannot be read: {reason}") from None
    if len(content) > MAX_BYTES:
        from kaiju_graph.errors import LimitError

        raise LimitError(f"{name}: found more than {MAX_BYTES:,} bytes; expected no more")
    form = form or ENDINGS.get(os.path.splitext(name)[1].lower())
    text = _decode(name, content, form)
    if base is None and not is_input:
        base = _address(name)
    return DataFile(name, text, form or _guess_format(text), base)


def _decode(name: str, content: bytes, form: str | None) -> str:
    """Return the text of a file: UTF-8, or XML in the encoding that it declares."""
    encoding = "utf-8"
    if form in ("rdfxml", None) and not content.startswith(b"\xef\xbb\xbf"):
        if content[:2] in (b"\xff\xfe", b"\xfe\xff"):
            encoding = "utf-16"
        elif declared := _declared_encoding(content):
            encoding = declared
    try:
        text = content.decode(encoding).removeprefix(MARK)
    except UnicodeDecodeError as error:
        from kaiju_graph.errors import SourceError
        from kaiju_graph.rdf.lines import line_column

        before = content[: error.start].decode(encoding, "replace")
        place = line_column(before, len(before))
        found = f"found byte {content[error.start]:#04x}; expected {encoding.upper()}"
        raise SourceError(f"{name}:{place}: {found}") from None
    if encoding == "utf-8":
        return text
    import re

    # The parser believes the declaration; each character keeps its place.
    return re.sub(DECLARATION, lambda match: f"{match[1]}{' ' * len(match[2])}", text, count=1)


def _declared_encoding(content: bytes) -> str | None:
    """Return the encoding that the declaration of XML names; None if that is UTF-8 or unknown."""
    head = content[:MAX_DECLARATION]
    if not head.startswith(b"<?xml") or b"UTF-8" in head.upper():
        return None
    import re
    from codecs import lookup

    found = re.match(DECLARATION, head.decode(errors="replace"))
    try:
        encoding = lookup(found[2].split("=")[1].strip(" \t\r\n\"'")).name if found else "utf-8"
    except LookupError:  # the parser reports it
        return None
    return None if encoding == "utf-8" else encoding


def _address(name: str) -> str:
    """Return the address of a file (RFC 8089)."""
    path = os.path.abspath(name).replace(os.sep, "/")
    if path.strip(SAFE):
        from urllib.parse import quote

        path = quote(path, errors="surrogateescape")
    return f"file://{path if path.startswith('/') else f'/{path}'}"


def _guess_format(text: str) -> str:
    """Return the name of the format that a text begins like: TriG, which Turtle is too, if any.

    >>> [*map(_guess_format, ('<?xml version="1.0"?>', '{"@id": "a:b"}', "[] a <a:b> ."))]
    ['rdfxml', 'jsonld', 'trig']
    """
    start = text.lstrip()
    sign, after = start[:1], start[1:].lstrip()[:1]
    tag = start[1:].partition(">")[0]
    if sign == "<" and (tag[:1] in ("?", "!") or len(tag.split()) > 1):  # an IRI has no space
        return "rdfxml"
    if (sign == "{" and after in ('"', "}")) or (sign == "[" and after in ("{", '"')):
        return "jsonld"
    return "nquads" if _is_nquads(text) else "trig"


def _is_nquads(text: str) -> bool:
    """Tell whether the first statement of a text is in N-Quads, with the name of its graph."""
    import pyoxigraph as ox

    lines = (line.strip() for line in text[:100_000].split("\n"))
    first = next((line for line in lines if line and not line.startswith("#")), "")
    try:
        quads = [*ox.parse(first, format=ox.RdfFormat.N_QUADS)]
    except SyntaxError:
        return False
    return bool(quads) and not isinstance(quads[0].graph_name, ox.DefaultGraph)
