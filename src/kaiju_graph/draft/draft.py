"""The draft of an article: of a whole folder, or of what is new in one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kaiju_graph.draft import update
from kaiju_graph.draft.entries import make_draft
from kaiju_graph.draft.files import files
from kaiju_graph.draft.knowledge import read_knowledge
from kaiju_graph.draft.names import slug
from kaiju_graph.draft.outline import KEY, LEAD, Outline, divide, read_title
from kaiju_graph.draft.save import Proposal, save
from kaiju_graph.draft.site import LANGUAGE, Request, Wishes, find_site
from kaiju_graph.draft.source import read_text
from kaiju_graph.errors import ParameterError
from kaiju_graph.project import sources

if TYPE_CHECKING:
    from collections.abc import Callable

    from kaiju_graph.project.layout import Project

__all__ = [
    "LANGUAGE",
    "Wishes",
    "changes",
    "draft",
    "save",
]

LICENCE_HINT = "an article needs one, which a run with --licence IRI adds"
FEWEST = 3
"""How many lines with a key are more likely an infobox than prose."""


def draft(
    project: Project,
    data: bytes,
    name: str,
    wishes: Wishes = Wishes(),  # noqa: B008 (it cannot change)
    progress: Callable[[str], None] = lambda _: None,
) -> Proposal:
    """Return the draft of an article; nothing is written.

    Args:
        project: the project.
        data: the bytes of the article's file.
        name: the name of that file.
        wishes: what its author wants.
        progress: receives the name of each step that may be slow.

    Raises:
        SourceError: the file is no such text, or a file of the project does not load.
        InputError: a folder, prefix or thing with the name of the new one exists already.
    """
    _check(wishes)
    remarks: list[str] = []
    text = read_text(data, name, wishes.title, remarks)
    progress("reading the project")
    read = sources.read(project)
    title = read_title(text, name)
    request = Request(text, name, wishes)
    known = update.find_article(read, request, title, slug(wishes.slug or title))
    progress("drafting the passages")
    if known:
        later = update.update(project, read, known, request)
        return later._replace(notes=[*later.notes, *remarks])
    language = wishes.language or wishes.default_language
    knowledge = read_knowledge(project, read, language)
    outline = divide(text, name, knowledge.names, language)
    new = make_draft(knowledge, find_site(knowledge, request, outline, language), outline)
    texts = files(new, text, wishes.licence)
    modelled = sum(entry.is_modelled for entry in new.entries)
    shorten = new.prefixes.shorten
    passages = _count(len(new.entries), "passage")
    counts = f"{modelled} with a graph, {len(new.entries) - modelled} not modelled yet"
    things = _count(len(new.entities), "new thing")
    names = _count(len(new.stubs), "name")
    notes = [
        f"{new.site.folder}: {passages} about {shorten(new.site.subject.iri.value)}, {counts}",
        f"{new.site.folder}/entities.ttl: {things}, and {names} to decide about",
        *([] if wishes.licence else [f"{new.site.folder}: found no licence; {LICENCE_HINT}"]),
        *(
            f"{shorten(entry.iri.value)}: {remark}"
            for entry in new.entries
            for remark in entry.remarks
        ),
        *_misplaced_lines(outline, name),
        *remarks,
    ]
    return Proposal(new.site.folder, texts, [], notes)


def _misplaced_lines(outline: Outline, name: str) -> list[str]:
    """Return a note on lines of an infobox that stand below a paragraph, where they are a list."""
    quotes = (piece.quote for piece in outline.pieces if piece.file == LEAD)
    lines = [quote for quote in quotes if KEY.fullmatch(quote)]
    if len(lines) < FEWEST:
        return []
    found = f"{len(lines)} lines such as “{lines[0]}” stand below a paragraph"
    return [f"{name}: {found}; expected them above it, to be read as an infobox"]


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'s' * (number != 1)}"


def _check(wishes: Wishes) -> None:
    """Refuse a language or a licence that RDF cannot have."""
    import pyoxigraph as ox

    language = wishes.language or wishes.default_language
    try:
        ox.Literal("", language=language)
    except ValueError:
        found = f"found the language {language!r}"
        raise ParameterError(f"{found}; expected a tag such as en") from None
    try:
        ox.NamedNode(wishes.licence or "x:")
    except ValueError:
        raise ParameterError(f"found the licence {wishes.licence!r}; expected an IRI") from None


def changes(project: Project, proposal: Proposal) -> dict[str, tuple[bytes, bytes]]:
    """Return each file that a draft writes or removes → its content before and after."""
    known = {file for file in project.sources() if file.startswith(f"{proposal.folder}/")}
    texts = {**proposal.texts, **dict.fromkeys(proposal.removed, "")}
    return {
        file: (project.read_bytes(file) if file in known else b"", text.encode())
        for file, text in texts.items()
    }
