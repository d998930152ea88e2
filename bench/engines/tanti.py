"""Tantivy beside PostgreSQL: fast fields for facets and orders, an inverted index for words, and what changed is taken
in by transaction, committed and reloaded.

Words are looked for as Tantivy does it best, token by token, as a phrase. The console finds any part of a text: a word
that does not begin and end with a token is looked for as a phrase of trigrams."""

from __future__ import annotations

import os
import re
import time
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from multiprocessing import get_context

import tantivy
from tantivy import FieldType, Occur, PreTokenizedString, Query, Token

from postgres import connect, facts
from questions import FACETS, PAGE, Answer, Question
from rows import NOW

CODES = ["kind", "account", "region", "ou", "base", "next_rotation_at", "key", "owner", "state", "team", "used_on", "changed_at"]
FAST = set(CODES)
# Below every letter: a name is ordered before what it begins.
MARK = "\x01"
SHOWN = "json_build_object('id', id::text, " + ", ".join(f"'{c}', {c}" for c in CODES) + """,
    'by_name', name || chr(1) || id::text,
    'by_used_on', to_char(used_on, 'FM000000') || chr(1) || name || chr(1) || id::text,
    'by_changed_at', to_char(changed_at, 'FM0000000000') || chr(1) || name || chr(1) || id::text,
    'tags', tags, 'search', search)"""


def schema() -> tantivy.Schema:
    builder = tantivy.SchemaBuilder()
    builder.add_text_field("id", tokenizer_name="raw", index_option="basic")
    for code in CODES:
        builder.add_unsigned_field(code, indexed=True, fast=True)
    builder.add_text_field("by_name", tokenizer_name="raw", index_option="basic", fast=True)
    for order in ["by_used_on", "by_changed_at"]:
        builder.add_text_field(order, tokenizer_name="raw", index_option="basic", fast=True)
    builder.add_text_field("tags", tokenizer_name="raw", index_option="basic")
    builder.add_text_field("search", tokenizer_name="default", index_option="position")
    builder.add_text_field("grams", tokenizer_name="raw", index_option="position")
    return builder.build()


def fill(url: str, folder: str) -> tuple[float, float, int]:
    """Puts all rows into an index; says how long it took, how much of it was Python's, and up to which transaction."""
    engine = Engine(url, os.path.dirname(folder))
    began = time.perf_counter()
    engine.writer = tantivy.Index(engine.schema, path=folder).writer(heap_size=512_000_000, num_threads=2)
    engine.put(0)
    engine.writer.commit()
    engine.writer.wait_merging_threads()
    return time.perf_counter() - began, engine.making, engine.seen


def grams(text: str):
    return (text[at : at + 3] for at in range(len(text) - 2))


