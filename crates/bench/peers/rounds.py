"""How a peer and the benchmark speak: the peer says its version and how many visits differ, then does a round for each
line it is sent and answers with the CPU time it took. So rounds of all peers and of ours can alternate."""

import sys
import time
from collections.abc import Callable


def serve(version: str, differing: int, compared: int, work: Callable[[], object]) -> None:
    """Speaks until nothing more is asked."""
    print(f"version {version}", flush=True)
    print(f"differ {differing} of {compared}", flush=True)
    for _ in sys.stdin:
        # Of the whole process: what an engine does on threads of its own counts.
        before = time.process_time_ns()
        work()
        print(f"took {time.process_time_ns() - before}", flush=True)
