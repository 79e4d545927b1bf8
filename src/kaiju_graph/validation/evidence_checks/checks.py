"""The evidence checks, which shapes cannot express: quotes, named graphs, vocabulary and names.

Shapes see one merged graph. These checks need the named graphs and the article: which terms and
things a graph may use, and whether the words of its passage name them.
"""

from __future__ import annotations

from bisect import bisect_left
from typing import TYPE_CHECKING, Any, NamedTuple

import pyoxigraph as ox

from kaiju_graph.evidence.coverage import OMISSION, cover, omitted_spans
from kaiju_graph.project.names import Names
from kaiju_graph.project.passages import ABOUT, respell
from kaiju_graph.project.sources import CURATION_CLASS, Finding, Remedy, select_layers
from kaiju_graph.project.words import WordIndex
from kaiju_graph.rdf import terms
from kaiju_graph.rdf.terms import (
    COINED,
    EV,
    IS_DEFINED_BY,
    NEEDS_CONTEXT,
    OWL,
    PASSAGE_CLASS,
    QUOTE,
    RDF,
    RDFS,
    STATUS,
    SUB_CLASS_OF,
    TYPE,
    Quad,
)
from kaiju_graph.validation.evidence_checks.literals import (
    find_unknown_languages,
    find_unquoted_literals,
)
from kaiju_graph.validation.vocabularies import vocabulary

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Mapping

    from kaiju_graph.project.passages import Articles
    from kaiju_graph.project.sources import Sources
    from kaiju_graph.rdf.terms import Resource, Term
    from kaiju_graph.validation.memory import Memory

__all__ = [
    "CHECKS",
    "OBLIGATIONS",
    "OF_ARTICLE",
    "OF_QUOTES",
    "SHARED",
    "Check",
    "check",
    "find_article_gaps",
    "find_draft_subjects",
    "find_kind",
    "is_computed",
]

OF_PASSAGE = (QUOTE, NEEDS_CONTEXT, OMISSION, STATUS)
"""The properties of passages that are written above their graphs."""
DOES_NOT_TELL = ox.NamedNode(EV + "doesNotTell")
SAME_AS, CLASS, ONTOLOGY = (ox.NamedNode(OWL + name) for name in ("sameAs", "Class", "Ontology"))
SUB_PROPERTY_OF = ox.NamedNode(RDFS + "subPropertyOf")
UNIVERSAL = {TYPE, terms.LABEL, SAME_AS, ox.NamedNode(OWL + "differentFrom")}
"""Predicates for any thing that other vocabularies define; ``plain`` refuses owl:sameAs."""
AXIOMS = {
    ox.NamedNode(namespace + name): kinds
    for namespace, names, kinds in (
        (RDF, "type", ("", "class")),
        (RDFS, "subClassOf", ("class", "class")),
        (RDFS, "subPropertyOf", ("property", "property")),
        (RDFS, "domain range", ("property", "class")),
        (OWL, "equivalentClass disjointWith complementOf", ("class", "class")),
        (OWL, "equivalentProperty inverseOf propertyDisjointWith", ("property", "property")),
        (OWL, "onProperty", ("", "property")),
        (OWL, "someValuesFrom allValuesFrom onClass", ("", "class")),
    )
    for name in names.split()
}
"""Property of RDF Schema or OWL → what its subject and its object are."""
BLANK = "shapes, for this blank node"
SHARED = "graph"
"""The folder of the things that all articles share."""
UNSTATED = "whether what the article is about has all that such a thing must have"
COMPUTED = {EV + name for name in ("passageOf", "start", "end", "order", "section", "hash")}


