"""The pages of ``kaiju site`` in a browser, opened as files."""

from __future__ import annotations

import re
from itertools import pairwise
from typing import TYPE_CHECKING

import pytest

from tests.browser.axe import violations

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

    from tests.browser.conftest import Visit

pytestmark = pytest.mark.slow

ARTICLE = "article/gamera-2.html"
CHOSEN = f"{ARTICLE}#plot-3-3"
GAMERA = "thing/id/gamera.html"
PAGES = {
    "the index": "index.html",
    "an article, a passage chosen": CHOSEN,
    "a monster": GAMERA,
    "a person": "thing/id/shusuke-kaneko.html",
    "an event": "thing/g2/uprooting-of-the-pod.html",
    "a class": "class/story/Emergence.html",
    "a property": "property/film/director.html",
    "an individual": "individual/film/dvd.html",
    "a question": "question/what-happens-before.html",
    "a question with values": "question/who-directed.html",
    "a picture": "picture/story-gamera-2.html",
    "the questions": "questions.html",
    "the names": "names.html",
    "the terms": "terms.html",
}
NARROW = {"width": 320, "height": 640}
"""A window of 1280 pixels at 400 % (WCAG 2.2, 1.4.10)."""

every_page = pytest.mark.parametrize("address", PAGES.values(), ids=PAGES)


def is_focus_visible(page: Page) -> bool:
    """Tell whether the focus has an outline of two pixels."""
    style = "getComputedStyle(document.activeElement)"
    found: bool = page.evaluate(
        f"{style}.outlineStyle !== 'none' && parseFloat({style}.outlineWidth) >= 2"
    )
    return found


@every_page
def test_a_page_is_accessible(address: str, visit: Visit) -> None:
    page = visit(address, bypass_csp=True)
    if address == CHOSEN:
        page.get_by_role("checkbox").check()
    assert violations(page) == []
    page.emulate_media(color_scheme="dark")
    assert violations(page, ["color-contrast"]) == []


@every_page
def test_a_page_needs_no_sideways_scroll_in_a_narrow_window(address: str, visit: Visit) -> None:
    page = visit(address, viewport=NARROW)
    assert page.evaluate("document.documentElement.scrollWidth") <= NARROW["width"]


@every_page
def test_a_page_reads_without_scripts(address: str, visit: Visit) -> None:
    text = visit(address).locator("main").evaluate(TEXT)
    page = visit(address, java_script_enabled=False)
    assert page.locator("main").evaluate(TEXT) == text
    assert page.get_by_role("heading", level=1).is_visible()
    assert page.locator("form:visible").count() == 1  # that of the search


@every_page
def test_a_page_has_an_outline_and_japanese_is_marked(address: str, visit: Visit) -> None:
    page = visit(address)
    levels = [int(tag[1]) for tag in page.locator("main").evaluate(HEADINGS)]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(later <= earlier + 1 for earlier, later in pairwise(levels))
    for role in ("banner", "main", "navigation", "search"):
        assert page.get_by_role(role).count() == 1
    assert page.evaluate(UNMARKED) == []


TEXT = """(main) => {
    const copy = main.cloneNode(true);
    copy.querySelectorAll("form, [role=status]").forEach((part) => part.remove());
    return copy.textContent;
}"""
HEADINGS = "(main) => [...main.querySelectorAll('h1,h2,h3,h4,h5,h6')].map((h) => h.tagName)"
UNMARKED = r"""() => {
    const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    const found = [];
    for (let text; (text = texts.nextNode()); )
        if (/[\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Han}]/u.test(text.data))
            if (text.parentElement.closest("[lang]").lang !== "ja") found.push(text.data.trim());
    return found;
}"""


def test_the_policy_lets_nothing_in(browser: Browser, files: str) -> None:
    page = browser.new_page()
    page.goto(f"{files}index.html")
    refused = page.evaluate(INTRUDE)
    page.close()
    assert refused == ["connect-src", "frame-src", "img-src", "script-src-elem", "style-src-elem"]


