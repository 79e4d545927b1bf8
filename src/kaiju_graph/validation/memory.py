"""What earlier validations of a project found, so that the next one does only what has changed.

A memory has two kinds of content. A value is the result of a function, under a hash of all that the
function reads. A part of the SHACL report has a trace of what it has read in the data
(``traces``), under a hash of its shape and focus nodes. Only what the last validation used is kept.
"""

from __future__ import annotations

import json
import sys
import warnings
from array import array
from functools import partial
from hashlib import blake2b
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

from kaiju_graph.errors import CacheWarning
from kaiju_graph.store import files, maintenance
from kaiju_graph.validation.json_values import (
    plain,
    read_term,
    read_triples,
    revive,
    write_triples,
)
from kaiju_graph.validation.shacl.query_engine import Engine
from kaiju_graph.validation.shacl.traces import Change, Query, Trace, lookup_keys

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable

    from kaiju_graph.rdf.terms import Triple

__all__ = ["Memory", "Part", "hash_texts"]

T = TypeVar("T")
KEY = "I"
"""The type code of keys in an array."""


class Part(NamedTuple):
    """The results of some focus nodes against a shape, and what they depend on."""

    trace: Trace
    results: list[Triple]


class Memory:
    """The memory of a project, or an empty one that is not kept.

    Args:
        path: its file; None keeps nothing.
        makers: the versions of what makes the content; other content is ignored.
    """

    def __init__(self, path: str | None = None, makers: Iterable[str] = ()) -> None:
        self._path = path
        self._makers = [*makers, sys.byteorder, str(array(KEY).itemsize)]
        self._old: dict[str, Any] = {}
        self._keys = array(KEY)
        self._values: dict[str, Any] = {}
        self._graphs: tuple[str, str] | None = None
        self.engine: Engine | None = None
        """Answers queries on the data and shapes of ``recall_report``."""
        self._change: Change | None = None
        self._targets: Trace | None = None
        self._parts: dict[str, Part] = {}
        self._report: list[Triple] = []
        if path:
            self._load(path)

    def recall(self, name: str, inputs: Iterable[str], make: Callable[[], T]) -> T:
        """Return the value of a function, from the memory if its inputs are the same.

        Args:
            name: the name of the function.
            inputs: all that it reads.
            make: computes the value: texts, numbers, tuples and the values of ``json_values``.
        """
        key = hash_texts([name, *inputs])
        known = self._old.get("values", {}).get(key)
        if known is None:
            value = make()
            self._values[key] = plain(value)
            return value
        self._values[key] = known
        revived: T = revive(known)
        return revived

    def recall_report(
        self, data: Collection[Triple], shapes: Collection[Triple]
    ) -> list[Triple] | None:
        """Return the SHACL report if nothing that the last one depends on has changed.

        Otherwise, ``recall_part`` returns the parts of it that are still right.
        """
        self.engine = Engine(data, shapes)
        self._graphs = (write_triples(data), write_triples(shapes))
        old = self._old.get("graphs", ("", ""))
        if not (all(old) and all(self._graphs)):  # an empty graph is unlike any other to pySHACL
            return None
        lines = [
            line
            for before, now in zip(old, self._graphs, strict=True)
            for line in set(before.split("\n")) ^ set(now.split("\n"))
        ]
        keys = set(lookup_keys(read_triples("\n".join(lines))))
        self._change = Change(keys, partial(_answer, self.engine), {})
        targets = self._trace(self._old["targets"])
        if old[1] != self._graphs[1] or self._change.affects([targets]):
            return None
        parts = {key: self.recall_part(key) for key in self._old["parts"]}
        if None in parts.values():
            return None
        self._targets, self._report = targets, read_triples(self._old["report"])
        return self._report

    def recall_part(self, key: str) -> list[Triple] | None:
        """Return the results of a part that depends on nothing that has changed."""
        if self._change is None or key not in self._old["parts"]:
            return None
        if key not in self._parts:
            item = self._old["parts"][key]
            trace = self._trace(item)
            if self._change.affects([trace]):
                return None
            self._parts[key] = Part(trace, read_triples(item["results"]))
        return self._parts[key].results

    def keep_part(self, key: str, part: Part) -> None:
        """Keep a part of the SHACL report."""
        self._parts[key] = part

    def keep_report(self, targets: Trace, used: Iterable[str], report: list[Triple]) -> None:
        """Keep the SHACL report.

        Args:
            targets: what the focus nodes depend on.
            used: the keys of its parts.
            report: the report.
        """
        self._targets, self._report = targets, report
        self._parts = {key: self._parts[key] for key in used}

    def save(self) -> None:
        """Write the memory; if it cannot be written, there is a ``CacheWarning``."""
        if not self._path:
            return
        keys = array(KEY)

        def pack(trace: Trace, **more: str) -> dict[str, Any]:
            start = len(keys)
            keys.extend(trace.keys)
            return {"keys": [start, len(keys)], "queries": [*trace.queries.items()], **more}

        content: dict[str, Any] = {"makers": self._makers, "values": self._values}
        if self._graphs and self._targets:
            content |= {
                "graphs": self._graphs,
                "report": write_triples(self._report),
                "targets": pack(self._targets),
                "parts": {
                    key: pack(part.trace, results=write_triples(part.results))
                    for key, part in self._parts.items()
                },
            }
        text = json.dumps(content, ensure_ascii=False).encode()
        try:
            files.write(self._path, b"%d\n%b%b" % (len(text), text, keys.tobytes()))
            maintenance.prune("memories")
        except OSError as error:
            message = f"{self._path} cannot be written: {error.strerror}"
            warnings.warn(message, CacheWarning, stacklevel=2)

    def _load(self, path: str) -> None:
        try:
            length, _, rest = files.read(path).partition(b"\n")
        except FileNotFoundError:
            return
        except OSError as error:
            warnings.warn(f"{error}; it is rebuilt", CacheWarning, stacklevel=3)
            return
        old = json.loads(rest[: int(length)])
        if old["makers"] == self._makers:
            self._old = old
            self._keys.frombytes(rest[int(length) :])

    def _trace(self, item: dict[str, Any]) -> Trace:
        queries: dict[Query, str] = {
            (text, tuple((name, value) for name, value in bound)): digest
            for (text, bound), digest in item["queries"]
        }
        return Trace(self._keys[slice(*item["keys"])], queries)


def hash_texts(texts: Iterable[str]) -> str:
    """Return a hash of a list of texts."""
    digest = blake2b(digest_size=16)
    for text in texts:
        content = text.encode("utf-8", "surrogatepass")
        digest.update(b"%d\n%b" % (len(content), content))
    return digest.hexdigest()


def _answer(engine: Engine, query: Query) -> Any:
    text, bound = query
    return engine.answer(text, {name: read_term(value) for name, value in bound})
