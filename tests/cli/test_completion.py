"""Completion: the candidates, and the scripts in the shells that are installed."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from select import select
from typing import TYPE_CHECKING, Protocol

import pytest

from kaiju_graph.cli.commands import COMMANDS
from kaiju_graph.cli.completion import SCRIPTS, complete
from kaiju_graph.cli.parser import build_parser
from kaiju_graph.store import cache
from tests.conftest import every_nth

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from kaiju_graph import KnowledgeGraph
    from tests.conftest import Command, Copy

BASH = shutil.which("bash")
START = f'kaiju() {{ "{sys.executable}" -m kaiju_graph "$@"; }}\neval "$(kaiju completion bash)"\n'
needs_bash = pytest.mark.skipif(BASH is None, reason="bash is not installed")


@pytest.fixture(autouse=True)
def _warm(kg: KnowledgeGraph, root: Path) -> None:
    """Have names in the cache, as after any answer."""
    assert kg.quads
    assert cache.find_entry(str(root))


def bash(script: str, root: Path) -> str:
    """Run a script in bash that knows the command and how to complete it; return what it prints."""
    assert BASH
    run = subprocess.run(
        [BASH, "--norc", "--noprofile", "-c", START + script],
        cwd=root,
        capture_output=True,
        check=False,
        encoding="utf-8",
        timeout=60,
    )
    assert (run.returncode, run.stderr) == (0, "")
    return run.stdout


# Each line as bash takes it apart: ``:`` and ``=`` are words of their own.
OFFERED = [
    ("d", ["describe", "diff", "draw"]),
    ("complet", ["completion"]),  # what the script calls is not offered
    ("ask who-di", ["who-did-what", "who-dies", "who-directed"]),
    ("ask --ta", ["--tag"]),
    ("ask --tag mon", ["money", "monsters"]),
    ("ask who-directed -p ", ["film=", "person="]),
    ("ask -p f", []),  # of which question is not said
    ("ask who-portrays-whom -p character = ", ["Gamera", "Legion\\ Queen"]),  # and nobody else
    ("ask who-portrays-whom -p character = Toho", []),
    ("ask who-portrays-whom -p character = id : ", ["gamera", "legion-queen"]),
    ("ask who-directed -p person = shus", ["Shusuke\\ Kaneko"]),
    ("ask producers-in-order -p position = 1", ["1", "10"]),
    ("ask who-directed -f j", ["json", "jsonl", "jsonld"]),
    ("ask who-directed --format = t", ["table", "trig", "tsv", "turtle"]),
    ("query --f", ["--file", "--format"]),
    ("export --layer stated,e", ["stated,entities", "stated,evidence"]),
    ("export --layer stated,entities,e", ["stated,entities,evidence"]),  # not what is there
    ("export --passage plot-2-", ["plot-2-1", "plot-2-2", "plot-2-3", "plot-2-4"]),
    (
        "export --passage plot-2-1,plot-2-2,plot-2-3,plot-2-",
        ["plot-2-1,plot-2-2,plot-2-3,plot-2-4"],
    ),
    ("coverage --passage plot-2-1,g2 : plot-2-", ["plot-2-1", "plot-2-2", "plot-2-3", "plot-2-4"]),
    ("export --profile s", ["schema.org"]),
    ("validate --rule ontology-datat", ["Ontology-datatype"]),
    ("validate --rule tiling", ["tiling"]),
    ("export -o x.nt -f n", ["nquads", "ntriples"]),
    ("export --al", ["--all"]),
    ("export --all ", []),  # a folder, which the shell knows
    ("export --all release --la", ["--layer"]),
    ("--debug infer --reasoner ", ["owlrl", "rules"]),
    ("describe oiz", ["Ōizumi"]),
    ("describe gy", ["Gyaos"]),
    ("describe obj", ["object"]),
    ("describe ob", ["object"]),  # and not Obitsu, whose beginning is spelled another way
    ("describe 大泉", ["大泉洋"]),
    ("describe id : kow", ["kow-otani"]),
    ("describe film : releasedB", ["releasedBy"]),
    ("search Kow", ["Kow\\ Otani"]),
    ("describe 'Kow_O", ["Kow Otani"]),
    ('describe "Kow_O', ["Kow Otani"]),
    ('describe "$5', ["\\$5 million"]),
    ("describe Kow\\_O", ["Kow\\ Otani"]),
    ("describe Gamera\\_3 : ", ["\\ Revenge\\ of\\ Iris"]),
    ("describe zzz", []),
    ("describe Toho ", []),  # one thing is enough
    ("coverage --article g", ["gamera-2"]),
    ("validate --article g", ["gamera-2"]),
    ("completion ", ["bash", "fish", "zsh"]),
    ("stats --root / ", []),
    ("nonsense ", []),
]


def candidates(shell: str, *words: str) -> list[str]:
    """Return the candidates for the last word."""
    return complete(build_parser(COMMANDS), shell, len(words), ["kaiju", *words])


@pytest.mark.parametrize(("line", "expected"), OFFERED, ids=[line for line, _ in OFFERED])
def test_candidates_are_the_words_that_may_follow(
    line: str, expected: list[str], root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(root)
    words = [word.replace("_", " ") for word in line.split(" ")]
    assert candidates("bash", *words) == expected


@needs_bash
def test_script_of_bash_passes_words_and_candidates(root: Path) -> None:
    for line, expected in (OFFERED[6], OFFERED[8], OFFERED[-1]):
        words = " ".join(f"'{word}'" for word in ["kaiju", *line.split(" ")])
        call = f"COMP_WORDS=({words}); COMP_CWORD={len(line.split(' '))}\n_kaiju\n"
        output = bash(call + 'printf "%s\\n" "${COMPREPLY[@]}"\n', root)
        assert output.splitlines() == (expected or [""])


@needs_bash
@pytest.mark.parametrize("quote", ["", '"', "'"])
def test_bash_reads_every_candidate_back_unchanged(
    quote: str, kg: KnowledgeGraph, root: Path
) -> None:
    offered = complete(build_parser(COMMANDS), "bash", 2, ["kaiju", "describe", quote])
    assert len(offered) == len(kg.names.things)
    line = " ".join(f"{quote}{text}{quote}" for text in offered)
    assert set(bash(f"printf '%s\\n' {line}\n", root).splitlines()) == set(kg.names.things)


# How each shell is started, and how it calls the command to complete, and else prints its words.
SHELLS = {
    "bash": ["--norc", "--noprofile", "-i"],
    "zsh": ["-f", "-i"],
    "fish": ["--no-config", "-i"],
}
POSIX = """kaiju() { if [[ $1 == comp* ]]; then CALL "$@"; else printf "<%s>" "$@"; echo; fi; }"""
STARTS = {
    "bash": f'{POSIX}; eval "$(kaiju completion bash)"; echo ready-$((1 + 1))',
    "zsh": f'{POSIX}; autoload -U compinit; compinit -u -D; eval "$(kaiju completion zsh)"; '
    "echo ready-$((1 + 1))",
    "fish": "function kaiju; if string match -q 'comp*' $argv[1]; CALL $argv; else; "
    "printf '<%s>' $argv; echo; end; end; kaiju completion fish | source; echo ready-(math 1 + 1)",
}
TYPED = [
    ("describe Kow\t", "<describe><Kow Otani>"),
    ('describe "Kow\t', "<describe><Kow Otani>"),
    ("describe 'Gamera 3\t", "<describe><Gamera 3: Revenge of Iris>"),
    ("describe G\tyaos", "<describe><Gyaos>"),  # what is typed stays where many begin like it
    ("ask who-dir\t-p per\tshus\t", "<ask><who-directed><-p><person=Shusuke Kaneko>"),
    ("export --passage plot-2-3,plot-3-1\t", "<export><--passage><plot-2-3,plot-3-1>"),
    ("validate --rule Ontology-datat\t", "<validate><--rule><Ontology-datatype>"),
    ("export --profile com\t", "<export><--profile><compacted>"),
]


class Keys(Protocol):
    """Types keys in a shell on a terminal until it prints a text."""

    def __call__(self, typed: str, text: str) -> None: ...


@pytest.fixture
def keys(request: pytest.FixtureRequest, root: Path) -> Iterator[Keys]:
    """Return what types keys in the shell that a test is parametrised with."""
    pty = pytest.importorskip("pty", reason="a terminal is made with pty, which only Unix has")
    shell = shutil.which(request.param)
    if not shell:
        pytest.skip(f"{request.param} is not installed")
    process, terminal = pty.fork()
    if process == 0:
        os.chdir(root)
        os.environ |= {"TERM": "dumb", "PS1": "> ", "INPUTRC": os.devnull, "HOME": os.devnull}
        os.execv(shell, [shell, *SHELLS[request.param]])

    def until(typed: str, text: str) -> None:
        seen = ""
        os.write(terminal, typed.encode())
        end = time.monotonic() + 30
        while text not in seen:
            ready, _, _ = select([terminal], [], [], max(end - time.monotonic(), 0))
            assert ready, seen
            seen += os.read(terminal, 4096).decode(errors="replace")

    try:
        start = STARTS[request.param].replace("CALL", f'"{sys.executable}" -m kaiju_graph')
        until(f"{start}\n", "ready-2\r\n")
        yield until
    finally:
        os.kill(process, signal.SIGKILL)
        os.waitpid(process, 0)
        os.close(terminal)


@pytest.mark.parametrize("keys", every_nth(SHELLS, 3), indirect=True)
def test_tab_key_completes_words_on_a_terminal(keys: Keys) -> None:
    for typed, printed in TYPED:
        keys(f"kaiju {typed}\n", f"{printed}\r\n")


@pytest.mark.parametrize("shell", SCRIPTS)
def test_script_is_valid_in_its_shell(shell: str, kaiju: Command, tmp_path: Path) -> None:
    run = kaiju("completion", shell)
    assert (run.returncode, run.stdout, run.stderr) == (0, SCRIPTS[shell], "")
    installed = shutil.which(shell)
    if not installed:
        pytest.skip(f"{shell} is not installed, to read its script")
    (tmp_path / "script").write_text(run.stdout, encoding="utf-8")
    subprocess.run([installed, "-n", str(tmp_path / "script")], check=True, timeout=60)


@pytest.mark.parametrize("shell", ["zsh", "fish"])
def test_candidates_for_zsh_and_fish_are_not_quoted(shell: str) -> None:
    assert candidates(shell, "describe", '"Kow O') == ["Kow Otani"]
    assert candidates(shell, "describe", "'Kow O") == ["Kow Otani"]
    assert candidates(shell, "describe", "kow") == ["Kow Otani"]
    assert candidates(shell, "describe", "id:kow") == ["id:kow-otani"]
    assert candidates(shell, "ask", "who-directed", "-p", "person=shus") == [
        "person=Shusuke Kaneko"
    ]
    assert candidates(shell, "ask", "who-directed", "--format=jsonl") == [
        "--format=jsonl",
        "--format=jsonld",
    ]


def test_words_after_the_cursor_are_ignored() -> None:
    words = ["kaiju", "ask", "who-dir", "-f", "json"]
    assert complete(build_parser(COMMANDS), "zsh", 2, words) == ["who-directed"]
    assert complete(build_parser(COMMANDS), "zsh", 9, ["kaiju", "ask"]) == []


def test_without_a_cache_questions_complete_and_names_do_not(
    kaiju: Command, tmp_path: Path
) -> None:
    env = {"KAIJU_CACHE": str(tmp_path / "none")}
    asked = kaiju("complete", "fish", "2", "kaiju", "ask", "who-dir", env=env)
    assert (asked.returncode, asked.stdout, asked.stderr) == (0, "who-directed\n", "")
    named = kaiju("complete", "fish", "2", "kaiju", "describe", "", env=env)
    assert (named.returncode, named.stdout, named.stderr) == (0, "", "")


def test_values_complete_after_an_edit_of_the_sources(copy: Copy, kaiju: Command) -> None:
    for path in copy.root.rglob("*.*"):
        os.utime(path, (1e9, 1e9))
    assert copy.load().quads
    line = ["kaiju", "--root", str(copy.root), "ask", "who-portrays-whom", "-p", "character=G"]
    expected = "character=Gamera\n"
    assert kaiju("complete", "zsh", "6", *line).stdout == expected
    copy.replace("graph/entities.ttl", "rdfs:label", "rdfs:label ")
    assert cache.find_entry(str(copy.root)) is None
    assert kaiju("complete", "zsh", "6", *line).stdout == expected


def test_without_a_project_nothing_completes(kaiju: Command) -> None:
    for words in (["ask", ""], ["describe", ""], ["ask", "--tag", ""], ["ask", "x", "-p", ""]):
        line = ["kaiju", "--root", "/nowhere", *words]
        run = kaiju("complete", "zsh", str(len(line) - 1), *line)
        assert (run.returncode, run.stdout, run.stderr) == (0, "", "")


def test_questions_complete_from_the_given_root(kaiju: Command, copy: Copy) -> None:
    copy.write("queries/what-else.rq", '#+ summary: "What else?"\n#+ tags:\n#+   - rest\nASK {}\n')
    line = ["kaiju", "--root", str(copy.root), "ask", "what-el"]
    assert kaiju("complete", "zsh", "4", *line).stdout == "what-else\n"
    assert kaiju("complete", "zsh", "5", *line[:-1], "--tag", "rest").stdout == "rest\n"


def test_completion_imports_neither_rdflib_nor_rich(root: Path) -> None:
    code = (
        "import sys; from kaiju_graph.fast_path import main\n"
        "main(['complete', 'bash', '2', 'kaiju', 'describe', 'Kow'])\n"
        "assert not {'rdflib', 'rich', 'pyshacl', 'owlrl'} & sys.modules.keys()\n"
    )
    run = subprocess.run(
        [sys.executable, "-c", code], cwd=root, capture_output=True, check=False, encoding="utf-8"
    )
    assert (run.stdout, run.stderr) == ("Kow\\ Otani\n", "")
