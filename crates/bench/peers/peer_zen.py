"""The policy as a graph of Zen (GoRules), by its Python binding. usage: peer_zen.py FOLDER VISITS [trace]"""

import json
import sys
from importlib.metadata import version
from pathlib import Path
from typing import Any

import rounds
import zen
from visits import AMOUNTS, Amounts, read
from zen_graph import graph


def main() -> None:
    data = read(Path(sys.argv[1]), int(sys.argv[2]))
    # Of the ways to hand a graph and a visit over, this is the fastest: a graph of the static loader is compiled once,
    # not at every evaluation, and a text is taken in sooner than a dict.
    content = {"policy": json.loads(graph(data.policy))}
    engine = zen.ZenEngine({"loader": {"type": "static", "content": content}})
    visits = [json.dumps(visit) for visit in data.visits]
    trace = sys.argv[3:] == ["trace"]

    def settle(visit: str) -> dict[str, Any]:
        answer = engine.evaluate("policy", visit, {"trace": True} if trace else None)
        result: dict[str, Any] = answer["result"]
        return result

    def amounts(visit: str) -> Amounts:
        # The binding hands numbers over as floats; an amount that is no whole number differs.
        answer = settle(visit)
        return tuple(answer[name] for name in AMOUNTS)

    def work() -> None:
        for visit in visits:
            settle(visit)

    differing = data.differing([amounts(visit) for visit in visits])
    rounds.serve(f"zen-engine {version('zen-engine')}", differing, len(visits), work)


if __name__ == "__main__":
    main()
