"""Find the folder of a project.

Every answer needs this module, so it imports little.
"""

from __future__ import annotations

import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from kaiju_graph.errors import UnreachableError

__all__ = ["FOLDERS", "RDF_ENDINGS", "is_bundled", "locate"]

FOLDERS = ("ontology", "graph", "queries")
RDF_ENDINGS = (".jsonld", ".nq", ".nt", ".rdf", ".trig", ".ttl")
"""The endings of the names of RDF files, in lower case.

A test compares them with ``rdf.formats``, whose import would slow down every answer.
"""


def locate(root: str | None = None) -> str:
    """Find a project's folder: the argument, ``KAIJU_ROOT``, the nearest parent, the bundled copy.

    Args:
        root: a project's folder; None looks for one.

    Raises:
        UnreachableError: the argument or ``KAIJU_ROOT`` is not the folder of a project.
    """
    for folder, origin in ((root, "--root"), (os.environ.get("KAIJU_ROOT") or None, "KAIJU_ROOT")):
        if folder is not None:
            if not (folder and _is_project(folder)):
                missing = [f"{f}/" for f in FOLDERS if not os.path.isdir(os.path.join(folder, f))]
                message = f"{folder}: not a project ({origin}): it has no {', '.join(missing)}"
                raise _unreachable(message)
            return folder
    # In a wheel the three folders lie inside the package; beside an editable install, above it.
    for start in (os.getcwd(), os.path.dirname(os.path.abspath(__file__))):
        if nearest := _nearest(start):
            return nearest
    message = "no project found: expected a folder with ontology/, graph/ and queries/"
    raise _unreachable(message)


def is_bundled(root: str | None = None) -> bool:
    """Tell whether ``locate`` returns the bundled copy."""
    return root is None and not (os.environ.get("KAIJU_ROOT") or _nearest(os.getcwd()))


def _is_project(folder: str) -> bool:
    return all(os.path.isdir(os.path.join(folder, name)) for name in FOLDERS)


def _nearest(folder: str) -> str | None:
    while not _is_project(folder):
        parent = os.path.dirname(folder)
        if parent == folder:
            return None
        folder = parent
    return folder


def _unreachable(message: str) -> UnreachableError:
    from kaiju_graph.errors import UnreachableError

    return UnreachableError(message)
