"""Settings: what counts first, what a project may set, and one line for each that is not valid."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest

from kaiju_graph.cli.commands import COMMANDS
from kaiju_graph.cli.config import SETTINGS, Settings
from kaiju_graph.cli.parser import build_parser
from kaiju_graph.draft import draft
from kaiju_graph.sparql import results
from tests.repository import ROOT

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.conftest import Command, Copy

DIRECTOR = "SELECT ?who { ?film film:director ?who }"
NOWHERE = "http://127.0.0.1:9/"
"""An endpoint that nobody answers."""


class Places(NamedTuple):
    """A working folder without a project, and the user's own folder of settings."""

    here: Path
    own: Path

    @property
    def env(self) -> dict[str, str]:
        """The environment in which that folder is the user's own."""
        return {"XDG_CONFIG_HOME": str(self.own.parent.parent)}

    def set(self, text: str, *, own: bool = False) -> str:
        """Write the file of the project, or of the user; return its path."""
        path = self.own if own else self.here / "kaiju.toml"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        return str(path)


@pytest.fixture
def places(tmp_path: Path) -> Places:
    """Return two folders without settings."""
    here = tmp_path / "here"
    here.mkdir()
    return Places(here, tmp_path / "home" / "kaiju-graph" / "kaiju.toml")


@pytest.fixture
def show(places: Places, kaiju: Command) -> Callable[..., dict[str, Any]]:
    """Return a caller of ``kaiju config``: setting → value and origin."""

    def run(*options: str, env: dict[str, str] | None = None) -> dict[str, Any]:
        done = kaiju(
            "config", "-f", "json", *options, cwd=places.here, env=places.env | (env or {})
        )
        assert (done.returncode, done.stderr) == (0, "")
        shown: dict[str, dict[str, Any]] = json.loads(done.stdout)
        return {name: (found["value"], found["origin"]) for name, found in shown.items()}

    return run


# What counts first -----------------------------------------------------------


def test_option_counts_before_the_project_the_user_and_the_default(
    places: Places, show: Callable[..., dict[str, Any]]
) -> None:
    assert show()["timeout"] == (None, "default")
    own = places.set("# mine\ntimeout = 900\nlanguage = 'de'\n", own=True)
    assert show()["timeout"] == (900, f"{own}:2")
    project = places.set("timeout = 30\n")
    shown = show()
    assert (shown["timeout"], shown["language"]) == ((30, f"{project}:1"), ("de", f"{own}:3"))
    assert show("--timeout", "5")["timeout"] == (5, "--timeout")


def test_environment_counts_before_files(
    places: Places, show: Callable[..., dict[str, Any]], copy: Copy
) -> None:
    own = places.set(f"endpoint = '{NOWHERE}'\nroot = '{copy.root}'\n", own=True)
    assert show()["endpoint"] == (NOWHERE, f"{own}:1")
    other = "https://example.org/sparql"
    assert show(env={"KAIJU_ENDPOINT": other})["endpoint"] == (other, "KAIJU_ENDPOINT")
    assert show(env={"KAIJU_ENDPOINT": ""})["endpoint"] == ("", "KAIJU_ENDPOINT")
    assert show()["root"] == (str(copy.root), f"{own}:2")
    assert show(env={"KAIJU_ROOT": str(ROOT)})["root"] == (str(ROOT), "KAIJU_ROOT")


def test_nearest_file_counts_and_in_one_folder_kaiju_toml(
    places: Places, show: Callable[..., dict[str, Any]]
) -> None:
    above = places.here.parent / "pyproject.toml"
    above.write_text("[project]\nname = 'x'\n\n[tool.kaiju]\nformat = 'md'\n", encoding="utf-8")
    assert show()["format"] == ("markdown", f"{above}:5")
    near = places.here / "pyproject.toml"
    near.write_text("[tool.black]\n", encoding="utf-8")
    assert show()["format"] == ("markdown", f"{above}:5")
    near.write_text("[tool.kaiju]\nformat = 'xml'\n", encoding="utf-8")
    assert show()["format"] == ("xml", f"{near}:2")
    project = places.set("format = 'tsv'\n")
    assert show()["format"] == ("tsv", f"{project}:1")


