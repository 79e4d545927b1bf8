"""Prefixes: expand CURIEs to IRIs and shorten IRIs to CURIEs."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["LETTERS", "MARKS", "Prefixes", "explain_invalid"]

LETTERS = (
    *((0xC0, 0xD6), (0xD8, 0xF6), (0xF8, 0x2FF), (0x370, 0x37D), (0x37F, 0x1FFF)),
    *((0x200C, 0x200D), (0x2070, 0x218F), (0x2C00, 0x2FEF), (0x3001, 0xD7FF)),
    *((0xF900, 0xFDCF), (0xFDF0, 0xFFFD), (0x10000, 0xEFFFF)),
)
"""Code points beyond ASCII of PN_CHARS_BASE (Turtle, section 6.5; SPARQL, section 19.8)."""
MARKS = ((0xB7, 0xB7), (0x300, 0x36F), (0x203F, 0x2040))
"""Code points beyond ASCII that PN_CHARS adds."""
LOCAL_CHARACTERS = "-0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz"
"""The characters of a local name that Turtle needs no escapes for (a part of PN_LOCAL)."""


class Prefixes(dict[str, str]):
    """Prefix → namespace IRI."""

    def __init__(self, prefixes: Mapping[str, str]) -> None:
        super().__init__(prefixes)
        self._inverse = {namespace: prefix for prefix, namespace in prefixes.items()}

    def expand(self, curie: str) -> str | None:
        """Return the IRI of a CURIE (W3C CURIE Syntax 1.0, section 3), or None."""
        prefix, colon, local = curie.partition(":")
        namespace = self.get(prefix) if colon else None
        return None if namespace is None else namespace + local

    def shorten(self, iri: str) -> str:
        """Return the CURIE of an IRI, or the IRI in angle brackets where no prefix fits."""
        namespace = iri.rstrip(LOCAL_CHARACTERS)
        if namespace not in self._inverse:  # a namespace may end in a letter
            namespace = max(filter(iri.startswith, self._inverse), key=len, default="")
        local = iri[len(namespace) :]
        if namespace and local[:1] != "-" and not local.strip(LOCAL_CHARACTERS):
            return f"{self._inverse[namespace]}:{local}"
        return f"<{iri}>"

    def shorten_all(self, text: str) -> str:
        """Return a text with each IRI in angle brackets as a CURIE."""
        import re

        return re.sub(r"<([^<>\s]+)>", lambda match: self.shorten(match[1]), text)


def explain_invalid(prefix: str, namespace: str) -> str:
    """Return why a declaration of a prefix is not valid, or an empty text.

    The prefix is a PN_PREFIX of Turtle (section 6.5) or empty, the namespace an absolute IRI.
    """
    import pyoxigraph as ox

    if prefix and not _is_prefix(prefix):
        return f"found the prefix {prefix!a}; expected one such as ex"
    try:
        ox.NamedNode(namespace)
    except ValueError:
        return f"found the namespace {namespace!a}; expected an absolute IRI"
    return ""


def _is_prefix(text: str) -> bool:
    """Tell whether a text is a PN_PREFIX of Turtle (section 6.5)."""
    if text.isascii() and text.isalnum() and text[0].isalpha():
        return True  # as nearly always, and much faster
    import re

    letters, marks = ("".join(f"{chr(a)}-{chr(b)}" for a, b in each) for each in (LETTERS, MARKS))
    base = f"A-Za-z{letters}"
    characters = rf"{base}{marks}0-9_\-"
    return bool(re.fullmatch(f"[{base}](?:[{characters}.]*[{characters}])?", text))