def check(
    sources: Sources,
    located: Articles,
    gaps: frozenset[str] = frozenset(),
    memory: Memory | None = None,
) -> list[Finding]:
    """Run every evidence check that has what it needs.

    Args:
        sources: the sources of the project.
        located: the passages of its articles.
        gaps: the layers and the folders of articles that lack statements.
        memory: what the last validation found.

    Returns:
        The findings; the rule of each is a key of ``OBLIGATIONS``.
    """
    findings = [
        finding
        for finding in located.findings
        if finding.rule != "article-node" or _folder(finding.file) not in gaps
    ]
    gaps |= find_article_gaps(findings)
    # A passage without a place in the article has no words and no neighbours.
    unquoted = {_folder(finding.file) for finding in findings}
    complete = _leave_out(located, gaps)
    quoted = _leave_out(complete, unquoted)
    for rule, one in CHECKS.items():
        if not gaps.isdisjoint(one.needs):
            continue
        more = {"recall": memory.recall} if memory and one.recalls else {}
        for finding in one.find(sources, quoted if rule in OF_QUOTES else complete, **more):
            is_blank = any(isinstance(term, ox.BlankNode) for term in (finding.quad or ())[:3])
            if rule == "plain" or not is_blank:  # only ``plain`` reports blank nodes
                findings.append(finding)
    return findings


def find_article_gaps(findings: Iterable[Finding]) -> frozenset[str]:
    """Return the gaps of articles without exactly one node: no quote of them has a place."""
    folders = {_folder(finding.file) for finding in findings if finding.rule == "article-node"}
    return frozenset(folders | {"stated"} if folders else ())


def _folder(file: str) -> str:
    return file.rpartition("/")[0]


def _leave_out(located: Articles, folders: Collection[str]) -> Articles:
    """Return articles without those of some folders."""
    return located._replace(articles=[a for a in located.articles if a.folder not in folders])


def is_computed(quad: Quad) -> bool:
    """Tell whether a quad has a computed property of an article or passage."""
    return quad.predicate.value in COMPUTED or quad.object == PASSAGE_CLASS


# Passages and graphs ---------------------------------------------------------


def _find_gaps(sources: Sources, located: Articles) -> Iterator[Finding]:
    """Find words of an article that are in no passage."""
    quotes = {quad.subject: quad for quad in sources.quads if quad.predicate == QUOTE}
    for article in located.articles:
        for before, start, gap in article.gaps():
            after = f"after {before.iri}" if before else "before all others"
            message = f"found {gap[:60]!r} in no passage; expected one {after}"
            other = (before.file, quotes[before.iri]) if before else None
            place, width = article.place(start), len(gap.partition("\n")[0])
            yield Finding("tiling", message, place.file, None, "", other, place, width)


def _find_unmatched_graphs(sources: Sources, _: Articles) -> Iterator[Finding]:
    """Find graphs without a quote or description above them, and the reverse.

    A passage that is marked as not modelled has no graph yet.
    """
    for name, file in sources.files.items():
        if file.layer == "stated":
            above = {quad.subject: quad for quad in file.quads if quad.predicate == QUOTE}
            expected = "its ev:quote above it"
        elif file.layer == "curated":
            above = {quad.subject: quad for quad in file.quads if quad.object == CURATION_CLASS}
            expected = "its ev:Curation above it"
        else:
            continue
        graphs: dict[Resource, Quad] = {quad.graph: quad for quad in reversed(file.quads)}
        drafts = {quad.subject: quad for quad in file.quads if quad.predicate == STATUS}
        for graph in sorted(graphs.keys() - above.keys() - {file.default}, key=str):
            message = f"found a graph {graph}; expected {expected}"
            yield Finding("graphs", message, name, graphs[graph], "graph")
        for graph in sorted(drafts.keys() & graphs.keys(), key=str):
            message = f"found a status of {graph}, which has statements; expected one of these"
            remedy = Remedy(drafts[graph], None)
            yield Finding("graphs", message, name, drafts[graph], remedy=remedy)
        for graph in sorted(above.keys() - graphs.keys() - drafts.keys(), key=str):
            message = f"found no statement in {graph}; expected at least one"
            message += ", or ev:status ev:notModelled above it" * (file.layer == "stated")
            yield Finding("graphs", message, name, above[graph])


def find_draft_subjects(sources: Sources, located: Articles) -> set[Term]:
    """Return what articles are about that have passages which are not modelled yet."""
    drafts = _drafts(sources)
    nodes = {
        article.node
        for article in located.articles
        if drafts and any(passage.iri in drafts for passage in article.passages)
    }
    return {
        quad.object for quad in sources.quads if quad.subject in nodes and quad.predicate == ABOUT
    }


