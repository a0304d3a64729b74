"""SQL read out of Python: each form in which a text reaches a sink."""

from __future__ import annotations

import ast
import textwrap

import pytest

from sqlite_lint.config import Config
from sqlite_lint.hosts.model import HostResult, Sink, SqlUse, ValueType
from sqlite_lint.hosts.python import read_python
from sqlite_lint.hosts.sqltext import PieceKind
from sqlite_lint.project import Project
from sqlite_lint.sql.tokens import HOLE


def read(source: str, **settings: object) -> HostResult:
    text = textwrap.dedent(source)
    result = read_python(text, "app/db.py", Project.empty(), Config(**settings))  # type: ignore[arg-type]
    assert result.error is None
    for use in result.uses:
        assert_traced(text, use)
    return result


def assert_traced(source: str, use: SqlUse) -> None:
    for piece in use.text.pieces:
        if piece.kind is PieceKind.VERBATIM:
            assert piece.src is not None
            assert source[piece.src.start : piece.src.end] == use.text.text[piece.sql.start : piece.sql.end]


def texts(source: str, sunk: bool = False) -> list[str]:
    uses = [use for use in read(source).uses if not sunk or use.sink is not Sink.NONE]
    return sorted(use.text.text.replace(HOLE, "<>") for use in uses)


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("cur.execute('SELECT 1')", ["SELECT 1"]),
        ("cur.execute(sql='SELECT 1')", ["SELECT 1"]),
        ("cur.execute('SELECT ' 'a'\n  ' FROM t')", ["SELECT a FROM t"]),
        ("cur.execute('SELECT ' + 'a' + col + ' FROM t')", ["SELECT a<> FROM t"]),
        ("cur.execute(b'SELECT 1')", ["SELECT 1"]),
        ("cur.execute(f'SELECT {a} FROM t')", ["SELECT <> FROM t"]),
        ("cur.execute(f'SELECT {a!r} FROM {t}')", ["SELECT <> FROM <>"]),
        ("cur.execute('SELECT %s FROM t' % a)", ["SELECT <> FROM t"]),
        ("cur.execute('SELECT %s FROM %s' % ('a', t))", ["SELECT a FROM <>"]),
        ("cur.execute('SELECT %(a)s FROM t' % {'a': 'b'})", ["SELECT b FROM t"]),
        (
            "cur.execute('SELECT a FROM t WHERE b LIKE \\'%%x\\' LIMIT %d' % 3)",
            ["SELECT a FROM t WHERE b LIKE '%x' LIMIT 3"],
        ),
        ("cur.execute('SELECT {} FROM {t}'.format('a', t=t))", ["SELECT a FROM <>"]),
        ("cur.execute('SELECT {0}, {1}, {0} FROM t'.format('a', 'b'))", ["SELECT a, b, a FROM t"]),
        ("cur.execute('SELECT \\'{{}}\\' FROM {}'.format(t))", ["SELECT '{}' FROM <>"]),
        ("cur.execute(Template('SELECT $a FROM ${b}').substitute(a='x', b=y))", ["SELECT x FROM <>"]),
        ("cur.execute(' '.join(['SELECT a', 'FROM t']))", ["SELECT a FROM t"]),
        ("cur.execute('SELECT a FROM t WHERE b IN (%s)' % ','.join('?' * n))", ["SELECT a FROM t WHERE b IN (?)"]),
        (
            'cur.execute(f\'SELECT a FROM t WHERE b IN ({",".join("?" for _ in x)})\')',
            ["SELECT a FROM t WHERE b IN (?)"],
        ),
        ("cur.execute('SELECT ' + ', '.join(cols) + ' FROM t')", ["SELECT <> FROM t"]),
        ("cur.execute(textwrap.dedent('''\n  SELECT 1\n'''))", ["\n  SELECT 1\n"]),
        ("cur.execute(inspect.cleandoc('SELECT 1'))", ["SELECT 1"]),
        ("cur.execute(' SELECT 1; '.strip().rstrip(';'))", ["SELECT 1"]),
        ("cur.execute('SELECT a FROM TABLE_NAME'.replace('TABLE_NAME', t))", ["SELECT a FROM <>"]),
        ("cur.execute('SELECT a FROM t, '[:-2])", ["SELECT a FROM t"]),
        ("cur.execute('SELECT 1' if a else 'SELECT 2')", ["SELECT 1", "SELECT 2"]),
        ("cur.execute(given or 'SELECT 1')", ["SELECT 1"]),
        ("cur.execute(q := 'SELECT 1')", ["SELECT 1"]),
        ("async def f():\n  await db.execute('SELECT 1')", ["SELECT 1"]),
        ("conn.execute(text('SELECT 1'))", ["SELECT 1"]),
        ("conn.execute(sa.text('SELECT :a').bindparams(a=1))", ["SELECT :a"]),
        ("cur.executemany('INSERT INTO t VALUES (?)', rows)", ["INSERT INTO t VALUES (?)"]),
        ("cur.executescript('BEGIN; COMMIT')", ["BEGIN; COMMIT"]),
        ("pd.read_sql_query('SELECT a FROM t', conn)", ["SELECT a FROM t"]),
        ("conn.exec_driver_sql('SELECT 1')", ["SELECT 1"]),
        ("op.execute('UPDATE t SET a = 1')", ["UPDATE t SET a = 1"]),
        ("migrations.RunSQL('DROP TABLE a', 'CREATE TABLE a (b)')", ["CREATE TABLE a (b)", "DROP TABLE a"]),
        (
            "migrations.RunSQL(['DROP TABLE a', ('INSERT INTO b VALUES (%s)', [1])])",
            ["DROP TABLE a", "INSERT INTO b VALUES (%s)"],
        ),
        ("User.objects.raw('SELECT id FROM users')", ["SELECT id FROM users"]),
        ("await database.fetch_all(query='SELECT id FROM users')", ["SELECT id FROM users"]),
        ("execute = cur.execute\nexecute('SELECT 1')", ["SELECT 1"]),
        ("sqlite3.connect('x').cursor().execute('SELECT 1')", ["SELECT 1"]),
        ("cur.execute(*('PRAGMA user_version', ()))", ["PRAGMA user_version"]),
        ("args = ('PRAGMA user_version',)\ncur.execute(*args)", ["PRAGMA user_version"]),
        ("await asyncio.to_thread(conn.execute, 'PRAGMA user_version')", ["PRAGMA user_version"]),
        ("run = functools.partial(conn.execute, 'PRAGMA user_version')", ["PRAGMA user_version"]),
        ("loop.run_in_executor(None, conn.executemany, 'DELETE FROM t', rows)", ["DELETE FROM t"]),
    ],
)
def test_text_is_read_from_the_call(source: str, expected: list[str]) -> None:
    assert texts(source) == expected


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("q = 'SELECT 1'\ncur.execute(q)", ["SELECT 1"]),
        ("Q = 'SELECT 1'\ndef f():\n  cur.execute(Q)", ["SELECT 1"]),
        ("q = 'SELECT 1'\nq = 'SELECT 2'\ncur.execute(q)", ["SELECT 2"]),
        ("q = 'SELECT 1'\ncur.execute(q)\nq = 'SELECT 2'", ["SELECT 1"]),
        ("if a:\n  q = 'SELECT 1'\nelse:\n  q = 'SELECT 2'\ncur.execute(q)", ["SELECT 1", "SELECT 2"]),
        ("q = 'SELECT 1'\nif a:\n  q = 'SELECT 2'\ncur.execute(q)", ["SELECT 1", "SELECT 2"]),
        ("if a:\n  q = 'SELECT 1'\n  raise X\nelse:\n  q = 'SELECT 2'\ncur.execute(q)", ["SELECT 2"]),
        ("q = 'SELECT a'\nq += ' FROM t'\ncur.execute(q)", ["SELECT a FROM t"]),
        ("q = 'SELECT a'\nif b:\n  q += ' FROM t'\ncur.execute(q)", ["SELECT a", "SELECT a FROM t"]),
        ("q = 'SELECT a'\nq = q + ' FROM t'\ncur.execute(q)", ["SELECT a FROM t"]),
        (
            "q = 'SELECT a FROM t'\nfor c in cs:\n  q += ' AND b'\ncur.execute(q)",
            ["SELECT a FROM t", "SELECT a FROM t AND b"],
        ),
        (
            "q = 'SELECT a'\nif b:\n  q += ' FROM t'\nelse:\n  q += ' FROM u'\nif b:\n  q += ' x'\ncur.execute(q)",
            ["SELECT a FROM t x", "SELECT a FROM u"],
        ),
        (
            "match a:\n  case 1:\n    q = 'SELECT 1'\n  case _:\n    q = 'SELECT 2'\ncur.execute(q)",
            ["SELECT 1", "SELECT 2"],
        ),
        ("try:\n  q = 'SELECT 1'\nexcept E:\n  q = 'SELECT 2'\ncur.execute(q)", ["SELECT 1", "SELECT 2"]),
        ("match a:\n  case True | None:\n    q = 'SELECT 1'\ncur.execute(q)", ["SELECT 1"]),
        ("q = ''\nif a:\n  q = 'SELECT 1'\nif q:\n  q += ' FROM t'\ncur.execute(q)", ["SELECT 1 FROM t"]),
        (
            "q = 'SELECT a'\nif n is not None:\n  q += ' LIMIT 1'\nif n is None:\n  q += ' LIMIT 2'\ncur.execute(q)",
            ["SELECT a LIMIT 1", "SELECT a LIMIT 2"],
        ),
        ("with x:\n  q = 'SELECT 1'\ncur.execute(q)", ["SELECT 1"]),
        ("while True:\n  cur.execute(q)\n  q = 'SELECT 1'", ["SELECT 1"]),
        ("a, (b, c) = 'SELECT 1', ('SELECT 2', x)\ncur.execute(b)", ["SELECT 2"]),
        ("def f(q='SELECT 1'):\n  cur.execute(q)", ["SELECT 1"]),
        ("T = 'users'\ncur.execute(f'SELECT a FROM {T}')", ["SELECT a FROM users"]),
        ("N = 5\ncur.execute(f'SELECT a FROM t LIMIT {N}')", ["SELECT a FROM t LIMIT 5"]),
        ("class A:\n  Q = 'SELECT 1'\n  def f(self):\n    cur.execute(self.Q)", ["SELECT 1"]),
        ("class A:\n  Q = 'SELECT 1'\ncur.execute(A.Q)", ["SELECT 1"]),
        (
            "class A:\n  def __init__(self):\n    self.q = 'SELECT 1'\n  def f(self):\n    cur.execute(self.q)",
            ["SELECT 1"],
        ),
        ("class A:\n  Q = 'SELECT 1'\nclass B(A):\n  def f(self):\n    cur.execute(self.Q)", ["SELECT 1"]),
        ("class A:\n  def f(self):\n    cur.execute(self.Q)\nclass B(A):\n  Q = 'SELECT 1'", ["SELECT 1"]),
        ("Q = 'SELECT 1'\nclass A:\n  Q = Q\n  def f(self):\n    cur.execute(self.Q)", ["SELECT 1"]),
        ("class Q(Enum):\n  A = 'SELECT 1'\ncur.execute(Q.A.value)", ["SELECT 1"]),
        (
            "class A:\n  @property\n  def q(self):\n    return 'SELECT 1'\n  def f(self):\n    cur.execute(self.q)",
            ["SELECT 1"],
        ),
        ("D = {'a': 'SELECT 1', 'b': 'SELECT 2'}\ncur.execute(D['a'])", ["SELECT 1"]),
        ("D = {'a': 'SELECT 1', 'b': 'SELECT 2'}\ncur.execute(D[k])", ["SELECT 1", "SELECT 2"]),
        ("D = {'a': 'SELECT 1'}\ncur.execute(D.get(k, 'SELECT 2'))", ["SELECT 1", "SELECT 2"]),
        ("L = ['SELECT 1', 'SELECT 2']\nfor q in L:\n  cur.execute(q)", ["SELECT 1", "SELECT 2"]),
        ("for q, p in [('SELECT 1', a), ('SELECT 2', b)]:\n  cur.execute(q, p)", ["SELECT 1", "SELECT 2"]),
        ("for n, q in {'a': 'SELECT 1'}.items():\n  cur.execute(q)", ["SELECT 1"]),
        ("for i, q in enumerate(['SELECT 1']):\n  cur.execute(q)", ["SELECT 1"]),
        ("for a, q in zip(xs, ['SELECT 1']):\n  cur.execute(q)", ["SELECT 1"]),
        ("L = []\nL.append('SELECT 1')\nfor q in L:\n  cur.execute(q)", ["SELECT 1"]),
        ("L = ['SELECT 1']\nL.extend(['SELECT 2'])\n[cur.execute(q) for q in L]", ["SELECT 1", "SELECT 2"]),
        ("SCRIPT = 'SELECT 1; SELECT 2'\nfor q in SCRIPT.split(';'):\n  cur.execute(q)", ["SELECT 1; SELECT 2"]),
        ("for t in ('a', 'b'):\n  cur.execute(f'DELETE FROM {t}')", ["DELETE FROM a", "DELETE FROM b"]),
        ("for a, b in (('x', 1), ('y', 2)):\n  cur.execute(f'PRAGMA {a}={b}')", ["PRAGMA x=1", "PRAGMA y=2"]),
        (
            "for t in ('a', 'b'):\n  cur.execute(f'CREATE TABLE {t} AS SELECT * FROM old_{t}')",
            ["CREATE TABLE a AS SELECT * FROM old_a", "CREATE TABLE b AS SELECT * FROM old_b"],
        ),
        ("def q():\n  return 'SELECT 1'\ncur.execute(q())", ["SELECT 1"]),
        ("def q(t):\n  return f'SELECT a FROM {t}'\ncur.execute(q('u'))", ["SELECT a FROM u"]),
        ("def clean(s):\n  return s.strip()\ncur.execute(clean(' SELECT 1 '))", ["SELECT 1"]),
        (
            "def qs():\n  yield 'SELECT 1'\n  yield 'SELECT 2'\nfor q in qs():\n  cur.execute(q)",
            ["SELECT 1", "SELECT 2"],
        ),
        ("def q():\n  return 'SELECT 1', []\nsql, args = q()\ncur.execute(sql, args)", ["SELECT 1"]),
        ("def a():\n  return 'SELECT 1'\nfor f in [a]:\n  cur.execute(f())", ["SELECT 1"]),
        (
            "class M(NamedTuple):\n  n: int\n  sql: str\nfor m in [M(1, 'SELECT 1'), M(2, sql='SELECT 2')]:\n  cur.execute(m.sql)",
            ["SELECT 1", "SELECT 2"],
        ),
    ],
)
def test_text_is_followed_to_where_it_is_written(source: str, expected: list[str]) -> None:
    assert texts(source, sunk=True) == expected


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("def run(q):\n  cur.execute(q)\nrun('SELECT 1')", ["SELECT 1"]),
        ("def run(q):\n  cur.execute(q)\nrun(q='SELECT 1')", ["SELECT 1"]),
        ("def run(*, q):\n  cur.execute(q)\nrun(q='SELECT 1')", ["SELECT 1"]),
        ("def run(q):\n  return inner(q)\ndef inner(q):\n  cur.execute(q)\nrun('SELECT 1')", ["SELECT 1"]),
        ("class A:\n  def _run(self, q):\n    cur.execute(q)\n  def f(self):\n    self._run('SELECT 1')", ["SELECT 1"]),
        (
            "class A:\n  def run(self, q):\n    cur.execute(text(q))\nclass B(A):\n  def f(self):\n    self.run('SELECT 1')",
            ["SELECT 1"],
        ),
        ("class A:\n  @staticmethod\n  def run(c, q):\n    c.execute(q)\nA.run(c, 'SELECT 1')", ["SELECT 1"]),
        ("def run(q):\n  q = q.strip()\n  cur.execute(q)\nrun('SELECT 1')", ["SELECT 1"]),
        ("def run(q):\n  cur.execute('EXPLAIN ' + q)\nrun('SELECT 1 FROM t')", ["EXPLAIN <>", "SELECT 1 FROM t"]),
        ("db.query('SELECT id FROM users')", ["SELECT id FROM users"]),
        ("run = lambda q: cur.execute(q)\nrun('SELECT a FROM t')", ["SELECT a FROM t"]),
        (
            "class A:\n  def __init__(self):\n    self.run = lambda q, *p: cur.execute(q, p)\n"
            "  def f(self):\n    self.run('SELECT a FROM t', 1)",
            ["SELECT a FROM t"],
        ),
        ("def run(*args, **more):\n  cur.execute(*args, **more)\nrun('VACUUM')", ["VACUUM"]),
        ("def run(c, *args):\n  c.execute(*args)\nrun(cur, 'VACUUM', 1)", ["VACUUM"]),
        (
            "def find(where):\n  cur.execute('SELECT a FROM t WHERE ' + where)\nfind('b ILIKE ?')",
            ["SELECT a FROM t WHERE <>", "b ILIKE ?"],
        ),
    ],
)
def test_wrappers_of_sinks_are_sinks(source: str, expected: list[str]) -> None:
    assert texts(source) == expected


