"""Reads what the benchmark wrote: one file of little-endian numbers a column, named <table>.<column>.<type>."""

import json
import sys
from array import array
from dataclasses import dataclass
from pathlib import Path
from typing import Any

# The amounts that are compared, in the order in which peers return them.
AMOUNTS = (
    "total",
    "out_of_scope",
    "over_limit",
    "first_self_pay",
    "eligible",
    "deductible",
    "pooled",
    "large",
    "supplement",
    "account",
    "cash",
)

# The array module's letters for numpy's words: what needs no numpy should run without it.
LETTERS = {"u1": "B", "i4": "i", "i8": "q"}

Visit = dict[str, Any]
Policy = dict[str, Any]
Amounts = tuple[int, ...]


@dataclass
class Data:
    """The first visits of a seed, the policy, and what our engine answers."""

    policy: Policy
    visits: list[Visit]
    expected: list[Amounts]

    def differing(self, answers: list[Amounts]) -> int:
        """How many visits come to something else."""
        return sum(tuple(answer) != wanted for answer, wanted in zip(answers, self.expected, strict=True))


def columns(folder: Path, table: str) -> dict[str, Path]:
    """The files of a table by the name of their column."""
    return {path.name.split(".")[1]: path for path in sorted(folder.glob(f"{table}.*.*"))}


def read_policy(folder: Path) -> Policy:
    """The policy's figures."""
    policy: Policy = json.loads((folder / "policy.json").read_text())
    return policy


def read(folder: Path, count: int) -> Data:
    """The first visits, each with its lines, as a program would be handed them."""
    visits = _rows(folder, "visits", count)
    lines = iter(_rows(folder, "lines", sum(visit["lines"] for visit in visits)))
    for visit in visits:
        visit["lines"] = [next(lines) for _ in range(visit["lines"])]
    expected = [tuple(row[name] for name in AMOUNTS) for row in _rows(folder, "expected", count)]
    return Data(read_policy(folder), visits, expected)


def _rows(folder: Path, table: str, count: int) -> list[dict[str, Any]]:
    read = {name: _column(path, count) for name, path in columns(folder, table).items()}
    return [dict(zip(read, row, strict=True)) for row in zip(*read.values(), strict=True)]


def _column(path: Path, count: int) -> "array[int]":
    numbers = array(LETTERS[path.suffix[1:]])
    with path.open("rb") as file:
        numbers.fromfile(file, count)
    if sys.byteorder == "big":
        numbers.byteswap()
    return numbers