def _drafts(sources: Sources) -> dict[Resource, Quad]:
    """Return each passage without a graph → the quad that marks it as not modelled yet."""
    marked = {quad.subject: quad for quad in sources.quads if quad.predicate == STATUS}
    graphs = {quad.graph for quad in sources.quads} if marked else set()
    return {passage: quad for passage, quad in marked.items() if passage not in graphs}


def _find_drafts(sources: Sources, located: Articles) -> Iterator[Finding]:
    """Find articles with passages that are not modelled yet, each at the first of them."""
    drafts = _drafts(sources)
    for article in located.articles if drafts else ():
        if marked := [passage for passage in article.passages if passage.iri in drafts]:
            count = f"{len(marked)} of {len(article.passages)} passages"
            message = f"found {count} not modelled yet; expected a graph of each before a release"
            quad = drafts[marked[0].iri]
            yield Finding("draft", message, marked[0].file, quad, unchecked=UNSTATED)


def _find_forbidden_terms(sources: Sources, _: Articles) -> Iterator[Finding]:
    """Find blank nodes, ``owl:sameAs`` and computed values in ``graph/``."""
    for name, file in sources.files.items():
        if not name.startswith("graph/"):
            continue
        seen: set[Term] = set()
        for quad in sorted(file.quads, key=lambda quad: isinstance(quad.subject, ox.BlankNode)):
            for node in {quad.subject, quad.object} - seen:
                if isinstance(node, ox.BlankNode):
                    seen.add(node)
                    part = "subject" if node == quad.subject else "object"
                    message = "found a blank node; expected an IRI"
                    yield Finding("plain", message, name, quad, part, unchecked=BLANK)
            if quad.predicate == SAME_AS:
                message = "found owl:sameAs; expected skos:exactMatch, or a reading"
                yield Finding("plain", message, name, quad)
            if is_computed(quad):
                message = "found a computed property, written by hand; expected only the quote"
                yield Finding("plain", message, name, quad, remedy=Remedy(quad, None))


def _find_unquoted_facts(sources: Sources, located: Articles) -> Iterator[Finding]:
    """Find statements outside the graph of a passage, and facts among the entities."""
    identity = (TYPE, terms.LABEL, terms.ALT_LABEL)
    articles = {article.node for article in located.articles}
    for name, file in sources.files.items():
        for quad in file.quads:
            if file.layer == "entities" and quad.predicate not in identity:
                message = "found a fact in the entities; expected it in its passage"
                yield Finding("outside", message, name, quad)
            elif file.layer == "stated" and quad.graph == file.default:
                of_passage = quad.predicate in OF_PASSAGE or is_computed(quad)
                if not of_passage and quad.subject not in articles:
                    message = "found a statement in no passage; expected it in a graph"
                    yield Finding("outside", message, name, quad)


def _find_stated_silence(sources: Sources, located: Articles) -> Iterator[Finding]:
    """Find properties that an article is said not to tell of its subject, and a passage states.

    The subject may be the value, too, as of a release. A property below another one states it.
    """
    declared = [
        (name, quad)
        for name, file in sources.files.items()
        for quad in file.quads
        if quad.predicate == DOES_NOT_TELL
    ]
    if not declared:
        return
    below: dict[Term, list[Term]] = {}
    for quad in select_layers(sources.quads, "ontology"):
        if quad.predicate == SUB_PROPERTY_OF:
            below.setdefault(quad.object, []).append(quad.subject)
    articles = {article.node: {p.iri for p in article.passages} for article in located.articles}
    for name, quad in declared:
        properties = terms.closure([quad.object], below)
        passages = articles.get(quad.subject, set())
        subjects = {
            q.object for q in sources.quads if (q.subject, q.predicate) == (quad.subject, ABOUT)
        }
        for stated in sources.quads:
            if (
                stated.graph in passages
                and stated.predicate in properties
                and not subjects.isdisjoint((stated.subject, stated.object))
            ):
                message = f"found ev:doesNotTell {quad.object}, which {stated.graph} states; "
                message += "expected a property that no passage of the article states"
                yield Finding("silence", message, name, quad)
                break


# Vocabulary ------------------------------------------------------------------


