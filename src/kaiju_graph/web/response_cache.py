"""Responses in memory, for requests that get the same one."""

from __future__ import annotations

from collections import OrderedDict
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from kaiju_graph.web.connection import Response

__all__ = ["Key", "ResponseCache"]

MAX_BYTES = 2**25
"""How many bytes the cache may have."""
OVERHEAD = 2**10
"""How many bytes a response takes besides its body, about."""

Key = tuple[bytes, ...]
"""What a request has in common with others that get the same response."""


class ResponseCache:
    """Responses by the key of their requests; those not used for longest are dropped."""

    def __init__(self) -> None:
        self._responses: OrderedDict[Key, Response] = OrderedDict()
        self._size = 0

    def find(self, key: Key) -> Response | None:
        """Return the response to an earlier request with a key, or None."""
        found = self._responses.get(key)
        if found:
            self._responses.move_to_end(key)
        return found

    def add(self, key: Key, response: Response) -> None:
        """Add the response to a request, unless one with its key is there."""
        if key in self._responses:
            return
        self._responses[key] = response
        self._size += _size(key, response)
        while self._size > MAX_BYTES:
            self._size -= _size(*self._responses.popitem(last=False))


def _size(key: Key, response: Response) -> int:
    return sum(map(len, key)) + len(response.body) + OVERHEAD
