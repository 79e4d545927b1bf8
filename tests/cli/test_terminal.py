"""The command on a terminal: width, colour, pager, control characters; and in pipes."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
from glob import glob
from typing import TYPE_CHECKING
from unicodedata import category

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from kaiju_graph.cli import output
from kaiju_graph.cli.commands import COMMANDS
from kaiju_graph.cli.parser import build_parser
from kaiju_graph.cli.render.diff import paint_diff
from kaiju_graph.cli.render.text import quantity, wrap
from tests.cli.conftest import COLUMNS
from tests.conftest import every_nth

if TYPE_CHECKING:
    from pathlib import Path

    from tests.cli.conftest import Terminal
    from tests.conftest import Command, Copy

# Sixty columns ---------------------------------------------------------------


@pytest.mark.parametrize(
    "call",
    [
        "ask names-in-japanese",
        "ask what-happens",
        "ask when-and-where-released",
        "ask where-infobox-and-prose-differ",
        "ask",
        "ask --tag evidence",
        "search 大",
        "search gamera",
        "describe Gamera",
        "describe g2:plot-1-2",
        "describe film:Credit",
        "describe ガメラ",
        "ask who-directed --evidence",
        "ask what-happens --evidence",
        "why id:gamera-2 film:director 'Shusuke Kaneko'",
        "why hakuhodo-production a agent",
    ],
)
@pytest.mark.parametrize("columns", [COLUMNS, pytest.param(80, marks=pytest.mark.slow)])
def test_no_line_is_wider_than_the_terminal(call: str, columns: int, terminal: Terminal) -> None:
    shown, code = terminal(*shlex.split(call), columns=columns)
    assert code == 0
    lines = shown.splitlines()
    assert len(lines) > 2
    assert [line for line in lines if cell_len(line) > columns] == []
    assert "\x1b" not in shown


@pytest.mark.parametrize(
    "call", ["ask who-directed --evidence", "why id:gamera-2 film:director 'Shusuke Kaneko'"]
)
def test_sentences_are_broken_between_words(call: str, terminal: Terminal, kaiju: Command) -> None:
    shown, _ = terminal(*shlex.split(call))
    assert re.search(r"^ {4}is a 1996 Japanese .*\n {4,}\S", shown, re.MULTILINE)
    form = ["-f", "table"] * call.startswith("ask")
    words = set(kaiju(*shlex.split(call), *form).stdout.split())
    assert set(re.sub("[─ ]", " ", shown).split()) <= words


def test_table_of_wide_letters_keeps_its_columns(terminal: Terminal) -> None:
    shown, _ = terminal("search", "大", columns=120)
    head, _, *rows = shown.splitlines()
    at = cell_len(head[: head.index("classes")])
    assert len(rows) > 3
    for row in rows:
        name, _, kinds = row.rpartition("  ")
        assert (cell_len(f"{name}  "), bool(kinds)) == (at, True)


def test_identifiers_of_a_search_are_whole_where_they_fit(
    terminal: Terminal, kaiju: Command
) -> None:
    shown, _ = terminal("search", "queen", columns=80)
    rows = [row.split("\t") for row in kaiju("search", "queen").stdout.splitlines()]
    words = {*re.split(r"[\s,]+", shown)}
    assert {thing for thing, *_ in rows} <= words
    assert {kind for _, _, kinds in rows for kind in kinds.split(", ")} <= words


def test_list_of_questions_has_topics_and_parameters(terminal: Terminal) -> None:
    narrow, _ = terminal("ask", "--tag", "money")
    assert (
        narrow
        == """\
money
  budget-and-gross
      What did the film cost, and how much did it earn?
      [-p film=…] [-p figure=…]
  earnings-over-budget
      By how much did the earnings of the film exceed its
      budget?
      [-p film=…]
"""
    )
    wide, _ = terminal("ask", "--tag", "money", columns=76)
    assert (
        wide
        == """\
