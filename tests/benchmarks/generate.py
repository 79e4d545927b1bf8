"""Generate a project like this one, of any size.

    python -m tests.benchmarks.generate DIR --quads 20000 --seed 7

The articles are about invented series of films. Each film has an infobox, a lead and a plot, with
the statements of every sentence. Ontology, questions and dataset description are copied from this
project. The same size and seed give the same bytes.
The size counts the quads of ``graph/`` and those computed from its passages (about 1,700 for this
project), without the ontology, which is the same at every size.
"""

from __future__ import annotations

import argparse
import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from tests.benchmarks.articles import Article, Block, Thing, World, label
from tests.repository import ROOT

if TYPE_CHECKING:
    from random import Random

FILM = 520
"""The approximate number of quads of a film."""
SERIES = 10
"""The number of films in an article."""
PARAGRAPH = 4
"""The number of sentences in a paragraph of the plot."""

EVENTS = (
    ("Attack", "attack", "{monster} attacks {city}", "agent {monster}", "patient {city}"),
    ("Defeat", "defeat", "{monster} defeats {foe}", "agent {monster}", "patient {foe}"),
    ("Defense", "defend", "{force} defends {city}", "agent {force}", "patient {city}"),
    ("Destruction", "destroy", "{foe} destroys {weapon}", "agent {foe}", "patient {weapon}"),
    ("Emergence", "emerge", "{monster} emerges in {city}", "agent {monster}", "place {city}"),
    ("Escape", "escape", "{hero} escapes from {foe}", "agent {hero}", "source {foe}"),
    (
        "Fight",
        "fight",
        "{hero} and {foe} fight in {city}",
        "agent {hero}",
        "agent {foe}",
        "place {city}",
    ),
    (
        "Injury",
        "hurt",
        "{hero} hurts {foe} by {weapon}",
        "agent {hero}",
        "patient {foe}",
        "instrument {weapon}",
    ),
    ("Journey", "travel", "{hero} travels to {city}", "agent {hero}", "destination {city}"),
    ("Meeting", "meet", "{hero} meets {friend}", "agent {hero}", "agent {friend}"),
    (
        "Order",
        "order",
        "{hero} orders {force} to flee",
        "agent {hero}",
        "addressee {force}",
        "content {plan}",
    ),
    ("Realization", "realize", "{friend} realizes this", "agent {friend}", "content {last}"),
    ("Retreat", "retreat", "{foe} retreats from {city}", "agent {foe}", "source {city}"),
)
"""Class of an event, its verb, the pattern of its sentence, and its statements."""
JOINTS = {" then ": ("before",), " so ": ("before", "causes"), " while ": ("overlaps",)}
"""Words between two events of a sentence → properties that relate the events."""


class Roles(NamedTuple):
    """The participants of a film's story."""

    monsters: list[Thing]
    heroes: list[Thing]
    cities: list[Thing]
    force: Thing
    weapon: Thing

    def cast(self, random: Random) -> dict[str, Thing]:
        """Choose the participants of an event: role → thing."""
        monster, foe = random.sample(self.monsters, 2)
        hero, friend = random.sample(self.heroes, 2)
        city = random.choice(self.cities)
        return {
            "monster": monster,
            "foe": foe,
            "hero": hero,
            "friend": friend,
            "city": city,
            "force": self.force,
            "weapon": self.weapon,
        }


def project(folder: Path, quads: int, seed: int) -> int:
    """Write a project into a new folder and return its number of quads.

    Raises:
        FileExistsError: the folder exists.
    """
    graph = folder / "graph"
    for part in ("ontology", "queries"):
        shutil.copytree(ROOT / part, folder / part)
    graph.mkdir()
    shutil.copy(ROOT / "graph" / "dataset.ttl", graph)
    world = World(seed)
    while world.quads < quads:
        series = world.new("series")
        article = Article(world, series)
        title = series.curie, "a film:FilmSeries", f'film:title "{series.name}"@en'
        article.passage("= ", series.name, title)
        article.text.append(" =")
        while world.quads < quads and len(article.films) < SERIES:
            goal = world.quads + FILM * world.random.uniform(0.8, 1.2)
            film(article, world, series, goal if quads - goal > 0.8 * FILM else quads)
        article.write(graph)
    world.write(graph)
    return world.quads


