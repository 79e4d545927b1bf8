"""The files are in the style of the project; ruff and import-linter check the rest."""

from __future__ import annotations

import ast
import importlib
import re
from functools import cache
from types import GenericAlias
from typing import TYPE_CHECKING, NamedTuple
from unicodedata import combining, is_normalized, normalize

import pyoxigraph as ox

from tests.repository import ROOT

if TYPE_CHECKING:
    from pathlib import Path

OURS = "https://w3id.org/kaiju/"
XSD = "http://www.w3.org/2001/XMLSchema#"

ARTICLE = "graph/gamera-2"
DRAFT = ROOT / "tests/draft/comet/draft"
FOLDERS = {  # the files of RDF and SPARQL
    "ontology": sorted(ROOT.glob("ontology/*.ttl")),
    "ontology/shapes": sorted(ROOT.glob("ontology/shapes/*.ttl")),
    "graph": sorted(
        path
        for folder in ("graph", "tests/projects")
        for ending in ("ttl", "trig")
        for path in ROOT.glob(f"{folder}/**/*.{ending}")
    ),
    "queries": sorted(
        path
        for folder in (
            "queries",
            "ontology/pictures",
            "ontology/profiles",
            "tests/projects/*/queries",
        )
        for path in ROOT.glob(f"{folder}/*.rq")
    ),
    "tests/counterexamples": sorted(ROOT.glob("tests/counterexamples/*.trig")),
    "tests/draft": sorted(ROOT.glob("tests/draft/*/draft/*.t[tr]*[lg]")),
}
FILES = [path for paths in FOLDERS.values() for path in paths]
WRITTEN = [
    path
    for name in ("ontology", "ontology/shapes", "graph", "tests/draft")
    for path in FOLDERS[name]
]
MODULES = sorted(ROOT.glob("src/kaiju_graph/**/*.py"))

# The values of these properties are codes, not texts in a language.
CODES = {
    "http://purl.org/vocab/vann/preferredNamespacePrefix",
    "http://rdfs.org/ns/void#uriSpace",
    "http://www.w3.org/1999/02/22-rdf-syntax-ns#first",  # of sh:languageIn
    *(f"http://www.w3.org/ns/shacl#{name}" for name in ("ask", "flags", "pattern", "prefix")),
    "http://www.w3.org/ns/shacl#select",
}
# Words that the article capitalizes, but that fit any document.
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


def matches(path: Path, pattern: str, code: str) -> list[str]:
    """Return the places in a file's code that match a pattern, as a compiler shows them."""
    return [
        f"{name(path)}:{code.count(chr(10), 0, match.start()) + 1}: {match[0].strip()!r}"
        for match in re.finditer(pattern, code, re.MULTILINE)
    ]


def prefixes(path: Path) -> list[list[tuple[str, str]]]:
    """Return the groups of prefixes that a file declares, separated by blank lines."""
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
    """Return code with brackets and parentheses replaced by ``_`` if they close on their line."""
    inner = re.compile(r"\[[^\[\]\n]*\]|\([^()\n]*\)")
    while inner.search(code):
        code = inner.sub(lambda match: "_" * len(match[0]), code)
    return code


# RDF and SPARQL: a test checks one rule, and lists every place that breaks it -----------------


def test_files_are_utf_8_in_nfc_with_plain_line_ends() -> None:
    faults = []
    for path in FILES:
        text = path.read_bytes().decode()
        if not is_normalized("NFC", text) or not text.endswith("\n"):
            faults.append(name(path))
        faults += matches(path, r"[\r\t].*|[ ]+$|\n\n\n|\n\n\Z", text)
    assert not faults


def test_lines_are_indented_by_fours_and_end_by_column_100() -> None:
    literal = re.compile(r'"(?:[^"\\\n]|\\.)*"(?:@[\w-]+|\^\^\S+)?')
    faults = []
    for path in FILES:
        faults += matches(path, r"^(?: {4})* {1,3}(?=\S).*", source(path).code)
        faults += matches(path, r"^.{101,}$", literal.sub("", source(path).text))
    assert not faults