money
  budget-and-gross      What did the film cost, and how much did it earn?
                        [-p film=…] [-p figure=…]
  earnings-over-budget  By how much did the earnings of the film exceed its
                        budget? [-p film=…]
"""
    )


def test_list_of_questions_in_a_pipe_has_a_line_for_each(kaiju: Command, root: Path) -> None:
    run = kaiju("ask")
    lines = [line for line in run.stdout.splitlines() if line.startswith("  ")]
    assert [line.split()[0] for line in lines] == [
        name
        for topic in run.stdout.split("\n\n")
        for name in sorted(re.findall(r"^  (\S+)", topic, re.MULTILINE))
    ]
    assert {line.split()[0] for line in lines} == {p.stem for p in (root / "queries").glob("*.rq")}


def test_tag_lists_its_questions(kaiju: Command, root: Path) -> None:
    tagged = {
        path.stem
        for path in (root / "queries").glob("*.rq")
        if "#+   - monsters\n" in path.read_text(encoding="utf-8")
    }
    listed = kaiju("ask", "--tag", "monsters")
    assert set(re.findall(r"^  (\S+)", listed.stdout, re.MULTILINE)) == tagged
    assert listed.stdout.startswith("monsters\n")
    for tag, message in (
        ("mosnters", "no question has the tag 'mosnters'; did you mean 'monsters', 'money'?"),
        ("xxxxx", "no question has the tag 'xxxxx'; expected one of causes, cities, "),
    ):
        run = kaiju("ask", "--tag", tag)
        assert (run.returncode, run.stdout) == (3, "")
        assert run.stderr.startswith(f"kaiju: error: {message}")
    assert kaiju("ask", "who-directed", "--tag", "people").returncode == 2


def test_long_list_is_cut_on_a_terminal_and_counted(terminal: Terminal, kaiju: Command) -> None:
    shown, _ = terminal("describe", "film:Credit", columns=100)
    whole = kaiju("describe", "film:Credit").stdout
    assert "  20 instances: 18 stated, 2 inferred\n" in shown
    members = [
        re.findall(r"^  (?:… a this|   ) .*credit of", text, re.MULTILINE)
        for text in (shown, whole)
    ]
    assert [len(rows) for rows in members] == [12, 18]  # two of the 20 are reprisals
    assert re.search(r"^ +… and 8 more \(-f json shows all\)$", shown, re.MULTILINE)
    assert "more (-f" not in whole


@given(
    text=st.text("ab cdé大泉ｶ\t\x1b\u0301", max_size=80),
    width=st.integers(12, 40),
)
def test_wrapping_loses_no_letter_and_fits(text: str, width: int) -> None:
    lines = wrap(text, width, "- ").splitlines()
    assert all(cell_len(line) <= width for line in lines)
    letters = re.sub(r"\s", "", "".join(lines).removeprefix("- "))
    assert letters == re.sub(r"\s", "", text.replace("\x1b", "\\x1b"))


@pytest.mark.parametrize(
    "call", every_nth(["ask names-in-japanese", "search gamera", "nonsense", "diff . ."], 4)
)
def test_real_terminal_shows_the_same(
    call: str, terminal: Terminal, real_terminal: Terminal
) -> None:
    assert real_terminal(*call.split()) == terminal(*call.split())


# Colour ----------------------------------------------------------------------


@pytest.mark.slow
def test_colour_is_used_unless_the_user_refuses_it(
    terminal: Terminal, small_project: Copy, tmp_path: Path
) -> None:
    changed = small_project._replace(root=tmp_path / "changed")
    shutil.copytree(small_project.root, changed.root)
    changed.replace("graph/entities.ttl", '"Die Hard"@en', '"Die Harder"@en')
    call = ("--root", str(changed.root), "diff", str(small_project.root), str(changed.root))
    coloured, code = terminal(*call)
    assert code == 1
    assert '\x1b[31m- rdfs:label "Die Hard"@en\x1b[0m\n' in coloured
    assert '\x1b[32m+ rdfs:label "Die Harder"@en\x1b[0m\n' in coloured
    for env in ({"NO_COLOR": "1"}, {"TERM": "dumb"}):
        plain, code = terminal(*call, env=env)
        assert code == 1
        assert plain == re.sub(r"\x1b\[\d+m", "", coloured)
    assert terminal(*call, env={"NO_COLOR": ""})[0] == coloured  # no-color.org: not when empty


def test_wrapped_line_has_one_colour() -> None:
    text = "a\n  - b\n        c\n  + d\ne - f\n"
    assert paint_diff(text) == "a\n  \x1b[31m- b\n        c\x1b[0m\n  \x1b[32m+ d\x1b[0m\ne - f\n"


@pytest.mark.parametrize(
    "call", ["describe", "search", pytest.param("diff", marks=pytest.mark.slow)]
)
def test_no_control_character_of_a_name_reaches_the_terminal(
    call: str, terminal: Terminal, copy: Copy
) -> None:
    copy.replace("graph/entities.ttl", '"Die Hard"@en', r'"Die Hard\u001B[2J\u0007\u202E"@en')
    root = str(copy.root)
    words = {"describe": ["id:die-hard"], "search": ["die"], "diff": [".", root]}[call]
    shown, code = terminal("--root", root, call, *words, columns=200)
    assert code == (call == "diff")
    assert r"Die Hard\x1b[2J\x07\u202e" in shown
    for sign in ("\x1b[2J", "\x07", "\u202e"):
        assert sign not in shown


# Pager -----------------------------------------------------------------------


@pytest.mark.skipif(not shutil.which("sed"), reason="sed is not installed")
def test_long_answers_go_through_the_pager(real_terminal: Terminal) -> None:
    env = {"PAGER": "sed 's/^/|/'"}
    for call in ("ask", "ask what-happens", "ask what-happens"):  # the last from the cache
        shown, code = real_terminal(*call.split(), env=env)
        assert code == 0
        assert all(line.startswith("|") for line in shown.splitlines())
        assert shown.replace("|", "") == real_terminal(*call.split())[0].replace("|", "")
    assert "|" not in real_terminal("ask", "--tag", "money", env=env)[0]


@pytest.mark.slow
def test_without_a_pager_long_answers_are_written(real_terminal: Terminal) -> None:
    shown = real_terminal("ask")[0]
    assert shown == real_terminal("ask", env={"PAGER": "no-such-pager"})[0]
    assert real_terminal("ask", env={"PAGER": "true"}) == ("", 0)  # which reads nothing


# Pipes -----------------------------------------------------------------------


def run_in_bash(script: str, root: Path) -> subprocess.CompletedProcess[str]:
    """Run a line of bash in the repository, in which ``kaiju`` is the command."""
    bash = shutil.which("bash") or pytest.skip("bash is not installed")
    return subprocess.run(
        [bash, "-c", f'kaiju() {{ "{sys.executable}" -m kaiju_graph "$@"; }}; {script}'],
        cwd=root,
        capture_output=True,
        check=False,
        encoding="utf-8",
        timeout=60,
    )


@pytest.mark.parametrize(
    "call",
    ["ask", "ask what-happens", "describe Gamera", "search a", "coverage", "export", "--help"],
)
def test_reader_that_stops_early_is_not_an_error(call: str, root: Path) -> None:
    run = run_in_bash(f'kaiju {call} | head -n 1; echo "${{PIPESTATUS[0]}}"', root)
    first, status = run.stdout.splitlines()
    assert first
    assert (status, run.stderr) == ("0", "")


@pytest.mark.parametrize("call", ["ask", "ask who-directed", "stats"])
def test_closed_standard_output_is_an_error(call: str, root: Path) -> None:
    run = run_in_bash(f"kaiju {call} >&-", root)
    assert (run.returncode, run.stderr) == (
        4,
        "kaiju: error: standard output is closed; expected one to write to\n",
    )


# Words -----------------------------------------------------------------------


def test_singular_and_plural_agree_with_their_numbers(kaiju: Command) -> None:
    assert [quantity(n, "word") for n in (0, 1, 2)] == ["0 words", "1 word", "2 words"]
    lines = kaiju("coverage").stdout.splitlines()
    assert "g2:see-also-2  1 triple; 3 words: 3 in structure" in lines
    for text in (kaiju("coverage").stdout, kaiju("describe", "Gamera").stdout):
        assert not re.search(r"\b1 (triples|words|gaps|passages|rows|conclusions)\b", text)
        assert not re.search(r"\ba [aeiou]|\ban [^aeiou]", "\n".join(text.splitlines()[1:5]))


OTHERS = ("push", "check", "mcp", "serve", "shell")
"""The commands that talk to another process or a person; tests of their own run them."""
PUBLISHING = ("kaiju export --all", "kaiju site")
"""The commands whose examples name nothing of the graph, and which take long for a large one."""
EXAMPLES = {
    f"{name}: {example}": pytest.param(
        example, marks=[pytest.mark.slow] if "--all" in example else []
    )
    for name, command in build_parser(COMMANDS).commands.items()
    for example in re.findall(r"^ +(kaiju .*)$", command.format_help(), re.MULTILINE)
    if "--watch" not in example  # it does not end by itself; test_watch runs it
    if "--endpoint" not in example and (name not in OTHERS or "--recipe" in example)
}


@pytest.mark.parametrize("example", every_nth(EXAMPLES.values(), 9), ids=EXAMPLES)
def test_examples_of_the_help_work(
    example: str, kaiju: Command, root: Path, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    if example.startswith(PUBLISHING):
        root = request.getfixturevalue("small_project").root
        shutil.rmtree(root / "ontology" / "profiles")  # they warn where there is no article
    files = {
        "data.ttl": "<a:b> <a:c> <a:d> .\n",
        "shapes.ttl": """
            @prefix sh: <http://www.w3.org/ns/shacl#> .
            <a:e> a sh:NodeShape ; sh:targetNode <a:b> ; sh:nodeKind sh:IRI ; sh:message "IRI"@en .
        """,
        "old.rdf": '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"/>\n',
    }
    for name, text in files.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    (tmp_path / "question.rq").write_text("SELECT * { ?film a film:Film }", encoding="utf-8")
    (tmp_path / "article.txt").write_text("= My Film =\n\nMy Film is long.\n", encoding="utf-8")
    wikitext = "{{Infobox film\n| name = My Film\n}}\n'''My Film''' is long.\n"
    (tmp_path / "article.wiki").write_text(wikitext, encoding="utf-8")
    for name in ("before.nq", "after.nq"):
        (tmp_path / name).write_text("<a:b> <a:c> <a:d> <a:g> .\n", encoding="utf-8")
    env = {"KAIJU_ROOT": str(root)}
    if "--clear" in example:
        env["KAIJU_CACHE"] = str(tmp_path / "cache")
    if "HEAD" in example:
        if not (shutil.which("git") and (root / ".git").exists()):
            pytest.skip("git is not installed, or this is no repository")
        run = kaiju(*shlex.split(example)[1:])
        assert run.returncode in (0, 1)
    else:
        command, _, _ = example.partition(" > ")
        typed = shlex.split(command)[1:]
        words = [name for word in typed for name in glob(word, root_dir=tmp_path) or [word]]
        words += ["--dry-run"] if words[0] == "new" else []  # nothing is written to the repository
        run = kaiju(*words, cwd=tmp_path, env=env)
        assert run.returncode == 0
    # Nothing is wrong, nothing differs, nothing is to be mended.
    silent = any(
        words in example for words in ("-f github", "infer --check", "--dry-run", "kaiju new")
    )
    written = " -o " in example or any(tmp_path.glob("*/SHA256SUMS"))
    assert run.stdout or written or silent
    assert run.stderr == "" or "--check" in example or "kaiju new" in example


# What others have written ----------------------------------------------------

CONTROLS = "\x1b]0;title\x07\x1b[2J\x9b31m\u202eabc\u2066\r\u2028\udc9b"


def controls(text: str) -> set[str]:
    """Return the characters of a text that a terminal could obey."""
    return {c for c in text if category(c) in ("Cc", "Cf", "Cs", "Zl", "Zp")} - {"\n"}


@pytest.mark.skipif(sys.platform == "win32", reason="a terminal is made with pty")
def test_progress_and_messages_do_not_control_the_terminal(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    pty = pytest.importorskip("pty")
    end, terminal_end = pty.openpty()
    with open(terminal_end, "w", encoding="utf-8", errors="backslashreplace") as stream:
        monkeypatch.setattr(sys, "stderr", stream)
        output.show_progress(CONTROLS)
        shown = os.read(end, 4096).decode()
        output.say(CONTROLS)
        shown += os.read(end, 4096).decode()
    os.close(end)
    shown = shown.replace("\r\x1b[K", "").replace("\r\n", "")
    assert controls(shown) == set()
    assert shown.count(r"\x1b[2J") == 2


@pytest.mark.parametrize(
    "call",
    every_nth(
        [
            "ask",
            "ask hostile --show",
            "ask --tag nothing",
            "ask who-directed --show",
            "search toho",
            "describe id:toho",
            "query 'SELECT * { id:toho rdfs:label ?x }'",
            "export --thing id:toho",
            "export --thing id:toho -f jsonld",
            "why id:toho rdfs:label 'Toho\x1b[2J\x9b\u202e\u2066'",
        ],
        5,
    ),
)
def test_texts_of_a_project_do_not_control_the_terminal(
    call: str, copy: Copy, terminal: Terminal
) -> None:
    hostile = "\x1b[2J\x9b\u202e\u2066"
    escaped = r"\u001b[2J\u009b\u202e\u2066"
    header = f"#+ summary: {hostile}\n#+ tags:\n#+   - {hostile}"
    copy.write("queries/hostile.rq", f"{header}\n\nSELECT * {{ ?s ?p ?o }} LIMIT 1\n")
    copy.replace("graph/entities.ttl", '"Toho"@en', f'"Toho{escaped}"@en')
    copy.replace("queries/who-directed.rq", "SELECT", f"# {hostile}\nSELECT")
    shown, _ = terminal(*shlex.split(call), "--root", str(copy.root))
    assert shown
    assert controls(shown) == set()


@pytest.mark.parametrize("file", ["/dev/stdout", pytest.param("/dev/tty", marks=pytest.mark.slow)])
def test_terminal_that_is_written_to_as_a_file_obeys_no_text(
    file: str, copy: Copy, real_terminal: Terminal
) -> None:
    copy.replace("graph/entities.ttl", '"Toho"@en', r'"Toho\u009b31m\u202e\u2066"@en')
    call = ("export", "--thing", "id:toho", "-f", "jsonld", "-o", file, "--root", str(copy.root))
    shown, code = real_terminal(*call)
    assert (code, controls(shown)) == (0, set())
    assert r"Toho\x9b31m\u202e\u2066" in shown


def test_completion_offers_no_control_characters(copy: Copy, kaiju: Command) -> None:
    header = '#+ summary: "x"\n#+ tags:\n#+   - "bad\x1b[2J"\n#+   - "good"'
    copy.write("queries/x.rq", f"{header}\n\nSELECT * {{}}\n")
    done = kaiju("complete", "zsh", "5", "kaiju", "--root", str(copy.root), "ask", "--tag", "")
    assert "good" in done.stdout.splitlines()
    assert controls(done.stdout) == set()
