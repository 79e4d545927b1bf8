"""``kaiju shell`` on a pseudo-terminal, as a person types."""

from __future__ import annotations

import os
import re
import select
import signal
import struct
import sys
import time
from typing import TYPE_CHECKING, Any

import pytest

from kaiju_graph.cli import shell

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from tests.conftest import Command, Copy

pty = pytest.importorskip("pty", reason="a terminal is made with pty, which only Unix has")

PATIENCE = 15.0
ENDLESS = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l }"
TAB, CTRL_C, CTRL_D, CTRL_R = "\t", "\x03", "\x04", "\x12"


class Typist:
    """Types into a shell, and waits for what it shows."""

    def __init__(self, end: int, process: int) -> None:
        self.end, self.process = end, process
        self.shown = ""

    def type(self, keys: str) -> None:
        """Type keys; Enter is a carriage return."""
        os.write(self.end, keys.encode())

    def wait(self, text: str) -> str:
        """Return what is shown up to a text, which is then taken as read."""
        until = time.monotonic() + PATIENCE
        while text not in self.shown:
            left = max(until - time.monotonic(), 0)
            found = self.read() if select.select([self.end], [], [], left)[0] else b""
            assert found, f"waited for {text!r}; found {self.shown[-2000:]!r}"
            self.shown += _plain(found)
        before, _, self.shown = self.shown.partition(text)
        return before

    def complete(self, keys: str) -> None:
        """Type keys and Tab, and wait until nothing more is shown."""
        self.type(keys + TAB)
        while select.select([self.end], [], [], 2)[0]:
            self.shown += _plain(self.read())

    def run(self, line: str, text: str) -> str:
        """Type a line, and return what is shown up to a text and the next prompt."""
        self.type(f"{line}\r")
        before = self.wait(text)
        self.wait("kaiju>")
        return before

    def read(self) -> bytes:
        """Return what the shell writes next; nothing if it has ended."""
        try:
            return os.read(self.end, 2**16)
        except OSError:  # how Linux says that the other end is closed
            return b""

    def leave(self) -> int:
        """Return the exit code."""
        while self.read():
            pass
        return os.waitstatus_to_exitcode(os.waitpid(self.process, 0)[1])


def _plain(shown: bytes) -> str:
    """Return what a terminal shows, without its control sequences (ECMA-48, section 5.4)."""
    text = shown.decode(errors="replace").replace("\r\n", "\n")
    return re.sub(r"\x1b\[[0-?]*[ -/]*[@-~]|\x1b[()][A-Z0-9]|\x1b[=>78]", "", text)


@pytest.fixture
def start(root: Path, kaiju: Command, tmp_path: Path) -> Iterator[Callable[..., Typist]]:
    """Return a function that starts a shell in the project."""
    import fcntl
    import termios

    kaiju("stats")
    started: list[Typist] = []

    def begin(*options: str) -> Typist:
        process, end = pty.fork()
        if process == 0:
            fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", 40, 120, 0, 0))
            os.chdir(root)
            own = {k: v for k, v in os.environ.items() if k not in ("COLUMNS", "LINES")}
            more = {"TERM": "xterm", "PAGER": "", "PROMPT_TOOLKIT_NO_CPR": "1"}
            more["KAIJU_HISTORY"] = str(tmp_path / "state" / "history")
            call = [sys.executable, "-m", "kaiju_graph", "shell", *options]
            os.execve(sys.executable, call, own | more)
        typist = Typist(end, process)
        started.append(typist)
        typist.wait("kaiju>")
        return typist

    yield begin
    for typist in started:
        try:
            os.kill(typist.process, signal.SIGKILL)
            os.waitpid(typist.process, 0)
        except (ChildProcessError, ProcessLookupError):
            pass
        os.close(typist.end)


Start = Any


@pytest.mark.slow
def test_lines_are_queries_commands_words_and_settings(start: Start) -> None:
    typist = start()
    assert "Akira Ohashi" in typist.run("who portrays Gamera", "answer of: kaiju ask who-portrays")
    typist.run("\\format csv", "format: csv")
    typist.run("ask who-directed", "Gamera 2: Attack of Legion,Shusuke Kaneko")
    typist.run("describe gamera", "the queen severely injures Gamera")
    typist.run("\\evidence", "format: csv · rows: all · evidence")
    typist.run("SELECT ?x { ?f film:director ?x }", "gamera-2/infobox-director")
    typist.run("\\evidence off", "rows: all\n")
    typist.run("\\timing on", "timing")
    typist.run("ASK { ?f film:director ?x }", "time: 0.")
    typist.run("\\rows 1", "rows: 1")
    typist.run("SELECT ?f { ?f a film:Film }", "there are more than 1 results")
    typist.run("\\rows 0", "error: found '0'; expected a positive whole number")
    typist.run("\\labels maybe", "error: found 'maybe'; expected on or off")
    typist.run("\\format odd", "error: found the format 'odd'; expected one of table, csv")
    typist.run("\\nonsense", "error: found \\nonsense; \\? lists the settings")
    typist.run("describe 'Gamera", "No closing quotation")
    typist.type("\\q\r")
    assert typist.leave() == 0


