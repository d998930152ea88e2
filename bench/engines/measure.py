"""Measures PostgreSQL, Tantivy and DuckDB on the same rows and the same questions as the inventory's benchmark, and
prints one Markdown table. Every answer has to be the same by every engine; a difference ends it.

Usage: measure.py DATABASE_URL [--rows N] [--asked N] [--seconds S] [--engines NAMES]
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from dataclasses import replace

ENGINES = ["postgres", "tanti", "duck"]
TITLES = {"postgres": "PostgreSQL", "tanti": "Tantivy", "duck": "DuckDB"}
ROUNDS = 5
LEAST = 20


def engine_of(name: str, url: str, folder: str):
    module = __import__(name)
    return module.Engine(url, folder)


def memory() -> int:
    with open("/proc/self/status") as status:
        line = next(line for line in status if line.startswith("VmRSS"))
    return int(line.split()[1]) * 1024


def making(engine) -> float:
    """Seconds that went into what only this script does in Python."""
    return getattr(engine, "making", 0.0)


def timed(ask, asked: int, seconds: float) -> list[float]:
    """Milliseconds of each, as often as asked or until the time is up."""
    times, until = [], time.perf_counter() + seconds
    while len(times) < asked and (len(times) < LEAST or time.perf_counter() < until):
        began = time.perf_counter()
        ask()
        times.append((time.perf_counter() - began) * 1e3)
    return times


def percentile(times: list[float], percent: int) -> float:
    times = sorted(times)
    return times[min(len(times) * percent // 100, len(times) - 1)]


def fastest(engine, question) -> str:
    """The way to count that answers this question fastest."""
    took = {}
    for way in engine.ways:
        times = timed(lambda way=way: engine.answer(question, way), 3, 0)
        took[way] = min(times)
    return min(took, key=took.get)


def child(name: str, url: str, asked: int, seconds: float) -> None:
    """Measures one engine in a process of its own and prints what it found as JSON."""
    import postgres
    from questions import NEXT_PAGE, ONE_SECRET, QUESTIONS, fresh

    with tempfile.TemporaryDirectory() as folder:
        engine = engine_of(name, url, folder)
        before = memory()
        report = {"loaded": engine.load(), "questions": {}, "answers": {}}
        report["loaded"]["memory"] = memory() - before
        for question in QUESTIONS:
            way = fastest(engine, question)
            times = timed(lambda q=question, w=way: engine.answer(q, w), asked, seconds)
            report["questions"][question.name] = [percentile(times, 50), percentile(times, 99), len(times), way]
            report["answers"][question.name] = engine.answer(question, way).named()
        first = engine.page(QUESTIONS[0])
        following = replace(QUESTIONS[0], after=(first[-1][1], first[-1][0]))
        way = fastest(engine, following)
        times = timed(lambda: engine.answer(following, way), asked, seconds)
        report["questions"][NEXT_PAGE] = [percentile(times, 50), percentile(times, 99), len(times), way]
        report["answers"][NEXT_PAGE] = engine.answer(following, way).named()
        id_ = first[7][0]
        times = timed(lambda: engine.one(id_), asked, seconds)
        report["questions"][ONE_SECRET] = [percentile(times, 50), percentile(times, 99), len(times), ""]
        report["answers"][ONE_SECRET] = engine.one(id_)
        report["loaded"]["after"] = memory() - before
        report["fresh"], report["written"] = [], []
        for round_ in range(ROUNDS):
            question = fresh(round_)
            (team,) = question.chosen.values()
            report["written"].append(postgres.change(url, team, 1000 * round_))
            committed, made = time.perf_counter(), making(engine)
            engine.take_in()
            found = engine.answer(question, engine.ways[0]).matching
            report["fresh"].append(time.perf_counter() - committed - (making(engine) - made))
            if found != 1000:
                raise SystemExit(f"{name}: {found} rows instead of the 1000 that were changed")
    print(json.dumps(report))


def same(reports: dict) -> None:
    """Ends with the first answer that engines do not agree on."""
    first = next(iter(reports))
    for name, report in reports.items():
        for question, answer in reports[first]["answers"].items():
            other = report["answers"][question]
            if answer == other:
                continue
            if not isinstance(answer, dict):
                raise SystemExit(f"{question}: {first} and {name} differ: {answer} and {other}")
            for part in answer:
                if answer[part] != other[part]:
                    raise SystemExit(f"{question}, {part}: {first} has {answer[part]}, {name} has {other[part]}")


def table(reports: dict, rows: int) -> str:
    names = list(reports)
    head = "".join(f" {TITLES[name]} p50 | p99 |" for name in names)
    lines = [
        f"\n| {rows:,} rows; milliseconds | rows that match |{head}",
        "|---|---|" + "---|---|" * len(names),
    ]
    first = reports[names[0]]
    for question in first["questions"]:
        answer = first["answers"][question]
        matching = f"{answer['matching']:,}" if isinstance(answer, dict) else ""
        figures = "".join(" {:.1f} | {:.1f} |".format(*reports[name]["questions"][question][:2]) for name in names)
        lines.append(f"| {question} | {matching} |{figures}")

    def more(what: str, of) -> None:
        lines.append(f"| {what} | |" + "".join(f" {of(reports[name])} | |" for name in names))

    def megabytes(count) -> str:
        return "" if count is None else f"{count / 1e6:,.0f}"

    more("loading all rows, seconds", lambda r: f"{r['loaded']['load'] - r['loaded'].get('making', 0):.1f}")
    more("memory of the process beyond its start, MB: loaded; after the questions", lambda r: f"{megabytes(r['loaded']['memory'])}; {megabytes(r['loaded']['after'])}" if r["loaded"]["memory"] is not None else "its cache")
    more("on disk, MB", lambda r: f"{megabytes(r['loaded'].get('disk'))} ({r['loaded']['note']})".strip())
    more("1,000 rows written and committed in PostgreSQL, milliseconds, the slowest of five", lambda r: f"{max(r['written']) * 1e3:.0f}")
    more("from that commit until an answer has them, milliseconds: median, the slowest of five", lambda r: f"{sorted(r['fresh'])[ROUNDS // 2] * 1e3:.0f}, {max(r['fresh']) * 1e3:.0f}")
    asked = [report["questions"][q][2] for report in reports.values() for q in report["questions"]]
    ways = {
        TITLES[name]: ", ".join(sorted({q[3] for q in report["questions"].values() if q[3]}))
        for name, report in reports.items()
    }
    lines.append(f"\nEach question was asked {min(asked)} to {max(asked)} times. Every answer (page, number of rows, counts of facets) was the same by all.")
    lines.append("What making Tantivy's trigrams took in Python is left out of loading and freshness.")
    lines.append("Counted in the way that was fastest for the question: " + "; ".join(f"{name}: {way}" for name, way in ways.items()) + ".")
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("url")
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--asked", type=int, default=200)
    parser.add_argument("--seconds", type=float, default=20, help="for each question at most, once it was asked often enough")
    parser.add_argument("--engines", default=",".join(ENGINES))
    parser.add_argument("--child", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.child:
        return child(given.child, given.url, given.asked, given.seconds)
    names = given.engines.split(",")
    if unknown := [name for name in names if name not in ENGINES]:
        parser.error(f"{unknown[0]} is none of {', '.join(ENGINES)}")

    import postgres
    from rows import size_of

    loaded = postgres.load(given.url, given.rows)
    reports = {}
    for name in names:
        print(f"{TITLES[name]} …", file=sys.stderr)
        command = [sys.executable, os.path.abspath(__file__), given.url, "--child", name]
        command += ["--asked", str(given.asked), "--seconds", str(given.seconds)]
        done = subprocess.run(command, stdout=subprocess.PIPE, text=True)
        if done.returncode:
            raise SystemExit(f"{TITLES[name]} could not be measured")
        reports[name] = json.loads(done.stdout)
        postgres.restore(given.url)
        if name == "postgres":
            reports[name]["loaded"] = loaded
    same(reports)
    print(table(reports, size_of(given.rows).rows))


if __name__ == "__main__":
    main()
