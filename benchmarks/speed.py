"""How fast and how large: `python -m benchmarks.speed`.

On one tree (homeassistant by default), in one run: sqlite-lint without a cache, with an empty and with a full one,
ruff's and flake8's rules and sqlfluff on the SQL of the same tree.  Then what a file without SQL costs, and how the
time grows with the number of statements.
"""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
import time
from pathlib import Path

from benchmarks import measure, wheels
from benchmarks.measure import best, run


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--directory", type=Path, default=wheels.DEFAULT_DIRECTORY, help="where wheels are kept")
    parser.add_argument("--tree", type=Path, help="a tree of one's own instead of homeassistant")
    parser.add_argument("--runs", type=int, default=3, help="the best of so many runs counts")
    parser.add_argument("--no-flake8", action="store_true", help="leave out flake8, which takes a minute")
    parser.add_argument("--no-sqlfluff", action="store_true", help="leave out sqlfluff, which is installed first")
    arguments = parser.parse_args()
    tree = arguments.tree or wheels.unpacked("homeassistant", wheels.PACKAGES["homeassistant"], arguments.directory)
    with tempfile.TemporaryDirectory() as scratch:
        _trees(tree, Path(scratch), arguments)
        _startup(Path(scratch), arguments.runs)
        _statements(Path(scratch), arguments.runs)


def _lint(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "sqlite_lint", "--isolated", *arguments]


def _trees(tree: Path, scratch: Path, arguments: argparse.Namespace) -> None:
    files = len(wheels.source_files(tree))
    runs = arguments.runs
    run(_lint("--no-cache", str(tree)))  # the files come into the machine's cache before anything is measured
    ruff = best(
        [sys.executable, "-m", "ruff", "check", "--isolated", "--select", "S608", "--no-cache", str(tree)], runs
    )
    cold = best(_lint("--no-cache", str(tree)), runs)
    cache = scratch / "cache"
    filled = run(_lint("--cache-dir", str(cache), str(tree)))
    warm = best(_lint("--cache-dir", str(cache), str(tree)), runs)
    rows = [("ruff check --select S608 --no-cache", ruff), ("sqlite-lint --no-cache", cold)]
    rows += [("sqlite-lint, cache empty", filled), ("sqlite-lint, cache full", warm)]
    if not arguments.no_flake8:
        flake8 = [sys.executable, "-m", "flake8", "--isolated", "--select", "F,E9,SQL", str(tree)]
        rows.append(("flake8 --select F,E9,SQL", run(flake8)))
    print(f"{tree.name}: {files} files")
    head = ["", "s", "cpu s", "MB", "x ruff"]
    print(measure.table([head, *([name, c.wall, c.cpu, c.peak, c.wall / ruff.wall] for name, c in rows)]))
    print(f"a second run over unchanged files takes {warm.wall / cold.wall:.2f} of the first\n")
    if not arguments.no_sqlfluff:
        _sqlfluff(tree, scratch, arguments.directory)


def _sqlfluff(tree: Path, scratch: Path, directory: Path) -> None:
    """Both tools on the tree's SQL, one statement a file."""
    sql_files = scratch / "sql"
    count = _write_statements(tree, sql_files)
    program = str(wheels.sqlfluff(directory))
    theirs = run([program, "lint", "--dialect", "sqlite", "--processes", "1", str(sql_files)])
    ours = run(_lint("--no-cache", "--jobs", "1", str(sql_files)))
    print(f"the {count} statements of {tree.name}, each in a file")
    rows = [("sqlite-lint", ours), ("sqlfluff lint --dialect sqlite", theirs)]
    print(measure.table([["", "s", "x"], *([name, c.wall, c.wall / ours.wall] for name, c in rows)]), "\n")


def _write_statements(tree: Path, target: Path) -> int:
    from benchmarks.collect import statements

    target.mkdir()
    count = 0
    for sql in statements(tree):
        (target / f"{count:05}.sql").write_text(sql.rstrip().rstrip(";") + ";\n", encoding="utf-8")
        count += 1
    return count


