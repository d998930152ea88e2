"""DuckDB in memory beside PostgreSQL: the same statements over columns, and what changed is taken in by transaction."""

from __future__ import annotations

import os
import time

import duckdb

import sql
from postgres import connect, facts
from questions import Answer, Question
from rows import COLUMNS

TYPES = {
    "id": "uuid", "kind": "utinyint", "account": "usmallint", "region": "utinyint", "ou": "utinyint", "base": "utinyint",
    "next_rotation_at": "integer", "key": "utinyint", "owner": "utinyint", "state": "utinyint", "team": "utinyint",
    "used_on": "integer", "changed_at": "integer", "name": "varchar", "tags": "varchar", "search": "varchar",
}
# What a page shows is read from PostgreSQL: it is not held twice.
HELD = [column for column in COLUMNS if column in TYPES]
READ = ", ".join("array_to_string(tags, chr(10)) as tags" if c == "tags" else c for c in HELD)


class Words(sql.Dialect):
    def word(self, word: str) -> str:
        return f"contains(search, '{word}')"

    def tag(self, tag: str) -> str:
        return f"list_contains(tags, '{tag}')"

    def path(self, path: str) -> str:
        return f"starts_with(name, '{path}')"


class Engine:
    ways = list(sql.counts(Question("any"), Words()))

    def __init__(self, url: str, folder: str) -> None:
        self.source = connect(url)
        self.db = duckdb.connect(":memory:")
        self.file = os.path.join(folder, "rows.csv")
        self.dialect = Words()
        self.prepared: dict[str, str] = {}
        self.seen = 0

    def load(self) -> dict:
        began = time.perf_counter()
        columns = ", ".join(f"{c} {'varchar[]' if c == 'tags' else TYPES[c]}" for c in HELD)
        self.db.execute(f"create table item ({columns})")
        self.copy(0, "insert into item")
        return {"load": time.perf_counter() - began, "disk": None, "note": "held in memory"}

    def copy(self, since: int, into: str) -> None:
        """Reads what was written since this transaction, by PostgreSQL's COPY, which DuckDB reads as CSV."""
        oldest = "select pg_snapshot_xmin(pg_current_snapshot())::text::bigint"
        (self.seen,) = self.source.execute(oldest).fetchone()
        with open(self.file, "wb") as file:
            command = f"copy (select {READ} from item where written >= {since}) to stdout with (format csv)"
            with self.source.cursor().copy(command) as copy:
                for piece in copy:
                    file.write(piece)
        types = "{" + ", ".join(f"'{c}': '{TYPES[c]}'" for c in HELD) + "}"
        shown = ", ".join("string_split(tags, chr(10)) as tags" if c == "tags" else c for c in HELD)
        self.db.execute(
            f"{into} select {shown} from read_csv('{self.file}', header = false, columns = {types}, quote = '\"', escape = '\"')"
        )

    def take_in(self) -> None:
        """Takes in what was committed since the last time."""
        self.copy(self.seen, "create or replace temp table fresh as")
        self.db.begin()
        self.db.execute("delete from item where id in (select id from fresh)")
        self.db.execute("insert into item select * from fresh")
        self.db.commit()

    def answer(self, question: Question, way: str) -> Answer:
        ids = [row[0] for row in self.page(question)]
        return sql.read(sql.counts(question, self.dialect)[way], self.run, ids)

    def page(self, question: Question) -> list:
        rows = self.run(sql.page(question, self.dialect, "cast(id as varchar), name"))
        facts(self.source, [row[0] for row in rows])
        return rows

    def run(self, statement: str) -> list:
        name = self.prepared.get(statement)
        if name is None:
            name = self.prepared[statement] = f"q{len(self.prepared)}"
            self.db.execute(f"prepare {name} as {statement}")
        return self.db.execute(f"execute {name}").fetchall()

    def one(self, id_: str) -> str:
        (name,) = self.db.execute("select name from item where id = ?::uuid", [id_]).fetchone()
        facts(self.source, [id_])
        return name