def _find_undeclared_predicates(sources: Sources, _: Articles) -> Iterator[Finding]:
    """Find predicates that no ontology declares, and in passages those that ours do not define.

    Shapes already report undefined predicates in the namespace of an ontology.
    """
    ontology = select_layers(sources.quads, "ontology")
    declared = {quad.subject for quad in ontology if quad.predicate == TYPE} | UNIVERSAL
    defined = _defined_terms(ontology) | UNIVERSAL
    own = tuple(q.subject.value for q in ontology if (q.predicate, q.object) == (TYPE, ONTOLOGY))
    allowed: dict[str, tuple[set[Any], str]] = {
        "stated": (defined, "a property that an ontology of the project defines"),
        "curated": (declared, "a property that an ontology declares"),
    }
    for name, file in sources.files.items():
        if file.layer not in allowed:
            continue
        predicates, expected = allowed[file.layer]
        for quad in file.quads:
            if quad.predicate not in predicates and not quad.predicate.value.startswith(own):
                message = f"found {quad.predicate}; expected {expected}"
                yield Finding("declared", message, name, quad, "predicate")


def _find_undeclared_terms(sources: Sources, located: Articles) -> Iterator[Finding]:
    """Find classes and properties that are used and nowhere declared, each once.

    A term counts as declared if a statement of an ontology gives it a class, an alignment names it,
    or a vocabulary of ``vocabularies`` has it. What is declared as a property only is no class, and
    the reverse.
    """
    ontology = select_layers(sources.quads, "ontology")
    kinds: dict[Term, set[str]] = {}
    for quad in ontology:
        if quad.predicate == TYPE:
            kinds.setdefault(quad.subject, set()).add(_kind_of_type(quad.object))
    known: set[Term] = set()
    for quad in select_layers(sources.quads, "alignments"):
        known.update(quad[:3])
    known.update(
        finding.quad.predicate
        for finding in _find_undeclared_predicates(sources, located)
        if finding.quad
    )
    for name, file in sources.files.items():
        for quad in file.quads if file.layer != "alignments" else ():
            for part in ("predicate", "object", "subject"):
                term, kind = getattr(quad, part), find_kind(quad, part)
                others = kinds.get(term, set())
                is_known = not others.isdisjoint((kind, "")) if others else term in known
                if kind and not is_known and isinstance(term, ox.NamedNode):
                    known.add(term)
                    kinds.pop(term, None)
                    if not vocabulary(term):
                        found = f"{term}, a {min(others)}" if others else str(term)
                        message = f"found {found}; expected a {kind} that an ontology declares"
                        yield Finding("undeclared", message, name, quad, part)


def _kind_of_type(term: Term) -> str:
    """Return what the instances of a class of OWL or RDF are; empty if they may be either."""
    name = term.value.rpartition("#")[2]
    kinds = ("class", "property")
    return next((kind for kind in kinds if name.endswith(kind.capitalize())), "")


def find_kind(quad: Quad, part: str) -> str:
    """Return what a term of a statement has to be: ``class``, ``property``, or an empty text."""
    if part == "predicate":
        return "property"
    subject, object_ = AXIOMS.get(quad.predicate, ("", ""))
    return subject if part == "subject" else object_


def _find_unknown_things(sources: Sources, _: Articles) -> Iterator[Finding]:
    """Find things without a class, each once."""
    ontology = select_layers(sources.quads, "ontology")
    classes = {q.subject for q in ontology if (q.predicate, q.object) == (TYPE, CLASS)}
    defined = _defined_terms(ontology)
    known: set[Term] = {quad.subject for quad in ontology}
    known |= {q.subject for q in sources.quads if q.predicate == TYPE and q.object in classes}
    for name, file in sources.files.items():
        for quad in file.quads if file.layer in ("stated", "curated") else ():
            if quad.graph == file.default:
                continue
            for part in ("subject", "object") if quad.predicate in defined else ("subject",):
                thing = getattr(quad, part)
                if isinstance(thing, ox.NamedNode) and thing not in known:
                    known.add(thing)
                    message = f"found {thing} without a class; expected a class and a label"
                    yield Finding("things", message, name, quad, part)


