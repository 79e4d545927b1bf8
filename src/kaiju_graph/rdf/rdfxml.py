"""Write RDF/XML (RDF 1.1 XML Syntax), sorted; every literal keeps its lexical form.

XML cannot hold a predicate that does not end in a local name, nor a character that XML 1.0 (section
2.2) forbids.
"""

from __future__ import annotations

import re
from itertools import count
from typing import TYPE_CHECKING

import pyoxigraph as ox

from kaiju_graph.errors import UsageError
from kaiju_graph.rdf.subjects import Memo
from kaiju_graph.rdf.terms import RDF, XSD

if TYPE_CHECKING:
    from collections.abc import Collection

    from kaiju_graph.rdf.subjects import Subjects
    from kaiju_graph.rdf.terms import Quad, Term, Triple

__all__ = ["check", "write"]

STRING = ox.NamedNode(XSD + "string")
START = (
    "A-Z_a-z\xc0-\xd6\xd8-\xf6\xf8-\u02ff\u0370-\u037d\u037f-\u1fff\u200c\u200d\u2070-\u218f"
    "\u2c00-\u2fef\u3001-\ud7ff\uf900-\ufdcf\ufdf0-\ufffd\U00010000-\U000effff"
)
LOCAL_NAME = re.compile(f"[{START}][{START}0-9.\xb7\u0300-\u036f\u203f\u2040-]*$")
"""The NCName (Namespaces in XML 1.0, section 3) at the end of an IRI."""
FORBIDDEN = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
ESCAPES = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;"}) | {
    ord(space): f"&#{ord(space)};" for space in "\t\n\r"
}
"""Code point → its escape; white space is escaped because XML parsers normalize it."""
RESERVED = ("", "rdf", "xml", "xmlns")
"""Prefixes that XML does not allow, or whose namespace is fixed."""
NOT_PREDICATES = {RDF + name for name in ("Description", "RDF", "ID", "about", "parseType")} | {
    RDF + name for name in ("resource", "nodeID", "datatype", "li", "aboutEach", "bagID")
}


def check(statements: Collection[Quad | Triple]) -> None:
    """Check that XML can hold statements, as ``write`` does.

    Raises:
        UsageError: it cannot hold a predicate or a character.
    """
    for predicate in {statement.predicate for statement in statements}:
        _split(predicate)
    for term in {term for s in statements for term in (s.subject, s.object)}:
        if not isinstance(term, ox.BlankNode):
            _escape(term.value)


def write(subjects: Subjects, prefixes: dict[str, str]) -> str:
    """Return triples as RDF/XML; the prefixes that predicates use are declared.

    Raises:
        UsageError: XML cannot hold a predicate or a character.
    """
    writer = _Writer(prefixes)
    blocks = [
        f"  <rdf:Description {writer.node(node, 'rdf:about')}>\n"
        + "".join(
            writer.property(predicate, value)
            for predicate, values in properties.items()
            for value in values
        )
        + "  </rdf:Description>\n"
        for node, properties in subjects.properties.items()
    ]
    declared = "".join(
        f'\n    xmlns:{prefix}="{_escape(namespace)}"'
        for prefix, namespace in sorted(writer.used.items())
    )
    head = f'<?xml version="1.0" encoding="UTF-8"?>\n<rdf:RDF{declared}>\n'
    return "\n".join([head, *blocks]) + "</rdf:RDF>\n"


class _Writer:
    """Writes terms, and keeps the prefixes that it used."""

    def __init__(self, prefixes: dict[str, str]) -> None:
        free = {name: namespace for name, namespace in prefixes.items() if name not in RESERVED}
        self.prefixes = {namespace: name for name, namespace in free.items()} | {RDF: "rdf"}
        self.new_prefixes = (name for n in count(1) if (name := f"ns{n}") not in prefixes)
        self.used = {"rdf": RDF}
        self.tag = Memo(self._tag).__getitem__
        self.iri = Memo(lambda node: _escape(node.value)).__getitem__

    def property(self, predicate: ox.NamedNode, value: Term) -> str:
        """Return a property element (sections 7.2.14 to 7.2.21)."""
        tag = self.tag(predicate)
        if not isinstance(value, ox.Literal):
            return f"    <{tag} {self.node(value, 'rdf:resource')}/>\n"
        kind = ""
        if value.language:
            kind = f' xml:lang="{value.language}"'
        elif (datatype := value.datatype) != STRING:
            kind = f' rdf:datatype="{self.iri(datatype)}"'
        return f"    <{tag}{kind}>{_escape(value.value)}</{tag}>\n"

    def node(self, node: Term, attribute: str) -> str:
        """Return the attribute that identifies a node."""
        if not isinstance(node, ox.NamedNode):
            return f'rdf:nodeID="b{node.value}"'  # a label, unlike an XML name, may begin with 0-9
        return f'{attribute}="{self.iri(node)}"'

    def _tag(self, predicate: ox.NamedNode) -> str:
        namespace, local = _split(predicate)
        prefix = self.prefixes.get(namespace) or next(self.new_prefixes)
        self.prefixes[namespace] = prefix
        self.used[prefix] = namespace
        return f"{prefix}:{local}"


def _split(predicate: ox.NamedNode) -> tuple[str, str]:
    """Return the namespace and the local name of a predicate.

    Raises:
        UsageError: it has no local name that XML can hold.
    """
    iri = predicate.value
    local = LOCAL_NAME.search(iri)
    if local is None or local.start() == 0 or iri in NOT_PREDICATES:
        found = f"found the predicate {predicate}, which is no XML name that rdfxml can hold"
        raise UsageError(f"{found}; use another format")
    return iri[: local.start()], local[0]


def _escape(text: str) -> str:
    if forbidden := FORBIDDEN.search(text):
        found = f"found the character U+{ord(forbidden[0]):04X}, which rdfxml cannot hold"
        raise UsageError(f"{found}; use another format")
    return text.translate(ESCAPES)