def _startup(scratch: Path, runs: int) -> None:
    plain = scratch / "plain.py"
    plain.write_text("def double(x):\n    return 2 * x\n" * 50, encoding="utf-8")
    empty = min(run([sys.executable, "-c", "pass"]).cpu for _ in range(5 * runs))
    ours = min(run(_lint("--no-cache", str(plain))).cpu for _ in range(5 * runs))
    print(f"a file without SQL: {1000 * ours:.0f} ms of process time; Python alone {1000 * empty:.0f} ms\n")


_TEMPLATES = (
    "SELECT id, name FROM customers WHERE id = ? AND name LIKE 'a{0}%'",
    "SELECT c.id, COUNT(*) FROM customers c JOIN orders o ON o.customer_id = c.id WHERE o.total > {0} GROUP BY c.id",
    "INSERT INTO orders (customer_id, total, note) VALUES (?, ?, 'order {0}')",
    "UPDATE orders SET total = total + {0}, note = note || ? WHERE id = ?",
    "CREATE TABLE IF NOT EXISTS t{0} (id INTEGER PRIMARY KEY, name TEXT NOT NULL, at TEXT DEFAULT CURRENT_TIMESTAMP)",
    "SELECT * FROM t{0} WHERE name ILIKE ? AND at > now() - INTERVAL '{0} days'",
    "SELECT id::text FROM t{0} WHERE json_extract(data, '$.k') = '{0}'",
    "DELETE FROM t{0} WHERE id IN (SELECT id FROM orders WHERE total < {0})",
)


def module_with(count: int, between: str = " ") -> str:
    """A Python module with ``count`` different statements, a quarter of them with faults.

    ``between`` stands between the clauses: with ``_NEW_LITERAL`` each clause is a string of its own.
    """
    lines = ["import sqlite3", "", "", "def load(connection: sqlite3.Connection) -> None:"]
    for number in range(count):
        sql = _TEMPLATES[number % len(_TEMPLATES)].format(number)
        for clause in ("FROM", "WHERE", "VALUES"):
            sql = sql.replace(f" {clause} ", f"{between}{clause} ")
        lines.append(f'    connection.execute("{sql}")')
    return "\n".join(lines) + "\n"


_NEW_LITERAL = ' "\n        "'


def _statements(scratch: Path, runs: int) -> None:
    print("the command on one file")
    for form, between in (("on a line each", " "), ("of a string a clause", _NEW_LITERAL)):
        rows: list[list[object]] = [[f"statements {form}", "s", "ms each", "findings"]]
        for count in (500, 1000, 2000, 4000, 8000):
            path = scratch / f"many{count}.py"
            path.write_text(module_with(count, between), encoding="utf-8")
            out = scratch / "out.txt"
            command = _lint("--no-cache", "--output-format", "json-lines", str(path))
            cost = best(command, runs, stdout=out)
            rows.append([count, cost.wall, 1000 * cost.wall / count, len(out.read_bytes().splitlines())])
        print(measure.table(rows), "\n")
    rows = [["files with 20 statements", "s", "ms each", ""]]
    for count in (50, 100, 200, 400):
        directory = scratch / f"files{count}"
        directory.mkdir()
        for number in range(count):
            (directory / f"module{number}.py").write_text(module_with(20), encoding="utf-8")
        cost = best(_lint("--no-cache", str(directory)), runs)
        rows.append([count, cost.wall, 1000 * cost.wall / count, ""])
        shutil.rmtree(directory)
    print(measure.table(rows))
    _in_process()


def _in_process() -> None:
    from sqlite_lint import lint_text

    lint_text(module_with(8), path="warm.py")
    text = module_with(2000)
    start = time.perf_counter()
    found = lint_text(text, path="many.py")
    print(f"\nlint_text on 2000 statements: {time.perf_counter() - start:.2f} s, {len(found)} findings")


if __name__ == "__main__":
    main()