@pytest.mark.slow
def test_root_counts_where_no_parent_folder_is_a_project(
    places: Places, show: Callable[..., dict[str, Any]], copy: Copy, kaiju: Command
) -> None:
    places.set("root = 'films'\n")
    (places.here / "films").symlink_to(copy.root)  # leads out
    done = kaiju("config", cwd=places.here, env=places.env)
    assert done.returncode == 3
    (places.here / "films").unlink()
    copy.root.rename(places.here / "films")
    assert show()["root"] == (str(places.here / "films"), f"{places.here}/kaiju.toml:1")
    done = kaiju("config", cwd=places.here / "films" / "graph", env=places.env)
    assert done.stdout.splitlines()[0].split() == [
        "root",
        str(places.here / "films"),
        *("nearest", "project"),
    ]
    done = kaiju("stats", cwd=places.here, env=places.env)
    assert done.stdout.splitlines()[0] == str(places.here / "films")


# What a setting does ---------------------------------------------------------


@pytest.mark.parametrize("form", results.FORMATS)
def test_format_is_that_of_rows(places: Places, kaiju: Command, form: str) -> None:
    expected = kaiju("query", DIRECTOR, "-f", form).stdout
    graph = kaiju("query", "CONSTRUCT WHERE { ?film film:director ?who }").stdout
    places.set(f"format = '{form}'\n")
    for _ in range(2):  # the second is from the cache
        assert kaiju("query", DIRECTOR, cwd=places.here).stdout == expected
    found = kaiju("query", "CONSTRUCT WHERE { ?film film:director ?who }", cwd=places.here)
    assert found.stdout == graph
    for options in ((), ("--evidence",)):
        assert kaiju("query", "ASK {}", *options, cwd=places.here).returncode == 0
    assert kaiju("query", DIRECTOR, "-f", "tsv", cwd=places.here).stdout.startswith("?who\n")


@pytest.mark.slow
def test_limits_end_a_command(places: Places, kaiju_process: Command) -> None:
    places.set("max-memory = 1\n")
    done = kaiju_process("stats", cwd=places.here)
    message = "kaiju: error: kaiju stats took more than 1 MiB; --max-memory raises the limit\n"
    assert (done.returncode, done.stderr) == (5, message)
    places.set("timeout = 0.0001\n")
    done = kaiju_process(
        "query", "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f }", cwd=places.here
    )
    assert done.returncode == 5
    assert "took more than 0.0001 s; --timeout raises the limit\n" in done.stderr
    done = kaiju_process("query", "ASK {}", "--timeout", "0", cwd=places.here)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.slow
def test_endpoint_is_asked_by_the_commands_that_take_the_option(
    places: Places, kaiju: Command, tmp_path: Path
) -> None:
    places.set(f"endpoint = '{NOWHERE}'\n", own=True)
    data = tmp_path / "a.nt"
    data.write_text("<a:a> <a:b> <a:c> .\n", encoding="utf-8")
    cases: dict[tuple[str, ...], int] = {
        ("ask", "who-directed"): 4,
        ("query", DIRECTOR): 4,
        ("describe", "Toho"): 4,
        ("search", "Toho"): 4,
        ("why", "Toho", "a", "agent"): 4,
        ("ask", "who-directed", "--endpoint", ""): 0,
        ("query", "--data", str(data), "ASK { ?s ?p ?o }"): 0,
        ("stats",): 0,
        ("export", "--passage", "infobox-director"): 0,
    }
    for call, code in cases.items():
        done = kaiju(*call, cwd=places.here, env=places.env)
        assert done.returncode == code, call
        assert (f"error: {NOWHERE}: cannot be reached" in done.stderr) == bool(code), call
    env = places.env | {"KAIJU_ENDPOINT": ""}
    assert kaiju("query", DIRECTOR, cwd=places.here, env=env).returncode == 0


