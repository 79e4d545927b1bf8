"""Make the scripts of the query page when a wheel is built or installed from its sources.

They come from ``browser/``, with libraries of npm by its lock file. Without npm, or without a
network, there is one line of warning, and the package is the same without its query page.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tempfile
from hashlib import sha256
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

SOURCES = "browser"
BUNDLE = "src/kaiju_graph/web/pages/bundle"
MARK = "SOURCES.sha256"
"""The file of the bundle that has the hash of what it was made from."""
SECONDS = 120.0
"""How long npm and the bundler may take."""
INSTALL = """npm ci --ignore-scripts --no-audit --no-fund --prefer-offline --loglevel=error
    --fetch-retries=1 --fetch-retry-mintimeout=1000 --fetch-timeout=20000""".split()


class BrowserHook(BuildHookInterface[Any]):
    """Makes the bundle before a wheel takes it."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Make the bundle, unless it is there already."""
        del version, build_data  # the bundle is the same for an editable install
        root = Path(self.root)
        sources, bundle = root / SOURCES, root / BUNDLE
        if not sources.is_dir():
            return
        digest = hash_sources(sources)
        mark = bundle / MARK
        if mark.is_file() and mark.read_text("utf-8") == digest:
            return
        # An old bundle may not fit the pages.
        shutil.rmtree(bundle, ignore_errors=True)
        with tempfile.TemporaryDirectory() as folder:
            work = Path(folder, SOURCES)
            shutil.copytree(sources, work, ignore=shutil.ignore_patterns("node_modules"))
            if error := _make(work):
                self.app.display_warning(f"no query page: {error}")
                return
            (work / "bundle" / MARK).write_text(digest, "utf-8")
            shutil.copytree(work / "bundle", bundle, dirs_exist_ok=True)


def hash_sources(sources: Path) -> str:
    """Return a hash of the names and contents of the sources."""
    result = sha256()
    for path in sorted(sources.rglob("*")):
        name = path.relative_to(sources)
        if path.is_file() and name.parts[0] != "node_modules":
            result.update(f"{name.as_posix()}\n{path.stat().st_size}\n".encode())
            result.update(path.read_bytes())
    return result.hexdigest()


def _make(work: Path) -> str:
    """Make the bundle in a folder; return why it cannot be made, or an empty text."""
    npm, node = shutil.which("npm"), shutil.which("node")
    if not npm or not node:
        return "found no npm; expected npm and node"
    for command in ([npm, *INSTALL[1:]], [node, "build.mjs", "bundle"]):
        if error := run_program(command, work):
            return error
    return ""


def run_program(command: list[str], folder: Path) -> str:
    """Run a command for some time at most; return its error, or an empty text."""
    name = Path(command[0]).stem
    with tempfile.TemporaryFile() as output:
        process = subprocess.Popen(  # noqa: S603 (npm and node, as found in the path)
            command,
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
        try:
            code = process.wait(SECONDS)
        except subprocess.TimeoutExpired:
            return f"{name} took longer than {SECONDS:g} s"
        finally:
            if process.poll() is None:  # also after Ctrl-C
                _end(process)
        output.seek(0)
        lines = output.read().decode(errors="replace").split("\n")
    first = next((line.strip() for line in lines if line.strip()), "")
    return f"{name} failed: {first}" if code else ""


def _end(process: subprocess.Popen[bytes]) -> None:
    """End a process and those that it started."""
    if sys.platform == "win32":
        process.kill()
    else:
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
