"""What the benchmarks say of two times, and that comparing leaves nothing behind."""

from __future__ import annotations

import json
import random
import subprocess
from pathlib import Path

import pytest
import torch

from tests.benchmarks.against_peers import agreeing, doubled, record
from tests.benchmarks.compare import described, unpacked, verdict
from tests.benchmarks.paired import LEAST_ROUNDS, Ratio, in_turns, ratio
from tests.benchmarks.start import ROOT
from tests.benchmarks.table import by_device, records, table
from workbench.core.learning.episode import Episode
from workbench.core.learning.params import leaves
from workbench.core.planning.bench_workloads import WORKLOADS, config_of, outer_loop_of
from workbench.core.training.outer_loop import OuterLoop

ALIKE = Ratio(1.0, 0.97, 1.04)


def test_ways_take_turns_and_every_second_round_goes_backwards() -> None:
    order: list[str] = []
    ways = [lambda name=name: order.append(name) or name for name in "abc"]
    assert in_turns(ways, 2) == [["a", "a"], ["b", "b"], ["c", "c"]]
    assert "".join(order) == "cbaabccba"


def test_a_ratio_is_taken_round_by_round_whatever_the_machine_does_meanwhile() -> None:
    busy = [1.0, 1.0, 7.0, 3.0, 1.0, 2.0]
    assert ratio([1.5 * each for each in busy], busy) == Ratio(1.5, 1.5, 1.5)


def test_the_interval_leaves_out_as_many_rounds_as_the_sign_test_does() -> None:
    ones = [1.0] * 12
    assert ratio(range(1, 13), ones) == Ratio(6.5, 3, 10)
    assert ratio(range(1, 7), ones[:6]) == Ratio(3.5, 1, 6)
    with pytest.raises(ValueError, match="the least"):
        ratio(ones[: LEAST_ROUNDS - 1], ones[: LEAST_ROUNDS - 1])


def test_the_interval_holds_the_median_in_95_of_100() -> None:
    drawn = random.Random(0)
    rounds = ([drawn.lognormvariate(0, 1) for _ in range(12)] for _ in range(2000))
    ratios = [ratio(each, [1.0] * 12) for each in rounds]
    held = sum(each.low <= 1 <= each.high for each in ratios) / len(ratios)
    assert 0.94 < held < 0.98


@pytest.mark.parametrize(
    ("this", "said"),
    [
        (Ratio(1.2, 1.1, 1.3), "SLOWER"),
        (Ratio(1.05, 1.03, 1.07), ""),
        (Ratio(1.0, 0.9, 1.1), ""),
        (Ratio(0.9, 0.85, 0.95), "faster"),
    ],
)
def test_slower_is_what_is_so_by_more_than_the_base_is_than_itself(this, said) -> None:
    assert verdict(this, ALIKE) == said


def test_a_hair_is_not_slower_however_exactly_it_is_measured() -> None:
    assert verdict(Ratio(1.01, 1.005, 1.015), Ratio(1.0, 1.0, 1.0)) == ""


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """Return a repository with two commits of one file."""
    who = ["-c", "user.name=who", "-c", "user.email=who@example.org"]
    run = ["git", "-C", str(tmp_path), *who]
    subprocess.run([*run, "init", "-q"], check=True)
    for text in ("before", "after"):
        (tmp_path / "file").write_text(text)
        subprocess.run([*run, "add", "file"], check=True)
        subprocess.run([*run, "commit", "-qm", text], check=True)
    return tmp_path


def test_a_commit_is_unpacked_and_gone_again_when_interrupted(repository: Path) -> None:
    kept = sorted(repository.rglob("*"))
    places = []

    def interrupted() -> None:
        with unpacked("HEAD~1", repository) as tree:
            places.append(tree)
            assert (tree / "file").read_text() == "before"
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert not places[0].exists()
    assert sorted(repository.rglob("*")) == kept
    assert described("HEAD", repository).endswith(" after")


def test_a_commit_that_is_not_there_is_named(repository: Path) -> None:
    with pytest.raises(SystemExit, match="nowhere"), unpacked("nowhere", repository):
        pass


def test_the_readme_s_tables_of_speed_are_made_of_what_was_measured() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    measured = by_device(records([ROOT / "docs" / "speed.jsonl"]))
    assert "cpu" in measured
    assert [
        device for device in measured if table(measured[device]) not in readme
    ] == []


def test_a_gpu_s_table_has_what_bench_and_the_peers_say_of_it(tmp_path: Path) -> None:
    bench = {
        "workload": "omniglot5-1",
        "algorithm": "maml",
        "device": "cuda",
        "meta_steps_per_second": 1234.5,
        "peak_memory_mb": 987.6,
        "gpu_busy": 0.934,
    }
    of_another = {**bench, "algorithm": "reptile", "meta_steps_per_second": 1}
    peers = {"workbench": 0.008, "slow": 0.9, "fast": 0.1}
    said = tmp_path / "said.jsonl"
    lines = [json.dumps(bench), json.dumps(of_another), "against slow, fast"]
    lines += [record("omniglot5-1", "cuda", "seconds", peers)]
    said.write_text("\n".join(lines))
    assert table(by_device(records([said]))["cuda"]).splitlines() == [
        "| workload | meta-steps a second | times faster | goal | MB at peak "
        "| GPU busy |",
        "|---|---|---|---|---|---|",
        "| `omniglot5-1` | 1,234 | 12 | 10 | 988 | 93% |",
    ]


def test_memory_is_beside_the_peer_s_that_uses_least() -> None:
    used = {"workbench": 110.0, "slow": 100.0, "fast": 200.0}
    said = json.loads(record("mini5-5", "cpu", "peak_mb", used))
    assert said["memory"] == pytest.approx(1.1)


class _Likeness:
    """Has the workbench's meta-gradient, times a factor."""

    def __init__(self, loop: OuterLoop, factor: float) -> None:
        self._loop, self._factor = loop, factor

    def to(self, dtype: torch.dtype) -> None:
        """Compute in numbers of any type."""

    def gradient(self, episodes: Episode) -> list[torch.Tensor]:
        """Return the gradient of the episodes."""
        loop = self._loop
        said = loop.gradient(episodes, doubled(loop.meta), loop.state)
        return [self._factor * leaf for leaf in leaves(said.gradient)]

    def advance(self) -> None:
        """Never called."""
        raise AssertionError


def test_peers_with_another_gradient_are_left_out_of_a_comparison(
    capsys: pytest.CaptureFixture[str],
) -> None:
    loop = outer_loop_of(
        config_of(WORKLOADS["sinusoid-1"], "maml"), torch.device("cpu")
    )
    right, wrong = _Likeness(loop, 1.0), _Likeness(loop, 1.001)
    assert agreeing("w", loop, {"right": right, "wrong": wrong}) == {"right": right}
    assert "w: without wrong, whose meta-gradient is another" in capsys.readouterr().out
    with pytest.raises(SystemExit, match="nobody"):
        agreeing("w", loop, {"wrong": wrong})