def _find_entailed_statements(sources: Sources, _: Articles) -> Iterator[Finding]:
    """Find statements that follow from a subclass or subproperty in the same graph.

    In another graph such a statement is allowed, because that passage may say no more.
    """
    below = _proper_subs(select_layers(sources.quads, "ontology"))
    for name, file in sources.files.items():
        if file.layer not in ("stated", "entities", "curated"):
            continue
        quads = set(file.quads)
        for quad in file.quads:
            part = "object" if quad.predicate == TYPE else "predicate"
            term = getattr(quad, part)
            premises: Iterator[Quad] = (quad._replace(**{part: sub}) for sub in below.get(term, ()))
            if premise := next((quad for quad in premises if quad in quads), None):
                reason = f"which follows from {getattr(premise, part)} there"
                message = (
                    f"found {term}, {reason}; expected no such statement, as the reasoner infers it"
                )
                yield Finding("follows", message, name, quad, part, remedy=Remedy(quad, None))


def _defined_terms(ontology: Iterable[Quad]) -> set[Term]:
    return {quad.subject for quad in ontology if quad.predicate == IS_DEFINED_BY}


def _proper_subs(ontology: Iterable[Quad]) -> dict[Term, set[Any]]:
    """Return class or property → those below it that are not above it as well."""
    links: dict[Term, list[Term]] = {}
    for quad in ontology:
        if quad.predicate in (SUB_CLASS_OF, SUB_PROPERTY_OF):
            links.setdefault(quad.object, []).append(quad.subject)
    below = {term: terms.closure(subs, links) for term, subs in links.items()}
    return {
        term: {sub for sub in subs if term not in below.get(sub, ())}
        for term, subs in below.items()
    }


# Names -----------------------------------------------------------------------


def _find_unmentioned_things(sources: Sources, _: Articles) -> Iterator[Finding]:
    """Find entities that no passage mentions, and labels that two entities share.

    A passage of an article mentions what the folder of the article brings; any passage, what the
    project has for all articles. Two articles may each bring a thing of the same name. What a
    passage names that is not modelled yet is mentioned later.
    """
    mentioned: dict[str, set[Term]] = {SHARED: set()}
    for name, file in sources.files.items():
        for quad in file.quads if file.layer == "stated" else ():
            for folder in (_folder(name), SHARED):
                mentioned.setdefault(folder, set()).update((quad.subject, quad.object))
    for folder, things in _things_of_drafts(sources).items():
        mentioned.setdefault(folder, set()).update(things)
    bearers: dict[tuple[str, Term], Resource] = {}
    for name, file in sources.files.items():
        folder = _folder(name)
        for quad in file.quads if file.layer == "entities" else ():
            if quad.predicate == TYPE and quad.subject not in mentioned.get(folder, ()):
                message = f"found {quad.subject} in no passage; expected one that mentions it"
                yield Finding("spoken", message, name, quad)
            elif quad.predicate == terms.LABEL:
                same = (bearers.get((other, quad.object)) for other in (folder, SHARED))
                other = next((thing for thing in same if thing not in (None, quad.subject)), None)
                bearers.setdefault((folder, quad.object), quad.subject)
                if other:
                    message = f"found the same label as {other}; expected a unique one"
                    yield Finding("spoken", message, name, quad)


def _things_of_drafts(sources: Sources) -> dict[str, set[Term]]:
    """Return folder → the entities that its passages name which are not modelled yet.

    Those of all articles stand under ``SHARED``.
    """
    marked = {quad.subject for quad in sources.quads if quad.predicate == STATUS}
    if not marked:
        return {}
    quotes: dict[str, str] = {}
    for name, file in sources.files.items():
        found = [q for q in file.quads if q.predicate == QUOTE and q.subject in marked]
        words = "\n".join(quad.object.value for quad in found)
        for folder in (_folder(name), SHARED) if found else ():
            quotes[folder] = f"{quotes.get(folder, '')}\n{words}"
    entities = select_layers(sources.quads, "entities")
    names = [quad for quad in entities if quad.predicate in (terms.LABEL, terms.ALT_LABEL)]
    return {
        folder: {quad.subject for quad in names if quad.object.value in text}
        for folder, text in quotes.items()
    }