def film(article: Article, world: World, series: Thing, goal: float) -> None:
    """Write a film: infobox, lead, and a plot until the world has as many quads as ``goal``."""
    before = article.films[-1:]
    new_film = world.new("film")
    it, number = new_film.curie, len(article.films) + 1
    article.films.append(new_film)
    director, composer, *staff = world.several("person", 0.3, 8)
    actors = world.several("person", 0.3, 3)
    company, country = world.some("company", 0.1), world.some("country", 0.02)
    genre, language = world.some("genre", 0.02), world.some("language", 0.02)
    year, day = 1950 + number, world.random.randint(10, 28)

    title = article.passage(
        f"\n\n=={new_film.name}==\n", new_film.name, (it, f'film:title "{new_film.name}"@en')
    )

    def line(name: str, words: str, *blocks: Block) -> None:
        article.passage("\n- ", f"{name}: {words}", *blocks, context=title)

    line("Director", director.name, (it, f"film:director {director.curie}"))
    line("Producer", names(staff[:3]), *credit_blocks(new_film, "producer", staff[:3]))
    line("Screenplay", staff[3].name, (it, f"film:screenwriter {staff[3].curie}"))
    line("Starring", names(actors[:2]), *credit_blocks(new_film, "star", actors[:2]))
    line("Music", composer.name, (it, f"film:composer {composer.curie}"))
    line("Cinematography", staff[4].name, (it, f"film:cinematographer {staff[4].curie}"))
    line("Editing", staff[5].name, (it, f"film:editor {staff[5].curie}"))
    line("Distributor", company.name, (it, f"film:distributor {company.curie}"))
    minutes = world.random.randint(70, 150)
    line("Runtime", f"{minutes} minutes", (it, f"film:runtimeMinutes {minutes}"))
    line("Country", country.name, (it, f"film:countryOfOrigin {country.curie}"))
    line("Language", language.name, (it, f"film:language {language.curie}"))
    for name in ("budget", "gross"):
        millions = world.random.randint(1, 99)
        words, node = f"${millions} million", f"{it}-{name}"
        amount = f"film:amount {millions}000000", 'film:currencySign "$"@en'
        money = node, "a film:MonetaryAmount", label(words), *amount
        line(name.capitalize(), words, (it, f"film:{name} {node}"), money)

    ordinal, entry = f"entry {number} in the {series.name}", f"{it}-entry"
    entered = f"film:entryIn {series.curie}", f"story:ordinal {number}"
    article.passage(
        "\n\n",
        f"{new_film.name} is a {year} {genre.name} directed by {director.name}, and {ordinal}"
        + "".join(f", after {other.name}" for other in before)
        + ".",
        (
            it,
            "a film:Film",
            f'film:year "{year}"^^xsd:gYear',
            f"film:genre {genre.curie}",
            f"film:director {director.curie}",
            f"film:partOf {series.curie}",
            f"film:entry {entry}",
        ),
        (entry, "a film:Entry", label(ordinal), *entered),
        *((other.curie, f"film:followedBy {it}") for other in before),
    )
    star = world.things["monster"][-1] if before else world.new("monster")
    roles = Roles(
        [world.new("monster"), star],
        world.several("human", 1, 2),
        world.several("city", 0.3, 2),
        world.some("force", 0.3),
        world.new("weapon"),
    )
    played = list(zip(actors, (*roles.heroes, star), strict=True))
    lead = article.passage(
        " ",
        f"{new_film.name} features {', '.join(f'{a.name} as {c.name}' for a, c in played)}.",
        (it, *(f"film:castMember {actor.curie}" for actor in actors)),
        *(
            block
            for actor, character in played
            for block in portrayal_blocks(new_film, actor, character)
        ),
    )
    article.passage(
        " ",
        f"It was released theatrically in {country.name} on May {day}, {year}, where it was "
        f"distributed by {company.name}.",
        (
            f"{it}-release",
            "a film:TheatricalRelease",
            label(f"theatrical release of {new_film.name} in {country.name}"),
            f"film:work {it}",
            f"film:country {country.curie}",
            f'film:date "{year}-05-{day}"^^xsd:date',
            f"film:distributor {company.curie}",
        ),
        (it, f"film:distributor {company.curie}"),
        context=lead,
    )
    plot(article, world, it, roles, goal, lead)


def names(things: list[Thing]) -> str:
    """Return the names of things as an infobox lists them."""
    return ", ".join(thing.name for thing in things)


