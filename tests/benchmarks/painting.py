"""The first paint of a page on a slow processor: ``python painting.py PAGE``, with its file.

Chromium slows the page down, opens it in a new tab each time, and tells when it has painted the
first text or picture (Paint Timing, first-contentful-paint), from the beginning of the navigation.
It prints the median in seconds.
"""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path
from statistics import median

from playwright.sync_api import Browser, sync_playwright

SLOWER = 4
"""How many times slower the processor is for the page."""
TIMES = 5
"""How often the page is opened, after a first time that does not count."""
PAINTED = """new Promise(resolve => new PerformanceObserver(list => {
    for (const entry of list.getEntriesByName("first-contentful-paint")) resolve(entry.startTime);
}).observe({type: "paint", buffered: true}))"""


def open_page(browser: Browser, address: str) -> float:
    """Open a page, and return the seconds until its first paint."""
    page = browser.new_page()
    session = page.context.new_cdp_session(page)
    session.send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})
    page.goto(address)
    milliseconds: float = page.evaluate(PAINTED)
    page.context.close()
    return milliseconds / 1000


def main(file: str) -> None:
    """Open a page some times, and print the seconds."""
    program = shutil.which("chromium") or shutil.which("chromium-browser")
    assert program, "needs Chromium"
    # As root, as in a container, Chromium has no sandbox.
    arguments = ["--disable-gpu", *(["--no-sandbox"] if os.geteuid() == 0 else [])]
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=program, args=arguments)
        address = Path(file).absolute().as_uri()
        print(median([open_page(browser, address) for _ in range(1 + TIMES)][1:]))
        browser.close()


if __name__ == "__main__":
    main(*sys.argv[1:])