def _find_wrong_names(sources: Sources, located: Articles) -> Iterator[Finding]:
    """Find names that are not in an article, and labels in the wrong file.

    A named thing is labelled among the entities. A thing without a name in the article (a credit,
    an event) is labelled in the first passage that mentions it, and its class is ``ev:coined``.
    """
    coined = _coined_classes(sources)
    classes: dict[Resource, set[Term]] = {}
    for quad in sources.quads:
        if quad.predicate == TYPE:
            classes.setdefault(quad.subject, set()).add(quad.object)
    articles = {article.folder: WordIndex(article.plain) for article in located.articles}
    for name, file in sources.files.items():
        for quad in file.quads:
            if quad.predicate not in (terms.LABEL, terms.ALT_LABEL):
                continue
            kinds = classes.get(quad.subject, set())
            is_coined, is_entity = bool(kinds & coined), file.layer == "entities"
            is_in_passage = file.layer == "stated" and quad.graph != file.default
            label = quad.object.value
            if is_entity and is_coined:
                message = "found a coined thing in the entities; expected it in its passage"
                yield Finding("labels", message, name, quad)
            elif is_entity:
                own = articles.get(_folder(name))
                indexes = [own] if own else articles.values()
                if any(words.contains(label) for words in indexes):
                    continue
                message = f"found the name {label!r}; expected words of the article"
                text = "\n".join(words.text for words in indexes)
                yield Finding("labels", message, name, quad, remedy=respell(quad, text))
            elif is_in_passage and not is_coined:
                kind = min(kinds, key=str, default="its class")
                message = f"found a label in a passage, and {kind} is not ev:coined; "
                message += "expected the label in entities.ttl, or the class marked ev:coined"
                yield Finding("labels", message, name, quad)


def _find_late_labels(sources: Sources, located: Articles) -> Iterator[Finding]:
    """Find coined things that the first passage to mention them does not label and type.

    That is the first of the article that labels the thing; another article may mention it, too.
    """
    order = {iri: passage.order for iri, passage in located.passages.items()}
    folders = {p.iri: a.folder for a in located.articles for p in a.passages}
    first: dict[tuple[str, Term], tuple[int, Resource]] = {}
    labels: list[tuple[str, Quad]] = []
    typed: set[tuple[Resource, Resource]] = set()
    for name, file in sources.files.items():
        for quad in file.quads if file.layer == "stated" else ():
            if quad.graph.value not in order:
                continue
            at = order[quad.graph.value], quad.graph
            for term in (quad.subject, quad.object):
                key = folders[quad.graph], term
                first[key] = min(first.get(key, at), at, key=lambda place: place[0])
            if quad.predicate == terms.LABEL:
                labels.append((name, quad))
            elif quad.predicate == TYPE:
                typed.add((quad.subject, quad.graph))
    for name, quad in labels:
        _, passage = first[folders[quad.graph], quad.subject]
        if passage != quad.graph:
            message = (
                "found a label in a later passage; "
                f"expected it in {passage}, the first that mentions the thing"
            )
            yield Finding("first", message, name, quad)
        if (quad.subject, quad.graph) not in typed:
            message = f"found a label without a type; expected both in {quad.graph}"
            yield Finding("first", message, name, quad)


