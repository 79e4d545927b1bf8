"""Draft what is new in the text of an article that the project has already."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pyoxigraph as ox

from kaiju_graph.draft import files as texts_of
from kaiju_graph.draft import write
from kaiju_graph.draft.entries import Draft, Entry, make_draft
from kaiju_graph.draft.infobox import Subject
from kaiju_graph.draft.knowledge import read_knowledge
from kaiju_graph.draft.merge import Blocks, Match, match
from kaiju_graph.draft.outline import INFOBOX, Outline, divide, read_title, unique
from kaiju_graph.draft.save import Proposal
from kaiju_graph.draft.site import LANGUAGE, Site, resolve_thing
from kaiju_graph.draft.vocabulary import TOPIC
from kaiju_graph.errors import InputError
from kaiju_graph.project.passages import ABOUT, Passage, locate_passages
from kaiju_graph.project.sources import SourceFile, Sources
from kaiju_graph.rdf.parse import parse
from kaiju_graph.rdf.terms import ENTITIES, EVIDENCE, QUOTE, STATUS, TYPE
from kaiju_graph.rdf.tokens import tokens

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Sequence

    from kaiju_graph.draft.knowledge import Knowledge
    from kaiju_graph.draft.outline import Piece
    from kaiju_graph.draft.site import Request, Wishes
    from kaiju_graph.project.layout import Project
    from kaiju_graph.project.passages import Article
    from kaiju_graph.rdf.terms import Resource

__all__ = [
    "find_article",
    "update",
]

MOST = 5
"""How many sentences are sought in one passage, and passages in one sentence."""
DECLARATION = re.compile(r"@prefix +([^:\s]*): *<([^>]*)> *\.\n")


def find_article(sources: Sources, request: Request, title: str, name: str) -> Article | None:
    """Return the article in the folder of a name, or else with a title, or None.

    Raises:
        InputError: the article in the folder has another title, and the request does not name it.
        SourceError: the quotes of the article are not in its text.
    """
    folders = sources.texts
    titles = {place: _title(text, place) for place, text in folders.items()}
    wanted = f"graph/{name}"
    if wanted in folders:
        if titles[wanted] != title and not request.wishes.slug:
            found = f"{wanted}: found an article with the title {titles[wanted]!r}"
            raise InputError(
                f"{found}; expected --slug with another name, or this one to update it"
            )
    else:
        same = [place for place, other in titles.items() if other == title]
        if request.wishes.slug or not same:
            return None
        wanted = same[0]
    located = locate_passages(sources)
    places = {passage.iri for passage in located.passages.values()}
    for finding in located.findings:
        is_lost = finding.rule == "quote" and finding.quad and finding.quad.subject not in places
        if finding.file.startswith(f"{wanted}/") and not is_lost:
            raise InputError(f"{finding.file}: {finding.message}; kaiju validate shows where")
    article = next(article for article in located.articles if article.folder == wanted)
    return article._replace(passages=_all_passages(sources, article))


def _all_passages(sources: Sources, article: Article) -> list[Passage]:
    """Return the passages of an article, also those that its text has no more, as its files do."""
    located = {passage.iri: passage for passage in article.passages}
    first: dict[str, int] = {}
    for passage in article.passages:
        first.setdefault(passage.file, passage.start)
    files = [name for name in sources.files if name.startswith(f"{article.folder}/")]
    quotes: list[tuple[str, Any]] = [
        (name, quad)
        for name in sorted(files, key=lambda name: first.get(name, len(article.text)))
        for quad in sources.files[name].quads
        if quad.predicate == QUOTE and sources.files[name].layer == "stated"
    ]
    return [
        located.get(quad.subject) or Passage(quad.subject, quad.object, name, -1, -1, 0, "")
        for name, quad in quotes
    ]


def _title(text: str, place: str) -> str:
    try:
        return read_title(text, place)
    except InputError:
        return ""


def update(project: Project, sources: Sources, article: Article, request: Request) -> Proposal:
    """Return what to write so that an article has the words of a new text.

    Raises:
        SourceError: the text has no title, or two.
        InputError: the files of the article are such that a block cannot be moved.
    """
    site = _site(project, sources, article)
    knowledge = read_knowledge(project, sources, site.language)
    outline = divide(request.text, request.file, knowledge.names, site.language)
    outline = outline._replace(pieces=_divide_as(article.passages, outline.pieces))
    matches = _match(article, outline.pieces, site)
    outline = _rename(outline, matches, article, site)
    editor = _Editor(project, sources, article)
    changed = [
        one and not one.is_moved and one.passage.quote.value != piece.quote
        for one, piece in zip(matches, outline.pieces, strict=True)
    ]
    anew = editor.find_untouched(knowledge, site, request.file) if any(changed) else set()
    known: list[Any] = [
        one.passage.iri if one and not (is_changed and one.passage.iri in anew) else None
        for one, is_changed in zip(matches, changed, strict=True)
    ]
    new = make_draft(knowledge, site, outline, known)
    editor.apply(new, matches, anew)
    files = {**editor.files(), **editor.entities(matches)}
    if request.text != article.text:
        files[f"{site.folder}/article.txt"] = request.text
    removed = [file for file, text in files.items() if not text]
    files = {file: text for file, text in files.items() if text}
    _check(sources, article, new, files, removed)
    if licence := request.wishes.licence:
        curation = f"{site.folder}/curation.trig"
        if curation not in sources.files:
            files[curation] = texts_of.curation_file(new, licence)
            editor.notes.append(f"{curation}: new, with the licence")
        elif f"<{licence}>" not in project.read(curation):
            editor.notes.append(f"{curation}: stays as it is; --licence adds one where none is")
    notes = editor.notes or [f"{article.folder}: nothing new in {request.file}"]
    notes += _unmet_wishes(knowledge, site, request.wishes)
    return Proposal(article.folder, files, removed, notes)


def _unmet_wishes(knowledge: Knowledge, site: Site, wishes: Wishes) -> Iterator[str]:
    """Yield a note for each wish that only a new article could meet.

    Raises:
        UnknownNameError: no thing has the name that the article is to be about.
    """
    shorten = knowledge.project.prefixes.shorten
    about = wishes.about and shorten(resolve_thing(knowledge, wishes.about).value)
    language = wishes.language and wishes.language.lower()
    for option, noun, wish, kept in (
        ("about", "subject", about, shorten(site.subject.iri.value)),
        ("prefix", "prefix", wishes.prefix, site.prefix),
        ("language", "language", language, site.language),
    ):
        if wish not in (None, kept):
            keeps = f"keeps the {noun} {kept}"
            yield f"{site.folder}: {keeps}; --{option} counts only for a new article"


def _site(project: Project, sources: Sources, article: Article) -> Site:
    """Return where an article stands, by its files."""
    prefix, _, _ = project.prefixes.shorten(article.node.value).partition(":")
    namespace = project.prefixes.get(prefix)
    if namespace is None:
        raise InputError(
            f"{article.folder}: found no prefix for the IRI {article.node}; expected one"
        )
    about = [q.object for q in sources.quads if (q.subject, q.predicate) == (article.node, ABOUT)]
    subject: Any = about[0] if about and isinstance(about[0], ox.NamedNode) else article.node
    classes = (q.object for q in sources.quads if (q.subject, q.predicate) == (subject, TYPE))
    kind: Any = min(classes, key=str, default=TOPIC)
    language = article.passages[0].quote.language if article.passages else None
    known = Subject(subject, "", kind, is_known=True)
    return Site(article.folder, prefix, namespace, known, language or LANGUAGE)


def _divide_as(passages: Sequence[Passage], pieces: list[Piece]) -> list[Piece]:
    """Return pieces that begin and end where the passages do, if these have the same words.

    So two sentences that a person has in one passage stay one, and a sentence in two stays two.
    """
    quotes = [passage.quote.value for passage in passages]
    runs = {
        " ".join(quotes[at : at + length]): quotes[at : at + length]
        for length in range(2, MOST + 1)
        for at in range(len(quotes) - length + 1)
    }
    known = set(quotes)
    divided: list[Piece] = []
    at = 0
    while at < len(pieces):
        piece, length = pieces[at], 1
        if piece.quote in known:
            divided.append(piece)
        elif parts := runs.get(piece.quote):
            divided += [piece._replace(quote=quote) for quote in parts]
        else:
            joined = (" ".join(p.quote for p in pieces[at : at + n]) for n in range(2, MOST + 1))
            found = ((n, words) for n, words in enumerate(joined, 2) if words in known)
            length, words = next(found, (1, piece.quote))
            divided.append(piece._replace(quote=words))
        at += length
    return divided


def _match(article: Article, pieces: Sequence[Piece], site: Site) -> list[Match | None]:
    """Return for each piece the passage that it was.

    The title is the title, and a line of the infobox the one with its key, whatever they were.
    """
    passages, quotes = article.passages, [piece.quote for piece in pieces]
    if passages and passages[0].quote.value == _title(article.text, article.folder):
        matches = [Match(passages[0], is_moved=False), *match(passages[1:], quotes[1:])]
    else:
        matches = match(passages, quotes)
    places = {passage.iri.value: place for place, passage in enumerate(passages)}
    taken = {one.passage.iri.value for one in matches if one}
    for at, piece in enumerate(pieces):
        iri = f"{site.namespace}{piece.name}"
        if piece.file != INFOBOX or matches[at] or iri in taken or iri not in places:
            continue
        before, after = (
            [places[one.passage.iri.value] for one in part if one and not one.is_moved]
            for part in (matches[:at], matches[at:])
        )
        if max(before, default=-1) < places[iri] < min(after, default=len(places)):
            matches[at] = Match(passages[places[iri]], is_moved=False)
    return matches


def _rename(
    outline: Outline, matches: Sequence[Match | None], article: Article, site: Site
) -> Outline:
    """Return an outline whose new pieces have names that no passage has."""
    used = {passage.iri.value.removeprefix(site.namespace) for passage in article.passages}
    pieces = [
        piece._replace(
            name=one.passage.iri.value.removeprefix(site.namespace)
            if one
            else unique(piece.name, used)
        )
        for piece, one in zip(outline.pieces, matches, strict=True)
    ]
    return outline._replace(pieces=pieces)


class _Editor:
    """Edits the files of an article."""

    new: Draft
    writer: write.Writer

    def __init__(self, project: Project, sources: Sources, article: Article) -> None:
        self.project = project
        self.article = article
        self.notes: list[str] = []
        self.blocks = {
            name: Blocks(name, project.read(name))
            for name, file in sources.files.items()
            if file.layer == "stated" and name.startswith(f"{article.folder}/")
        }
        self.file_of: dict[Resource, str] = {p.iri: p.file for p in article.passages}
        self.fresh: dict[str, list[str]] = {}
        """New file → the passages and lines above sections in it."""
        self.fresh_of: dict[Resource, str] = {}
        self.drafts = {quad.subject for quad in sources.quads if quad.predicate == STATUS}
        self.changed: set[str] = set()

    def find_untouched(self, knowledge: Knowledge, site: Site, name: str) -> set[Resource]:
        """Return the passages not modelled yet that are as the draft of the old text has them."""
        outline = divide(self.article.text, name, knowledge.names, site.language)
        old = make_draft(knowledge, site, outline)
        writer = write.Writer(old.prefixes)
        entries = {entry.piece.quote: entry for entry in old.entries}
        return {
            passage.iri
            for passage in self.article.passages
            if passage.iri in self.drafts
            and isinstance(passage.iri, ox.NamedNode)
            and passage.iri.value.startswith(site.namespace)
            and (entry := entries.get(passage.quote.value))
            and self.blocks[passage.file].texts[passage.iri]
            == texts_of.passage(entry._replace(iri=passage.iri), writer, old)
        }

    def apply(
        self, new: Draft, matches: Sequence[Match | None], anew: Collection[Resource] = ()
    ) -> None:
        """Remove, move, change and add passages.

        Args:
            new: the draft of the new text.
            matches: for each of its passages the one that it was.
            anew: the passages that are drafted anew if they change.
        """
        self.new, self.writer = new, write.Writer(new.prefixes)
        kept = {one.passage.iri for one in matches if one}
        for passage in self.article.passages:
            if passage.iri in kept:
                continue
            if passage.iri in self.drafts:
                self._cut(passage.iri)
                self._note(f"removed, and was not modelled: “{passage.quote.value}”", passage.iri)
            else:
                self._note("no longer in the text; its graph stays, for you to decide", passage.iri)
        texts = {
            one.passage.iri: self._cut(one.passage.iri) for one in matches if one and one.is_moved
        }
        placed = [bool(one and not one.is_moved) for one in matches]
        for at, (entry, one) in enumerate(zip(self.new.entries, matches, strict=True)):
            if one is None:
                text = texts_of.passage(entry, self.writer, self.new)
                self._place(at, placed, entry, text)
                self._note("new, and drafted" if entry.is_modelled else "new", entry.iri)
                self.notes += [f"    {remark}" for remark in entry.remarks]
            elif one.is_moved:
                self._place(at, placed, entry, texts[entry.iri])
                self._note("moved", entry.iri)
            elif one.passage.quote.value != entry.piece.quote:
                self._change(entry, one.passage, is_new=entry.iri in anew)

    def _change(self, entry: Entry, passage: Passage, *, is_new: bool) -> None:
        """Give a passage its new words; draft it anew, or keep what a person wrote."""
        file = self.file_of[entry.iri]
        self.changed.add(file)
        if is_new:
            self.blocks[file].texts[entry.iri] = texts_of.passage(entry, self.writer, self.new)
            self._note("changed" + ", and drafted" * entry.is_modelled, entry.iri)
            self.notes += [f"    {remark}" for remark in entry.remarks]
            return
        is_draft = entry.iri in self.drafts
        remark = "" if is_draft else f"Its words were: “{passage.quote.value}”"
        self.blocks[file].change_quote(entry.iri, entry.piece.quote, remark)
        self._note("changed" + "; its graph is as before" * (not is_draft), entry.iri)

    def _note(self, what: str, iri: Resource) -> None:
        self.notes.append(f"{self.new.prefixes.shorten(iri.value)}: {what}")

    def _cut(self, iri: Resource) -> str:
        file = self.file_of[iri]
        self.changed.add(file)
        return self.blocks[file].cut(iri)

    def _place(self, at: int, placed: list[bool], entry: Entry, text: str) -> None:
        """Put a passage beside its neighbour in the text: in its section, else in its file."""
        entries = self.new.entries
        following = next((n for n in range(at + 1, len(entries)) if placed[n]), -1)
        placed[at] = True
        beside = [number for number in (at - 1, following) if number >= 0]
        section = texts_of.section_of(entry)
        same = [n for n in beside if texts_of.section_of(entries[n]) == section]
        near = [n for n in beside if entries[n].piece.file == entry.piece.file]
        if not near or entries[near[0]].iri in self.fresh_of:
            self._begin(entry, text)
            return
        if not same:
            text = f"{write.ruler(section)}\n\n{text}"
        neighbour = (same or near)[0]
        other = entries[neighbour].iri
        file = self.file_of[other]
        self.file_of[entry.iri] = file
        self.changed.add(file)
        if neighbour < at:
            self.blocks[file].insert_after(entry.iri, text, other)
        else:
            self.blocks[file].insert_before(entry.iri, text, other)

    def _begin(self, entry: Entry, text: str) -> None:
        """Put a passage at the end of a new file, that of its section."""
        section = texts_of.section_of(entry)
        file = f"{self.article.folder}/{entry.piece.file}.trig"
        while file in self.blocks:
            file = f"{file.removesuffix('.trig')}-new.trig"
        blocks = self.fresh.setdefault(file, [])
        ruler = write.ruler(section)
        blocks += [text] if ruler in blocks else [ruler, text]
        self.fresh_of[entry.iri] = file

    def files(self) -> dict[str, str]:
        """Return the files of passages that change; an empty text for those without a statement."""
        texts = {}
        for file in sorted(self.changed):
            text = self.blocks[file].text
            has_statement = any(True for _ in parse(file, text, EVIDENCE))
            texts[file] = self._declare(text) if has_statement else ""
        for file, blocks in self.fresh.items():
            common = self.new.knowledge.common_prefixes
            texts[file] = self._declare("\n\n".join(blocks) + "\n", common)
        return texts

    def _declare(self, text: str, common: Iterable[str] = ()) -> str:
        """Return a text that declares the prefixes that it uses, and others, besides its own."""
        declared = dict(DECLARATION.findall(text))
        body = DECLARATION.sub("", text).lstrip("\n")
        names = (token.text for token in tokens(body) if token.kind == "name")
        used = {name.partition(":")[0] for name in names} & self.new.prefixes.keys()
        used |= set(common)
        if used <= declared.keys():
            return text
        return f"{texts_of.prologue(self.new, used | declared.keys())}\n{body}"

    def entities(self, matches: Sequence[Match | None]) -> dict[str, str]:
        """Return the file of named things if it changes."""
        file = f"{self.article.folder}/entities.ttl"
        is_known = file in self.project.sources()
        old = self.project.read(file) if is_known else ""
        others = [self.project.read("graph/entities.ttl"), old]
        fresh = {
            entry.piece.name
            for entry, one in zip(self.new.entries, matches, strict=True)
            if one is None or one.passage.quote.value != entry.piece.quote
        }
        stubs = {
            name: [place for place in places if place in fresh]
            for name, places in self.new.stubs.items()
            if not any(f'rdfs:label "{name}"@' in text for text in others)
        }
        new = self.new._replace(stubs={name: places for name, places in stubs.items() if places})
        if not (new.stubs or new.entities):
            return {}
        if not old:
            return {file: texts_of.entities_file(new)}
        writer = write.Writer(new.prefixes)
        blocks = [*texts_of.entity_blocks(new, writer), *texts_of.stub_blocks(new)]
        return {file: self._declare("\n\n".join([old.rstrip("\n"), *blocks]) + "\n")}


def _check(
    sources: Sources, article: Article, new: Draft, files: dict[str, str], removed: list[str]
) -> None:
    """Check that every graph is as before, and that the quotes are those of the new text.

    Raises:
        InputError: they are not.
    """
    texts = {**sources.texts}
    after = {name: file for name, file in sources.files.items() if name not in removed}
    for name, text in files.items():
        if name.endswith("article.txt"):
            texts[article.folder] = text
        else:
            layer, default = (
                ("stated", EVIDENCE) if name.endswith(".trig") else ("entities", ENTITIES)
            )
            after[name] = SourceFile(layer, default, list(parse(name, text, default)))
    graphs, changed = (
        {
            q
            for n, f in each.items()
            if n.startswith(article.folder)
            for q in f.quads
            if q.graph != f.default
        }
        for each in (sources.files, after)
    )
    if not graphs <= changed:
        lost = min((str(quad.graph) for quad in graphs - changed), default="")
        raise InputError(
            f"{article.folder}: found statements of {lost} that cannot be kept; nothing is written"
        )
    known = {entry.iri for entry in new.entries}
    for name, file in after.items():  # a passage that the text has no more may be words of another
        quads = [q for q in file.quads if q.predicate != QUOTE or q.subject in known]
        if name.startswith(f"{article.folder}/"):
            after[name] = file._replace(quads=quads)
    located = locate_passages(Sources(after, texts))
    quotes = [
        p.quote.value for a in located.articles if a.folder == article.folder for p in a.passages
    ]
    wanted = [entry.piece.quote for entry in new.entries]
    if quotes != wanted:
        at = next((n for n, (a, b) in enumerate(zip(quotes, wanted, strict=False)) if a != b), -1)
        found = wanted[at]
        raise InputError(
            f"{article.folder}: found no place for the passage {found!r}; nothing is written"
        )
