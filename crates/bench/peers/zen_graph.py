"""Writes the policy as a GoRules decision graph: what the lines come to, a decision table of the figures, and what
everybody pays. Zen's numbers are decimals of 28 digits inside, so amounts in units (10⁻¹² yuan) stay exact."""

import json
from itertools import pairwise
from typing import Any

from visits import AMOUNTS, Policy

Node = dict[str, Any]
Keys = list[tuple[str, str]]

# An end that no cost reaches: outpatient cost has one band where stays have three.
NEVER = 4 * 10**18


def graph(policy: Policy) -> str:
    """The graph as the engine reads it."""
    nodes = [
        {"id": "in", "type": "inputNode", "name": "in"},
        _expressions("lines", _lines(policy), through=True),
        _table(policy),
        _expressions("shares", _shares(policy), through=False),
        {"id": "out", "type": "outputNode", "name": "out"},
    ]
    for node in nodes:
        node["position"] = {"x": 0, "y": 0}
    names = [node["id"] for node in nodes]
    edges = [{"id": f"{a}-{b}", "type": "edge", "sourceId": a, "targetId": b} for a, b in pairwise(names)]
    return json.dumps({"nodes": nodes, "edges": edges})


def _lines(policy: Policy) -> Keys:
    outside = f"#.class == 2 or #.standing >= {policy['outside_from']}"
    within = "#.limit >= 0 and #.limit < #.price ? min([round(#.limit * #.quantity / 100000000), #.amount]) : #.amount"
    rate = f"#.own_rate >= 0 ? #.own_rate : #.class == 1 ? {policy['first_of_b']} : 0"
    nothing, shared = "{inside: 0, within: 0, rate: 0}", f"{{inside: #.amount, within: {within}, rate: {rate}}}"
    return [
        ("shared", f"map(lines, ({outside}) ? {nothing} : {shared})"),
        ("total", "sum(map(lines, #.amount))"),
        ("inside", "sum(map($.shared, #.inside))"),
        ("within", "sum(map($.shared, #.within))"),
        ("first_self_pay", "sum(map($.shared, round(#.within * #.rate / 10000)))"),
    ]


def _table(policy: Policy) -> Node:
    inputs = ("status", "level", "admission")
    outputs = ("line", "ceiling", "end1", "end2", "rate1", "rate2", "rate3", "rate_large")
    rules: list[dict[str, str]] = []
    for rule in policy["rules"]:
        fen = policy["units_a_fen"]
        ends = [end * fen for end in rule["ends"]] or [NEVER, NEVER]
        rates = rule["rates"] if rule["ends"] else rule["rates"] * 3
        figures = (rule["deductible"] * fen, rule["ceiling"] * fen, *ends, *rates, rule["large"])
        # The third admission's row stands for all later ones.
        admission = ">= 3" if rule["admission"] == 3 else rule["admission"]
        row = dict(zip(inputs, (rule["status"], rule["level"], admission), strict=True))
        row |= dict(zip(outputs, figures, strict=True))
        rules.append({"_id": f"rule{len(rules)}"} | {name: str(cell) for name, cell in row.items()})
    content = {
        "hitPolicy": "first",
        "passThrough": True,
        "executionMode": "single",
        "inputField": None,
        "outputPath": None,
        "inputs": [{"id": name, "name": name, "field": name} for name in inputs],
        "outputs": [{"id": name, "name": name, "field": name} for name in outputs],
        "rules": rules,
    }
    return {"id": "rules", "type": "decisionTableNode", "name": "rules", "content": content}


def _shares(policy: Policy) -> Keys:
    fen = policy["units_a_fen"]
    keys: Keys = [
        ("out_of_scope", "total - inside"),
        ("over_limit", "inside - within"),
        ("eligible", "within - first_self_pay"),
        # Nothing is paid for who owes premiums, and nothing is what the rules below make of nothing.
        ("cost", f"arrears == 1 ? 0 : $.eligible * {fen}"),
        ("room", "max([ceiling - (stay == 1 ? stay_paid : outpatient_paid), 0])"),
        ("due", "max([line - (stay == 1 ? 0 : outpatient_deductible), 0])"),
        ("used", "$.room > 0 ? min([$.due, $.cost]) : 0"),
        ("at1", "stay == 1 ? stay_entered : 0"),
        ("left1", "$.cost - $.used"),
        ("room1", "$.room"),
    ]
    for k in (1, 2, 3):
        keys += _band(k)
    within = f"min([max([{policy['large_end'] * fen} - large_entered, 0]), $.left4])"
    keys += [
        ("paid", "$.pays1 + $.pays2 + $.pays3"),
        ("width_large", f"stay == 1 ? {within} : 0"),
        *_at_rate("_large", "rate_large"),
        ("width_sup", "servant == 1 ? $.cost - $.paid - $.full_large : 0"),
        *_at_rate("_sup", str(policy["servant"])),
        ("pooled", f"min([round($.paid / {fen}), total])"),
        ("large", f"min([round($.full_large / {fen}), total - $.pooled])"),
        ("supplement", f"min([round($.full_sup / {fen}), total - $.pooled - $.large])"),
        ("rest", "total - $.pooled - $.large - $.supplement"),
        # In-scope cost that is left, of arrears all of it.
        ("open", f"$.eligible * {fen} - $.paid - $.full_large - $.full_sup"),
        ("payable", "max([$.rest - $.out_of_scope - $.over_limit, 0])"),
        (
            "account",
            f"uses_account == 1 and first_self_pay * {fen} + $.open != 0 ? min([$.payable, max([account, 0])]) : 0",
        ),
        ("cash", "$.rest - $.account"),
        ("deductible", f"floor($.used / {fen})"),
        ("total", "total"),
        ("first_self_pay", "first_self_pay"),
    ]
    missing = set(AMOUNTS) - {key for key, _ in keys}
    assert not missing, f"the graph does not tell {missing}"
    return keys


def _band(k: int) -> Keys:
    """Cost of a band; where the payment is cut, the cost that yields it."""
    width = "$.left3" if k == 3 else f"min([max([end{k} - $.at{k}, 0]), $.left{k}])"
    yields = f"min([round($.room{k} * 10000 / rate{k}), $.width{k}])"
    return [
        (f"width{k}", width),
        *_at_rate(str(k), f"rate{k}"),
        (f"cost{k}", f"$.full{k} > $.room{k} ? {yields} : $.width{k}"),
        (f"pays{k}", f"min([$.full{k}, $.room{k}])"),
        (f"at{k + 1}", f"$.at{k} + $.cost{k}"),
        (f"left{k + 1}", f"$.left{k} - $.cost{k}"),
        (f"room{k + 1}", f"$.room{k} - $.pays{k}"),
    ]


def _at_rate(name: str, rate: str) -> Keys:
    """What a fund pays for a width: all but the person's share, which is rounded half-even."""
    share, whole = f"$.share{name}", f"$.whole{name}"
    up = f"{share} - {whole} > 0.5 or ({share} - {whole} == 0.5 and {whole} % 2 == 1)"
    return [
        (f"share{name}", f"$.width{name} * (10000 - {rate}) / 10000"),
        (f"whole{name}", f"floor({share})"),
        (f"full{name}", f"$.width{name} - {whole} - (({up}) ? 1 : 0)"),
    ]


def _expressions(name: str, keys: Keys, *, through: bool) -> Node:
    content = {
        "passThrough": through,
        "inputField": None,
        "outputPath": None,
        "executionMode": "single",
        "expressions": [{"id": f"{name}-{key}", "key": key, "value": value} for key, value in keys],
    }
    return {"id": name, "type": "expressionNode", "name": name, "content": content}
