"""Each article is checked by itself: what another one says changes nothing."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from kaiju_graph.project import layout, passages, sources
from kaiju_graph.project.locator import Locator
from kaiju_graph.validation.evidence_checks.checks import check
from tests import small_article
from tests.small_article import FILES, FOLDER

if TYPE_CHECKING:
    from kaiju_graph.validation.report import Violation
    from tests.conftest import Command, Copy

ENTITIES, SETTING = f"{FOLDER}/entities.ttl", f"{FOLDER}/setting.trig"
SHARED = "graph/entities.ttl"
FEATURES = "id:gamera-2 film:features id:otaru ."
G2 = "@prefix g2: <https://w3id.org/kaiju/gamera-2/> ."
ARTICLE, INFOBOX, RELEASE = (
    f"graph/gamera-2/{name}" for name in ("article.txt", "infobox.trig", "release.trig")
)


def findings(copy: Copy) -> list[tuple[str, str, str]]:
    """Return what the evidence checks find: file, rule and message."""
    project = layout.find(str(copy.root))
    read = sources.read(project)
    found = check(read, passages.locate_passages(read))
    assert all(Locator(project, read).place(f.file, f.quad).line for f in found)
    shorten = project.prefixes.shorten_all
    return [(finding.file, finding.rule, shorten(finding.message)) for finding in found]


def test_mention_by_another_article_is_not_the_first(copy: Copy) -> None:
    small_article.add(copy)
    earlier = "g2:crash-of-the-meteor story:before g2:investigation-of-the-crash-site ."
    copy.replace(SETTING, FEATURES, f"{FEATURES}\n    {earlier}")
    copy.write(SETTING, copy.read(SETTING).replace("@prefix graph:", f"{G2}\n@prefix graph:"))
    assert findings(copy) == []


@pytest.mark.slow
def test_article_mentions_what_its_folder_brings(copy: Copy) -> None:
    small_article.add(copy)
    thing = 'id:sendai-station a story:Setting ;\n    rdfs:label "Sendai Station"@en .\n'
    copy.replace(SHARED, thing, "")
    copy.write(ENTITIES, f"{copy.read(ENTITIES)}\n{thing}")
    assert findings(copy) == [
        (
            ENTITIES,
            "spoken",
            "found id:sendai-station in no passage; expected one that mentions it",
        ),
        (ENTITIES, "labels", "found the name 'Sendai Station'; expected words of the article"),
    ]


@pytest.mark.slow
def test_two_articles_may_bring_things_of_one_name(copy: Copy) -> None:
    small_article.add(copy)
    for name, text in FILES.items():
        renamed = text.replace("notes", "remarks").replace("id:otaru", "id:second-otaru")
        copy.write(f"graph/remarks/{name}", renamed)
    assert findings(copy) == []
    other = 'id:port a story:Setting ;\n    rdfs:label "Otaru"@en .\n'
    copy.write(SHARED, f"{copy.read(SHARED)}\n{other}")
    copy.replace(SETTING, "id:otaru", "id:port , id:otaru")
    message = "found the same label as id:port; expected a unique one"
    assert findings(copy) == [
        (f"{folder}/entities.ttl", "spoken", message) for folder in (FOLDER, "graph/remarks")
    ]


@pytest.mark.slow
def test_name_of_a_passage_or_article_belongs_to_one_article(copy: Copy) -> None:
    small_article.add(copy)
    copy.replace(SETTING, "@prefix graph:", f"{G2}\n@prefix graph:")
    copy.replace(SETTING, "notes:title ev:quote", "g2:title ev:quote")
    copy.replace(SETTING, "notes:title {", "g2:title {")
    message = "found a second quote of g2:title; "
    message += "expected the name of another passage, or only the first quote"
    assert (SETTING, "quote", message) in findings(copy)
    copy.replace(SETTING, "notes:article a", "g2:article a")
    message = "found g2:article, the article of graph/gamera-2; expected another node"
    assert [found for found in findings(copy) if found[1] != "tiling"] == [
        (f"{FOLDER}/article.txt", "article-node", message)
    ]


@pytest.mark.slow
def test_words_of_another_article_carry_none_of_this_one(copy: Copy) -> None:
    small_article.add(copy)
    value = 'film:title "serving"@en'
    copy.replace(SETTING, FEATURES, f"{FEATURES}\n    g2:tenth-entry-in-the-series {value} .")
    copy.replace(SETTING, "@prefix graph:", f"{G2}\n@prefix graph:")
    # The passage "… serving as a direct sequel …" of the first article leaves that word out.
    assert [found for found in findings(copy) if found[1] == "omission"] == []
    (reading,) = copy.load().cover(passages=["notes:setting-1"]).readings
    assert reading.missing == []
    copy.replace("graph/gamera-2/lead.trig", "film:entryIn", f"{value} ;\n        film:entryIn")
    assert sorted(found[1] for found in findings(copy)) == ["literals", "omission"]


def _validate(copy: Copy, article: str) -> list[Violation]:
    return copy.load().validate(article=article).violations


@pytest.mark.slow
@pytest.mark.usefixtures("warm_memory")
def test_report_of_an_article_leaves_out_the_folders_of_others(copy: Copy, kaiju: Command) -> None:
    small_article.add(copy)
    copy.replace(ENTITIES, '"Otaru"@en', '"Otarū"@en')
    (violation,) = _validate(copy, "notes")
    assert (violation.rule, violation.place.file) == ("labels", ENTITIES)
    assert _validate(copy, "gamera-2") == []
    run = kaiju("validate", "--article", "gamera-2", cwd=copy.root)
    assert (run.returncode, run.stdout) == (0, "conforms\n")
    copy.replace(SHARED, '"Sendai Station"@en', '"Sendai Stop"@en')  # of all articles
    assert [v.place.file for v in _validate(copy, "gamera-2")] == [SHARED]
    copy.replace(SETTING, "notes:setting-1 {", "notes:setting-1 {{")  # its statements are missing
    assert SETTING in {v.place.file for v in _validate(copy, "gamera-2")}
    run = kaiju("validate", "--article", "note", cwd=copy.root)
    message = "kaiju: error: no article 'note'; did you mean 'notes'?\n"
    assert (run.returncode, run.stdout, run.stderr) == (3, "", message)
    run = kaiju("coverage", "--article", "nobody", cwd=copy.root)
    assert run.returncode == 3


@pytest.mark.slow
@pytest.mark.usefixtures("warm_memory")
def test_article_says_once_what_it_does_not_tell(copy: Copy, kaiju: Command) -> None:
    lines = {
        "Runtime: 100 minutes": "film:runtimeMinutes",
        "Budget: $5 million": "film:budget",
        "Gross: $6.5 million": "film:gross",
    }
    infobox = copy.read(INFOBOX)
    for line in lines:
        copy.replace(ARTICLE, f"- {line}\n", "")
        name = line.partition(":")[0].lower()
        infobox = re.sub(rf"g2:infobox-{name} ev:quote.*?\n}}\n\n?", "", infobox, flags=re.DOTALL)
    copy.write(INFOBOX, infobox)
    run = kaiju("validate", cwd=copy.root)
    assert run.returncode == 0
    assert run.stdout.endswith("conforms: 3 warnings in 1 file\n    3  Subject-usual\n")
    for term in lines.values():
        assert f"warning[Subject-usual] found no {term} of id:gamera-2" in run.stdout
    assert kaiju("validate", "--fail-on", "warning", cwd=copy.root).returncode == 1
    about = "    ev:about id:gamera-2"
    copy.replace(
        INFOBOX, f"{about} .", f"{about} ;\n    ev:doesNotTell {' , '.join(lines.values())} ."
    )
    run = kaiju("validate", cwd=copy.root)
    assert (run.returncode, run.stdout) == (0, "conforms\n")


@pytest.mark.slow
def test_what_an_article_does_not_tell_another_one_may(copy: Copy) -> None:
    small_article.add(copy)
    about = "ev:about id:gamera-2"
    copy.replace(SETTING, about, f"{about} ;\n    ev:doesNotTell film:gross , film:features")
    thing = "found ev:doesNotTell film:features, which notes:setting-1 states; "
    message = f"{thing}expected a property that no passage of the article states"
    assert findings(copy) == [(SETTING, "silence", message)]


@pytest.mark.slow
@pytest.mark.usefixtures("warm_memory")
@pytest.mark.parametrize("value", ["film:grosss", "film:Film", "id:gamera"])
def test_what_an_article_does_not_tell_is_a_property(copy: Copy, value: str) -> None:
    about = "ev:about id:gamera-2"
    copy.replace(INFOBOX, f"{about} .", f"{about} ;\n    ev:doesNotTell {value} .")
    (found,) = copy.load().validate().violations
    assert (found.rule, found.severity) == ("Article-doesNotTell", "error")
    assert found.line[found.place.column - 1 :].startswith(value)


@pytest.mark.slow
@pytest.mark.usefixtures("warm_memory")
def test_what_the_subject_of_an_article_lacks_is_reported_in_its_folder(copy: Copy) -> None:
    small_article.add(copy)
    copy.replace(ENTITIES, "id:otaru a story:City", "id:otaru a film:Film")
    copy.replace(SETTING, FEATURES, "id:otaru a film:Film .")
    copy.replace(SETTING, "ev:about id:gamera-2", "ev:about id:otaru")
    copy.replace(RELEASE, "\n}\n", "\n    id:otaru a film:Film .\n}\n")
    found = [v for v in copy.load().validate().violations if v.rule == "Subject-usual"]
    assert found
    assert {violation.place.file for violation in found} <= {ENTITIES, SETTING}