def test_sink_is_reached_through_a_chain_of_wrappers() -> None:
    result = read("def a(q):\n  b(q)\ndef b(q):\n  c(q)\ndef c(q):\n  cur.execute(q)\na('SELECT 1')")
    assert (result.calls, result.unreached) == (1, ())


def test_wrapper_named_like_a_sink_is_reached_by_its_call() -> None:
    result = read(
        "class A:\n  def fetch(self, q):\n    db.execute(q)\n  def f(self):\n    self.fetch('SELECT a FROM t')"
    )
    assert (result.calls, result.unreached) == (1, ())


def test_configured_wrapper_is_a_sink() -> None:
    result = read("run_it('VACUUM')", wrappers=("run_it",))
    assert [(use.text.text, use.sink) for use in result.uses] == [("VACUUM", Sink.WRAPPER)]


@pytest.mark.parametrize(
    "use", ["class Q:\n  FIND = BASE + ' WHERE b = ?'", "def f(x):\n  return f'{BASE} WHERE b = {x}'"]
)
def test_text_that_goes_on_from_a_name_needs_no_sink(use: str) -> None:
    found = texts(f"BASE = 'SELECT a FROM t'\n{use}")
    assert [text.replace("<>", "?") for text in found] == ["SELECT a FROM t", "SELECT a FROM t WHERE b = ?"]


