from __future__ import annotations

import ast
import re
from functools import cache
from pathlib import Path
from typing import NamedTuple
from unicodedata import combining, is_normalized, normalize

import pyoxigraph as ox
import pytest

ROOT = Path(__file__).parents[1]
OURS = "https://w3id.org/kaiju/"
XSD = "http://www.w3.org/2001/XMLSchema#"

FOLDERS = {
    "ontology": sorted(ROOT.glob("ontology/*.ttl")),
    "ontology/shapes": sorted(ROOT.glob("ontology/shapes/*.ttl")),
    "graph": sorted([*ROOT.glob("graph/**/*.ttl"), *ROOT.glob("graph/**/*.trig")]),
    "queries": sorted([*ROOT.glob("queries/*.rq"), *ROOT.glob("ontology/profiles/*.rq")]),
    "tests/counterexamples": sorted(ROOT.glob("tests/counterexamples/*.trig")),
}
MODULES = sorted(ROOT.glob("src/kaiju_graph/**/*.py"))

every_file = pytest.mark.parametrize("paths", FOLDERS.values(), ids=FOLDERS)
"""Each test gets the files of a folder, and shows file and line of each fault."""

# Their values are codes, and no texts in a language.
CODES = {
    "http://purl.org/vocab/vann/preferredNamespacePrefix",
    "http://rdfs.org/ns/void#uriSpace",
    "http://www.w3.org/1999/02/22-rdf-syntax-ns#first",  # of sh:languageIn
    *(f"http://www.w3.org/ns/shacl#{name}" for name in ("ask", "flags", "pattern", "prefix")),
    "http://www.w3.org/ns/shacl#select",
}
# What the article capitalizes and anyone may write of any document.
EVERYDAY = set(
    """attacks fiction guardian hard iris japan japanese july miss self states station united
    universe vision wednesday""".split()
)

TOKEN = re.compile(
    r'(?P<text>"""(?:[^"\\]|\\.|"(?!""))*"""|"(?:[^"\\\n]|\\.)*")'
    r"|(?P<iri><[^<>\"{}|^`\\\x00-\x20]*>)"
    r"|(?P<comment>\#[^\n]*)",
    re.DOTALL,
)


class Source(NamedTuple):
    """A file, its text, and its code: texts, IRIs and comments are emptied, lines kept."""

    path: Path
    text: str
    code: str


def name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


@cache
def source(path: Path) -> Source:
    def empty(match: re.Match[str]) -> str:
        if match["text"]:
            return '"' + "\n" * match[0].count("\n") + '"'
        return "<>" if match["iri"] else ""

    text = path.read_bytes().decode()
    return Source(path, text, TOKEN.sub(empty, text))


def fold(word: str) -> str:
    return "".join(c for c in normalize("NFKD", word) if not combining(c)).casefold()


def refuse(path: Path, pattern: str, code: str) -> None:
    """Fail with the places in a file's code that match a pattern, as a compiler shows them."""
    found = [
        f"{name(path)}:{code.count(chr(10), 0, match.start()) + 1}: {match[0].strip()!r}"
        for match in re.finditer(pattern, code, re.MULTILINE)
    ]
    assert not found, "\n".join(found)


def prefixes(path: Path) -> list[list[tuple[str, str]]]:
    """Return the groups of prefixes that a file declares, as blank lines part them."""
    declaration = re.compile(r"(?:@prefix|PREFIX) (\S*): <([^>]*)>(?: \.)?\n")
    groups: list[list[tuple[str, str]]] = [[]]
    for line in source(path).text.splitlines(keepends=True):
        if match := declaration.fullmatch(line):
            groups[-1].append((match[1], match[2]))
        elif not line.strip() and groups[-1]:
            groups.append([])
        elif not line.startswith("#") and line.strip():
            break
    return [group for group in groups if group]


def outside_brackets(code: str) -> str:
    """Blank what stands in brackets and parentheses that open and close on one line."""
    inner = re.compile(r"\[[^\[\]\n]*\]|\([^()\n]*\)")
    while inner.search(code):
        code = inner.sub(lambda match: "_" * len(match[0]), code)
    return code


@every_file
def test_a_file_is_composed_utf_8_with_plain_line_ends(paths: list[Path]) -> None:
    for path in paths:
        text = path.read_bytes().decode()
        assert is_normalized("NFC", text), name(path)
        assert text.endswith("\n"), name(path)
        refuse(path, r"[\r\t].*|[ ]+$|\n\n\n|\n\n\Z", text)


@every_file
def test_lines_are_indented_by_fours_and_end_by_column_100(paths: list[Path]) -> None:
    literal = re.compile(r'"(?:[^"\\\n]|\\.)*"(?:@[\w-]+|\^\^\S+)?')
    for path in paths:
        refuse(path, r"^(?: {4})* {1,3}(?=\S).*", source(path).code)
        refuse(path, r"^.{101,}$", literal.sub("", source(path).text))


