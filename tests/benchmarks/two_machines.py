"""A run of two machines, which are two network namespaces of this one.

``sudo python -m tests.benchmarks.two_machines`` (Linux, iproute2) starts torchrun in
each, as one does on two machines that share a disk, and says whether the run is to the
last bit what it is in one process.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from workbench.core.engine.trees import flatten
from workbench.core.runs.checkpoint import load_checkpoint
from workbench.core.runs.search import list_runs
from workbench.core.runs.store import RunFolder
from workbench.core.training.training import train

_PORT = 29511
_FEW = {
    "training.iterations": 200,
    "training.engine": "threads",
    "evaluation.every": 100,
    "evaluation.validation_tasks": 10,
    "evaluation.tasks": 10,
}


def main() -> int:
    """Train, compare, and return whether they differ."""
    with tempfile.TemporaryDirectory() as folder, _machines() as names:
        runs = Path(folder)
        with ExitStack() as stack:
            for number, name in enumerate(names):
                stack.enter_context(_torchrun(number, name, runs))
        (together,) = list_runs(runs)
        alone = RunFolder.create(runs / "alone", together.config())
        list(train(alone, data=runs, device="cpu"))
        is_same = _numbers(together) == _numbers(alone)
        sys.stdout.write("the same to the last bit\n" if is_same else "NOT the same\n")
    return 0 if is_same else 1


@contextmanager
def _machines() -> Iterator[list[str]]:
    """Yield the names of two namespaces that are joined by a wire."""
    names = ["fewshot-a", "fewshot-b"]
    with ExitStack() as stack:
        for name in names:
            _ip("netns", "add", name)
            stack.callback(_ip, "netns", "del", name)
        ends = ["name", "veth-a", "netns", names[0]]
        other = ["name", "veth-b", "netns", names[1]]
        _ip("link", "add", *ends, "type", "veth", "peer", *other)
        for number, name in enumerate(names):
            _ip(
                "-n", name, "addr", "add", f"{_address(number)}/24", "dev", _end(number)
            )
            for link in ("lo", _end(number)):
                _ip("-n", name, "link", "set", link, "up")
        yield names


@contextmanager
def _torchrun(number: int, name: str, runs: Path) -> Iterator[None]:
    options = ["--nnodes", "2", "--nproc-per-node", "1", "--rdzv-backend", "c10d"]
    options += ["--rdzv-endpoint", f"{_address(0)}:{_PORT}", "--rdzv-id", "two"]
    options += ["--rdzv-conf", f"is_host={str(number == 0).lower()}"]
    options += ["--local-addr", _address(number)]
    words = ["train", "sinusoid-quick", "--runs", str(runs), "--device", "cpu"]
    words += [
        word for each in _FEW.items() for word in ("--set", "{}={}".format(*each))
    ]
    torchrun = [sys.executable, "-m", "torch.distributed.run", *options, "main.py"]
    process = subprocess.Popen(
        ["ip", "netns", "exec", name, *torchrun, *words],
        env={**os.environ, "GLOO_SOCKET_IFNAME": _end(number)},
    )
    yield
    if process.wait() != 0:
        raise SystemExit(f"torchrun of {name} ended with {process.returncode}")


def _ip(*words: str) -> None:
    subprocess.run(["ip", *words], check=True)


def _address(number: int) -> str:
    return f"10.77.0.{number + 1}"


def _end(number: int) -> str:
    return f"veth-{'ab'[number]}"


def _numbers(folder: RunFolder) -> list[object]:
    kept = load_checkpoint(folder.checkpoint("latest"))
    return [leaf.tolist() for leaf in flatten([kept.meta, kept.state])[0]]


if __name__ == "__main__":
    sys.exit(main())