def test_prefixes_are_sorted_foreign_before_own_and_all_used() -> None:
    faults = []
    for path in FILES:
        groups = prefixes(path)
        own = [{iri.startswith(OURS) for _, iri in group} for group in groups]
        body = re.sub(r"^(?:@prefix|PREFIX).*$", "", source(path).code, flags=re.MULTILINE)
        used = set(re.findall(r"(?<![\w?$:.-])([A-Za-z][\w-]*):(?!/)", body))
        declared = {prefix for group in groups for prefix, _ in group}
        is_draft = path.is_relative_to(DRAFT)  # declares what its next graphs need, too
        if (
            own not in ([], [{False}], [{True}], [{False}, {True}])
            or any(group != sorted(group) for group in groups)
            or not (declared >= used if is_draft else declared == used)
        ):
            faults.append(name(path))
    assert not faults


def test_no_file_has_a_base_or_default_prefix() -> None:
    faults = []
    for path in FILES:
        other_keyword = r"@prefix|prefix" if path.suffix == ".rq" else r"(?i:prefix)"
        faults += matches(path, rf"^\s*(@base|BASE|base|{other_keyword})\b.*", source(path).code)
        faults += matches(path, r"^(@prefix|PREFIX) +:.*", source(path).code)
    assert not faults


def test_the_keyword_a_stands_on_the_line_of_its_subject() -> None:
    pattern = r"(?:^ *|; )(?:a|rdf:type) [\w<?].*"
    assert not [fault for path in FILES for fault in matches(path, pattern, source(path).code)]


def test_each_predicate_has_its_own_line() -> None:
    faults = []
    for path in FILES:
        code = outside_brackets(source(path).code)
        faults += matches(path, r"; *[^\s].*$", code)
        if path.suffix != ".rq":
            code = re.sub(r"(?<=\d)\.(?=\d)", "", code)
            faults += matches(path, r" \. *[^\s}].*$", code)
    assert not faults


def test_literals_are_short_or_typed_with_lower_case_tags() -> None:
    pattern = r'"\^\^xsd:(string|integer|boolean|decimal|double)\b|"@\w*[A-Z][\w-]*'
    assert not [fault for path in FILES for fault in matches(path, pattern, source(path).code)]


def test_every_text_has_a_language_tag() -> None:
    faults = []
    for path in WRITTEN:
        form = ox.RdfFormat.TRIG if path.suffix == ".trig" else ox.RdfFormat.TURTLE
        faults += [
            f"{name(path)}: {quad}"
            for quad in ox.parse(path.read_bytes(), format=form)
            if isinstance(quad.object, ox.Literal)
            and quad.object.datatype.value == XSD + "string"
            and quad.predicate.value not in CODES
        ]
    assert not faults


def test_section_rulers_have_one_width_and_stand_alone() -> None:
    faults = []
    for path in FILES:
        lines = source(path).text.split("\n")
        for at, line in enumerate(lines):
            if re.match(r"# .*---", line) and not (
                re.fullmatch(r"# \S.* -+", line)
                and len(line) == 79
                and not lines[at - 1]
                and lines[at + 1][:1] in ("", "#")
            ):
                faults.append(f"{name(path)}:{at + 1}")
    assert not faults


def test_no_serializer_has_written_a_file() -> None:
    faults = []
    for path in WRITTEN:
        text = source(path).text
        comments = re.findall(r"^ *# .+", text, re.MULTILINE)
        if not comments:
            faults.append(f"{name(path)}: without comments, which a serializer loses")
        if text.count("\n") >= 100 and not any(line.endswith("---") for line in comments):
            faults.append(f"{name(path)}: without sections, which a serializer loses")
        faults += matches(path, r"\bns\d+:.*|_:\w+.*", source(path).code)
    assert not faults


def test_the_quote_of_a_passage_stands_above_its_graph() -> None:
    faults = []
    for path in FOLDERS["graph"] + FOLDERS["tests/draft"]:
        code = source(path).code
        for graph in re.finditer(r"^(\S+) \{", code, re.MULTILINE):
            above = code[: graph.start()].rstrip().rpartition("\n\n")[2].lstrip()
            if not above.startswith((f"{graph[1]} ev:quote ", f"{graph[1]} a ev:Curation")):
                faults.append(f"{name(path)}: {graph[1]}")
    assert not faults


def test_a_term_begins_with_its_label_and_ends_with_its_ontology() -> None:
    faults = []
    for path in FOLDERS["ontology"]:
        for block in re.split(r"\n\n+", source(path).code):
            lines = [line.strip() for line in block.split("\n") if line.strip()]
            match = re.match(r"(film|story|ev):\S+ a \w+:", lines[0] if lines else "")
            if match and not (
                lines[1].startswith("rdfs:label ")
                and lines[2].startswith(
                    ("rdfs:label ", "skos:altLabel ", "skos:hiddenLabel ", "skos:definition ")
                )
                and lines[-1] == f"rdfs:isDefinedBy {match[1]}: ."
            ):
                faults.append(lines[0])
    assert not faults