def _find_wrong_contexts(sources: Sources, located: Articles) -> Iterator[Finding]:
    """Find passages whose ``ev:needsContext`` differs from what their words need.

    A passage that mentions a thing without its name needs the nearest earlier passage that names
    it, or if there is none, the nearest later one. A coined thing has no name: the curator decides
    whether the words need the nearest earlier passage that mentions it.
    """
    names = Names(quad for quad in sources.quads if quad.graph == terms.ENTITIES)
    things_of, contexts = _things_and_contexts(sources)
    for article in located.articles:
        things = [things_of.get(passage.iri, {}) for passage in article.passages]
        named = [names.things_in(passage.quote.value) for passage in article.passages]
        mentioned_at, named_at = _positions(things), _positions(named)
        for at, passage in enumerate(article.passages):
            needed: dict[Term, tuple[str, Quad, str]] = {}
            allowed: set[Term] = set()
            for thing, quad in things[at].items():
                if thing not in names.labels:
                    earlier = _last_before(at, mentioned_at[thing])
                    allowed.update(article.passages[n].iri for n in earlier)
                elif thing not in named[at]:
                    positions = named_at.get(thing, [])
                    for nearest in _last_before(at, positions) or positions[:1]:
                        part = "subject" if thing == quad.subject else "object"
                        reason = names.labels[thing], quad, part
                        needed.setdefault(article.passages[nearest].iri, reason)
            given = contexts.get(passage.iri, {})
            missing = sorted(needed.keys() - given.keys(), key=str)
            needless = sorted(given.keys() - needed.keys() - allowed, key=str)
            if len(missing) == len(needless) == 1:  # one mistake: another passage is meant
                meant, wrong = missing[0], given[needless[0]]
                message = f"found ev:needsContext {needless[0]}; "
                message += f"expected {meant}, which names {needed[meant][0]!r}"
                remedy = Remedy(wrong, wrong._replace(object=meant))
                yield Finding("context", message, passage.file, wrong, remedy=remedy)
                continue
            for other in missing:
                label, quad, part = needed[other]
                message = f"found no {label!r} in the quote; expected ev:needsContext {other}"
                context = Quad(passage.iri, NEEDS_CONTEXT, other, terms.EVIDENCE)
                remedy = Remedy(None, context)
                yield Finding("context", message, passage.file, quad, part, remedy=remedy)
            for other in needless:
                message = (
                    f"found ev:needsContext {other}; expected only passages that this one needs"
                )
                yield Finding("context", message, passage.file, given[other])


def _find_needless_omissions(sources: Sources, located: Articles) -> Iterator[Finding]:
    """Find omissions of words that are not in the quote, or that the graph carries after all."""
    passages = located.passages
    omissions = [
        (name, quad)
        for name, file in sources.files.items()
        for quad in file.quads
        if quad.predicate == OMISSION and quad.subject.value in passages
    ]
    if not omissions:
        return
    covered = cover(located, sources.quads, passages={quad.subject for _, quad in omissions})
    readings = {reading.passage.iri: reading for reading in covered.readings}
    for name, quad in omissions:
        reading = readings[quad.subject]
        omitted = omitted_spans(quad.object.value, reading.passage.quote.value)
        for words, spans in omitted.items():
            if not spans:
                message = f"found “{words}”, which the quote does not have; expected words of it"
            elif not any(
                word.reason and start <= word.start and word.end <= end
                for word in reading.words
                for start, end in spans
            ):
                message = f"found a reason for “{words}”, which the graph of the passage has; "
                message += "expected one for words that it leaves out"
            else:
                continue
            yield Finding("omission", message, name, quad)


def _things_and_contexts(
    sources: Sources,
) -> tuple[dict[Resource, dict[Term, Quad]], dict[Resource, dict[Term, Quad]]]:
    """Return graph → the things that it mentions, and passage → its contexts, each with a quad.

    Classes, other terms of the ontology and texts are not things, and need no context.
    """
    vocabulary = {quad.subject for quad in select_layers(sources.quads, "ontology")}
    things: dict[Resource, dict[Term, Quad]] = {}
    contexts: dict[Resource, dict[Term, Quad]] = {}
    for quad in sources.quads:
        for thing in (quad.subject, quad.object):
            if not isinstance(thing, ox.Literal) and thing not in vocabulary:
                things.setdefault(quad.graph, {}).setdefault(thing, quad)
        if quad.predicate == NEEDS_CONTEXT:
            contexts.setdefault(quad.subject, {})[quad.object] = quad
    return things, contexts


def _positions(passages: Iterable[Iterable[Term]]) -> dict[Term, list[int]]:
    """Return thing → the indexes of the passages with it."""
    positions: dict[Term, list[int]] = {}
    for at, things in enumerate(passages):
        for thing in things:
            positions.setdefault(thing, []).append(at)
    return positions


def _last_before(at: int, positions: list[int]) -> list[int]:
    """Return a list of the last of some sorted positions before another; empty if there is none."""
    after = bisect_left(positions, at)
    return positions[max(after - 1, 0) : after]


