"""Whole responses that are kept for the next request of the same kind."""

from __future__ import annotations

from collections import OrderedDict
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from kaiju_graph.web.connection import Response

__all__ = ["Kept", "Key"]

MOST = 2**25
"""How many bytes are kept."""
BESIDES = 2**10
"""How many bytes a response takes besides its body, about."""

Key = tuple[bytes, ...]
"""What a request has in common with others that have the same response."""


class Kept:
    """Responses by what their requests have in common; those not used for longest are dropped."""

    def __init__(self) -> None:
        self._responses: OrderedDict[Key, Response] = OrderedDict()
        self._size = 0

    def find(self, request: Key) -> Response | None:
        """Return the response to the same request as before, or None."""
        found = self._responses.get(request)
        if found:
            self._responses.move_to_end(request)
        return found

    def keep(self, request: Key, response: Response) -> None:
        """Keep the response to a request."""
        if request in self._responses:
            return
        self._responses[request] = response
        self._size += _size(request, response)
        while self._size > MOST:
            self._size -= _size(*self._responses.popitem(last=False))


def _size(request: Key, response: Response) -> int:
    return sum(map(len, request)) + len(response.body) + BESIDES