class Engine:
    # Tantivy searches with one thread: asked twice at once it uses both cores.
    ways = ["one thread", "two threads"]

    def __init__(self, url: str, folder: str) -> None:
        self.url, self.folder = url, os.path.join(folder, "tantivy")
        self.source = connect(url)
        self.schema = schema()
        self.pool = ThreadPoolExecutor(2)
        # Seconds of cutting texts into trigrams in Python, which a server would do in Rust.
        self.making = 0.0
        self.tokens: dict[tuple[str, int], Token] = {}
        self.seen = 0

    def load(self) -> dict:
        # In a process of its own: what Python keeps of the trigrams is not what Tantivy holds.
        os.makedirs(self.folder)
        with ProcessPoolExecutor(1, get_context("spawn")) as pool:
            took, making, self.seen = pool.submit(fill, self.url, self.folder).result()
        began = time.perf_counter()
        self.index = tantivy.Index.open(self.folder)
        self.index.config_reader("manual")
        self.writer = self.index.writer(heap_size=128_000_000, num_threads=1)
        self.reload()
        took += time.perf_counter() - began
        disk = sum(entry.stat().st_size for entry in os.scandir(self.folder))
        return {"load": took, "making": making, "disk": disk, "note": f"{self.searcher.num_segments} segments"}

    def put(self, since: int, is_new: bool = True) -> None:
        oldest = "select pg_snapshot_xmin(pg_current_snapshot())::text::bigint"
        (self.seen,) = self.source.execute(oldest).fetchone()
        with self.source.cursor(name="rows") as rows, self.source.transaction():
            rows.itersize = 5_000
            rows.execute(f"select id::text, {SHOWN} from item where written >= {since}")
            for id_, document in rows:
                if not is_new:
                    self.writer.delete_documents_by_term("id", id_)
                self.writer.add_document(self.document(document))

    def document(self, fields: dict) -> tantivy.Document:
        began = time.perf_counter()
        text = fields["search"]
        document = tantivy.Document.from_dict(fields, self.schema)
        tokens = [self.token(gram, at) for at, gram in enumerate(grams(text))]
        document.add_pre_tokenized_text("grams", PreTokenizedString(text, tokens))
        self.making += time.perf_counter() - began
        return document

    def token(self, gram: str, at: int) -> Token:
        """The same part at the same place comes again in many texts."""
        known = self.tokens.get((gram, at))
        if known is None:
            known = self.tokens[gram, at] = Token(gram, at, at)
        return known

    def reload(self) -> None:
        self.index.reload()
        self.searcher = self.index.searcher()

    def take_in(self) -> None:
        self.put(self.seen, is_new=False)
        self.writer.commit()
        self.reload()

    def query(self, question: Question) -> Query:
        must = [] if "state" in question.chosen else [self.between("state", 0, 1)]
        for facet, wanted in question.chosen.items():
            if facet == "rotation":
                must += [self.term("base", 1), self.between("next_rotation_at", 1, NOW - 1)]
            else:
                must.append(self.term(facet, wanted))
        for part in question.parts:
            must.append(Query.phrase_query(self.schema, "grams", list(grams(part))))
        for word in question.words:
            tokens = re.findall(r"[a-z0-9]+", word)
            must.append(Query.phrase_query(self.schema, "search", tokens) if len(tokens) > 1 else self.term("search", word))
        if question.tag:
            must.append(self.term("tags", question.tag))
        if question.path:
            must.append(Query.regex_query(self.schema, "by_name", f"{re.escape(question.path)}.*"))
        if question.read_before:
            must.append(self.between("used_on", 1, question.read_before - 1))
        if question.changed_since:
            must.append(self.between("changed_at", question.changed_since, 2**32))
        return must[0] if len(must) == 1 else Query.boolean_query([(Occur.Must, part) for part in must])

    def term(self, field: str, value) -> Query:
        return Query.term_query(self.schema, field, value, "basic")

    def between(self, field: str, low: int, high: int) -> Query:
        return Query.range_query(self.schema, field, FieldType.Unsigned, low, high)

    def page(self, question: Question) -> list:
        order = tantivy.Order.Asc if question.order == "name" else tantivy.Order.Desc
        # Ranges of texts are not to be had from Python: the second page is asked for by its number.
        found = self.searcher.search(
            self.query(question),
            limit=PAGE,
            offset=PAGE if question.after else 0,
            count=False,
            order_by_field=f"by_{question.order}",
            order=order,
        )
        # Name and id are the last two parts of each order.
        rows = [tuple(reversed(key.split(MARK)[-2:])) for key, _ in found.hits]
        facts(self.source, [id_ for id_, _ in rows])
        return rows

    def answer(self, question: Question, way: str) -> Answer:
        base = self.query(question)
        kept = [facet for facet in FACETS if facet not in question.chosen]
        asked = [(base, kept[:5]), (base, kept[5:]), *((self.query(question.without(f)), [f]) for f in question.chosen)]
        if way == "one thread":
            asked = [(base, kept), *asked[2:]]
            counted = [self.count(*one) for one in asked]
            rows = self.page(question)
        else:
            running = [self.pool.submit(self.count, *one) for one in asked]
            rows = self.page(question)
            counted = [one.result() for one in running]
        counts: dict = {}
        for _, of in counted:
            counts.update(of)
        return Answer([id_ for id_, _ in rows], counted[0][0], counts)

    def count(self, query: Query, facets: list) -> tuple[int, dict]:
        wanted = {"matching": {"value_count": {"field": "changed_at"}}}
        for facet in facets:
            field = "base" if facet == "rotation" else facet
            wanted[facet] = {"terms": {"field": field, "size": 2000, "segment_size": 2000}}
            if facet == "rotation":
                dates = {"field": "next_rotation_at", "ranges": [{"from": 1, "to": NOW}]}
                wanted[facet]["aggs"] = {"overdue": {"range": dates}}
        found = self.searcher.aggregate(query, wanted)
        counts: dict = {}
        for facet in facets:
            of = counts[facet] = {}
            for bucket in found[facet]["buckets"]:
                key, n = int(bucket["key"]), bucket["doc_count"]
                if facet != "rotation":
                    of[key] = n
                    continue
                parts = bucket["overdue"]["buckets"]
                overdue = sum(part["doc_count"] for part in parts if part.get("from") == 1 and part.get("to") == NOW)
                if key == 1:
                    of["overdue"], of["scheduled"] = overdue, n - overdue
                else:
                    of["off" if key == 2 else "not-applicable"] = n
        return int(found["matching"]["value"]), counts

    def one(self, id_: str) -> str:
        found = self.searcher.search(self.term("id", id_), limit=1, order_by_field="by_name", count=False)
        facts(self.source, [id_])
        return found.hits[0][0].split(MARK)[0]
