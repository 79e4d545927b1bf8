"""Wikitext becomes the plain text that its page shows."""

from __future__ import annotations

import pytest

from kaiju_graph.draft.source import read_text
from kaiju_graph.errors import SourceError

PAGE = """{{Short description|2001 film}}
{{Infobox film
| name           = Comet Night
| image          = Comet.jpg
| director       = [[Ann Poe]]
| producer       = {{plainlist|
* Bo Tarn
* [[Cy Ode (producer)|Cy Ode]]
}}
| writer         = Dan Ek<br />Eve Ek
| released       = {{Film date|2001|05|01|Chad}}
| runtime        = 91 minutes<ref>A note.</ref>
}}
'''''Comet Night''''' is a [[Norway|Norwegian]] film.<ref name="a">{{cite web|url=x}}</ref> It won.

==Plot==
[[File:a.jpg|thumb|A picture]]
Wren wakes. She meets ''Dr. Oak''.

=== Coda ===
* One
** Two

{| class="wikitable"
| a || b
|}

== See also ==
* [[Other film]]
[[Category:2001 films]]
"""
TEXT = """= Comet Night =

Comet Night
- director: Ann Poe
- producer: Bo Tarn, Cy Ode
- writer: Dan Ek, Eve Ek
- released: May 1, 2001 (Chad)
- runtime: 91 minutes

Comet Night is a Norwegian film. It won.

==Plot==

Wren wakes. She meets Dr. Oak.

===Coda===
- One
- Two

==See also==
- Other film
"""


def test_page_becomes_plain_text() -> None:
    assert read_text(PAGE.encode(), "page.wiki") == TEXT


def test_plain_text_stays_as_it_is() -> None:
    assert read_text(TEXT.encode(), "page.txt") == TEXT


@pytest.mark.parametrize(
    ("wikitext", "shown"),
    [
        (
            "It won.{{sfn|Poe|2010|p=3}} Few saw it.{{efn|In {{lang|no|Norge}}.}}",
            "It won. Few saw it.",
        ),
        (
            "It ran {{convert|5|km|mi}} and cost {{US$|5 million}}.",
            "It ran 5 km and cost US$5 million.",
        ),
        (
            "{{ill|Ann Poe|ja|\u5927\u6cc9}} made {{lang-fr|l'\u00e9t\u00e9}}.",
            "Ann Poe made l'\u00e9t\u00e9.",
        ),
        ("Three{{nbsp}}years{{snd}}long.", "Three years \u2013 long."),
    ],
)
def test_templates_show_their_words(wikitext: str, shown: str) -> None:
    remarks: list[str] = []
    text = read_text(wikitext.encode(), "a.wiki", "Night", remarks)
    assert (text, remarks) == (f"= Night =\n\n{shown}\n", [])


def test_unknown_template_inside_of_a_line_is_remarked() -> None:
    page = """{{Infobox film | name = Night | budget = {{Sum|5}} | gross = {{Sum|6}} in all}}
{{About|the film}}
It ran {{convert|5|to|7|km}} long.
{{Navbox}}
{{Navbox}}
"""
    remarks: list[str] = []
    text = read_text(page.encode(), "a.wiki", None, remarks)
    assert text == "= Night =\n\nNight\n- budget:\n- gross: in all\n\nIt ran long.\n"
    assert remarks == [
        "a.wiki: the template Sum is left out of \u201c- budget:\u201d",
        "a.wiki: the template Sum is left out of \u201c- gross: in all\u201d",
        "a.wiki: the template convert is left out of \u201cIt ran long.\u201d",
        "a.wiki: left out between paragraphs: the template About, the template Navbox (2 times)",
    ]


def test_prose_in_boxes_and_blocks_is_kept() -> None:
    page = """{{Quote box|quote=I woke. I \'\'slept\'\'.|author=[[Ann Poe]]|source=Daily}}
{{blockquote|It is {{nowrap|{{lang|no|den}} film}}.}}
<blockquote>
It is \'\'long\'\'.<br>And {{Rating}} slow.
</blockquote>
"""
    remarks: list[str] = []
    text = read_text(page.encode(), "a.wiki", "Night", remarks)
    said = "I woke. I slept.\n\n\u2014 Ann Poe, Daily\n\nIt is den film."
    assert text == f"= Night =\n\n{said}\n\nIt is long. And slow.\n"
    assert remarks == [
        "a.wiki: the template Rating is left out of \u201cIt is long. And slow.\u201d"
    ]


def test_what_is_no_prose_is_left_out_with_a_word() -> None:
    page = """It won.
{| class="x"
| a
|
{|
| b
|}
|}
{{table top}}
! A !! B
|-
| c
|}
[[File:a.jpg|thumb|[[Oslo]]]]
[[Image:b.jpg]]
<gallery>c.jpg</gallery>
* One
** Two [[File:d.png]]
*# Three
[[Category:A]]
"""
    remarks: list[str] = []
    text = read_text(page.encode(), "a.wiki", "Night", remarks)
    assert text == "= Night =\n\nIt won.\n\n- One\n- Two\n- Three\n"
    kinds = "a table, a line of a table (4 times), a picture (2 times), a gallery"
    assert remarks == [
        "a.wiki: a picture is left out of \u201c- Two\u201d",
        f"a.wiki: left out between paragraphs: {kinds}, the template table top",
        "a.wiki: 2 items of lists inside of other lists, written as of one list",
    ]


def test_page_without_a_name_needs_a_title() -> None:
    with pytest.raises(
        SourceError, match=r"^a\.wiki:1: found no title: .*; expected one, or --title"
    ):
        read_text(b"A film.\n", "a.wiki")
    assert read_text(b"A film.\n", "a.wiki", "Night") == "= Night =\n\nA film.\n"
