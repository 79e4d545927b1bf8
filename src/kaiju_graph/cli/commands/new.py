"""``kaiju new``: the draft of an article's folder."""

from __future__ import annotations

from kaiju_graph.cli.command import ArgumentParser, Namespace, Outcome, Process, no_project_note
from kaiju_graph.cli.options import file_name

__all__ = ["EPILOG", "add_options", "run"]

EPILOG = """examples:
  kaiju new article.txt --dry-run
  kaiju new article.wiki --slug my-film --licence https://creativecommons.org/licenses/by-sa/4.0/

The text begins with = Title =; ==Heading== begins a section, and "- " a line of the infobox
("- Director: Ann") or an item of a list. A file named .wiki, .wikitext or .mediawiki is wikitext.
Marks of footnotes ([1]) are left out. So are tables, pictures and templates of wikitext, and the
output names each. Each sentence, line and item becomes a passage. A line of the infobox becomes
statements by the ev:infoboxKey of the ontology's terms. Any other passage is marked ev:status
ev:notModelled.
Run it again with a later text of the article: it adds what is new, moves what moved, changes the
quotes of what changed, and keeps all graphs as they are. Passages that you divided or joined stay
so."""


def add_options(parser: ArgumentParser) -> None:
    """Add the arguments of the command."""
    parser.add_argument(
        "article", metavar="ARTICLE", type=file_name, help="the text of the article"
    )
    parser.add_argument("--title", metavar="TITLE", help="the title, if the text has none")
    parser.add_argument(
        "--about",
        metavar="THING",
        help="what the article is about, such as id:my-film (default: what has its title as name, "
        "or a new thing)",
    )
    parser.add_argument(
        "--slug", metavar="NAME", help="the name of the folder in graph/ (default: from the title)"
    )
    parser.add_argument(
        "--prefix",
        metavar="PREFIX",
        help="the prefix of the passages (default: the initials of the title)",
    )
    parser.add_argument(
        "--language",
        metavar="TAG",
        help="the language of the article, as in BCP 47 (default: en)",
    )
    parser.add_argument(
        "--licence", metavar="IRI", help="the licence of the article, which a later run may add"
    )
    parser.add_argument(
        "--dry-run",
        action="store_true",
        help="show what would be written as a unified diff, but write nothing",
    )


def run(options: Namespace, process: Process) -> Outcome:
    """Draft an article, or what is new in it."""
    from kaiju_graph.draft import draft
    from kaiju_graph.errors import UsageError
    from kaiju_graph.project import layout

    if note := no_project_note(options):
        raise UsageError(f"{note}, to which nothing is added; expected --root, or kaiju init DIR")
    project = layout.find(options.root)
    process.progress("reading the article")
    data = layout.read_bytes(options.article, options.article)
    wishes = draft.Wishes(
        title=options.title,
        about=options.about,
        slug=options.slug,
        prefix=options.prefix,
        language=options.language,
        licence=options.licence,
        default_language=process.settings.language or draft.LANGUAGE,
    )
    proposal = draft.draft(project, data, options.article, wishes, process.progress)
    if options.dry_run:
        from kaiju_graph.cli.render.patch import render_patch

        return Outcome(render_patch(draft.changes(project, proposal)))
    draft.save(project, proposal)
    return Outcome("".join(f"{line}\n" for line in proposal.notes))
