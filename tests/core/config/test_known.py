"""What is known to work: for every learner, on invented tasks of both kinds."""

from __future__ import annotations

from typing import Any

import pytest

from tests.made_members import learners
from workbench.core.config.known import Known, deviations, known_settings
from workbench.core.config.presets import FIRST, find_preset, list_presets
from workbench.core.config.run_config import RunConfig

QUICK = {"sinusoid-quick": "regression", "glyphs-quick": "classification"}


def values(preset: str, **changes: Any) -> dict[str, Any]:
    """Return a preset's values; keywords are fields, as in algorithm__kind="anil"."""
    dotted = {name.replace("__", "."): value for name, value in changes.items()}
    config = RunConfig.from_dict(find_preset(preset).config).replace(dotted)
    return config.model_dump(mode="json")


def known(preset: str, **changes: Any) -> Known:
    found = known_settings(values(preset, **changes))
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("preset", "learner"),
    [(preset, each) for preset, of in QUICK.items() for each in learners(of)],
)
def test_every_learner_is_known_to_work_on_invented_tasks(
    preset: str, learner: str
) -> None:
    found = known(preset, algorithm__kind=learner)
    here = RunConfig.from_dict(values(preset, algorithm__kind=learner))
    there = RunConfig.from_dict(found.preset.config)
    learned = here.replace(found.changes)
    assert (learned.task, learned.model) == (there.task, there.model)
    assert learned.algorithm == there.algorithm
    assert learned.evaluation == there.evaluation
    assert known_settings(learned.model_dump(mode="json")) == (found.preset, {})


@pytest.mark.parametrize("preset", [each.name for each in list_presets()])
def test_a_preset_deviates_from_itself_in_nothing(preset: str) -> None:
    assert deviations(values(preset, training__seed=7), preset) == {}


def test_the_choices_that_a_learner_makes_count_before_its_numbers() -> None:
    solver = {"algorithm__inner_solver": "hessian-free"}
    found = known("sinusoid-quick", algorithm__kind="imaml", **solver)
    assert found.preset.name == "sinusoid-quick-imaml-hf"
    assert "algorithm.inner_solver" not in found.changes


def test_a_paper_s_setting_finds_the_same_setting_of_another_paper() -> None:
    found = known("omniglot-maml-20way-5shot", algorithm__kind="reptile")
    assert found.preset.name == "omniglot-reptile-20way-5shot"


def test_tasks_without_a_preset_have_that_of_tasks_like_them() -> None:
    own = {"task__kind": "pictures", "task__split": "by folders"}
    found = known("omniglot-maml-5way-1shot", algorithm__kind="reptile", **own)
    assert found.preset.name == "omniglot-reptile-5way-1shot"


def test_nothing_is_known_of_a_model_that_no_preset_trains_so() -> None:
    other = {"model__kind": "mlp", "algorithm__kind": "anil"}
    assert known_settings(values("omniglot-maml-5way-1shot", **other)) is None


def test_the_seed_and_how_a_run_is_kept_are_the_person_s() -> None:
    own = {"training__seed": 5, "training__checkpoint_every": 7}
    changes = known("sinusoid-quick", algorithm__kind="reptile", **own).changes
    assert not {name.replace("__", ".") for name in own} & set(changes)


def test_the_window_begins_with_the_preset_that_comes_first() -> None:
    assert list_presets()[0].name == FIRST