@pytest.mark.parametrize(
    "source",
    [
        "session.execute(select(User).where(User.id == 1))",
        "stmt = insert(t).values(a=1)\nsession.execute(stmt)",
        "stmt = select(a)\nif b:\n  stmt = stmt.where(c == 1)\nconn.execute(stmt)",
        "executor.execute(task)",
        "cursor.execute(table.update().values(a=1))",
        "class Command:\n  def execute(self):\n    pass\nCommand().execute()",
        "client.execute('ls -la')",
        "self.pool.execute(job)",
        "def f(stmt: Select):\n  conn.execute(stmt)",
    ],
)
def test_noop_what_is_no_text_is_neither_read_nor_missed(source: str) -> None:
    result = read(source)
    assert result.uses == ()
    assert result.unreached == ()


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        ("cur.execute(open('x.sql').read())", "read()"),
        ("def f(sql):\n  cur.execute(sql)", "parameter 'sql' of f()"),
        ("from .queries import Q\ncur.execute(Q)", ".queries.Q"),
        ("cur.execute(sql_from_somewhere)", "sql_from_somewhere"),
        ("cur.execute(self.sql)", "self.sql"),
        ("def f(*args):\n  cur.execute(*args)", "parameter 'args' of f()"),
    ],
)
def test_sink_without_a_readable_text_is_reported_with_its_reason(source: str, reason: str) -> None:
    result = read(source)
    assert result.uses == ()
    assert len(result.unreached) == 1
    assert reason in result.unreached[0].reason


