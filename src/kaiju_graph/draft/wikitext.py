"""Convert wikitext to the form of ``article.txt``, by mwparserfromhell."""

from __future__ import annotations

import re
from collections import Counter
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
QUOTES = frozenset(
    ("blockquote", "bquote", "cquote", "pull quote", "quotation", "quote", "quote box", "rquote")
)
"""The names of templates that show a quotation, and who said it where."""
SPEAKERS = ("author", "title", "source")
"""The parameters of such a template with who said it where, in the order of the page."""
DROPPED = {"gallery": "a gallery", "math": "a formula", "ref": "", "table": "a table"}
"""The names of tags that are left out → the names of their holes; a reference leaves none."""
UNSEEN = frozenset("big center code em i b s small span strong sub sup u nowiki".split())
"""The names of tags that begin no line."""
BREAK = re.compile(r"<br\s*/?>", re.IGNORECASE)
PICTURE, TEMPLATE = "a picture", "the template "
"""The names of holes; that of a template has its own behind it."""
LINKS = re.compile(r"(?P<picture>File:|Image:)|Category:", re.IGNORECASE)
MARKS = re.compile(r"^[*#:;]+[ \t]*")
HOLE = "\ufffc"
"""Stands before and after the name of what is left out."""
HOLES = re.compile(f" *{HOLE}([^{HOLE}]*){HOLE}")
ROW = re.compile(r"\s*(?:\{?\||! |!.*!!)")
"""What begins a line of a table, here of one that a template begins."""
LONGEST = 60


def convert(
    text: str, name: str, title: str | None = None, remarks: list[str] | None = None
) -> str:
    r"""Return an article of wikitext as plain text.

    Left out are references, pictures, tables and templates, but for the infobox, quotations, and
    templates of which it is known what they show.

    Args:
        text: the wikitext.
        name: the name of its file, for errors.
        title: the title; None takes that of the infobox.
        remarks: receives what is left out, but for references: a line for each inside of a line,
            and one for all between paragraphs.

    Raises:
        SourceError: there is no title.

    >>> text = "{{Infobox film | name = A | director = [[Ann B|Ann]] }} '''A''' is a film."
    >>> convert(text + "<ref>C</ref>", "a.wiki")
    '= A =\n\nA\n- director: Ann\n\nA is a film.'
    """
    import mwparserfromhell

    code = mwparserfromhell.parse(text.replace(HOLE, ""))
    _leave_out(code)
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
    if infobox:
        _replace(code, infobox, "")
    if any(key.casefold() in PICTURES for key, _ in entries):
        lines.append(_hole(PICTURE))
    found = [] if remarks is None else remarks
    between: Counter[str] = Counter()
    whole = [f"= {title} =", "", *lines, *_body(code)]
    plain = "\n".join(_without_holes(line, name, found, between) for line in whole)
    if between:
        others = sorted(between, key=lambda what: what.startswith(TEMPLATE))
        counts = (f"{what} ({n} times)" if (n := between[what]) > 1 else what for what in others)
        found.append(f"{name}: left out between paragraphs: {', '.join(counts)}")
    return plain


def _hole(name: str) -> str:
    """Return the mark of something that is left out."""
    return f"{HOLE}{name}{HOLE}"


def _without_holes(line: str, name: str, remarks: list[str], between: Counter[str]) -> str:
    """Return a line without its holes; remark those inside of it, or count them if it has no more.

    A list mark may stand before them.
    """
    rest, holes = HOLES.sub("", line).strip(), HOLES.findall(line)
    if not rest.strip("- "):
        between.update(holes)
        return ""
    words = rest if len(rest) <= LONGEST else f"{rest[:LONGEST]}\u2026"
    remarks += [f"{name}: {what} is left out of \u201c{words}\u201d" for what in holes]
    indent = line[: len(line) - len(line.lstrip())] if rest.startswith("- ") else ""
    return f"{indent}{rest}"