@every_file
def test_prefixes_are_sorted_foreign_before_own_and_all_are_used(paths: list[Path]) -> None:
    for path in paths:
        groups = prefixes(path)
        own = [{iri.startswith(OURS) for _, iri in group} for group in groups]
        assert own in ([], [{False}], [{True}], [{False}, {True}]), name(path)
        assert all(group == sorted(group) for group in groups), name(path)
        body = re.sub(r"^(?:@prefix|PREFIX).*$", "", source(path).code, flags=re.MULTILINE)
        used = set(re.findall(r"(?<![\w?$:.-])([A-Za-z][\w-]*):(?!/)", body))
        assert {prefix for group in groups for prefix, _ in group} == used, name(path)


@every_file
def test_there_is_no_base_no_default_prefix_and_one_way_to_declare_one(paths: list[Path]) -> None:
    for path in paths:
        wrong = r"@prefix|prefix" if path.suffix == ".rq" else r"(?i:prefix)"
        code = source(path).code
        refuse(path, rf"^\s*(@base|BASE|base|{wrong})\b.*", code)
        refuse(path, r"^(@prefix|PREFIX) +:.*", code)


@every_file
def test_a_stands_on_the_line_of_its_subject(paths: list[Path]) -> None:
    for path in paths:
        refuse(path, r"(?:^ *|; )(?:a|rdf:type) [\w<?].*", source(path).code)


@every_file
def test_each_predicate_has_a_line_of_its_own(paths: list[Path]) -> None:
    for path in paths:
        code = outside_brackets(source(path).code)
        refuse(path, r"; *[^\s].*$", code)
        if path.suffix != ".rq":
            refuse(path, r" \. *[^\s}].*$", re.sub(r"(?<=\d)\.(?=\d)", "", code))


@every_file
def test_literals_are_short_or_typed_and_tags_are_lower_case(paths: list[Path]) -> None:
    for path in paths:
        code = source(path).code
        refuse(path, r'"\^\^xsd:(string|integer|boolean|decimal|double)\b', code)
        refuse(path, r'"@\w*[A-Z][\w-]*', code)


@pytest.mark.parametrize("folder", ["ontology", "ontology/shapes", "graph"])
def test_every_text_has_the_tag_of_its_language(folder: str) -> None:
    for path in FOLDERS[folder]:
        form = ox.RdfFormat.TRIG if path.suffix == ".trig" else ox.RdfFormat.TURTLE
        for quad in ox.parse(path.read_bytes(), format=form):
            if isinstance(quad.object, ox.Literal) and quad.predicate.value not in CODES:
                assert quad.object.datatype.value != XSD + "string", f"{name(path)}: {quad}"


@every_file
def test_section_rulers_are_of_one_width_and_stand_alone(paths: list[Path]) -> None:
    for path in paths:
        lines = source(path).text.split("\n")
        for at, line in enumerate(lines):
            if re.match(r"# .*---", line):
                assert re.fullmatch(r"# \S.* -+", line), f"{name(path)}:{at + 1}"
                assert len(line) == 79, f"{name(path)}:{at + 1}"
                assert not lines[at - 1], f"{name(path)}:{at + 1}"
                assert not lines[at + 1] or lines[at + 1][0] == "#", f"{name(path)}:{at + 1}"


@pytest.mark.parametrize("folder", ["ontology", "ontology/shapes", "graph"])
def test_no_serializer_has_written_over_a_file(folder: str) -> None:
    for path in FOLDERS[folder]:
        text = source(path).text
        comments = re.findall(r"^ *# .+", text, re.MULTILINE)
        assert comments, f"{name(path)}: a serializer loses comments"
        rulers = [line for line in comments if line.endswith("---")]
        assert rulers or text.count("\n") < 100, f"{name(path)}: a serializer loses sections"
        refuse(path, r"\bns\d+:.*|_:\w+.*", source(path).code)


def test_the_words_of_a_passage_stand_above_its_graph() -> None:
    for path in FOLDERS["graph"]:
        code = source(path).code
        for graph in re.finditer(r"^(\S+) \{", code, re.MULTILINE):
            above = code[: graph.start()].rstrip().rpartition("\n\n")[2].lstrip()
            assert above.startswith((f"{graph[1]} ev:quote ", f"{graph[1]} a ev:Curation"))


def test_a_term_is_told_in_order_and_at_last_who_defines_it() -> None:
    for path in FOLDERS["ontology"]:
        for block in re.split(r"\n\n+", source(path).code):
            lines = [line.strip() for line in block.split("\n") if line.strip()]
            if lines and (match := re.match(r"(film|story|ev):\S+ a \w+:", lines[0])):
                subject = lines[0].split()[0]
                assert lines[1].startswith("rdfs:label "), subject
                assert lines[2].startswith(("rdfs:label ", "skos:definition ")), subject
                assert lines[-1] == f"rdfs:isDefinedBy {match[1]}: .", subject