def credit_blocks(work: Thing, role: str, agents: list[Thing]) -> list[Block]:
    """Return the statements of a list of credits, in order."""
    nodes = [f"{work.curie}-{role}-{number}" for number in range(1, len(agents) + 1)]
    statements = [f"film:{role} {agent.curie}" for agent in agents]
    blocks: list[Block] = [
        (work.curie, *statements, *(f"film:{role}Credit {node}" for node in nodes))
    ]
    for number, (node, agent) in enumerate(zip(nodes, agents, strict=True), 1):
        name = label(f"{role} credit of {agent.name} for {work.name}")
        of = f"film:creditedAgent {agent.curie}"
        blocks.append((node, "a film:Credit", name, of, f"film:position {number}"))
    return blocks


def portrayal_blocks(work: Thing, actor: Thing, character: Thing) -> list[Block]:
    """Return the statements about an actor and a character."""
    node = f"{work.curie}-{character.curie.removeprefix('id:')}"
    name = label(f"portrayal of {character.name} by {actor.name} in {work.name}")
    roles = f"film:actor {actor.curie}", f"film:character {character.curie}"
    return [
        (work.curie, f"film:portrayal {node}"),
        (node, "a film:Portrayal", name, *roles),
        (actor.curie, f"film:portrays {character.curie}"),
    ]


def plot(article: Article, world: World, it: str, roles: Roles, goal: float, lead: str) -> None:
    """Write the participants, then events until the world has as many quads as ``goal``.

    Args:
        article: the article.
        world: its named things.
        it: the film.
        roles: the participants.
        goal: how many quads the world should have.
        lead: the passage that names the film.
    """
    hero, foe, force, weapon = roles.heroes[0], roles.monsters[0], roles.force, roles.weapon
    article.passage(
        "\n\n===Plot===\n",
        f"{hero.name}, a colonel of {force.name}, is to stop the large {foe.name} "
        f"by {weapon.name}.",
        (hero.curie, 'story:rank "colonel"@en', f"story:memberOf {force.curie}"),
        (weapon.curie, f"story:belongsTo {force.curie}"),
        (foe.curie, 'story:trait "large"@en'),
    )
    for city in roles.cities:
        region = world.region(city)
        lies = city.curie, "a story:City", f"story:locatedIn {region.curie}"
        article.passage(" ", f"{city.name} is a city in {region.name}.", lies)
    sentences = events = 0
    while world.quads < goal:
        first = sentences % PARAGRAPH == 0
        words = ""
        blocks: list[Block] = []
        for _ in range(world.random.randint(1, 3)):
            node, last = f"{it}-event-{events + 1}", f"{it}-event-{events}" if events else ""
            if words or not first:
                joint = world.random.choice([*JOINTS]) if words else " then "
                words += joint if words else "Then "
                blocks.append((last, *(f"story:{how} {node}" for how in JOINTS[joint])))
            sentence, statements = event(node, last, it, roles.cast(world.random), world.random)
            words += sentence
            blocks += statements
            events += 1
        mark = "\n\n" if first and sentences else " "
        article.passage(mark, f"{words}.", *blocks, context=lead)
        sentences += 1


def event(
    node: str, last: str, work: str, cast: dict[str, Thing], random: Random
) -> tuple[str, list[Block]]:
    """Return the words and the statements of an event in the story of a work."""
    ids = {name: thing.curie for name, thing in cast.items()}
    ids |= {"last": last, "plan": f"{node}-plan"}
    kind, lemma, pattern, *templates = random.choice(EVENTS if last else EVENTS[:1])
    words = pattern.format_map({name: thing.name for name, thing in cast.items()})
    statements = (f"story:{template}".format_map(ids) for template in templates)
    verb = f'story:verb "{lemma}"@en'
    story = f"story:inStoryOf {work}"
    blocks: list[Block] = [(node, f"a story:{kind}", label(words), story, verb, *statements)]
    if kind == "Order":
        supposed = (
            story,
            "story:supposedKind story:Event",
            'story:supposedVerb "flee"@en',
            f"story:supposedAgent {ids['force']}",
        )
        blocks.append((ids["plan"], "a story:Prospect", label(f"{words}: the plan"), *supposed))
    return words, blocks


def main() -> int:
    """Write a project and print its size."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.generate")
    parser.add_argument("folder", type=Path, help="a new folder")
    parser.add_argument("--quads", type=int, default=2000, help="default: 2000")
    parser.add_argument("--seed", type=int, default=7, help="default: 7")
    options = parser.parse_args()
    print(f"{project(options.folder, options.quads, options.seed):,} quads")
    return 0


if __name__ == "__main__":
    sys.exit(main())
