"""The policy as a query of DuckDB with one thread. usage: peer_duckdb.py FOLDER VISITS memory|file"""

import resource
import sys
from pathlib import Path

import duckdb
import numpy as np
import rounds
from duckdb_query import MACROS, RULES, query, rules, sums_of
from visits import AMOUNTS, columns, read_policy

# A query whose plan grows without end fails here, before it takes the memory of everybody.
BYTES_MAX = 8 << 30

Columns = dict[str, "np.ndarray[tuple[int], np.dtype[np.integer]]"]


def read(folder: Path, table: str) -> Columns:
    """The columns of a table."""
    files = columns(folder, table)
    return {name: np.fromfile(path, f"<{path.suffix[1:]}") for name, path in files.items()}


def fill(database: duckdb.DuckDBPyConnection, folder: Path) -> int:
    """Makes all tables; how many visits there are."""
    visits, expected, lines = read(folder, "visits"), read(folder, "expected"), read(folder, "lines")
    counts = visits.pop("lines")
    numbers = np.arange(len(counts), dtype="i4")
    for name, table, of_visit in (
        ("visits", visits, numbers),
        ("expected", expected, numbers),
        ("lines", lines, np.repeat(numbers, counts)),
    ):
        database.register("arrays", {"visit": of_visit} | table)
        shown = [f'nullif("{c}", -1) as "{c}"' if c in ("limit", "own_rate") else f'"{c}"' for c in table]
        database.execute(f"create table {name} as select visit, {', '.join(shown)} from arrays")
        database.unregister("arrays")
    policy = rules(read_policy(folder))
    database.execute(RULES)
    database.executemany(f"insert into rules values ({', '.join('?' * len(policy[0]))})", policy)
    database.execute(MACROS)
    return len(counts)


def main() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (BYTES_MAX, BYTES_MAX))
    folder, in_file = Path(sys.argv[1]), sys.argv[3] == "file"
    path = folder / "duckdb.db"
    path.unlink(missing_ok=True)
    database = duckdb.connect(str(path) if in_file else ":memory:")
    database.execute("set threads = 1")
    visits = fill(database, folder)
    if in_file:
        database.execute("checkpoint")
    rows = query(read_policy(folder))
    alike = " and ".join(f"answer.{name} = expected.{name}" for name in AMOUNTS)
    found = database.execute(
        f"select count(*) from ({rows}) answer join expected using (visit) where {alike}"
    ).fetchone()
    assert found is not None
    sums = sums_of(rows)
    rounds.serve(f"duckdb {duckdb.__version__}", visits - found[0], visits, lambda: database.execute(sums).fetchall())


if __name__ == "__main__":
    main()