# Code ----------------------------------------------------------------------------------------


def film_words() -> set[str]:
    """Return the words of proper names: of the entities, and capitalized within the article."""
    proper: set[str] = set()
    plain: set[str] = set()
    word = re.compile(r"[^\W\d_]+")
    files = (ROOT / "graph/entities.ttl", ROOT / ARTICLE / "entities.ttl")
    entities = "\n".join(path.read_text(encoding="utf-8") for path in files)
    for label in re.findall(r'"((?:[^"\\]|\\.)*)"@en', entities):
        proper |= {w for w in word.findall(label) if w[0].isupper()}
        plain |= {w for w in word.findall(label) if w[0].islower()}
    text = (ROOT / ARTICLE / "article.txt").read_text(encoding="utf-8")
    proper |= set(re.findall(r"(?<=[a-z,] )[^\W\d_a-z][^\W\d_]+", text))
    plain |= {w for w in word.findall(text) if w[0].islower()}
    for path in (ROOT / "ontology").glob("*.ttl"):  # the code may have words of the ontology
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


def test_the_code_names_no_ontology_but_that_of_evidence() -> None:
    assert "kaiju/evidence#" in (ROOT / "src/kaiju_graph/rdf/terms.py").read_text("utf-8")
    named = re.compile(r"w3id\.org/kaiju/(film|story)\b")
    assert [name(path) for path in MODULES if named.search(path.read_text("utf-8"))] == []


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


def test_all_lists_every_name_that_is_public_or_imported() -> None:
    """Ruff checks that ``__all__`` is sorted, has no name twice, and that each is defined."""
    trees = {path: ast.parse(path.read_text(encoding="utf-8")) for path in MODULES}
    imported: dict[str, set[str]] = {}
    for tree in trees.values():
        for node in ast.walk(tree):
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("kaiju_graph."):
                names = imported.setdefault(node.module or "", set())
                names.update(alias.name for alias in node.names)
    faults = []
    for path, tree in trees.items():
        dotted = ".".join(path.relative_to(ROOT / "src").with_suffix("").parts)
        public, listed = imported.get(dotted, set()), set()
        for node in tree.body:
            if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "__all__":
                listed = set(ast.literal_eval(node.value))
            elif isinstance(node, (ast.FunctionDef, ast.ClassDef)) and node.name[0] != "_":
                public = public | {node.name}
            elif isinstance(node, ast.If):  # classes for type checkers cannot be listed
                public = public - {n.name for n in node.body if isinstance(n, ast.ClassDef)}
        faults += [f"{name(path)}: {missing}" for missing in sorted(public - listed)]
    assert not faults


def test_public_objects_have_a_docstring_that_opens_with_a_sentence() -> None:
    faults = []
    for path in MODULES:
        dotted = ".".join(path.relative_to(ROOT / "src").with_suffix("").parts)
        if path.stem == "__main__":  # whose import runs the command
            continue
        module = importlib.import_module(dotted.removesuffix(".__init__"))
        for public in [None, *getattr(module, "__all__", ())]:
            value = getattr(module, public) if public else module
            if value is not module and (not callable(value) or isinstance(value, GenericAlias)):
                continue
            first, *_ = (value.__doc__ or "").split("\n")
            if not re.match(r"[A-Z`].*[.:?]$", first):
                faults.append(f"{name(path)}: {public}: {first}")
    assert not faults


def test_only_the_command_prints_reads_arguments_or_exits() -> None:
    calls = {"print", "exit", "quit", "input"}
    names = {"sys.exit", "os._exit", "os.abort", "sys.argv", "sys.stdout", "sys.stdin"}
    names |= {"sys.stderr", "argparse", "SystemExit"}
    package = ROOT / "src" / "kaiju_graph"
    own = ("web/pages/processes.py", "web/workers.py")  # processes of their own
    modules = ("__main__.py", "fast_path.py", "cli/main.py", "cli/output.py", *own)
    allowed = {package / module for module in modules}
    faults = []
    for path in set(MODULES) - allowed:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            match node:
                case ast.Call(func=ast.Name(id=called)) if called in calls:
                    faults.append(f"{name(path)}:{node.lineno}: {called}")
                case ast.Name() | ast.Attribute() if ast.unparse(node) in names:
                    faults.append(f"{name(path)}:{node.lineno}: {ast.unparse(node)}")
    assert not faults
