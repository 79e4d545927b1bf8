"""A session: the folder with its projects, caches, questions and prepared files."""

from __future__ import annotations

import os
import shutil
import sys
import tomllib
from itertools import count
from pathlib import Path

from kaiju_graph.project.layout import LAYERS
from tests.benchmarks.measurement import Command, run
from tests.benchmarks.serving import STATEMENTS
from tests.repository import REPOSITORY, ROOT

PEERS = Path(__file__).with_name("peers.py")
OWN = "this project"
BROKEN = "broken"
SIZES = {"2k": 2_000, "20k": 20_000, "200k": 200_000, "2M": 2_000_000}
SEED = 7
DAY = 86_400.0
PATIENT = ("--timeout", str(DAY), "--max-memory", str(DAY))
ASSERTED = "stated,entities,curated,evidence,ontology"
# The entry point, as pip writes it.
SCRIPT = """\
import sys
from {module} import {function}
if __name__ == '__main__':
    sys.argv[0] = sys.argv[0].removesuffix('.exe')
    sys.exit({function}())
"""
PREFIXES = """\
PREFIX film: <https://w3id.org/kaiju/film#>
PREFIX id: <https://w3id.org/kaiju/id/>
PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
PREFIX story: <https://w3id.org/kaiju/story#>
"""
FAULTS = {"film:position 2": "film:position 3", "film:runtimeMinutes ": "film:runtimeMinutes -"}
"""Text of a project → its replacement, which breaks rules."""


class Session:
    """Files that the contestants share, in one folder that the caller removes."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._numbers = count(1)
        self._made: set[Path] = set()
        script = folder / "kaiju"
        project = tomllib.loads((REPOSITORY / "pyproject.toml").read_text(encoding="utf-8"))[
            "project"
        ]
        module, _, function = project["scripts"]["kaiju"].partition(":")
        script.write_text(SCRIPT.format(module=module, function=function), encoding="utf-8")
        self._script = str(script)

    def kaiju(self, project: Path, *arguments: str, fresh: bool = False, code: int = 0) -> Command:
        """Return a call of the command in a project, with the session's cache or an empty one."""
        cache = self.folder / ("fresh" if fresh else "cache")
        if fresh:
            shutil.rmtree(cache, ignore_errors=True)
        environment = {
            "KAIJU_CACHE": str(cache),
            "KAIJU_ROOT": "",
            "XDG_CONFIG_HOME": str(self.folder / "no-settings"),
        }
        command = [sys.executable, self._script, *arguments]
        return Command(command, project, environment, code)

    def peer(self, job: str, engine: str, *arguments: Path) -> Command:
        """Return a call of a peer that is a library."""
        command = [sys.executable, str(PEERS), job, engine, *map(str, arguments)]
        return Command(command, self.folder)

    def project(self, size: str, use: str = "") -> Path:
        """Return a copy of this project or a generated one, with its cache filled.

        Args:
            size: a key of ``SIZES``, or ``OWN``.
            use: a purpose that changes the project; ``BROKEN`` makes it break rules.
        """
        path = self.folder / f"{size} {use}".strip().replace(" ", "-")
        if path in self._made:
            return path
        shutil.rmtree(path, ignore_errors=True)  # after a failed attempt
        if size == OWN:
            for folder in ("ontology", "graph", "queries"):
                shutil.copytree(ROOT / folder, path / folder)
        else:
            # In another process, because the memory of this one would count as that of each run.
            generate = "-m", "tests.benchmarks.generate", str(path), "--quads", str(SIZES[size])
            self.prepare(Command([sys.executable, *generate, "--seed", str(SEED)], REPOSITORY))
        if use == BROKEN:
            file = next(iter(sorted(path.glob("graph/*/films.trig"))))
            text = file.read_text(encoding="utf-8")
            for right, wrong in FAULTS.items():
                text = text.replace(right, wrong, 1)
            file.write_text(text, encoding="utf-8")
        self.prepare(self.kaiju(path, "query", "ASK {}", *PATIENT))
        self._made.add(path)
        return path

    def question(self, project: Path, pattern: str) -> str:
        """Store a new question and return its name."""
        number = next(self._numbers)
        with (project / "graph" / "entities.ttl").open(encoding="utf-8") as lines:
            film = next(line for line in lines if " a film:Film ;" in line).split()[0]
        summary = f'#+ summary: "What does question {number} ask?"\n#+ tags:\n#+   - benchmark\n\n'
        text = pattern.replace("FILM", film).replace("NEVER", f"never {number}")
        name = f"new-{number}"
        (project / "queries" / f"{name}.rq").write_text(summary + PREFIXES + text, "utf-8")
        return name

    def export(self, project: Path, *, asserted: bool) -> Path:
        """Export the merge of a project as N-Triples, which are also Turtle."""
        path = project.with_name(f"{project.name}-{'asserted' if asserted else 'merged'}.ttl")
        if not path.exists():
            layers = ("--layer", ASSERTED) if asserted else ()
            self.prepare(self.kaiju(project, "export", "-f", "ntriples", "-o", str(path), *layers))
        return path

    def load(self, project: Path) -> Path:
        """Load the merge of a project into a store of Oxigraph's command; return its folder."""
        path = project.with_name(f"{project.name}-store")
        if not path.exists():
            file = self.export(project, asserted=False)
            command = [tool("oxigraph") or "", "load", "-l", str(path), "-f", str(file)]
            self.prepare(Command(command, self.folder))
        return path

    def statements(self, project: Path) -> Path:
        """Write all that a push sends into a file in the project: named graphs and merge."""
        path = project / STATEMENTS
        if not path.exists():
            layers = ("--layer", ",".join(LAYERS))
            self.prepare(self.kaiju(project, "export", "-f", "nquads", "-o", str(path), *layers))
            with path.open("ab") as file:
                file.write(self.export(project, asserted=False).read_bytes())
        return path

    def shapes(self, project: Path) -> Path:
        """Write the shapes of a project into one file and return it."""
        path = project.with_name(f"{project.name}-shapes.ttl")
        files = [*sorted(project.glob("ontology/shapes/*.ttl")), project / "ontology/prefixes.ttl"]
        path.write_text("".join(file.read_text(encoding="utf-8") for file in files), "utf-8")
        return path

    def prepare(self, command: Command) -> None:
        """Run a command without measuring it."""
        run(command, DAY)


def tool(name: str) -> str | None:
    """Return the path of an installed command, which may lie beside Python, or None."""
    beside = Path(sys.executable).parent
    return shutil.which(name, path=f"{beside}{os.pathsep}{os.environ.get('PATH', os.defpath)}")