def test_calls_that_were_reached_are_counted() -> None:
    result = read("cur.execute('SELECT 1')\ncur.execute('SELECT 2')\ncur.execute(sql)")
    assert (result.calls, len(result.unreached)) == (2, 1)


@pytest.mark.parametrize(
    "source",
    [
        "Q = 'SELECT a FROM t WHERE b = 1'",
        "Q = 'select a, b from t where b = 1'",
        "return_value('INSERT INTO t (a) VALUES (?)')",
        "Q = 'UPDATE t SET a = 1'",
        "MESSAGE_QUERY = 'SELECT a FROM t'",
        "Q = 'CREATE TABLE t (a INTEGER)'",
        "Q = 'CREATE INDEX IF NOT EXISTS i ON t (a)'",
        "Q = 'DELETE FROM t WHERE a = 1'",
        "Q = 'WITH x AS (SELECT 1) SELECT * FROM x'",
        "Q = 'PRAGMA journal_mode = WAL'",
        "Q = 'DROP TABLE IF EXISTS t'",
        "Q = 'ALTER TABLE t ADD COLUMN a TEXT'",
        "Q = '-- a comment\\nSELECT a FROM t AS a JOIN u ON a.id = u.id'",
        "Q = f'SELECT {cols} FROM {table}'",
        "Q = 'SELECT a ' + 'FROM t'",
        "QUERIES = {'a': 'SELECT * FROM t'}",
        "class A:\n  queries: dict = field(default_factory=lambda: {'a': 'SELECT * FROM t'})",
    ],
)
def test_sql_beyond_doubt_needs_no_sink(source: str) -> None:
    uses = read(source).uses
    assert [use.sink for use in uses] == [Sink.NONE]