def _leave_out(code: Wikicode) -> None:
    """Replace pictures, tables and the like by their holes."""
    for tag in code.filter_tags(recursive=True):
        what = DROPPED.get(str(tag.tag).casefold().strip())
        if what is not None:
            _replace(code, tag, _hole(what) if what else "")
    for link in code.filter_wikilinks(recursive=True):
        if match := LINKS.match(str(link.title).strip()):
            _replace(code, link, _hole(PICTURE) if match["picture"] else "")


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
    _show_templates(code)
    return " ".join(str(code.strip_code(normalize=True, collapse=True)).split())


def _show_templates(code: Wikicode) -> None:
    """Replace each template by the words that it shows, or by a hole."""
    before = ""
    while (text := str(code)) != before:  # what a template shows may have others
        before = text
        for template in code.filter_templates(recursive=code.RECURSE_OTHERS):
            shown = _shown(template)
            name = " ".join(str(template.name).split()).partition(":")[0]
            _replace(code, template, _hole(f"{TEMPLATE}{name}") if shown is None else shown)


def _shown(template: Any) -> str | None:
    """Return the words that a template shows, as wikitext; None if it is not known."""
    words = [str(p.value).strip() for p in template.params if not p.showkey]
    name = " ".join(str(template.name).split()).casefold()
    first = re.split(r"[ -]", _first_word(template.name))[0]
    if first in NOTES or name in SIGNS:
        return SIGNS.get(name, "")
    shown = None
    if name in QUOTES:
        return _quotation(template, words)
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


def _quotation(template: Any, words: list[str]) -> str | None:
    """Return the paragraphs of a quotation; the last one names its speaker and source."""
    named = {str(p.name).strip(): str(p.value).strip() for p in template.params if p.showkey}
    said = named.get("text") or named.get("quote") or next(iter(words), None)
    if not said:
        return None
    speakers = filter(None, [*(named.get(key) for key in SPEAKERS), *words[1:]])
    whose = ", ".join(speakers)
    return "\n\n".join(["", said, *([f"\u2014 {whose}"] if whose else []), ""])


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
        text = f"{name} {int(day)}, {year}" if day.isdecimal() else f"{name} {year}"
    return f"{text} ({place})" if place else text


def _replace(code: Wikicode, node: Any, other: str) -> None:
    try:
        code.replace(node, other)
    except ValueError:  # it stood inside of one that is replaced already
        return


def _bold(code: Wikicode) -> str:
    """Return the first words in bold."""
    bold = next((tag for tag in code.filter_tags() if str(tag.tag) == "b"), None)
    return _plain(bold.contents) if bold else ""


def _body(code: Wikicode) -> Iterator[str]:
    """Yield the lines of the text; an item of a list inside of another list is indented."""
    import mwparserfromhell

    _show_templates(code)
    for line in _without_blocks(code).split("\n"):
        if ROW.match(line):
            yield _hole("a line of a table")
            continue
        heading = re.fullmatch(r"\s*(=+)\s*(.+?)\s*\1\s*", line)
        marks = MARKS.match(line)
        words = _plain(mwparserfromhell.parse(heading[2] if heading else MARKS.sub("", line)))
        if heading:
            yield f"{heading[1]}{words}{heading[1]}"
        else:
            mark = f"{'  ' * (len(marks[0].strip()) - 1)}- " if marks and words else ""
            yield mark + words


def _without_blocks(code: Wikicode) -> str:
    """Return wikitext with the words of an HTML block, such as a blockquote, in lines of their own.

    They would else be found in lines that have only one of its two marks.
    """
    before = ""
    while (text := str(code)) != before:  # a block may have others
        before = text
        for tag in code.filter_tags(recursive=True):
            name = str(tag.tag).casefold().strip()
            if name == "br":
                _replace(code, tag, " ")
            elif tag.wiki_markup is None and name not in UNSEEN:
                mark = "* " if name == "li" else ""
                _replace(code, tag, f"\n{mark}{str(tag.contents).strip()}\n")
    return text
