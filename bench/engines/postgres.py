"""PostgreSQL as it answers best: codes instead of texts, a covering index for what facets count, trigrams for words."""

from __future__ import annotations

import time

import psycopg

import sql
from questions import Answer, Question
from rows import COLUMNS, make, size_of

TABLE = """
    drop table if exists item;
    create extension if not exists pg_trgm;
    create table item (
        id uuid not null, kind smallint not null, account smallint not null, region smallint not null,
        ou smallint not null, base smallint not null, next_rotation_at integer not null, key smallint not null,
        owner smallint not null, state smallint not null, team smallint not null, used_on integer not null,
        changed_at integer not null, name text collate "C" not null, arn text not null, description text not null,
        tags text[] not null, search text collate "C" not null,
        written bigint not null default pg_current_xact_id()::text::bigint
    );
"""
INDEXES = [
    "alter table item add primary key (id)",
    "create index on item (name, id)",
    "create index on item (used_on desc, name desc, id desc)",
    "create index on item (changed_at desc, name desc, id desc)",
    # All that facets and filters need, so that counting reads no row of the table.
    """create index on item (region, base, next_rotation_at) include
       (kind, account, ou, key, owner, state, team, used_on, changed_at)""",
    """create index on item (owner, used_on) include
       (kind, account, region, ou, base, next_rotation_at, key, state, team, changed_at)""",
    """create index on item (team) include
       (kind, account, region, ou, base, next_rotation_at, key, owner, state, used_on, changed_at)""",
    "create index on item using gin (search gin_trgm_ops)",
    "create index on item using gin (tags)",
    "create index on item (written)",
]
FACTS = "name, arn, description, tags, account, region, base, next_rotation_at, key, team, used_on, changed_at"


class Words(sql.Dialect):
    def word(self, word: str) -> str:
        return f"search like '%{word}%'"

    def tag(self, tag: str) -> str:
        return f"tags @> array['{tag}']"

    def path(self, path: str) -> str:
        # The next text after all that begin so.
        return f"name >= '{path}' and name < '{path[:-1]}{chr(ord(path[-1]) + 1)}'"


def connect(url: str) -> psycopg.Connection:
    connection = psycopg.connect(url, autocommit=True, prepare_threshold=0)
    # Compiling a plan takes longer than these questions; sorting and hashing is to happen in memory.
    for setting in [
        "jit = off", "work_mem = '256MB'", "max_parallel_workers_per_gather = 2", "random_page_cost = 1.1",
        "min_parallel_index_scan_size = '64kB'", "parallel_setup_cost = 100", "maintenance_work_mem = '1GB'",
    ]:
        connection.execute(f"set {setting}")
    return connection


def load(url: str, rows: int) -> dict:
    """Makes the rows; says how long they took, and how large they are."""
    with connect(url) as connection:
        for statement in TABLE.split(";\n")[:-1]:
            connection.execute(statement)
        began = time.perf_counter()
        with connection.cursor().copy(f"copy item ({', '.join(COLUMNS)}) from stdin") as copy:
            for row in make(size_of(rows)):
                copy.write_row(row)
        for statement in INDEXES:
            connection.execute(statement)
        connection.execute("vacuum (analyze, freeze) item")
        connection.execute("drop table if exists kept")
        connection.execute("create table kept as select id, team from item order by id limit 10000")
        took = time.perf_counter() - began
        table, indexes = connection.execute(
            "select pg_table_size('item'), pg_indexes_size('item')"
        ).fetchone()
    return {"load": took, "disk": table + indexes, "memory": None, "note": f"indexes {indexes / 1e6:,.0f} MB of it"}


def change(url: str, team: int, offset: int) -> float:
    """Commits a change of 1,000 rows, and says how many seconds writing them took."""
    with connect(url) as connection:
        began = time.perf_counter()
        changed = connection.execute(
            """update item set team = %s, written = pg_current_xact_id()::text::bigint
               where id in (select id from item order by id offset %s limit 1000)""",
            [team, offset],
        )
        if changed.rowcount != 1000:
            raise SystemExit(f"{changed.rowcount} rows changed instead of 1000")
        return time.perf_counter() - began


def restore(url: str) -> None:
    """Takes the changes back, so that the next engine loads the same rows."""
    with connect(url) as connection:
        connection.execute(
            """update item set team = kept.team, written = pg_current_xact_id()::text::bigint
               from kept where kept.id = item.id and kept.team <> item.team"""
        )
        connection.execute("vacuum (analyze) item")


def facts(connection: psycopg.Connection, ids: list) -> None:
    """What a page shows of its rows: whatever finds them, they are read from PostgreSQL."""
    connection.execute(f"select id, {FACTS} from item where id = any(%s::uuid[])", [ids]).fetchall()


class Engine:
    # Nothing is held twice: what is committed is there.
    ways = list(sql.counts(Question("any"), Words()))

    def __init__(self, url: str, folder: str) -> None:
        self.connection = connect(url)
        self.dialect = Words()

    def load(self) -> dict:
        return {}

    def answer(self, question: Question, way: str) -> Answer:
        ids = [id_ for id_, _ in self.page(question)]
        return sql.read(sql.counts(question, self.dialect)[way], self.run, ids)

    def page(self, question: Question) -> list:
        """Ids and names, read with everything that a page shows."""
        return [row[:2] for row in self.run(sql.page(question, self.dialect, f"id::text, {FACTS}"))]

    def run(self, statement: str) -> list:
        return self.connection.execute(statement, prepare=True).fetchall()

    def one(self, id_: str) -> str:
        found = self.connection.execute(f"select id::text, {FACTS} from item where id = %s::uuid", [id_])
        return found.fetchone()[1]

    def take_in(self) -> None:
        pass
