"""What is asked: the questions of crates/services/examples/inventory.rs, and what an answer is."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from rows import DAY, NOW, REGIONS, WORDS, word

PAGE = 50
# What is counted: for each choice how many rows it would leave, every other filter kept (crates/store/src/index).
FACETS = ["kind", "ou", "account", "region", "rotation", "key", "owner", "state", "team"]


@dataclass(frozen=True)
class Question:
    name: str
    # Filters that a facet counts, by its name: the number of the one value that is asked for; rotation by its word.
    chosen: dict = field(default_factory=dict)
    # Words that texts have as tokens, and parts of words.
    words: tuple = ()
    parts: tuple = ()
    tag: str = ""
    path: str = ""
    # Days since 1970 before which it was last read, and seconds since when it was changed.
    read_before: int = 0
    changed_since: int = 0
    # "name" upwards; "used_on" and "changed_at" downwards, names and ids downwards as well.
    order: str = "name"
    # Name and id of the row after which the page begins.
    after: tuple | None = None

    def without(self, facet: str) -> Question:
        return replace(self, chosen={f: v for f, v in self.chosen.items() if f != facet})


QUESTIONS = [
    Question("the first page"),
    Question("one Region, overdue", {"region": REGIONS.index("eu-west-1"), "rotation": "overdue"}),
    Question("a tag and a key", {"key": 1}, tag="owner=team-07"),
    Question("not read for 90 days, no owner", {"owner": 1}, read_before=NOW // DAY - 90),
    Question("a word in most names", words=("prod",)),
    Question("a word in few names", words=("secret-000011",)),
    Question("a part of a word", parts=("ecret-000011",)),
    Question("two words and a unit", {"ou": 3}, words=("team-11", "service-3")),
    Question("changed within a week, by last change", changed_since=NOW - 7 * DAY, order="changed_at"),
    Question("everything by last read", order="used_on"),
    Question("a path", path="prod/team-12/"),
]
NEXT_PAGE = "the next page"
ONE_SECRET = "one secret"


def fresh(round_: int) -> Question:
    """What finds the rows that a round of changes gave to a team of its own."""
    return Question(f"fresh {round_}", {"team": WORDS["team"].index(f"fresh-{round_}")})


@dataclass
class Answer:
    """A page in order, how many rows fit, and what each facet counts, by its numbers."""

    ids: list
    matching: int
    counts: dict

    def named(self) -> dict:
        """The same for every engine."""
        counts = {}
        for facet in FACETS:
            said = {
                (value if facet == "rotation" else word(facet, value)): n
                for value, n in self.counts.get(facet, {}).items()
                if n > 0
            }
            counts[facet] = dict(sorted((value, n) for value, n in said.items() if value))
        return {"ids": self.ids, "matching": self.matching, "counts": counts}


def rotation(base: int, next_rotation_at: int) -> str:
    if WORDS["base"][base] == "on":
        return "overdue" if 0 < next_rotation_at < NOW else "scheduled"
    return WORDS["base"][base]
