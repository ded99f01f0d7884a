"""Times a MAML meta-step of the workbench beside that of other libraries.

    python -m tests.benchmarks.against_peers [--workload NAME]... [--device cuda]
        [--memory] [--busy] [--json]

needs the extras ``peers`` and ``peers-jax``; learn2learn takes part where it can be
imported, ``torch.func`` with ``torch.compile`` where there is a C++ compiler. All
contend in one process, turn by turn, on the same episodes and parameters, with Adam
outside. A peer runs with one computing thread and with all (JAX with its own), and the
fastest turn of each counts. Who has another meta-gradient than the workbench is left
out; if all have, nothing is timed.

On a CPU, compilers take minutes for convolutions, and JAX half a minute for a meta-step
of them: whoever has taken ``--patience`` seconds of turns gets no further one.
``--peer`` chooses who contends, ``--engine`` how the workbench does.

``--busy`` is for a machine that has other work to do: it counts seconds of computing,
with one thread for each peer, in place of seconds on the clock. ``--memory`` gives
every contender a process of its own and prints the peaks. On a GPU several meta-steps
are timed together, so that none has to wait for the one before.

``--json`` adds a line for each workload that ``tests.benchmarks.table`` reads.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import multiprocessing
import shutil
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from typing import Protocol

import torch
from torch import Tensor, nn
from torch.utils import _pytree

from tests.benchmarks.compiled_peers import META_LR, FuncPeer, JaxPeer
from workbench.core.base.devices import choose_device, peak_memory_mb
from workbench.core.learning.episode import Episode, Examples
from workbench.core.learning.params import leaves
from workbench.core.planning.bench_workloads import WORKLOADS, config_of, outer_loop_of
from workbench.core.training.outer_loop import OuterLoop
from workbench.models.conv4 import Conv4

RELATIVE_TOLERANCE = 1e-4
ROUNDS = 5
WARM_UP = 6
STEPS_TOGETHER = {"cpu": 1, "cuda": 10}
TURN_SECONDS = 0.5
LIBRARIES = ("higher", "torchopt", "learn2learn")
COMPILED = {"torch.func": FuncPeer, "jax": JaxPeer}
PEERS = (*LIBRARIES, *COMPILED)
EXTRAS = {"higher": "peers", "torchopt": "peers", "jax": "peers-jax"}


class Peer(Protocol):
    """Whoever makes the same meta-steps as the workbench."""

    def to(self, dtype: torch.dtype) -> None:
        """Compute in numbers of this type."""

    def gradient(self, episodes: Episode) -> list[Tensor]:
        """Return the mean meta-gradient over the episodes."""

    def advance(self) -> None:
        """Make one meta-step, sampling included."""


class LibraryPeer:
    """The workload's network as a module, and one meta-step of it with a library."""

    def __init__(self, name: str, loop: OuterLoop) -> None:
        self.net = module_of(loop)
        self._loop = loop
        self._learner = loop.config.algorithm
        self._differentiate = globals()[f"differentiate_with_{name}"]
        self._adam = torch.optim.Adam(self.net.parameters(), lr=META_LR, fused=True)
        self._step = 0

    def to(self, dtype: torch.dtype) -> None:
        """Compute in numbers of this type."""
        self.net.to(dtype)

    def gradient(self, episodes: Episode) -> list[Tensor]:
        """Return the mean meta-gradient over the episodes."""
        self.net.zero_grad()
        tasks = list(unstacked(episodes))
        for task in tasks:
            self._differentiate(
                self.net,
                self.loss,
                task,
                self._learner.inner_steps,
                self._learner.inner_lr,
            )
        for parameter in self.net.parameters():
            parameter.grad /= len(tasks)
        return [parameter.grad for parameter in self.net.parameters()]

    def advance(self) -> None:
        """Make one meta-step, sampling included."""
        self.gradient(self._loop.episodes[self._step])
        self._adam.step()
        self._step += 1

    def loss(self, net: nn.Module, examples: Examples) -> Tensor:
        """Return the mean cross-entropy or squared error."""
        outputs = net(examples.x)
        if examples.y.dtype == torch.int64:
            return nn.functional.cross_entropy(outputs, examples.y)
        return nn.functional.mse_loss(outputs, examples.y)


Loss = Callable[[nn.Module, Examples], Tensor]


def differentiate_with_higher(
    net: nn.Module, loss: Loss, task: Episode, steps: int, rate: float
) -> None:
    import higher

    inner = torch.optim.SGD(net.parameters(), lr=rate)
    with higher.innerloop_ctx(net, inner, copy_initial_weights=False) as (
        copy,
        descend,
    ):
        for _ in range(steps):
            descend.step(loss(copy, task.support))
        loss(copy, task.query).backward()


