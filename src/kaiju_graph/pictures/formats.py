"""The formats of pictures, declared once.

The command line reads this table before it knows what to do, so it imports nothing.
"""

from __future__ import annotations

__all__ = ["COMMANDS", "FORMATS", "Format"]


class Format:
    """A format of pictures.

    Attributes:
        media_type: its registered media type.
        ending: the ending of the names of its files.
    """

    def __init__(self, media_type: str, ending: str) -> None:
        self.media_type = media_type
        self.ending = ending


FORMATS = {
    "svg": Format("image/svg+xml", ".svg"),
    "mermaid": Format("text/vnd.mermaid", ".mmd"),
}
"""Name → format. To add one, add an entry here and a writer to ``write.WRITERS``."""
COMMANDS = ("describe", "why", "draw")
"""The commands that write pictures."""