@pytest.mark.slow
def test_setting_of_a_file_is_not_an_option_of_each_line(
    start: Start, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "kaiju-graph" / "kaiju.toml"
    file.parent.mkdir()
    file.write_text("timeout = 50\nmax-memory = 3000\n", "utf-8")
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    typist = start("--max-memory", "2000")
    shown = typist.run("config -f json", "}\n}")
    assert f'"origin": "{file}:1"' in shown
    assert '"origin": "--max-memory"' in shown


@pytest.mark.slow
def test_prefixes_that_cannot_be_read_do_not_end_the_shell(start: Start, copy: Copy) -> None:
    typist = start("--root", str(copy.root))
    typist.run("\\prefixes", "film: https://w3id.org/kaiju/film#")
    copy.write("ontology/prefixes.ttl", "<")
    typist.run("\\prefixes", "error: ontology/prefixes.ttl:1:")
    typist.run("\\rows 1", "rows: 1")


@pytest.mark.parametrize(
    ("line", "arguments"),
    [
        ("who is Gamera's and Legion's foe", ["ask", *"who is Gamera's and Legion's foe".split()]),
        ("who-dies -p 'who=Legion Queen'", ["ask", "who-dies", "-p", "who=Legion Queen"]),
        ("describe 'Legion Queen'", ["describe", "Legion Queen"]),
        ("ASK {}", ["query", "ASK {}"]),
    ],
)
def test_line_is_a_call_of_the_command(line: str, arguments: list[str]) -> None:
    assert shell.command_for(line, shell.Settings(None, ())) == arguments


@pytest.mark.slow
def test_query_goes_on_until_its_braces_are_closed(start: Start) -> None:
    typist = start()
    typist.type("SELECT (1 + 1 AS ?sum)\r")
    typist.wait("...>")
    typist.type("{\r")
    typist.wait("...>")
    typist.type("}\r")
    typist.wait("2")
    typist.wait("kaiju>")
    typist.type(CTRL_D)
    assert typist.leave() == 0


@pytest.mark.slow
def test_ctrl_c_ends_the_query_and_not_the_shell(start: Start) -> None:
    typist = start()
    typist.type(f"{ENDLESS}\r")
    time.sleep(2)
    begin = time.monotonic()
    typist.type(CTRL_C)
    typist.wait("kaiju>")
    assert time.monotonic() - begin < PATIENCE / 2
    typist.type(f"half a line{CTRL_C}")
    typist.wait("kaiju>")
    typist.run("\\format csv", "format: csv")
    typist.run("ask who-directed", "Gamera 2: Attack of Legion,Shusuke Kaneko")


@pytest.mark.slow
def test_tab_completes_and_the_history_stays(start: Start, tmp_path: Path) -> None:
    typist = start()
    typist.complete("SELECT ?who { id:gamera-2 film:directo")
    typist.type(" ?who }\r")
    typist.wait("id:shusuke-kaneko")
    typist.wait("kaiju>")
    typist.complete("describe shus")
    typist.type("\r")
    typist.wait("id:shusuke-kaneko")
    typist.wait("kaiju>")
    typist.type(CTRL_D)
    assert typist.leave() == 0
    history = tmp_path / "state" / "history"
    assert "film:director" in history.read_text(encoding="utf-8")
    assert history.stat().st_mode & 0o077 == 0
    again = start()
    again.type(f"{CTRL_R}director")
    again.wait("film:director")


def completions(text: str) -> list[str]:
    """Return what Tab offers at the end of a text."""
    from prompt_toolkit.completion import CompleteEvent
    from prompt_toolkit.document import Document

    completer = shell._Completer(shell.Settings(None, ()))  # noqa: SLF001 (as the prompt does)
    found = completer.get_completions(Document(text), CompleteEvent())
    return [completion.text for completion in found]


def test_completion_fits_what_is_typed(kaiju: Command) -> None:
    kaiju("stats")
    assert completions("SELECT ?film { ?film a story:Monst") == ["story:Monster"]
    assert completions("SELECT ?film ?other { ?o") == ["?other"]
    assert "OPTIONAL" in completions("SELECT ?film { opt")
    assert "film:" in completions("SELECT ?film { ?film fi")
    assert completions("describe oiz") == ["Oizumi"] or completions("describe oiz")
    assert {"describe", "DESCRIBE"} <= set(completions("desc"))
    assert "who-directed" in completions("who-dir")
    assert completions("ask who-portrays-whom -p charac") == ["character="]
    assert completions("\\format mark") == ["markdown"]
    assert completions("\\ti") == ["\\timing"]
    assert completions("validate --fai") == ["--fail-on"]


def test_a_shell_needs_a_terminal(kaiju: Command) -> None:
    done = kaiju("shell", input="ASK {}")
    assert done.stderr.startswith("kaiju: error: kaiju shell needs a terminal")
    assert done.returncode == 2


def test_history_is_where_the_system_keeps_state(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("KAIJU_HISTORY", raising=False)
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setenv("XDG_STATE_HOME", "/state")
    assert shell.history_file() == "/state/kaiju-graph/history"
    monkeypatch.setenv("XDG_STATE_HOME", "relative")  # which is to be ignored
    assert shell.history_file().endswith("/.local/state/kaiju-graph/history")
