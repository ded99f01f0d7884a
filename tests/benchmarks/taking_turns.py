"""Makes meta-steps of a workload when it is told to: ``compare`` runs it in two trees.

    python -P taking_turns.py WORKLOAD LEARNER DEVICE

Each line read is a number of meta-steps; what they took is answered, by the clock and
of computing. The workbench is that of ``PYTHONPATH``, which may be an old one: what is
used of it here is what has long been there.
"""

from __future__ import annotations

import sys
import time

from workbench.core.base.devices import choose_device
from workbench.core.base.lazy import torch
from workbench.core.planning.bench_workloads import WORKLOADS, config_of, outer_loop_of

WARM_UP = 6


def main() -> None:
    """Warm up, say so, and serve until the last line is read."""
    workload, learner, device_name = sys.argv[1:]
    device = choose_device(device_name)
    loop = outer_loop_of(config_of(WORKLOADS[workload], learner), device)

    def advance(steps: int) -> tuple[float, float]:
        start, computed = time.perf_counter(), time.process_time()
        for _ in range(steps):
            loop.advance()
        if device.type == "cuda":
            torch.cuda.synchronize(device)
        return time.perf_counter() - start, time.process_time() - computed

    advance(WARM_UP)
    print("ready", flush=True)
    for line in sys.stdin:
        print(*advance(int(line)), flush=True)


if __name__ == "__main__":
    main()