def differentiate_with_torchopt(
    net: nn.Module, loss: Loss, task: Episode, steps: int, rate: float
) -> None:
    import torchopt

    inner = torchopt.MetaSGD(net, lr=rate)
    start = torchopt.extract_state_dict(net, by="reference")
    for _ in range(steps):
        inner.step(loss(net, task.support))
    loss(net, task.query).backward()
    torchopt.recover_state_dict(net, start)


def differentiate_with_learn2learn(
    net: nn.Module, loss: Loss, task: Episode, steps: int, rate: float
) -> None:
    import learn2learn

    learner = learn2learn.algorithms.MAML(net, lr=rate).clone()
    for _ in range(steps):
        learner.adapt(loss(learner, task.support))
    loss(learner, task.query).backward()


def peer_of(name: str, loop: OuterLoop) -> Peer:
    """Return a contender by its name."""
    if name in COMPILED:
        return COMPILED[name](module_of(loop), loop)
    return LibraryPeer(name, loop)


def found(names: list[str]) -> list[str]:
    """Return those of the peers that are here; say of the others what they need."""
    here = []
    for name in names:
        if name == "torch.func":
            is_here = any(map(shutil.which, ("c++", "g++", "clang++", "cl")))
            needs = "a C++ compiler"
        else:
            is_here = importlib.util.find_spec(name) is not None
            needs = f"the extra {EXTRAS[name]}" if name in EXTRAS else "it installed"
        if is_here:
            here.append(name)
        else:
            print(f"without {name}, which needs {needs}")
    return here


def module_of(loop: OuterLoop) -> nn.Module:
    """Return the model as a module whose parameters are the loop's, in order."""
    model = loop.config.model
    net = conv_module(model, loop) if isinstance(model, Conv4) else mlp_module(model)
    net = net.to(loop.device)
    with torch.no_grad():
        for ours, theirs in zip(leaves(loop.meta), net.parameters(), strict=True):
            theirs.copy_(ours)
    return net


def mlp_module(model) -> nn.Module:
    layers: list[nn.Module] = []
    width = 1
    for units in model.hidden:
        layers += [nn.Linear(width, units), nn.ReLU()]
        width = units
    return nn.Sequential(*layers, nn.Linear(width, 1))


def conv_module(model: Conv4, loop: OuterLoop) -> nn.Module:
    layers: list[nn.Module] = []
    channels = loop.config.task.input_shape[0]
    stride = 2 if model.downsample == "stride" else 1
    for _ in range(4):
        layers += [
            nn.Conv2d(channels, model.filters, 3, stride, padding=1, bias=False),
            nn.BatchNorm2d(model.filters, eps=1e-3, track_running_stats=False),
            nn.ReLU(),
        ]
        if stride == 1:
            layers.append(nn.MaxPool2d(2))
        channels = model.filters
    if model.features == "mean":
        layers.append(nn.AdaptiveAvgPool2d(1))
    width = loop.meta["head.weight"].shape[1]
    return nn.Sequential(
        *layers, nn.Flatten(), nn.Linear(width, loop.config.task.outputs)
    )


def unstacked(episodes: Episode) -> Iterator[Episode]:
    for parts in zip(*episodes.support, *episodes.query, strict=True):
        yield Episode(Examples(*parts[:2]), Examples(*parts[2:]))


def farthest(ours: list[Tensor], theirs: list[Tensor]) -> float:
    """Return the difference of two gradients relative to their size."""
    flat, other = (torch.cat([x.flatten() for x in part]) for part in (ours, theirs))
    return float((flat - other).norm() / other.norm())


def agreeing(workload: str, loop: OuterLoop, peers: dict[str, Peer]) -> dict[str, Peer]:
    """Return those whose meta-gradient in float64 is ours; say who is left out.

    In float32 a ReLU whose input rounding turns over changes a task's gradient by up to
    a hundredth, in every library.
    """
    episodes = doubled(loop.episodes[0])
    episodes = _pytree.tree_map_only(Tensor, lambda leaf: leaf[:2], episodes)
    meta = doubled(loop.meta)
    for _ in range(WARM_UP):
        said = loop.gradient(episodes, meta, loop.state)
    alike: dict[str, Peer] = {}
    for name, peer in peers.items():
        peer.to(torch.float64)
        difference = farthest(leaves(said.gradient), peer.gradient(episodes))
        peer.to(torch.float32)
        print(f"{workload}: meta-gradient differs from {name}'s by {difference:.1e}")
        if difference < RELATIVE_TOLERANCE:
            alike[name] = peer
        else:
            print(f"{workload}: without {name}, whose meta-gradient is another")
    if peers and not alike:
        raise SystemExit("nobody has the workbench's meta-gradient")
    return alike