@pytest.mark.parametrize(
    "source",
    [
        "'''SELECT a FROM t'''",
        "def f():\n  '''SELECT a FROM t'''",
        "x = 'Select an item from the list'",
        "x = 'select a file from the list'",
        "x = 'Update the table with the values given'",
        "x = 'Drop table if exists, then create it again'",
        "x = 'insert into the queue'",
        "x = 'Create index files and update tables'",
        "x = 'delete from history'",
        "x = 'with open file as handle'",
        "x = 'Select all from one, two or three.'",
        "x = f'Update {a} set by {b}: {c} rows'",
        "x = f'select {a} from {b}'",
        "x = f'with {a} as given'",
        "HELP_TEXT = 'SELECT a FROM t'",
        "self.usage: str = 'SELECT a FROM t'",
        "log.info('SELECT a FROM t')",
        "print('SELECT a FROM t')",
        "raise ValueError('SELECT a FROM t')",
        "raise Error(f'SELECT a FROM {t} failed')",
        "parser.add_argument('--x', help='SELECT a FROM t')",
        "assert sql == 'SELECT a FROM t'",
        "if sql == 'SELECT a FROM t': pass",
        "if 'SELECT a FROM t' in sql: pass",
        "with pytest.raises(E, match='SELECT a FROM t'): pass",
        "x: Literal['SELECT a FROM t'] = y",
        "re.compile('SELECT a FROM t')",
        "x = 'std::vector<int> select(std::string from);'",
        "x = 'replace into'",
        "x = 'create table'",
        "x = 'UPDATE'",
        "x = 'TRUNCATE TABLE name; empties a table'",
        "SYSTEM_PROMPT = 'SELECT a FROM t'",
        "HELP = {'select': 'SELECT a FROM t'}",
        "class A:\n  few_shot: list = [{'q': '?', 'sql': 'SELECT a FROM t'}]",
        "self.payloads = ['1', 'SELECT pg_sleep(10)']",
        "requests.post(url, json={'statement': 'SELECT a FROM t'})",
        "want = 'SELECT a FROM t'\nassert build() == want",
        "text = 'SELECT a FROM t'\nprint(text)\nlog.info('will run %s', text)",
        "query = 'SELECT a FROM t'\nrequests.get(url, params={'q': query})",
        "def test_a():\n  want = 'SELECT a FROM t'\n  assert_equal(build(), want)",
        "CASES = [('select a from t where b = 1', 'SELECT a FROM t')]\nfor given, want in CASES:\n  assert tidy(given) == want",
    ],
)
def test_noop_prose_is_no_sql(source: str) -> None:
    assert read(source).uses == ()