@pytest.mark.slow
def test_endpoint_for_the_catalogue_of_a_release_is_not_asked(
    places: Places, kaiju: Command
) -> None:
    assert kaiju("init", "films", "--bare", cwd=places.here).returncode == 0
    call = ("export", "--root", "films", "--all", "release", "--base", "https://example.org/")
    done = kaiju(*call, "--endpoint", NOWHERE, cwd=places.here)
    assert (done.returncode, done.stderr) == (0, "")
    assert f"<{NOWHERE}>" in (places.here / "release" / "void.ttl").read_text(encoding="utf-8")


@pytest.mark.slow
def test_language_is_that_of_a_new_article(places: Places, kaiju: Command) -> None:
    assert kaiju("init", "films", cwd=places.here).returncode == 0
    places.set("language = 'de'\nroot = 'films'\n")
    (places.here / "wahl.txt").write_text("= Die Wahl =\n\nEs war kalt.\n", encoding="utf-8")
    assert kaiju("new", "wahl.txt", cwd=places.here).returncode == 0
    lead = places.here / "films" / "graph" / "die-wahl" / "lead.trig"
    assert '"Es war kalt."@de' in lead.read_text(encoding="utf-8")
    places.set("language = 'fr'\nroot = 'films'\n")  # it is no wish for an article that is there
    done = kaiju("new", "wahl.txt", cwd=places.here)
    assert done.stdout == "graph/die-wahl: nothing new in wahl.txt\n"


def test_completion_is_that_of_the_root(places: Places, kaiju: Command) -> None:
    assert kaiju("init", "films", "--bare", cwd=places.here).returncode == 0
    call = ("complete", "bash", "2", "kaiju", "ask", "who-d")
    assert "who-directed\n" in kaiju(*call, cwd=places.here).stdout
    places.set("root = 'films'\n")
    assert kaiju(*call, cwd=places.here).stdout == ""
    places.set("root = 7\n")
    assert "who-directed\n" in kaiju(*call, cwd=places.here).stdout


# What is not valid -----------------------------------------------------------

FORMS = ", ".join(results.FORMATS)
LIMIT = "expected a positive number, or 0 for no limit"
BAD = {
    "unknown": ("formt = 'csv'", ":1: found the setting 'formt'; did you mean 'format'?"),
    "foreign": (
        "\ncolour = 1",
        f":2: found the setting 'colour'; expected one of {', '.join(SETTINGS)}",
    ),
    "table": ("[limits]\nseconds = 1", ":1: found the setting 'limits'"),
    "format": ("format = 'html'", f":1: found format = 'html'; expected one of {FORMS}"),
    "number": ("format = 5", f":1: found format = 5; expected one of {FORMS}"),
    "list": ("format = ['csv']", f":1: found format = a list; expected one of {FORMS}"),
    "text": ("timeout = '5'", f":1: found timeout = '5'; {LIMIT}"),
    "boolean": ("timeout = true", f":1: found timeout = true; {LIMIT}"),
    "negative": ("max-memory = -1", f":1: found max-memory = -1; {LIMIT}"),
    "not a number": ("timeout = nan", f":1: found timeout = nan; {LIMIT}"),
    "infinite": ("timeout = inf", f":1: found timeout = inf; {LIMIT}"),
    "huge": (
        f"timeout = 0x{'f' * 5000}",
        f"found timeout = a number of more than 64 bits; {LIMIT}",
    ),
    "digits": (f"timeout = {'9' * 5000}", "; expected TOML"),
    "language": ("language = 'e n'", ":1: found language = 'e n'; expected a tag such as en"),
    "folder": ("root = ''", ":1: found root = ''; expected a folder"),
    "null": ('root = "a\\u0000"', ":1: found root = 'a\\x00'; expected a folder"),
    "syntax": ("format 'csv'", ":1: Expected '=' after a key in a key/value pair; expected TOML"),
    "end": ("format = 'csv'\nroot = ", ":2: Invalid value; expected TOML"),
    "twice": ("format = 'csv'\nformat = 'csv'", ":2: Cannot overwrite a value; expected TOML"),
    "deep": (f"root = {'[' * 5000}", ":1: found values nested too deeply; expected settings"),
}