def doubled(tree):
    return _pytree.tree_map_only(
        Tensor,
        lambda leaf: leaf.double() if leaf.is_floating_point() else leaf,
        tree,
    )


def compare(
    workload: str,
    names: list[str],
    device: torch.device,
    *,
    is_busy: bool,
    patience: float,
    engine: str,
) -> dict[str, float]:
    """Check that all agree, then time them turn by turn; return seconds by name."""
    config = config_of(WORKLOADS[workload], "maml")
    loop = outer_loop_of(config.replace({"training.engine": engine}), device)
    peers = {name: peer_of(name, loop) for name in names}
    all_threads = torch.get_num_threads()
    torch.set_num_threads(1)
    peers = agreeing(workload, loop, peers)
    clock = time.process_time if is_busy else time.perf_counter
    best = dict.fromkeys(["workbench", *peers], float("inf"))
    spent = dict.fromkeys(peers, 0.0)
    for contender in (loop, *peers.values()):
        for _ in range(WARM_UP if contender is loop else 1):
            contender.advance()
    for _ in range(ROUNDS):
        best["workbench"] = min(best["workbench"], fastest(loop, clock, device))
        for name, peer in peers.items():
            begin = time.perf_counter()
            for threads in {1} if is_busy or name == "jax" else {1, all_threads}:
                if spent[name] < patience:
                    torch.set_num_threads(threads)
                    best[name] = min(best[name], fastest(peer, clock, device))
            spent[name] += time.perf_counter() - begin
    for name, taken in best.items():
        ratio = taken / best["workbench"]
        print(f"{workload}: {name} {taken * 1e3:.2f} ms a meta-step, {ratio:.2f} times")
    torch.set_num_threads(all_threads)
    return best


def fastest(
    contender: Peer | OuterLoop, clock: Callable[[], float], device: torch.device
) -> float:
    """Return the least time of a meta-step in a turn."""
    steps = STEPS_TOGETHER[device.type]
    wait = getattr(contender, "wait", torch.cuda.synchronize)
    best, end = float("inf"), clock() + TURN_SECONDS
    while True:
        start = clock()
        for _ in range(steps):
            contender.advance()
        if device.type == "cuda":
            wait()
        now = clock()
        best = min(best, (now - start) / steps)
        if now > end:
            return best


def peak(workload: str, name: str, device_name: str) -> float:
    """Return the peak memory of a process that makes a few meta-steps one way."""
    device = choose_device(device_name)
    loop = outer_loop_of(config_of(WORKLOADS[workload], "maml"), device)
    contender = loop if name == "workbench" else peer_of(name, loop)
    for _ in range(WARM_UP):
        contender.advance()
    return peak_memory_mb(device)


def compare_memory(workload: str, names: list[str], device: str) -> dict[str, float]:
    """Give each a process of its own; return megabytes by name."""
    peaks = {}
    context = multiprocessing.get_context("spawn")
    for name in ["workbench", *names]:
        with ProcessPoolExecutor(1, mp_context=context) as pool:
            peaks[name] = pool.submit(peak, workload, name, device).result()
        print(f"{workload}: {name} {peaks[name]:.0f} MB at peak")
    return peaks


def record(workload: str, device: str, unit: str, used: dict[str, float]) -> str:
    """Return what all used in one unit as a line of JSON, with our part of the best's.

    Of time it is how many times that of the workbench the best peer needs, of memory
    how many times that of the best peer the workbench.
    """
    best = min(used[name] for name in used if name != "workbench")
    ours = used["workbench"]
    part = {
        "seconds": {"times_faster": best / ours},
        "peak_mb": {"memory": ours / best},
    }
    return json.dumps(
        {"workload": workload, "device": device, **part[unit], unit: used}
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--workload", action="append", choices=list(WORKLOADS))
    parser.add_argument("--device", choices=["cpu", "cuda"], default="cpu")
    parser.add_argument("--memory", action="store_true")
    parser.add_argument("--busy", action="store_true")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--peer", action="append", choices=PEERS)
    parser.add_argument("--patience", type=float, default=60)
    parser.add_argument("--engine", choices=["auto", "compiled"], default="auto")
    arguments = parser.parse_args()
    names = found(arguments.peer or list(PEERS))
    device = choose_device(arguments.device)
    print(f"against {', '.join(names) or 'nobody'}")
    for workload in arguments.workload or WORKLOADS:
        if arguments.memory:
            unit, used = "peak_mb", compare_memory(workload, names, arguments.device)
        else:
            unit = "seconds"
            used = compare(
                workload,
                names,
                device,
                is_busy=arguments.busy,
                patience=arguments.patience,
                engine=arguments.engine,
            )
        if arguments.json and names:
            print(record(workload, device.type, unit, used), flush=True)


if __name__ == "__main__":
    main()
