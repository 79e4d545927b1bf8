"""Texts of anyone as Markdown (CommonMark 0.31), which shows them and does not obey them."""

from __future__ import annotations

import re
from urllib.parse import quote

from kaiju_graph.sparql.results import printable

__all__ = ["autolink", "code", "code_block", "escape", "link"]

SCHEMES = ("http://", "https://")
"""The beginnings of IRIs that become links; others, such as ``javascript:``, stay text."""

MARKUP = re.compile(r"[\\`*\[\]<>#|~&]|(?<![^\W_])_|_(?![^\W_])")
"""A character of the markup; an underline between letters is none (section 6.2)."""


def escape(text: str) -> str:
    r"""Return a text in one line, with all characters of the markup escaped (section 2.4).

    >>> escape("<b>\n1 * 2")
    '\\<b\\> 1 \\* 2'
    """
    return MARKUP.sub(r"\\\g<0>", printable(" ".join(text.split())))


def autolink(iri: str) -> str:
    """Return an IRI of the web as a link (section 6.4), any other as text."""
    return f"<{iri}>" if iri.startswith(SCHEMES) else escape(iri)


def link(text: str, target: str) -> str:
    """Return a link, or the text alone if the target is neither on the web nor a relative path.

    Args:
        text: the text, not escaped.
        target: an IRI, or a path or fragment that begins with neither a scheme nor a slash.
    """
    if target.startswith(SCHEMES):
        return f"[{escape(text)}]({target.replace('(', '%28').replace(')', '%29')})"
    if ":" in target.partition("/")[0] or target.startswith("/"):
        return escape(text)
    return f"[{escape(text)}]({quote(target, safe='/#')})"


def code(text: str) -> str:
    """Return a text in one line as code; its fence is longer than any in the text (section 6.1)."""
    fence = "`" * (_longest_fence(text) + 1)
    pad = " " if "`" in text else ""
    return f"{fence}{pad}{printable(' '.join(text.split()))}{pad}{fence}"


def code_block(text: str, language: str) -> str:
    """Return a fenced code block; its fence is longer than any in the text (section 4.5)."""
    fence = "`" * max(3, _longest_fence(text) + 1)
    return f"{fence}{language}\n{text.rstrip()}\n{fence}\n"


def _longest_fence(text: str) -> int:
    return max((len(ticks) for ticks in re.findall("`+", text)), default=0)