INTRUDE = """async () => {
    const found = new Set();
    addEventListener("securitypolicyviolation", (event) => found.add(event.effectiveDirective));
    const intruders = [["img", "src", "https://example.org/"], ["iframe", "src", "index.html"],
        ["script", "textContent", "0"], ["style", "textContent", "p { color: red }"]];
    for (const [name, property, value] of intruders)
        document.body.append(Object.assign(document.createElement(name), {[property]: value}));
    await fetch("https://example.org/").catch(() => {});
    await new Promise((done) => setTimeout(done, 200));
    return [...found].sort();
}"""


def test_a_reader_gets_along_with_the_keyboard(visit: Visit) -> None:
    page = visit(ARTICLE)
    page.keyboard.press("Tab")
    skip = page.get_by_role("link", name="Skip to the content")
    assert skip.evaluate("(link) => link === document.activeElement")
    assert skip.bounding_box()["x"] >= 0  # type: ignore[index]
    for place in range(30):
        assert page.evaluate(PLACE_OF_FOCUS) == place
        assert is_focus_visible(page)
        page.keyboard.press("Tab")
    skip.focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.closest('main') !== null")


PLACE_OF_FOCUS = """() => [...document.querySelectorAll("a[href], button, input, summary")]
    .filter((element) => element.checkVisibility()).indexOf(document.activeElement)"""


def test_a_passage_shows_what_it_says(visit: Visit) -> None:
    page = visit(ARTICLE)
    number = page.locator("#plot-3-3 .n")
    number.focus()
    page.keyboard.press("Enter")
    panel = page.get_by_role("complementary")
    assert panel.count() == 1
    assert "Gamera uproots the pod" in panel.inner_text()
    page.keyboard.press("Escape")
    assert panel.count() == 0
    assert number.evaluate("(link) => link === document.activeElement")
    number.click()
    panel.get_by_role("link", name="Close").click()
    assert panel.count() == 0


def test_a_fact_leads_to_its_sentence_and_its_proof(visit: Visit) -> None:
    page = visit(GAMERA)
    fact = page.locator("dd", has_text="Akira Ohashi").locator("sup a").first
    fact.click()
    note = page.locator(":target")
    assert "Akira Ohashi" in note.inner_text()
    note.get_by_role("link").click()
    page.wait_for_url(re.compile(ARTICLE))
    assert page.locator(".passage:target").is_visible()
    assert page.get_by_role("complementary").count() == 1
    page.go_back()
    proof = page.locator("details", has=page.locator(".proof")).first
    assert not proof.locator(".proof").is_visible()
    proof.get_by_text("Proof").click()
    assert proof.locator(".proof").is_visible()


@pytest.mark.parametrize(
    ("words", "name"),
    [("ガメラ", "Gamera"), ("gamera", "Gamera"), ("Yukijiro", "Yukijirō Hotaru")],
)
def test_the_search_finds_a_name_in_any_spelling(words: str, name: str, visit: Visit) -> None:
    page = visit()
    field = page.get_by_role("searchbox")
    field.fill(words)
    field.press("Enter")
    page.wait_for_url(re.compile(r"names\.html\?q="))
    found = page.locator("#names").get_by_role("link", name=name, exact=True)
    assert found.is_visible()
    assert not page.locator("#names").get_by_role("link", name="Sendai", exact=True).is_visible()
    assert re.match(r"\d+ names? ha", page.get_by_role("status").inner_text())


def test_a_value_of_a_question_keeps_its_rows(visit: Visit) -> None:
    page = visit("question/what-happens-before.html")
    rows = page.locator("tbody tr:visible")
    every = rows.count()
    page.get_by_label("earlier").select_option("Gamera flies away")
    assert 0 < rows.count() < every
    for row in rows.all():
        assert row.get_by_role("cell", name="Gamera flies away").count() == 1
    status = page.get_by_role("main").get_by_role("status")
    assert status.inner_text() == f"Rows: {rows.count()} of {every}"


def test_paper_has_the_text_only(visit: Visit) -> None:
    page = visit(CHOSEN)
    page.emulate_media(media="print")
    assert page.get_by_role("heading", level=1).is_visible()
    for hidden in ("banner", "complementary", "checkbox"):
        assert page.get_by_role(hidden).count() == 0


def test_a_chosen_passage_is_marked_in_forced_colors(visit: Visit) -> None:
    page = visit(CHOSEN, forced_colors="active")
    assert page.locator(":target").evaluate("(e) => getComputedStyle(e).outlineStyle") != "none"
