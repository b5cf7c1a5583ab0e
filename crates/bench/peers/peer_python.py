"""The policy as a Python function. usage: peer_python.py FOLDER VISITS"""

import platform
import sys
from pathlib import Path
from typing import Any

import rounds
from visits import Amounts, Policy, Visit, read

Rule = dict[str, Any]


class Settler:
    """Settles visits under a policy; amounts in units (10⁻¹² yuan) where fen are too coarse."""

    def __init__(self, policy: Policy) -> None:
        self.policy = policy
        self.fen: int = policy["units_a_fen"]
        self.rules: dict[tuple[int, ...], Rule] = {
            (rule["status"], rule["level"], rule["admission"]): rule for rule in policy["rules"]
        }

    def settle(self, visit: Visit) -> Amounts:
        """All amounts of a visit, in fen."""
        total, out, over, first = self.line_sums(visit)
        eligible = total - out - over - first
        left = eligible * self.fen
        deductible, paid = 0, (0, 0, 0)
        if not visit["arrears"]:
            deductible, paid = self.funds(visit, left)
            left -= sum(paid)
        cash = total
        funds = []
        for exact in paid:
            funds.append(min(half_up(exact, self.fen), cash))
            cash -= funds[-1]
        account = 0
        if visit["uses_account"] and first * self.fen + left != 0:
            account = min(max(cash - out - over, 0), max(visit["account"], 0))
        return (total, out, over, first, eligible, deductible // self.fen, *funds, account, cash - account)

    def line_sums(self, visit: Visit) -> tuple[int, int, int, int]:
        """The bill, and what of it is out of scope, above price limits, and paid first."""
        total = out = over = first = 0
        for line in visit["lines"]:
            amount, price, limit = line["amount"], line["price"], line["limit"]
            total += amount
            if line["class"] == 2 or line["standing"] >= self.policy["outside_from"]:
                out += amount
                continue
            within = amount
            if 0 <= limit < price:
                within = min(half_up(limit * line["quantity"], 100_000_000), amount)
            rate = line["own_rate"]
            if rate < 0:
                rate = self.policy["first_of_b"] if line["class"] == 1 else 0
            over += amount - within
            first += half_up(within * rate, 10_000)
        return total, out, over, first

    def funds(self, visit: Visit, eligible: int) -> tuple[int, tuple[int, int, int]]:
        """The deductible, and what the three funds pay, in units."""
        rule = self.rules[visit["status"], visit["level"], min(visit["admission"], 3)]
        stay = visit["stay"]
        used, before = visit["outpatient_paid"], visit["outpatient_deductible"]
        entered = 0
        if stay:
            used, before, entered = visit["stay_paid"], 0, visit["stay_entered"]
        room = max(rule["ceiling"] * self.fen - used, 0)
        deductible = min(max(rule["deductible"] * self.fen - before, 0), eligible) if room else 0
        pooled, over = self.bands(rule, entered, eligible - deductible, room)
        large = 0
        if stay:
            within = min(max(self.policy["large_end"] * self.fen - visit["large_entered"], 0), over)
            large = at_rate(within, rule["large"])
        supplement = at_rate(eligible - pooled - large, self.policy["servant"]) if visit["servant"] else 0
        return deductible, (pooled, large, supplement)

    def bands(self, rule: Rule, at: int, cost: int, room: int) -> tuple[int, int]:
        """What the pool pays for cost in its bands, and the cost that is above the ceiling."""
        paid = 0
        for end, rate in zip([*rule["ends"], None], rule["rates"], strict=True):
            width = cost if end is None else min(max(end * self.fen - at, 0), cost)
            pays = at_rate(width, rate)
            if pays > room:
                # The cost that yields what is left below the ceiling; no room means no cost in the bands behind.
                width, pays = min((room * 20_000 + rate) // (rate * 2), width), room
            paid, at, cost, room = paid + pays, at + width, cost - width, room - pays
        return paid, cost


def half_up(amount: int, by: int) -> int:
    """Divides what is not below zero."""
    return (amount + by // 2) // by


def at_rate(amount: int, rate: int) -> int:
    """What a fund pays: all but the person's share, which is rounded half-even at the last place."""
    whole, rest = divmod(amount * (10_000 - rate), 10_000)
    return amount - whole - (rest > 5_000 or (rest == 5_000 and whole % 2))


def main() -> None:
    data = read(Path(sys.argv[1]), int(sys.argv[2]))
    settler = Settler(data.policy)
    differing = data.differing([settler.settle(visit) for visit in data.visits])

    def work() -> None:
        for visit in data.visits:
            settler.settle(visit)

    rounds.serve(f"Python {platform.python_version()}", differing, len(data.visits), work)


if __name__ == "__main__":
    main()