@pytest.mark.parametrize("own", [False, True])
@pytest.mark.parametrize("case", BAD)
def test_setting_that_is_not_valid_is_one_line(
    case: str, places: Places, kaiju: Command, *, own: bool
) -> None:
    text, message = BAD[case]
    path = places.set(text, own=own)
    runs = [
        kaiju(*call, cwd=places.here, env=places.env)
        for call in (("config",), ("ask", "who-directed"), ("stats",))
    ]
    assert {(done.returncode, done.stdout, done.stderr) for done in runs} == {
        (3, "", runs[0].stderr)
    }
    error = runs[0].stderr
    assert error.startswith(f"kaiju: error: {path}:")
    assert message in error
    assert error.count("\n") == 1
    for command in ("cache", "version", "help"):
        assert kaiju(command, cwd=places.here, env=places.env).returncode == 0


def test_bytes_that_are_not_utf8_have_a_line(places: Places, kaiju: Command) -> None:
    path = places.set("")
    (places.here / "kaiju.toml").write_bytes(b"format = 'csv'\n\xff")
    done = kaiju("config", cwd=places.here)
    assert done.stderr == f"kaiju: error: {path}:2: found byte 0xff; expected UTF-8\n"
    (places.here / "kaiju.toml").write_bytes(b"\xef\xbb\xbfformat = 'csv'\r\n")
    assert kaiju("config", cwd=places.here).returncode == 0


def test_table_in_pyproject_is_one_table(places: Places, kaiju: Command) -> None:
    path = places.here / "pyproject.toml"
    path.write_text("x = 1\n[[tool.kaiju]]\n[tool.kaiju]\n", encoding="utf-8")
    assert kaiju("config", cwd=places.here).returncode == 3
    path.write_text("# [tool.kaiju]\n[[tool]]\nkaiju = 5\n", encoding="utf-8")
    assert kaiju("config", cwd=places.here).returncode == 0
    path.write_text("format = 1\n[tool.kaiju.x]\n[tool.kaiju]\nformat = 2\n", encoding="utf-8")
    done = kaiju("config", cwd=places.here)
    assert done.stderr.startswith(f"kaiju: error: {path}:2: found the setting 'x'; ")
    path.write_text("format = 1\n[tool.kaiju]\n'format' = 2\n", encoding="utf-8")
    done = kaiju("config", cwd=places.here)
    assert done.stderr.startswith(f"kaiju: error: {path}:3: found format = 2; expected")


@pytest.mark.parametrize("own", [False, True])
def test_root_that_is_no_project_names_the_setting(
    places: Places, kaiju: Command, *, own: bool
) -> None:
    path = places.set("root = '.'\n", own=own)
    done = kaiju("stats", cwd=places.here, env=places.env)
    missing = "it has no ontology/, graph/, queries/"
    folder = os.path.dirname(path)
    message = f"kaiju: error: {folder}: not a project ({path}:1): {missing}\n"
    assert (done.returncode, done.stderr) == (4, message)


# What a project may not set --------------------------------------------------

FOREIGN = {
    "endpoint": (
        "endpoint = 'http://ann:secret@127.0.0.1/'",
        "found endpoint; expected it in your",
    ),
    "outside": ("root = '..'", "found root = '..'; expected a folder inside "),
    "absolute": (f"root = '{ROOT}'", f"found root = '{ROOT}'; expected a folder inside "),
    "home": ("root = '~'", "found root = '~'; expected a folder inside "),
    "no limit": (
        "timeout = 0",
        "found timeout = 0; expected a limit of at most 600; only your own",
    ),
    "time": (
        "timeout = 601",
        "found timeout = 601; expected a limit of at most 600; only your own",
    ),
    "memory": (
        "max-memory = 1e9",
        "found max-memory = 1000000000.0; expected a limit of at most 4096; only",
    ),
}