@pytest.mark.parametrize(
    "source",
    [
        "want = 'SELECT a FROM t'\nassert build() == want\nsend(want)",
        "CASES = ['SELECT a FROM t']\nfor case in CASES:\n  send(case)\n  assert case",
        "want = 'SELECT a FROM t'\ndef f():\n  assert want == 1\nclass A:\n  x = want",
        "want = 'SELECT a FROM t'\nassert 1",
        "text = 'SELECT a FROM t'\nprint(text)\nsend(text)",
        "text = 'SELECT a FROM t'\nif text:\n  print(text)",
    ],
)
def test_sql_that_is_not_only_asserted_counts(source: str) -> None:
    assert len(read(source).uses) == 1


@pytest.mark.parametrize("name", ["PROMPTLY", "helper", "EXAMPLE_QUERY", "usage_sql"])
def test_sql_in_names_that_only_resemble_prose_counts(name: str) -> None:
    assert len(read(f"{name} = 'SELECT a FROM t; SELECT b FROM t'").uses) == 1


def test_table_of_sql_per_engine_gives_the_entries_for_sqlite() -> None:
    uses = read("D = {'postgresql': {'day': \"date_trunc('day', x)\"}, 'sqlite': {'day': \"date(x)\", 'n': 'x'}}").uses
    assert [(use.text.text, use.is_fragment) for use in uses] == [("date(x)", True)]


def test_text_of_a_base_class_is_marked_as_assembled() -> None:
    source = """
        class BaseStore:
            def query(self):
                return "SELECT a FROM t"

            def run(self):
                cur.execute(self.query())
    """
    assert [use.assembled for use in read(source).uses] == [True]


def test_fragments_are_marked() -> None:
    source = """
        t = Column(server_default=sa.text("now()"))
        qs.extra(where=["name ILIKE %s"])
        CheckConstraint("a > 0")
        conn.execute(prefix + " WHERE name ILIKE ?")
    """
    imports = "import sqlalchemy as sa\nfrom sqlalchemy import CheckConstraint\n"
    uses = read(imports + textwrap.dedent(source)).uses
    assert {use.text.text.replace(HOLE, "<>"): use.is_fragment for use in uses} == {
        "now()": True,
        "name ILIKE %s": True,
        "a > 0": True,
        "<> WHERE name ILIKE ?": True,
    }


