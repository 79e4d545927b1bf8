"""The formats of pictures, and the commands that write them, declared once.

The command line reads them before it knows what to do, so this module imports nothing.
"""

from __future__ import annotations

__all__ = ["COMMANDS", "FORMATS"]

FORMATS = ("svg", "mermaid")
"""The names of the formats. To add one, add its name here and a writer to ``write.WRITERS``."""
COMMANDS = ("describe", "why", "draw")
"""The commands that write pictures."""
