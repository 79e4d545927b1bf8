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
| released       = {{Film date|2001|5|1|Chad}}
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


def test_page_without_a_name_needs_a_title() -> None:
    with pytest.raises(
        SourceError, match=r"^a\.wiki:1: found no title: .*; expected one, or --title"
    ):
        read_text(b"A film.\n", "a.wiki")
    assert read_text(b"A film.\n", "a.wiki", "Night") == "= Night =\n\nA film.\n"
