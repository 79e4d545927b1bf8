"""Stage 13, beside commands: what ``kaiju export`` does: options → text, a file or a folder."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from kaiju_graph.cli.command import Outcome
from kaiju_graph.errors import UnreachableError, UsageError
from kaiju_graph.rdf.formats import ENDINGS
from kaiju_graph.store.files import write_atomically

if TYPE_CHECKING:
    from argparse import Namespace

    from kaiju_graph.api import KnowledgeGraph

__all__ = ["export"]

PARTS = {
    "output": None,
    "format": None,
    "layer": None,
    "profile": None,
    "ids": None,
    "thing": None,
    "passage": None,
    "with_evidence": False,
    "inferred": None,
}
"""What says which part of the graph is wanted, and how → its value where nothing is said."""


def export(kg: KnowledgeGraph, options: Namespace) -> Outcome:
    """Write a graph, or a part of it, as text or into a file, or all that there is into a folder.

    Raises:
        UsageError: the options do not go together.
        UnreachableError: the file or folder cannot be written.
    """
    if options.all is not None:
        for name, untold in PARTS.items():
            told = getattr(options, name)
            if told is not untold:
                word = f"no-{name}" if told is False else name.replace("_", "-")
                message = f"found --all and --{word}; a release has everything, in every format"
                raise UsageError(message)
        kg.release(options.all)
        return Outcome("")
    ending = os.path.splitext(options.output or "")[1]
    form = options.format or ENDINGS.get(ending)
    if ending and not (form or options.profile):
        known = ", ".join(ENDINGS)
        raise UsageError(f"{options.output}: found no format's ending; expected {known}, or -f")
    text = kg.export(
        form,
        profile=options.profile,
        thing=options.thing,
        passages=options.passage.split(",") if options.passage else (),
        evidence=options.with_evidence,
        inferred=options.inferred,
        ids=options.ids,
    )
    if options.output is None:
        return Outcome(text)
    try:
        write_atomically(options.output, text.encode())
    except OSError as error:
        message = f"{options.output}: cannot be written: {error.strerror}"
        raise UnreachableError(message) from None
    return Outcome("")
