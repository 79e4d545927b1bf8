"""Prefixes, and how they expand CURIEs and shorten IRIs."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["Prefixes"]

NAME = "-0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz"
"""What a local name is made of that needs no escapes in Turtle (a part of PN_LOCAL)."""


class Prefixes(dict[str, str]):
    """Prefix → namespace IRI."""

    def __init__(self, prefixes: Mapping[str, str]) -> None:
        super().__init__(prefixes)
        self._inverse = {namespace: prefix for prefix, namespace in prefixes.items()}

    def expand(self, curie: str) -> str | None:
        """Return the IRI of a CURIE, or None where its prefix is not declared.

        W3C CURIE Syntax 1.0, section 3.
        """
        prefix, colon, local = curie.partition(":")
        namespace = self.get(prefix) if colon else None
        return None if namespace is None else namespace + local

    def shorten(self, iri: str) -> str:
        """Return the CURIE of an IRI, or the IRI in angle brackets where no prefix fits."""
        namespace = iri.rstrip(NAME)
        if namespace not in self._inverse:  # as it may end in a letter
            namespace = max(filter(iri.startswith, self._inverse), key=len, default="")
        local = iri[len(namespace) :]
        if namespace and local[:1] != "-" and not local.strip(NAME):
            return f"{self._inverse[namespace]}:{local}"
        return f"<{iri}>"

    def shorten_all(self, text: str) -> str:
        """Return a text with the IRIs in it, in angle brackets, as CURIEs."""
        import re

        return re.sub(r"<([^<>\s]+)>", lambda match: self.shorten(match[1]), text)