def _coined_classes(sources: Sources) -> set[Term]:
    ontology = select_layers(sources.quads, "ontology")
    subclasses: dict[Term, list[Term]] = {}
    for quad in ontology:
        if quad.predicate == SUB_CLASS_OF:
            subclasses.setdefault(quad.object, []).append(quad.subject)
    marked = (quad.subject for quad in ontology if quad.predicate == COINED)
    return terms.closure(marked, subclasses)


class Check(NamedTuple):
    """An evidence check."""

    find: Callable[..., Iterator[Finding]]
    """Finds violations of the rule."""
    needs: frozenset[str]
    """The layers without which its findings may be wrong."""
    obligation: str
    """The rule as a sentence."""
    severity: str = "error"
    recalls: bool = False
    """Whether ``find`` takes a function ``recall``, which remembers what it found."""


NOTHING: frozenset[str] = frozenset()
THINGS = frozenset({"stated", "entities", "curated"})
VOCABULARY = frozenset({"ontology"})
CHECKS: Mapping[str, Check] = {
    "tiling": Check(_find_gaps, NOTHING, "Every word of the article belongs to a passage."),
    "graphs": Check(
        _find_unmatched_graphs,
        NOTHING,
        "A graph has its quote or description above it, and at least one statement; a passage "
        "that is not modelled yet is marked.",
    ),
    "draft": Check(
        _find_drafts,
        NOTHING,
        "Before a release, every passage has a graph.",
        "info",
    ),
    "plain": Check(
        _find_forbidden_terms,
        NOTHING,
        "The graph has no blank nodes, no owl:sameAs, and no property that is computed.",
    ),
    "outside": Check(
        _find_unquoted_facts,
        frozenset({"stated"}),
        "A statement of the article is in the graph of its passage.",
    ),
    "silence": Check(
        _find_stated_silence,
        NOTHING,
        "No passage states what its article does not tell of its subject (ev:doesNotTell).",
    ),
    "declared": Check(
        _find_undeclared_predicates,
        VOCABULARY,
        "Statements use the terms of the ontology.",
    ),
    "undeclared": Check(
        _find_undeclared_terms,
        VOCABULARY,
        "An ontology declares every class and property that is used.",
        "warning",
    ),
    "things": Check(
        _find_unknown_things,
        VOCABULARY | THINGS,
        "Every thing that a statement mentions has a class and a label.",
    ),
    "follows": Check(
        _find_entailed_statements,
        NOTHING,
        "A graph does not state what the reasoner infers from it.",
    ),
    "spoken": Check(
        _find_unmentioned_things,
        frozenset({"stated"}),
        "Every named thing is mentioned by a passage, and its label is unique.",
    ),
    "labels": Check(
        _find_wrong_names,
        VOCABULARY | THINGS,
        "The name of a thing in entities.ttl is a name that the article uses.",
    ),
    "first": Check(
        _find_late_labels,
        NOTHING,
        "A thing without a name has its class and label in the first passage that mentions it.",
    ),
    "context": Check(
        _find_wrong_contexts,
        VOCABULARY | {"entities"},
        "A passage names the things it mentions, or needs the nearest passage that names them.",
    ),
    "omission": Check(
        _find_needless_omissions,
        VOCABULARY | {"entities"},
        "A reason for an omission quotes words of its passage that the graph leaves out.",
    ),
    "literals": Check(
        find_unquoted_literals,
        VOCABULARY,
        "The numbers, dates and words that a passage states are in its quote.",
        recalls=True,
    ),
    "languages": Check(
        find_unknown_languages,
        NOTHING,
        "The numbers, dates and dictionary forms of a quote's language are known.",
        "warning",
    ),
}
OF_ARTICLE = ("tiling", "first", "context")
"""The checks of one article, which need all of its files."""
OF_QUOTES = ("tiling", "context", "omission")
"""The checks of one article that need the place of all of its passages."""
OBLIGATIONS = {
    "article-node": "An article has one node of type ev:Article.",
    "quote": "A quote is in the article word for word, after the previous quote.",
    **{rule: check.obligation for rule, check in CHECKS.items()},
}
"""Rule → the rule as a sentence; ``project.passages`` checks the first two."""