@pytest.mark.parametrize("case", FOREIGN)
def test_settings_of_a_project_open_nothing(case: str, places: Places, kaiju: Command) -> None:
    text, message = FOREIGN[case]
    path = places.set(text)
    for call in (("ask", "who-directed"), ("query", DIRECTOR), ("config",)):
        done = kaiju(*call, cwd=places.here, env=places.env)
        assert (done.returncode, done.stdout) == (3, "")
        assert done.stderr.startswith(f"kaiju: error: {path}:1: {message}")
        assert "secret" not in done.stderr
    if case not in ("endpoint", "outside", "home"):
        (places.here / "kaiju.toml").unlink()
        places.set(text, own=True)
        assert kaiju("config", cwd=places.here, env=places.env).returncode == 0


def test_password_in_an_endpoint_is_not_shown(places: Places, kaiju: Command) -> None:
    url = "http://ann:secret@127.0.0.1/"
    path = places.set(f"endpoint = '{url}'\n", own=True)
    done = kaiju("config", cwd=places.here, env=places.env)
    hint = "expected no credentials in the URL; KAIJU_ENDPOINT_USER or netrc has them"
    assert done.stderr == f"kaiju: error: {path}:1: found endpoint; {hint}\n"
    done = kaiju("config", cwd=places.here, env={"KAIJU_ENDPOINT": url})
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == f"kaiju: error: KAIJU_ENDPOINT: {hint}\n"


def test_file_of_a_project_that_leads_out_or_is_a_pipe_is_refused(
    places: Places, kaiju: Command, tmp_path: Path
) -> None:
    secret = tmp_path / "secret.toml"
    secret.write_text("format = 'csv'\n", encoding="utf-8")
    path = places.here / "kaiju.toml"
    path.symlink_to(secret)
    done = kaiju("ask", "who-directed", cwd=places.here)
    assert (done.returncode, done.stdout) == (3, "")
    assert done.stderr.startswith(f"kaiju: error: {path}:1: found a link out of the project")
    path.unlink()
    os.mkfifo(path)
    done = kaiju("ask", "who-directed", cwd=places.here)
    assert done.stderr.startswith(f"kaiju: error: {path}:1: found a device, pipe or socket")


# Declared once ---------------------------------------------------------------


def test_setting_is_an_option_of_its_commands_and_stands_in_help_and_guide(
    kaiju: Command, root: Path
) -> None:
    assert [name.replace("-", "_") for name in SETTINGS] == [*Settings._fields][:-1]
    commands = build_parser(COMMANDS).commands
    shown = kaiju("config", "--help").stdout
    assert SETTINGS["language"].default == draft.LANGUAGE
    asking = {name for name, command in commands.items() if "--endpoint" in command.flags}
    assert asking - {"export"} == {*SETTINGS["endpoint"].commands}  # where it is for the catalogue
    guide = (root / "GUIDE.md").read_text(encoding="utf-8")
    for name, setting in SETTINGS.items():
        for command in setting.commands or COMMANDS:
            assert f"--{name}" in commands[command].flags, (name, command)
        assert f"  {name:12}{setting.about}" in shown
        cells = (f"`{name}`", setting.about, setting.default, ", ".join(setting.commands) or "all")
        assert f"| {' | '.join(cells)} |\n" in guide
    assert guide.count("\n| `") == len(SETTINGS)


def test_settings_are_shown_in_columns(places: Places, kaiju: Command) -> None:
    path = places.set("format = 'csv'\n")
    own = places.set("timeout = 0\n", own=True)
    done = kaiju("config", "--root", str(ROOT), cwd=places.here, env=places.env)
    width = max(4, len(str(ROOT)))
    rows = [
        ("root", str(ROOT), "--root"),
        ("format", "csv", f"{path}:1"),
        ("endpoint", "none", "default"),
        ("timeout", "0", f"{own}:1"),
        ("max-memory", "4096", "default"),
        ("language", "en", "default"),
    ]
    assert done.stdout == "".join(f"{a:12}{b:{width + 2}}{c}\n" for a, b, c in rows)
