"""Convert wikitext to the form of ``article.txt``, by mwparserfromhell."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any
from unicodedata import category

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
FIRST = frozenset("abbr flag flagcountry ill interlanguage nihongo nowrap sic small".split())
"""The first words of the names of templates that show their first parameter."""
LAST = frozenset("lang transl transliteration".split())
"""The first words of the names of templates that show their last parameter."""
QUANTITIES = frozenset(("convert", "cvt"))
"""The names of templates that show a number and its unit."""
RANGES = frozenset("+ - \u2013 and by or to x".split())
"""What stands between two numbers of one unit."""
SIGNS = {"nbsp": " ", "snd": " \u2013 ", "spnd": " \u2013 ", "'": "'", "`": "\u2018"}
"""The names of templates that show one sign → that sign."""
NOTES = frozenset("citation cite cn efn harvnb notetag r refn rp sfn sfnm sfnp when who".split())
"""The first words of the names of templates that show a footnote or a mark of one."""
DATES = frozenset(("film date", "start date", "release date"))
"""The names of templates with dates in their parameters."""
DROPPED = ("ref", "gallery", "math", "table")
BREAK = re.compile(r"<br\s*/?>", re.IGNORECASE)
LINKS = re.compile(r"(?:File|Image|Category):", re.IGNORECASE)
MARKS = re.compile(r"^[*#:;]+[ \t]*")
HOLE = "\ufffc"
"""Stands before and after the name of a template that is left out."""
HOLES = re.compile(f" *{HOLE}([^{HOLE}]*){HOLE}")
LONGEST = 60
TABLE = re.compile(r"^\{\|.*?^\|\}", re.MULTILINE | re.DOTALL)


def convert(
    text: str, name: str, title: str | None = None, remarks: list[str] | None = None
) -> str:
    r"""Return an article of wikitext as plain text.

    References, tables, pictures, and templates between paragraphs are left out, except the infobox.

    Args:
        text: the wikitext.
        name: the name of its file, for errors.
        title: the title; None takes that of the infobox.
        remarks: receives what else is left out: each template inside of a line.

    Raises:
        SourceError: there is no title.

    >>> text = "{{Infobox film | name = A | director = [[Ann B|Ann]] }} '''A''' is a film."
    >>> convert(text + "<ref>C</ref>", "a.wiki")
    '= A =\n\nA\n- director: Ann\n\nA is a film.'
    """
    import mwparserfromhell

    code = mwparserfromhell.parse(TABLE.sub("", text.replace(HOLE, "")))
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
    left_out = [] if remarks is None else remarks
    whole = [f"= {title} =", "", *lines, *_body(code)]
    return "\n".join(_without_holes(line, name, left_out) for line in whole)


def _without_holes(line: str, name: str, remarks: list[str]) -> str:
    """Return a line without the templates that are left out, and remark those inside of it."""
    rest = HOLES.sub("", line).strip()
    for template in HOLES.findall(line) if rest.strip("- ") else ():
        words = rest if len(rest) <= LONGEST else f"{rest[:LONGEST]}\u2026"
        remarks.append(
            f"{name}: the template {{{{{template}}}}} is left out of \u201c{words}\u201d"
        )
    return rest if rest.strip("- ") else ""


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
    _show_templates(code)
    return " ".join(str(code.strip_code(normalize=True, collapse=True)).split())


def _show_templates(code: Wikicode) -> None:
    """Replace each template by the words that it shows, or by its name between marks of a hole."""
    for template in code.filter_templates(recursive=False):
        shown = _shown(template)
        name = " ".join(str(template.name).split())
        code.replace(template, f"{HOLE}{name}{HOLE}" if shown is None else shown)


def _shown(template: Any) -> str | None:
    """Return the words that a template shows, as wikitext; None if it is not known."""
    words = [str(p.value).strip() for p in template.params if not p.showkey]
    name = " ".join(str(template.name).split()).casefold()
    first = re.split(r"[ -]", _first_word(template.name))[0]
    if first in NOTES or name in SIGNS:
        return SIGNS.get(name, "")
    shown = None
    if not words:
        return shown
    if name in DATES:
        shown = _dates(words)
    elif name in QUANTITIES:
        has_range = len(words) < len(("5", "km")) or words[1] in RANGES
        shown = None if has_range else " ".join(words[:2])
    elif category(name[-1]) == "Sc":  # such as US$
        shown = f"{str(template.name).strip()}{words[0]}"
    elif first in FIRST or first in LAST:
        shown = words[0 if first in FIRST else -1]
    return shown


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
    from babel.dates import get_month_names

    months = get_month_names("wide", locale="en")
    if not month.isdecimal() or int(month) not in months:
        text, place = year, month
    else:
        name = months[int(month)]
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
    """Yield the lines of the text."""
    import mwparserfromhell

    _show_templates(code)
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
