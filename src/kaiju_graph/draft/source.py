"""Read the text of an article as others write it, and bring it into the form of ``article.txt``."""

from __future__ import annotations

import os
import re
from unicodedata import normalize

from kaiju_graph.errors import SourceError
from kaiju_graph.project.layout import decode
from kaiju_graph.project.passages import HEADING
from kaiju_graph.rdf.lines import line_column

__all__ = ["read_text"]

WIKITEXT = (".mediawiki", ".wiki", ".wikitext")
"""The endings of the names of files of wikitext."""
MARKUP = re.compile(r"\[\[|\{\{|'''|<ref\b", re.IGNORECASE)
ITEM = re.compile(r"^[ \t]*(?:(?:\*+|[-•\u2013])[ \t]+)+(?=\S)")
ENTRY = re.compile(r"- [^:\n]{1,60}:(?: .*)?")
"""A line of the infobox, maybe without its value."""
KEY, COLON = r"[^-*\u2022=:\s][^:\t\n]{0,59}?", r"[ ]*(?::[ \t]+|:?\t+)"
BARE_ENTRY = re.compile(rf"(?P<key>{KEY}){COLON}(?P<value>\S.*)\n")
BARE_ENTRIES = re.compile(rf"^(?:{KEY}{COLON}\S.*\n){{3,}}", re.MULTILINE)
"""Three lines in a row with a key, or more; fewer may be prose."""
ENDS = re.compile(r"[.!?:;\u3002\uff01\uff1f][\"'\u201d\u2019)\]]*$")
REFERENCES = re.compile(
    r"(?<=\S)\[(?:\d{1,3}|(?:note|nb) \d{1,3})\](?:\[(?:[a-z]|\d{1,3})\])*"
    r"|(?<=[.,;:!?])(?:\[[a-z]\])+"
)
"""Marks of footnotes, as copied from a page: the [1] of "It won.[1]", but not "[a] cat"."""
CONTROL = re.compile(r"[\x00-\x08\x0e-\x1b\x7f]")
"""What RDF/XML cannot hold, and is no space."""
SPACES = re.compile(r"[^\S\n]+")


def read_text(
    data: bytes, name: str, title: str | None = None, remarks: list[str] | None = None
) -> str:
    r"""Return the article that a file holds, plain text or wikitext, to judge by its ending.

    Line ends become LF, the form Unicode NFC, each list mark ``- ``, and the lines of a paragraph
    that is broken into several become one. Marks of footnotes, such as [1], are left out.

    Args:
        data: the bytes of the file.
        name: its name.
        title: the title, if the text has none, or only as its first line.
        remarks: receives what is left out, or read as something else.

    Raises:
        SourceError: it is not UTF-8, empty, has a control character, or is wikitext in a file of
            plain text.

    >>> read_text(b"= A =\r\n\r\n* Country: Chad\r\n\r\nIt is\r\nlong.", "a.txt")
    '= A =\n\n- Country: Chad\n\nIt is long.\n'
    """
    data = data.removeprefix(b"\xef\xbb\xbf").replace(b"\r\n", b"\n")
    try:
        text = normalize("NFC", data.decode())
    except UnicodeDecodeError:
        text = decode(data, name)  # which says where
    decode(text.encode(), name)
    if match := CONTROL.search(text):
        found = f"found the control character U+{ord(match[0]):04X}; expected text"
        raise SourceError(f"{name}:{line_column(text, match.start())}: {found}")
    if os.path.splitext(name)[1] in WIKITEXT:
        from kaiju_graph.draft.wikitext import convert

        text = convert(text, name, title, remarks)
        title = None
    elif match := MARKUP.search(text):
        message = f"found {match[0]!r} of wikitext; expected plain text, or a name such as a.wiki"
        raise SourceError(f"{name}:{line_column(text, match.start())}: {message}")
    if title:
        first, _, rest = text.lstrip().partition("\n")
        is_title = HEADING.fullmatch(first.strip()) or first.strip() == title
        text = f"= {title} =\n\n{rest if is_title else text}"
    text = _mark_entries(text)
    lines, inner = _join_lines(text)
    if inner and remarks is not None:
        one, more = "item of a list inside of another list", "items of lists inside of other lists"
        what = one if inner == 1 else more
        remarks.append(f"{name}: {inner} {what}, written as of one list")
    return "".join(f"{line}\n" for line in lines).strip("\n") + "\n"


def _mark_entries(text: str) -> str:
    r"""Return a text in which bare lines of an infobox, as copied from a page, have their marks.

    >>> _mark_entries("= A =\nDirector\tAnn\nMusic: Li\nYear:\t2001\nIt: long\n\nSo: it.\n")
    '= A =\n- Director: Ann\n- Music: Li\n- Year: 2001\n- It: long\n\nSo: it.\n'
    """
    above, heading, below = text.partition("\n==")

    def mark(run: re.Match[str]) -> str:
        return "".join(f"- {m['key']}: {m['value']}\n" for m in BARE_ENTRY.finditer(run[0]))

    return f"{BARE_ENTRIES.sub(mark, above)}{heading}{below}"


def _join_lines(text: str) -> tuple[list[str], int]:
    """Return the lines of a text, of which some take the next, and the number of inner items.

    Lines take the next if they are prose that does not end its sentence, or of the infobox with a
    list below, whose items become the values. An inner item is one of a list inside of a list.
    """
    lines: list[str] = []
    inner = 0
    goes_on = has_section = False
    for raw in text.split("\n"):
        line = ITEM.sub("- ", SPACES.sub(" ", REFERENCES.sub("", raw).rstrip()), count=1)
        line = line.strip() if HEADING.fullmatch(line.strip()) else line
        is_prose = bool(line.strip()) and not line.startswith("- ") and not HEADING.fullmatch(line)
        has_section |= line.startswith("==")
        is_inner = line.startswith("- ") and (raw[:1].isspace() or raw.startswith("**"))
        if is_inner and not has_section and lines and ENTRY.fullmatch(lines[-1]):
            lines[-1] += f"{' ' if lines[-1].endswith(':') else ', '}{line.removeprefix('- ')}"
        elif is_prose and goes_on:
            lines[-1] += f" {line.strip()}"
        elif line or (lines and lines[-1]):
            inner += is_inner and lines[-1:] != [""]
            lines.append(line)
        goes_on = is_prose and not ENDS.search(lines[-1])
    return lines, inner