def film_words() -> set[str]:
    """Return the words of proper names: of the entities, and capitalized within the article."""
    proper: set[str] = set()
    plain: set[str] = set()
    word = re.compile(r"[^\W\d_]+")
    entities = (ROOT / "graph" / "entities.ttl").read_text(encoding="utf-8")
    for label in re.findall(r'"((?:[^"\\]|\\.)*)"@en', entities):
        proper |= {w for w in word.findall(label) if w[0].isupper()}
        plain |= {w for w in word.findall(label) if w[0].islower()}
    for path in ROOT.glob("graph/*/article.txt"):
        text = path.read_text(encoding="utf-8")
        proper |= set(re.findall(r"(?<=[a-z,] )[^\W\d_a-z][^\W\d_]+", text))
        plain |= {w for w in word.findall(text) if w[0].islower()}
    for path in (ROOT / "ontology").glob("*.ttl"):  # the code may speak of films, if not of this
        for text in re.findall(r'"((?:[^"\\]|\\.)*)"@en', path.read_text(encoding="utf-8")):
            plain |= set(word.findall(text))
    return {fold(w) for w in proper if len(w) > 3} - {fold(w) for w in plain} - EVERYDAY


def test_the_code_knows_no_word_of_the_film() -> None:
    words = film_words()
    assert {"gamera", "legion", "sapporo", "watarase", "toho"} <= words
    assert not [
        f"{name(path)}:{at}: {word}"
        for path in [*MODULES, *ROOT.glob("src/kaiju_graph/**/*.rq")]
        for at, line in enumerate(path.read_text(encoding="utf-8").split("\n"), 1)
        for word in re.findall(r"[^\W\d_]+", line)
        if fold(word) in words
    ]


def test_no_file_of_the_project_holds_a_path_of_a_machine() -> None:
    machine = re.compile(r"(?<![\w.-])/(?:work|tmp|root|farm|home|Users)/\w")
    folders = ("ontology", "graph", "queries", "src", "tests")
    files = [p for p in ROOT.iterdir() if p.is_file() and not p.name.startswith(".")]
    files += [p for folder in folders for p in (ROOT / folder).rglob("*.*") if p.is_file()]
    found = []
    for path in files:
        parts = path.relative_to(ROOT).parts
        if path.suffix != ".pyc" and not any(part.startswith(".") for part in parts):
            lines = enumerate(path.read_text(encoding="utf-8").split("\n"), 1)
            found += [f"{name(path)}:{at}: {line}" for at, line in lines if machine.search(line)]
    assert not found


@cache
def imported(path: Path) -> dict[str, set[str]]:
    """Return the names that a module takes of each module of the package, by dotted name."""
    found: dict[str, set[str]] = {}
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("kaiju_graph."):
            names = found.setdefault(node.module or "", set())
            names.update(alias.name for alias in node.names)
    return found


def public(path: Path) -> tuple[list[str], set[str]]:
    """Return ``__all__`` of a module, and the names of its public functions and classes."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    listed: list[str] = []
    defined: set[str] = set()
    for node in tree.body:
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "__all__":
            listed = ast.literal_eval(node.value)
        elif isinstance(node, (ast.FunctionDef, ast.ClassDef)) and node.name[0] != "_":
            defined.add(node.name)
    return listed, defined


@pytest.mark.parametrize("path", [p for p in MODULES if not p.stem.startswith("__")], ids=name)
def test_all_is_sorted_and_complete(path: Path) -> None:
    def key(word: str) -> tuple[bool, bool, str]:
        return not word.isupper(), not word[0].isupper(), word

    listed, defined = public(path)
    dotted = ".".join(path.relative_to(ROOT / "src").with_suffix("").parts)
    taken = {n for other in MODULES for n in imported(other).get(dotted, set())}
    assert listed == sorted(listed, key=key)
    assert len(listed) == len(set(listed))
    assert not sorted((defined | taken) - set(listed))


@pytest.mark.parametrize(
    "path", [p for p in MODULES if name(p)[16:] not in ("cli/main.py", "fast_path.py")], ids=name
)
def test_only_the_command_prints_reads_arguments_or_exits(path: Path) -> None:
    calls = {"print", "exit", "quit", "input"}
    names = {"sys.exit", "os._exit", "os.abort", "sys.argv", "sys.stdout", "sys.stdin"}
    names |= {"sys.stderr", "argparse"} | (set() if path.stem == "__main__" else {"SystemExit"})
    found = []
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        called = isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
        if called and ast.unparse(node.func) in calls:  # type: ignore[attr-defined]
            found.append(f"{name(path)}:{node.lineno}: {ast.unparse(node)}")  # type: ignore[attr-defined]
        if isinstance(node, (ast.Name, ast.Attribute)) and ast.unparse(node) in names:
            found.append(f"{name(path)}:{node.lineno}: {ast.unparse(node)}")
    assert not found
