"""The pages of ``kaiju serve`` in a browser: IRIs, forms, errors."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from tests.browser.axe import violations

if TYPE_CHECKING:
    from tests.browser.conftest import Visit

pytestmark = pytest.mark.slow

QUESTION = "question/what-happens-in-an-area.html"


@pytest.mark.parametrize(
    ("address", "name"),
    [
        ("id/gamera", "Gamera"),
        ("film", "Terms"),
        ("", "Kaiju films as a knowledge graph"),
        ("article/gamera-2.html", "Gamera 2: Attack of Legion"),
    ],
)
def test_an_address_leads_to_a_page(address: str, name: str, visit_served: Visit) -> None:
    page = visit_served(address)
    assert page.get_by_role("heading", level=1).inner_text().startswith(name)


def test_a_question_takes_values(visit_served: Visit) -> None:
    page = visit_served(QUESTION, bypass_csp=True)
    rows = page.locator("tbody tr")
    every = rows.count()
    field = page.get_by_label("place")
    assert page.locator("datalist option").count() > 1
    field.fill("Sendai")
    field.press("Enter")
    page.wait_for_url(re.compile("place=Sendai"))
    assert page.get_by_label("place").input_value() == "Sendai"
    assert 0 < rows.count() < every
    assert violations(page) == []
    with page.expect_download() as download:
        page.get_by_role("link", name="csv").click()
    lines = download.value.path().read_text("utf-8").splitlines()
    assert len(lines) == rows.count() + 1
    rows.first.locator("sup a").first.click()
    page.locator(":target").get_by_role("link").click()
    page.wait_for_url(re.compile("article/gamera-2.html#"))
    assert page.get_by_role("complementary").is_visible()


def test_a_value_that_nothing_has_is_explained_beside_the_form(visit_served: Visit) -> None:
    page = visit_served(QUESTION, bypass_csp=True)
    page.get_by_label("place").fill("Sendaj")
    page.get_by_role("button", name="Ask").click()
    assert "Sendai" in page.get_by_role("alert").inner_text()
    assert page.get_by_label("place").input_value() == "Sendaj"
    assert violations(page) == []


def test_an_unknown_address_leads_to_near_names(visit_served: Visit) -> None:
    page = visit_served("id/gamara", bypass_csp=True)
    assert violations(page) == []
    page.get_by_role("main").get_by_role("link", name="Gamera").click()
    page.wait_for_url(re.compile("thing/id/gamera.html"))
