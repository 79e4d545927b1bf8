"""What a part of a validation has read, to tell whether it has to be done again.

A trace has the look-ups in the data and the queries whose predicates are not known. If the triples
that have changed since then match none of the look-ups, and the queries have the same answers, then
the part would find the same (the verifying traces of Mokhov, Mitchell and Peyton Jones, *Build
Systems à la Carte*, section 4.2.2).

A look-up is kept as a checksum. Two look-ups may have the same one: then a part is done again
without need, but never left out.
"""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING, NamedTuple
from zlib import crc32

from kaiju_graph.errors import QueryError

if TYPE_CHECKING:
    from array import array
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from kaiju_graph.rdf.terms import Term, Triple
    from kaiju_graph.validation.shacl.query_engine import Answer

__all__ = ["Change", "Query", "Trace", "digest_answer", "lookup_key", "lookup_keys", "query_of"]

Query = tuple[str, tuple[tuple[str, str], ...]]
"""The text of a query, and its bound variables, each with its value in N-Triples."""


class Trace(NamedTuple):
    """The look-ups (``lookup_key``) and queries of a part, and a digest of each answer."""

    keys: set[int] | array[int]
    queries: dict[Query, str]


class Change(NamedTuple):
    """The difference between the triples of a trace and those of now."""

    keys: set[int]
    """The look-ups whose answers have changed."""
    answer: Callable[[Query], Answer]
    """Answers a query now."""
    known: dict[Query, str]
    """Digests of answers."""

    def affects(self, traces: Iterable[Trace]) -> bool:
        """Tell whether something that a trace has read is now different."""
        return bool(self.keys) and any(
            not self.keys.isdisjoint(trace.keys)
            or any(self._digest(query) != digest for query, digest in trace.queries.items())
            for trace in traces
        )

    def _digest(self, query: Query) -> str:
        if query not in self.known:
            try:
                self.known[query] = digest_answer(self.answer(query))
            except QueryError:
                self.known[query] = ""  # it has no answer, as the part would find out
        return self.known[query]


def lookup_key(subject: object = None, predicate: object = None, object_: object = None) -> int:
    """Return the key of a look-up, given the texts of its terms; None matches any term.

    A look-up of subject and object has the key of its subject, and one of all three terms that of
    subject and predicate, as if the object were not given.
    """
    if subject is not None:
        object_ = None
    return crc32(f"{subject}\0{predicate}\0{object_}".encode("utf-8", "surrogatepass"))


def lookup_keys(triples: Iterable[Triple]) -> Iterator[int]:
    """Yield the keys of all look-ups that match one of some triples."""
    for subject, predicate, object_ in triples:
        s, p, o = subject.value, predicate.value, object_.value
        for pattern in ((s, p), (None, p, o), (s,), (None, p), (None, None, o), ()):
            yield lookup_key(*pattern)


def digest_answer(answer: Answer) -> str:
    """Return a hash of an answer, whose rows have no order."""
    if isinstance(answer, bool):
        return str(answer)
    rows = sorted(" ".join(map(str, row)) for row in answer.rows)
    return sha256("\n".join([" ".join(answer.names), *rows]).encode()).hexdigest()


def query_of(text: str, bindings: Mapping[str, Term]) -> Query:
    """Return a query and its bindings as a trace has them."""
    return text, tuple((name, str(value)) for name, value in sorted(bindings.items()))
