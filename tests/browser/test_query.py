"""The query page in a browser, opened as a file: the engine answers, and can be stopped."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from kaiju_graph.web.pages import engine
from tests.browser.axe import violations
from tests.browser.test_pages import NARROW, is_focus_visible
from tests.repository import ROOT

if TYPE_CHECKING:
    from pathlib import Path

    from playwright.sync_api import Locator, Page

    from tests.browser.conftest import Visit

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        not engine.has_engine(), reason="needs the scripts of the query page, made with npm"
    ),
]

ENDLESS = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }"


def editor(page: Page) -> Locator:
    return page.get_by_role("textbox", name="Query in SPARQL")


def options(page: Page) -> Locator:
    """Return the completions of a word."""
    return page.locator("#editor").get_by_role("option")


def write(page: Page, text: str) -> None:
    """Replace the text of the editor, as one pastes it."""
    editor(page).focus()
    page.keyboard.press("Control+a")
    page.keyboard.insert_text(text)


def run(page: Page) -> str:
    """Run the query by its keys, and return the line about its answer."""
    page.keyboard.press("Control+Enter")
    status = page.get_by_role("status")
    status.filter(has_text=re.compile(r" ms\b|Line \d")).wait_for()
    return status.inner_text()


def rows(page: Page) -> list[list[str]]:
    lines = page.locator("#answer tr").all()
    return [line.locator("th, td").all_inner_texts() for line in lines]


@pytest.mark.parametrize("name", ["who-directed", "appearances", "who-dies"])
def test_stored_question_has_its_stored_answer(name: str, visit: Visit, tmp_path: Path) -> None:
    page = visit("query.html")
    page.get_by_label("Stored question").select_option(name)
    editor(page).focus()
    assert " in " in run(page)
    with page.expect_download() as download:
        page.get_by_role("button", name="Save as CSV").click()
    download.value.save_as(tmp_path / "answer.csv")
    stored = (ROOT / f"tests/answers/gamera-2/{name}.csv").read_bytes()
    assert (tmp_path / "answer.csv").read_bytes().replace(b"\r\n", b"\n") == stored


def test_answer_leads_to_the_sentence(visit: Visit) -> None:
    page = visit("query.html")
    write(page, "SELECT ?passage ?who { GRAPH ?passage { ?film film:composer ?who } }")
    assert re.fullmatch(r"1 row in [\d,]+ ms\.", run(page))
    assert rows(page) == [["passage", "who"], ["g2:infobox-music", "id:kow-otani"]]
    page.get_by_role("link", name="id:kow-otani").click()
    assert page.get_by_role("heading", level=1).inner_text() == "Kow Otani"
    page.go_back()
    write(page, "SELECT ?passage { GRAPH ?passage { ?film film:composer ?who } }")
    run(page)
    page.get_by_role("link", name="g2:infobox-music").click()
    assert page.url.endswith("article/gamera-2.html#infobox-music")
    assert page.locator(":target").inner_text().startswith("Music: Kow Otani")


def test_other_forms_of_query_are_answered(visit: Visit) -> None:
    page = visit("query.html")
    write(page, "ASK { id:gamera a story:Monster }")
    run(page)
    assert page.locator("#answer").inner_text() == "Yes"
    write(page, "CONSTRUCT { ?film film:composer ?who } { ?film film:composer ?who }")
    run(page)
    assert rows(page)[1] == ["id:gamera-2", "film:composer", "id:kow-otani"]
    assert page.get_by_role("button", name="Save as N-Triples").is_visible()
    write(page, "SELECT ?x { ?x a film:NoSuchClass }")
    run(page)
    assert page.locator("#answer").inner_text() == "There is no row."
    write(page, "SELECT * { ?a ?b ?c . ?d a film:Film }")
    assert "the first 1,000 are shown" in run(page)
    assert len(rows(page)) == 1001


def test_error_is_one_line_with_its_place(visit: Visit) -> None:
    page = visit("query.html")
    write(page, "SELECT ?x\nWHERE { ?x ; }")
    message = run(page)
    assert message.startswith("Line 2, column 12: found ';'; expected ")
    assert "\n" not in message
    assert page.locator(".cm-error").inner_text() == ";"
    write(page, "ASK {}")
    assert "Answered" in run(page)
    assert page.locator(".cm-error").count() == 0


def test_query_that_takes_too_long_is_stopped(visit: Visit) -> None:
    page = visit("query.html")
    write(page, ENDLESS)
    page.keyboard.press("Control+Enter")
    stop = page.get_by_role("button", name="Stop")
    page.get_by_text("Running …").wait_for()
    stop.click()
    page.get_by_text("Stopped.").wait_for()
    assert stop.is_hidden()
    write(page, "ASK {}")
    assert "Answered" in run(page)
    # Another query takes the place of one that runs.
    write(page, ENDLESS)
    page.keyboard.press("Control+Enter")
    write(page, "ASK { ?x a ?y }")
    assert "Answered" in run(page)


def test_query_that_breaks_the_engine_is_an_error(visit: Visit) -> None:
    page = visit("query.html")
    write(page, f"ASK {'{' * 5000}{'}' * 5000}")
    assert "expected a smaller one" in run(page)
    write(page, "ASK {}")
    assert "Answered" in run(page)


def test_editor_completes_prefixes_terms_and_variables(visit: Visit) -> None:
    page = visit("query.html")
    write(page, "")
    page.keyboard.type("SELECT ?who { ?film fil", delay=20)
    options(page).filter(has_text="film:").first.wait_for()
    page.keyboard.type("m:compos", delay=20)
    options(page).filter(has_text="film:composer").wait_for()
    page.get_by_text("whoever is named for its music").wait_for()
    page.wait_for_timeout(200)  # a completion cannot be chosen as it appears
    page.keyboard.press("Enter")
    page.keyboard.type(" ?wh", delay=20)
    options(page).filter(has_text="?who").wait_for()
    page.keyboard.press("Escape")
    page.keyboard.type("o")
    page.keyboard.press("Escape")
    assert "1 row" in run(page)
    assert rows(page) == [["who"], ["id:kow-otani"]]


def test_after_a_the_editor_completes_classes(visit: Visit) -> None:
    page = visit("query.html")
    write(page, "")
    page.keyboard.type("ASK { ?x a film:", delay=20)
    names: list[str] = []
    for _ in range(50):  # until the list of the last character has taken the place of others
        shown = options(page).all_inner_texts()
        names = [text.removeprefix("film:") for text in shown if text.startswith("film:")]
        if len(names) == len(shown) > 4:
            break
        page.wait_for_timeout(100)
    assert len(names) > 4
    assert all(name[0].isupper() for name in names)


def test_value_of_a_question_is_asked_on_its_page(visit: Visit) -> None:
    page = visit("question/appearances.html")
    page.get_by_label("thing").fill("ADV Films")
    page.get_by_role("button", name="Ask").click()
    page.get_by_text(re.compile("^1 row in")).wait_for()
    assert rows(page)[1][1:3] == ["ADV Films", "55"]
    assert "VALUES ?thing { <https://w3id.org/kaiju/id/adv-films> }" in editor(page).inner_text()


def test_question_is_changed_on_its_page(visit: Visit) -> None:
    page = visit("question/who-directed.html")
    page.get_by_role("link", name="Change it and ask again").click()
    page.get_by_text(re.compile("^1 row in")).wait_for()
    assert rows(page)[1] == ["Gamera 2: Attack of Legion", "Shusuke Kaneko"]
    assert editor(page).inner_text().startswith("PREFIX rdfs:")


def test_link_to_a_query_fills_the_editor(visit: Visit) -> None:
    page = visit("query.html")
    write(page, "ASK { ?x a film:Film }")
    run(page)
    link = page.get_by_role("link", name="Link to this query").get_attribute("href")
    again = visit(f"query.html{link}")
    editor(again).wait_for()
    assert editor(again).inner_text() == "ASK { ?x a film:Film }"


def test_keyboard_goes_through_the_page(visit: Visit) -> None:
    page = visit("query.html")
    page.get_by_label("Stored question").focus()
    page.keyboard.press("Tab")
    assert editor(page).evaluate("element => element.getRootNode().activeElement === element")
    page.keyboard.press("Tab")  # which no editor keeps
    assert page.evaluate("document.activeElement.textContent") == "Run"
    assert is_focus_visible(page)
    page.keyboard.press("Enter")
    page.locator("#answer table").wait_for()


def test_query_page_is_accessible(visit: Visit) -> None:
    page = visit("query.html", bypass_csp=True)
    editor(page).focus()
    run(page)
    assert violations(page) == []
    page.emulate_media(color_scheme="dark")
    assert violations(page, ["color-contrast"]) == []
    write(page, "SELECT ?x { ?x ; }")
    run(page)
    assert violations(page) == []
    page.keyboard.press("Control+Space")
    options(page).first.wait_for()
    assert violations(page) == []


def test_narrow_query_page_needs_no_sideways_scroll(visit: Visit) -> None:
    page = visit("query.html", viewport=NARROW)
    editor(page).focus()
    run(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= NARROW["width"]


def test_without_scripts_a_line_says_so(visit: Visit) -> None:
    page = visit("query.html", java_script_enabled=False)
    assert "The editor needs JavaScript" in page.locator("main").inner_text()
    assert page.locator("#sparql").is_hidden()
