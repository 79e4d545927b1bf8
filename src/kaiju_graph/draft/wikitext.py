"""Convert wikitext to the form of ``article.txt``, by mwparserfromhell."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from kaiju_graph.errors import SourceError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mwparserfromhell.wikicode import Wikicode

__all__ = [
    "convert",
]

INFOBOX = "infobox"
NAMES = ("name", "title")
"""The parameters of an infobox that have the title of the article."""
PICTURES = frozenset("image image_size caption alt width border logo image_upright".split())
"""The parameters of an infobox that are no statements."""
LISTS = frozenset("plainlist ubl unbulleted list flatlist hlist cast listing".split())
"""The first words of the names of templates that list their parameters."""
WORDS = frozenset("lang nihongo nowrap small abbr sfn".split())
DATES = frozenset(("film date", "start date", "release date"))
"""The names of templates with dates in their parameters."""
MONTHS = """January February March April May June July August September October November
December""".split()
DROPPED = ("ref", "gallery", "math", "table")
BREAK = re.compile(r"<br\s*/?>", re.IGNORECASE)
LINKS = re.compile(r"(?:File|Image|Category):", re.IGNORECASE)
MARKS = re.compile(r"^[*#:;]+[ \t]*")
TABLE = re.compile(r"^\{\|.*?^\|\}", re.MULTILINE | re.DOTALL)


def convert(text: str, name: str, title: str | None = None) -> str:
    r"""Return an article of wikitext as plain text.

    Templates, references, tables and pictures are left out, except the infobox and lists in it.

    Args:
        text: the wikitext.
        name: the name of its file, for errors.
        title: the title; None takes that of the infobox.

    Raises:
        SourceError: there is no title.

    >>> text = "{{Infobox film | name = A | director = [[Ann B|Ann]] }} '''A''' is a film."
    >>> convert(text + "<ref>C</ref>", "a.wiki")
    '= A =\n\nA\n- director: Ann\n\nA is a film.'
    """
    import mwparserfromhell

    code = mwparserfromhell.parse(TABLE.sub("", text))
    infobox = next((t for t in code.filter_templates() if _first_word(t.name) == INFOBOX), None)
    entries = list(_entries(infobox)) if infobox else []
    named = next((value for key, value in entries if key.casefold() in NAMES), None)
    title = title or named or _bold(code)
    if not title:
        message = "found no title: no infobox with a name, and no words in bold"
        raise SourceError(f"{name}:1: {message}; expected one, or --title")
    shown = [(key, value) for key, value in entries if key.casefold() not in (*NAMES, *PICTURES)]
    lines = [f"- {key.replace('_', ' ')}: {value}" for key, value in shown]
    if lines:
        lines = [named or title, *lines, ""]
    return "\n".join([f"= {title} =", "", *lines, *_body(code)])


def _first_word(name: Any) -> str:
    return (str(name).strip().casefold().replace("_", " ").split() or [""])[0]


def _entries(infobox: Any) -> Iterator[tuple[str, str]]:
    """Yield the key and the value of each line of an infobox; members of a list with commas."""
    for parameter in infobox.params:
        key = str(parameter.name).strip()
        value = "; ".join(_members(parameter.value))
        if value and not key.isdecimal():
            yield key, value.replace("; ", ", ") if "," not in value else value


def _members(value: Wikicode) -> list[str]:
    """Return the members of a list, which templates, marks or breaks of lines separate."""
    import mwparserfromhell

    text = str(value)
    for template in value.filter_templates(recursive=False):
        if _first_word(template.name) in LISTS:
            inner = "\n".join(str(p.value) for p in template.params)
            text = text.replace(str(template), f"\n{inner}\n")
    lines = BREAK.sub("\n", text).split("\n")
    plain = (_plain(mwparserfromhell.parse(MARKS.sub("", line.strip()))) for line in lines)
    return [line for line in plain if line]


def _plain(code: Wikicode) -> str:
    """Return wikitext as one line of plain text."""
    for tag in code.filter_tags(recursive=True):
        if str(tag.tag).casefold() in DROPPED:
            _remove(code, tag)
    for link in code.filter_wikilinks(recursive=True):
        if LINKS.match(str(link.title)):
            _remove(code, link)
    for template in code.filter_templates(recursive=False):
        words = [str(p.value).strip() for p in template.params if not p.showkey]
        if " ".join(str(template.name).split()).casefold() in DATES:
            code.replace(template, _dates(words))
        elif _first_word(template.name) in WORDS and words:
            code.replace(template, words[-1 if _first_word(template.name) == "lang" else 0])
    return " ".join(str(code.strip_code(normalize=True, collapse=True)).split())


def _dates(words: list[str]) -> str:
    """Return the dates of a template: year, month, day, and perhaps a place, for each.

    >>> _dates(["1996", "7", "13", "Chad", "1997"])
    'July 13, 1996 (Chad); 1997'
    """
    dates: list[list[str]] = []
    for word in words:
        is_year = word.isdecimal() and len(word) == len("1996")
        if is_year or not dates:
            dates.append([])
        dates[-1].append(word)
    return "; ".join(_date(*date) for date in dates)


def _date(year: str, month: str = "", day: str = "", place: str = "", *_: str) -> str:
    if not month.isdecimal() or not 1 <= int(month) <= len(MONTHS):
        text, place = year, month
    else:
        name = MONTHS[int(month) - 1]
        text = f"{name} {day}, {year}" if day.isdecimal() else f"{name} {year}"
    return f"{text} ({place})" if place else text


def _remove(code: Wikicode, node: Any) -> None:
    try:
        code.remove(node)
    except ValueError:  # it stood inside of one that is removed already
        return


def _bold(code: Wikicode) -> str:
    """Return the first words in bold."""
    bold = next((tag for tag in code.filter_tags() if str(tag.tag) == "b"), None)
    return _plain(bold.contents) if bold else ""


def _body(code: Wikicode) -> Iterator[str]:
    """Yield the lines of the text without templates."""
    import mwparserfromhell

    for template in code.filter_templates(recursive=False):
        if _first_word(template.name) not in WORDS:
            _remove(code, template)
    for tag in code.filter_tags(recursive=True):
        if str(tag.tag).casefold() in DROPPED:
            _remove(code, tag)
    for line in str(code).split("\n"):
        heading = re.fullmatch(r"\s*(=+)\s*(.+?)\s*\1\s*", line)
        marks = MARKS.match(line)
        words = _plain(mwparserfromhell.parse(heading[2] if heading else MARKS.sub("", line)))
        if heading:
            yield f"{heading[1]}{words}{heading[1]}"
        else:
            yield f"- {words}" if marks and words else words
