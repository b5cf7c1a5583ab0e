"""The policy as one query over the tables of lines, visits and rules. All in BIGINT: products that would not fit are
divided first and their rest afterwards, because HUGEINT is slower and no more exact here."""

from visits import AMOUNTS, Policy

Row = tuple[int, ...]

RULES = """create table rules(status utinyint, level utinyint, admission utinyint, due bigint, ceiling bigint,
  end1 bigint, end2 bigint, rate1 bigint, rate2 bigint, rate3 bigint, rate_large bigint)"""

# An end that no cost reaches: outpatient cost has one band where stays have three.
NEVER = 4 * 10**18

MACROS = """
create macro half_up(amount, divisor) as (amount + divisor // 2) // divisor;
-- A share is rounded half-even at the last place; `rest` is what it has below that, in ten-thousandths.
create macro even_up(whole, rest) as
  whole + case when rest > 5000 or (rest = 5000 and whole % 2 = 1) then 1 else 0 end;
create macro share(amount, parts) as even_up(
  (amount // 10000) * parts + ((amount % 10000) * parts) // 10000, ((amount % 10000) * parts) % 10000);
create macro at_rate(amount, rate) as amount - share(amount, 10000 - rate);
-- The cost that yields a payment.
create macro cost_of(paid, rate) as (paid // rate) * 10000 + ((paid % rate) * 20000 + rate) // (rate * 2);
create macro up_to(edge, start, cost) as least(greatest(edge - start, 0), cost);
"""


def rules(policy: Policy) -> list[Row]:
    """The rows of the table of rules, amounts in units."""
    fen = policy["units_a_fen"]
    rows = []
    for rule in policy["rules"]:
        ends = [end * fen for end in rule["ends"]] or [NEVER, NEVER]
        rates = rule["rates"] if rule["ends"] else rule["rates"] * 3
        due, ceiling = rule["deductible"] * fen, rule["ceiling"] * fen
        key = (rule["status"], rule["level"], rule["admission"])
        rows.append((*key, due, ceiling, *ends, *rates, rule["large"]))
    return rows


def query(policy: Policy) -> str:
    """All amounts of all visits."""
    fen, large_end = policy["units_a_fen"], policy["large_end"] * policy["units_a_fen"]
    outside = policy["outside_from"]
    return f"""
with priced as (
  select visit, amount,
    case when class = 2 or standing >= {outside} then 0 else amount end as inside,
    case when class = 2 or standing >= {outside} then 0
      when "limit" < price then least(half_up("limit"::bigint * quantity, 100000000), amount)
      else amount end as within,
    coalesce(own_rate, case when class = 1 then {policy["first_of_b"]} else 0 end) as rate
  from lines
), sums as (
  select visit, sum(amount)::bigint as total, sum(amount)::bigint - sum(inside)::bigint as out_of_scope,
    sum(inside)::bigint - sum(within)::bigint as over_limit,
    sum(half_up(within * rate, 10000))::bigint as first_self_pay
  from priced group by visit
-- Materialised, or else the planner copies its expressions into those below, again and again, until memory ends.
), bills as materialized (
  select visits.*, sums.* exclude (visit), rules.* exclude (status, level, admission),
    total - out_of_scope - over_limit - first_self_pay as eligible,
    -- Nothing is paid for who owes premiums, and nothing is what the rules below make of nothing.
    case when arrears = 1 then 0 else (total - out_of_scope - over_limit - first_self_pay) * {fen} end as cost,
    greatest(ceiling - case when stay = 1 then stay_paid else outpatient_paid end, 0) as room1,
    case when stay = 1 then due else greatest(due - outpatient_deductible, 0) end as line,
    case when stay = 1 then stay_entered else 0 end as at1
  from sums join visits using (visit) join rules on rules.status = visits.status
    and rules.level = visits.level and rules.admission = least(visits.admission, 3)
), charged as (
  select *, case when room1 > 0 then least(line, cost) else 0 end as used from bills
), {_band(1, "charged", "cost - used", "up_to(end1, at1, cost - used)")},
{_band(2, "band1", "left1", "up_to(end2, at2, left1)")},
{_band(3, "band2", "left2", "left2")},
large as (
  select *, pays1 + pays2 + pays3 as pool,
    case when stay = 1 then at_rate(up_to({large_end}, large_entered, left3), rate_large) else 0 end as over
  from band3
), supplemented as (
  select *, case when servant = 1 then at_rate(cost - pool - over, {policy["servant"]}) else 0 end as sup from large
), pooled as (
  select *, least(half_up(pool, {fen}), total) as pooled from supplemented
), rounded as (
  select *, least(half_up(over, {fen}), total - pooled) as large from pooled
), funded as (
  select *, least(half_up(sup, {fen}), total - pooled - large) as supplement from rounded
), accounted as (
  select * exclude (account),
    case when uses_account = 1 and first_self_pay * {fen} + eligible * {fen} - pool - over - sup <> 0
      then least(greatest(total - pooled - large - supplement - out_of_scope - over_limit, 0), greatest(account, 0))
      else 0 end as account
  from funded
)
select visit, total, out_of_scope, over_limit, first_self_pay, eligible, used // {fen} as deductible,
  pooled, large, supplement, account, total - pooled - large - supplement - account as cash
from accounted
"""


def _band(k: int, of: str, cost: str, width: str) -> str:
    """Cost of a band; where the payment is cut, the cost that yields it."""
    return f"""width{k} as (select *, {width} as width{k} from {of}
), full{k} as (select *, at_rate(width{k}, rate{k}) as full{k} from width{k}
), cost{k} as (
  select *, least(full{k}, room{k}) as pays{k},
    case when full{k} > room{k} then least(cost_of(room{k}, rate{k}), width{k}) else width{k} end as cost{k}
  from full{k}
), band{k} as (
  select *, at{k} + cost{k} as at{k + 1}, {cost} - cost{k} as left{k}, room{k} - pays{k} as room{k + 1} from cost{k}
)"""


def sums_of(rows: str) -> str:
    """One row of sums: a rehearsal's answer, and no work for whoever fetches it."""
    return f"select {', '.join(f'sum({name})::bigint' for name in AMOUNTS)} from ({rows})"
