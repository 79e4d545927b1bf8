"""Chromium, the site of this project as files, and a reader who opens its pages."""

from __future__ import annotations

import os
import shutil
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Protocol

import pytest

from kaiju_graph.publish.release import PAGES
from tests.repository import ROOT
from tests.web.conftest import serving

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from playwright.sync_api import Browser, ConsoleMessage, Page, Request, Route

OPTIONS = (
    "--disable-background-networking --disable-component-update --disable-gpu --disable-quic "
    "--disable-sync --no-first-run"
).split()
WAIT = 10_000
"""Milliseconds that a step waits at most."""


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Return a browser with a new profile, or skip the test where there is none.

    While there is one, no other event loop can run, so it does not outlive the tests of a module.
    """
    playwright = pytest.importorskip("playwright.sync_api", reason="needs Playwright")
    program = shutil.which("chromium") or shutil.which("chromium-browser")
    if not program:
        pytest.skip("needs Chromium")
    with playwright.sync_playwright() as driver:
        # As root, as in a container, Chromium has no sandbox.
        arguments = [*OPTIONS, *(["--no-sandbox"] if os.geteuid() == 0 else [])]
        running = driver.chromium.launch(executable_path=program, args=arguments)
        yield running
        running.close()


@pytest.fixture(scope="session")
def files(published: Path) -> str:
    """Return the address of the site as files, which a release has."""
    return f"{(published / PAGES).as_uri()}/"


@pytest.fixture(scope="session")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Return the address of the site as ``kaiju serve`` shows it."""
    with serving(ROOT, tmp_path_factory.mktemp("server") / "log") as running:
        yield f"http://127.0.0.1:{running.port}/"


class Visit(Protocol):
    """Open an address below the root of a site, in a window of its own."""

    def __call__(self, address: str = "index.html", **window: Any) -> Page: ...


@contextmanager
def visits(browser: Browser, root: str) -> Iterator[Visit]:
    """Yield a reader, who notes each error of a page and each request to elsewhere."""
    problems: list[str] = []
    contexts = []

    def answer(route: Route, request: Request) -> None:
        if request.url.startswith(root):
            route.continue_()
        else:
            problems.append(f"requests {request.url}")
            route.abort()

    def note(message: ConsoleMessage) -> None:
        page = message.page
        is_status = page is not None and message.location["url"] == page.url  # of the page itself
        if message.type in ("error", "warning") and not is_status:
            problems.append(message.text)

    def visit(address: str = "index.html", **window: Any) -> Page:
        context = browser.new_context(**window)
        contexts.append(context)
        context.set_default_timeout(WAIT)
        context.route("**/*", answer)
        context.on("console", note)
        context.on("weberror", lambda error: problems.append(str(error.error)))
        page = context.new_page()
        page.goto(f"{root}{address}")
        return page

    yield visit
    for context in contexts:
        context.close()
    assert problems == []


@pytest.fixture
def visit(browser: Browser, files: str) -> Iterator[Visit]:
    """Return a reader of the files, whose pages have no error and request nothing elsewhere."""
    with visits(browser, files) as visit:
        yield visit


@pytest.fixture
def visit_served(browser: Browser, served: str) -> Iterator[Visit]:
    """Return a reader of the pages that ``kaiju serve`` shows."""
    with visits(browser, served) as visit:
        yield visit