def test_combination_of_independent_options_is_marked_as_assembled() -> None:
    source = """
        q = "SELECT a FROM t"
        if x:
            q += " WHERE b = 1"
        if y:
            q += " AND c = 2"
        cur.execute(q)
    """
    uses = {use.text.text: use.assembled for use in read(source).uses}
    assert uses == {
        "SELECT a FROM t": False,
        "SELECT a FROM t WHERE b = 1": True,
        "SELECT a FROM t AND c = 2": True,
        "SELECT a FROM t WHERE b = 1 AND c = 2": True,
    }


def test_a_loop_that_takes_no_turn_is_marked_as_assembled() -> None:
    source = """
        q = ""
        for item in items:
            q += " OR a = ?" if q else "a = ?"
        cur.execute("DELETE FROM t WHERE " + q)
    """
    assert ("DELETE FROM t WHERE ", True) in [(use.text.text, use.assembled) for use in read(source).uses]


def test_single_option_is_not_assembled() -> None:
    source = "q = 'SELECT a FROM t'\nif x:\n  q += ' WHERE b = 1'\ncur.execute(q)"
    assert [use.assembled for use in read(source).uses] == [False, False]


def test_escaped_colon_of_sqlalchemy_is_a_colon() -> None:
    assert texts(r"""session.execute(text("SELECT a\\:\\:int FROM t WHERE b = 'x\\:y' AND c = :c"))""") == [
        "SELECT a::int FROM t WHERE b = 'x:y' AND c = :c"
    ]
    assert texts(r"""connection.exec_driver_sql(r"SELECT 'x\:y'")""") == [r"SELECT 'x\:y'"]


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("cursor.execute('SELECT a %% 2 FROM t WHERE b = %s', [1])", "SELECT a % 2 FROM t WHERE b = %s"),
        ("cursor.execute('SELECT a %% 2 FROM t')", "SELECT a %% 2 FROM t"),
        ("Model.objects.raw('SELECT a %% 2 FROM t WHERE b = %s', [1])", "SELECT a % 2 FROM t WHERE b = %s"),
    ],
)
def test_doubled_percent_is_one_where_django_fills_in_values(source: str, expected: str) -> None:
    assert texts(f"from django.db import connection\ncursor = connection.cursor()\n{source}") == [expected]


def test_holes_stand_at_their_fields() -> None:
    source = 'cur.execute(f"SELECT {a.b} FROM t")'
    (use,) = read(source).uses
    hole = next(piece for piece in use.text.pieces if piece.kind is PieceKind.HOLE)
    assert hole.src is not None
    assert source[hole.src.start : hole.src.end] == "{a.b}"


def test_places_count_characters_not_bytes() -> None:
    source = 'x = "é"; cur.execute("SELECT \'ü\', a FROM t")'
    (use,) = read(source).uses
    assert source[use.anchor.start : use.anchor.end] == "\"SELECT 'ü', a FROM t\""


def test_text_at_a_later_call_is_read_once() -> None:
    uses = read("Q = 'SELECT 1'\ncur.execute(Q)\ncur.execute(Q)").uses
    assert len(uses) == 1


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ("('a', 1, None, 2.5, b'x', x)", ("text", "number", "null", "number", "blob", "unknown")),
        ("[str(x), f'{x}', int(x), len(x)]", ("text", "text", "number", "number")),
        ("(name, limit, -1, not x)", ("text", "number", "number", "number")),
        ("('%' + name + '%',)", ("text",)),
    ],
)
def test_types_of_bound_values_are_seen(values: str, expected: tuple[str, ...]) -> None:
    (use,) = read(f"def f(name: str, limit: int = 1):\n  cur.execute('SELECT 1 WHERE ?', {values})").uses
    assert use.params.positional is not None
    assert tuple(kind.value for kind in use.params.positional) == expected


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ("ids", "number"),
        ("tuple(names)", "text"),
        ("[str(i) for i in ids]", "text"),
        ("[i for i in ids if i]", "number"),
        ("list(map(int, names))", "number"),
        ("(*ids, 3)", "number"),
        ("ids + [3]", "number"),
        ("(*ids, 'x')", "unknown"),
        ("anything", "unknown"),
        ("[x.id for x in anything]", "unknown"),
    ],
)
def test_type_of_a_collection_of_values_is_seen(values: str, expected: str) -> None:
    (use,) = read(
        f"def f(ids: list[int], names: Sequence[str], anything):\n  cur.execute('SELECT 1 WHERE a IN (?)', {values})"
    ).uses
    assert use.params.positional is None
    assert use.params.each.value == expected


