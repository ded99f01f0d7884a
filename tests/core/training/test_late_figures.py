"""A GPU's figures come late: none is lost, whenever a run is stopped or fails."""

from __future__ import annotations

import pytest

from tests.core.training.test_training import assert_same_run
from tests.made_runs import finish, made, stop_after, trained
from workbench.core.runs.events import StepEvent
from workbench.core.training.reading import Reading
from workbench.core.training.training import TrainingError, train


@pytest.fixture
def slow_device(monkeypatch) -> None:
    """Figures come when they are waited for, as from a GPU that is far behind."""
    monkeypatch.setattr(Reading, "is_there", False)
    monkeypatch.setattr("workbench.core.training.stretch._MOST_AHEAD", 2)


@pytest.mark.parametrize("count", range(1, 14))
def test_nothing_is_lost_while_figures_are_on_their_way(
    tmp_path, count, request
) -> None:
    small = {"training__iterations": 8, "training__checkpoint_every": 5}
    whole = trained(tmp_path / "whole", **small)
    request.getfixturevalue("slow_device")
    assert_same_run(whole, trained(tmp_path / "slow", **small))
    broken = made(tmp_path / "broken", **small)
    stop_after(broken, count)
    finish(broken)
    assert_same_run(whole, broken)


@pytest.mark.parametrize("patience", range(1, 16))
def test_a_run_asked_to_stop_says_and_keeps_all_it_has_done(
    tmp_path, patience, request
) -> None:
    whole = trained(tmp_path / "whole")
    request.getfixturevalue("slow_device")
    broken = made(tmp_path / "broken")
    asked = iter(range(patience))
    events = train(
        broken,
        data=tmp_path,
        device="cpu",
        is_stopping=lambda: next(asked, None) is None,
    )
    assert list(events)[:-1] == list(broken.events())
    finish(broken)
    assert_same_run(whole, broken)


def test_steps_before_one_that_diverges_are_kept(tmp_path, slow_device):
    folder = made(tmp_path, training__optimiser="sgd", training__meta_lr=1e30)
    with pytest.raises(TrainingError, match=r"meta-step 2: .*not finite"):
        finish(folder)
    assert [e.step for e in folder.events() if isinstance(e, StepEvent)] == [1]
