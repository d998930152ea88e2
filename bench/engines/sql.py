"""The questions as SQL, which PostgreSQL and DuckDB share but for a few words."""

from __future__ import annotations

from questions import FACETS, PAGE, Answer, Question
from rows import NOW

ROTATION = f"""case when base = 1 then case when next_rotation_at > 0 and next_rotation_at < {NOW} then 'overdue'
    else 'scheduled' end when base = 2 then 'off' else 'not-applicable' end"""
# Where it lies, and what it is: the facets as two groupings of few groups each.
PLACE, CLASS = ["kind", "ou", "account", "region"], ["rotation", "key", "owner", "state", "team"]
ORDERS = {
    "name": "name, id",
    "used_on": "used_on desc, name desc, id desc",
    "changed_at": "changed_at desc, name desc, id desc",
}


class Dialect:
    """How an engine says what the other says otherwise."""

    def word(self, word: str) -> str:
        raise NotImplementedError

    def tag(self, tag: str) -> str:
        raise NotImplementedError

    def path(self, path: str) -> str:
        raise NotImplementedError


def value(facet: str) -> str:
    return ROTATION if facet == "rotation" else facet


def where(question: Question, dialect: Dialect) -> str:
    fits = ["state in (0, 1)"] if "state" not in question.chosen else []
    for facet, wanted in question.chosen.items():
        if facet == "rotation" and wanted == "overdue":
            fits.append(f"base = 1 and next_rotation_at > 0 and next_rotation_at < {NOW}")
        else:
            fits.append(f"{facet} = {wanted}")
    fits += [dialect.word(word) for word in [*question.words, *question.parts]]
    if question.tag:
        fits.append(dialect.tag(question.tag))
    if question.path:
        fits.append(dialect.path(question.path))
    if question.read_before:
        fits.append(f"used_on > 0 and used_on < {question.read_before}")
    if question.changed_since:
        fits.append(f"changed_at >= {question.changed_since}")
    return " and ".join(fits)


def page(question: Question, dialect: Dialect, columns: str) -> str:
    fits = where(question, dialect)
    if question.after:
        name, id_ = question.after
        fits += f" and (name, id) > ('{name}', '{id_}'::uuid)"
    return f"select {columns} from item where {fits} order by {ORDERS[question.order]} limit {PAGE}"


def counts(question: Question, dialect: Dialect) -> dict[str, list[str]]:
    """The statements that count, in several ways; each gives rows of facet, value (as text) and number."""
    base = where(question, dialect)
    kept = [facet for facet in FACETS if facet not in question.chosen]
    # A facet that is filtered by counts what would be without its own filter.
    others = [
        f"select '{facet}', {as_text(facet)}, count(*) from item where {where(question.without(facet), dialect)} group by 2"
        for facet in question.chosen
    ]
    total = f"select 'matching', '', count(*) from item where {base}"
    values = ", ".join(f"{value(facet)} as {facet}" for facet in kept)
    sets = f"""select {", ".join(["count(*)", *kept, *[f"grouping({f})" for f in kept]])}
        from (select {values} from item where {base}) as x group by grouping sets ((), {", ".join(f"({f})" for f in kept)})"""
    pair = []
    for group in (PLACE, CLASS):
        own = [facet for facet in group if facet in kept]
        if own:
            pair.append(f"select {', '.join(f'{value(f)} as {f}' for f in own)}, count(*) from item where {base} group by {', '.join(str(n + 1) for n in range(len(own)))}")
    each = [
        f"select '{facet}', {as_text(facet)}, count(*) from item where {base} group by 2" for facet in kept
    ]
    return {
        "grouping sets": ["sets:" + ",".join(kept), sets, *others],
        "two groupings": ["pair:" + ";".join(",".join(f for f in g if f in kept) for g in (PLACE, CLASS) if any(f in kept for f in g)), *pair, *others],
        "each facet alone": ["each:", total, *each, *others],
    }


def as_text(facet: str) -> str:
    return ROTATION if facet == "rotation" else f"cast({facet} as varchar)"


def read(statements: list[str], run, ids: list) -> Answer:
    """Runs the statements of one way and adds up what they count."""
    way, _, fields = statements[0].partition(":")
    rest, found, matching = statements[1:], {}, None

    def add(facet: str, key, n: int) -> None:
        key = key if facet == "rotation" else int(key)
        of = found.setdefault(facet, {})
        of[key] = of.get(key, 0) + n

    if way == "sets":
        kept = fields.split(",")
        for row in run(rest.pop(0)):
            shown = [n for n, is_out in enumerate(row[1 + len(kept):]) if not is_out]
            if shown:
                add(kept[shown[0]], row[1 + shown[0]], row[0])
            else:
                matching = row[0]
    elif way == "pair":
        for group in fields.split(";"):
            own, sum_ = group.split(","), 0
            for row in run(rest.pop(0)):
                sum_ += row[-1]
                for facet, key in zip(own, row):
                    add(facet, key, row[-1])
            matching = sum_
    for statement in rest:
        for facet, key, n in run(statement):
            if facet == "matching":
                matching = n
            else:
                add(facet, key, n)
    return Answer(ids, matching or 0, found)