def test_types_that_differ_between_branches_are_unknown() -> None:
    source = "if x:\n  a = ['b']\nelse:\n  a = [1]\ncur.execute('SELECT ?', a)"
    (use,) = read(source).uses
    assert use.params.positional == (ValueType.UNKNOWN,)


@pytest.mark.parametrize(("library", "expected"), [("json", "text"), ("orjson", "blob"), ("mine", "unknown")])
def test_dumps_is_text_or_bytes_by_its_library(library: str, expected: str) -> None:
    (use,) = read(f"import {library}\ncur.execute('SELECT ?', ({library}.dumps(x),))").uses
    assert use.params.positional == (ValueType(expected),)


def test_types_of_named_values_are_seen() -> None:
    (use,) = read("cur.execute('SELECT :a', {'a': 'x', 'b': y})").uses
    assert use.params.named == {"a": ValueType.TEXT, "b": ValueType.UNKNOWN}


def test_rows_of_executemany_show_their_types() -> None:
    (use,) = read("cur.executemany('INSERT INTO t VALUES (?, ?)', [('a', i) for i in range(3)])").uses
    assert use.params.positional == (ValueType.TEXT, ValueType.UNKNOWN)


@pytest.mark.parametrize("source", ["def f(:", "x = '", "\x00", "(" * 10_000])
def test_text_that_is_no_python_gives_an_error_and_no_traceback(source: str) -> None:
    result = read_python(source, "x.py", Project.empty(), Config())
    assert result.error
    assert result.uses == ()


def test_source_at_the_parsers_limits_gives_no_traceback() -> None:
    source = "cur.execute(" + " + ".join(["'SELECT 1 '"] * 5_000) + ")"
    result = read_python(source, "x.py", Project.empty(), Config())  # some Python versions parse it, some do not
    assert (result.error is None) == bool(result.uses)


def test_long_sums_are_read_without_recursion() -> None:
    # Deeper than the parser of some Python versions goes, so the tree is made by hand.
    tree = ast.parse("cur.execute('SELECT 1')")
    statement = tree.body[0]
    assert isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Call)
    call = statement.value
    (text,) = call.args
    for _ in range(20_000):
        blank = ast.copy_location(ast.Constant(" "), text)
        call.args[0] = ast.copy_location(ast.BinOp(call.args[0], ast.Add(), blank), text)
    result = read_python("cur.execute('SELECT 1')", "x.py", Project.empty(), Config(), tree=tree)
    assert len(result.uses) == 1


def test_many_options_stay_bounded() -> None:
    lines = ["q = 'SELECT a FROM t'"]
    for number in range(60):
        lines += [f"if x{number}:", f"    q += ' AND a{number}'", "else:", f"    q += ' AND b{number}'"]
    uses = read("\n".join([*lines, "cur.execute(q)"])).uses
    assert 0 < len(uses) <= 16
    assert all(use.text.text.endswith("59") for use in uses)


def test_names_defined_in_a_circle_end() -> None:
    result = read(
        "class A:\n  def f(self):\n    self.q = self.q + 'x'\n    cur.execute(self.q)\na = b\nb = a\ncur.execute(a)"
    )
    assert result.error is None


@pytest.mark.parametrize(("call", "expected"), [("parse(sql)", []), ("cursor.execute(sql)", ["SELECT a, b FROM t"])])
def test_texts_of_a_parametrized_test_count_where_it_runs_sql(call: str, expected: list[str]) -> None:
    source = f"""
        @pytest.mark.parametrize("sql", ["SELECT a, b FROM t"])
        def test_it(sql, cursor):
            {call}
        """
    assert texts(source) == expected


def test_sql_for_services_of_aws_is_not_sqlites() -> None:
    source = """
        import boto3, sqlite3
        query = f"SELECT approx_distinct(u) FROM logs WHERE day = date '{day}'"
        boto3.client("athena").start_query_execution(QueryString=query, WorkGroup="x")
        s3.select_object_content(Expression="SELECT s._1::int FROM S3Object s")
        con.execute_statement("SELECT 1 FROM t", Sql=None)
    """
    uses = read(source).uses
    assert {use.text.text.split()[1]: use.engine.value for use in uses if use.engine.value == "other"} == {
        "approx_distinct(u)": "other",
        "s._1::int": "other",
    }
