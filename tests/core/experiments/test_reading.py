"""Files of experiments: those that come along, and mistakes in those of others."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.core.experiments.written import SMALL, small, written
from workbench.core.base.measure import Measure
from workbench.core.config.run_config import ConfigError
from workbench.core.experiments.experiment import Experiment
from workbench.core.experiments.parts import Table
from workbench.core.experiments.reading import find_experiment, list_experiments
from workbench.core.results.published import PublishedFigure, figures

EVERY = pytest.mark.parametrize(
    "experiment", list_experiments(), ids=lambda experiment: experiment.name
)


@EVERY
def test_its_presets_and_fields_are_there(experiment: Experiment) -> None:
    experiment.check()


@EVERY
def test_every_run_is_shown_somewhere(experiment: Experiment) -> None:
    shown = {name for part in experiment.parts for name in part.run_names}
    assert experiment.runs or experiment.measured
    assert shown == {run.name for run in experiment.runs}


@EVERY
def test_a_first_version_trains_less(experiment: Experiment) -> None:
    for run in experiment.runs:
        (first,) = run.configs(quick=True)
        full = run.configs(quick=False)
        assert first.training.iterations < full[0].training.iterations
        assert len({config.training.seed for config in full}) == len(run.seeds)


@EVERY
def test_a_first_version_measures_no_more(experiment: Experiment) -> None:
    for part in experiment.measured:
        assert len(part.points(quick=True)) <= len(part.points(quick=False))


@EVERY
def test_its_steps_are_among_those_evaluated(experiment: Experiment) -> None:
    for part in experiment.parts:
        for asked in part.asked():
            config = experiment.run(asked.run).configs(quick=False)[0]
            steps = config.replace(asked.evaluate).evaluation.steps
            assert asked.step is None or asked.step <= steps


@EVERY
def test_its_figures_are_those_of_the_published_table(experiment: Experiment) -> None:
    for part in experiment.parts:
        for row in part.rows if isinstance(part, Table) else ():
            for at in range(len(part.columns)):
                known = figure_of(experiment, part, row.title, at)
                if known is None:
                    continue
                text = row.published_in(at)
                assert text in ("", known.text) or text.startswith(f"{known.text} ±")
                assert not text or row.from_summary == known.from_summary


def figure_of(
    experiment: Experiment, table: Table, title: str, column: int
) -> PublishedFigure | None:
    """Return what the published table has for a cell, if it knows of it."""
    row = next(row for row in table.rows if row.title == title)
    asked = table.cell(row, column)
    if asked is None:
        return None
    run = experiment.run(asked.run)
    config = run.configs(quick=False)[0].replace(asked.evaluate)
    step = config.evaluation.steps if asked.step is None else asked.step
    shots, _ = config.examples_per_class("test")
    for figure in figures():
        if (figure.preset, figure.shots) != (run.preset, shots):
            continue
        is_loss = figure.measure is Measure.LOSS
        is_way = is_loss or figure.transductive == config.evaluation.transductive
        if is_way and figure.inner_steps in (None, step):
            return figure
    return None


MEASURED = """\
[[part]]
kind = "measured"
title = "Time"
measure = "tim"
vary = "algorithm.inner_steps"
values = [1, 2]
curves = [{ title = "MAML", preset = "sinusoid-maml" }]

[[part]]
kind = "learning\"\
"""
VARIED = MEASURED.replace('"tim"', '"peak memory"').replace(
    "algorithm.inner_steps", "model.hiden"
)
TWO_STEPS = 'vary = "algorithm.inner_steps"\nvalues = [1, 2]'


def test_an_unknown_name_is_told_with_the_nearest() -> None:
    with pytest.raises(ConfigError, match="did you mean sinusoid-maml"):
        find_experiment("sinusoid-mamll")


def test_a_name_like_none_is_told_how_to_list_them() -> None:
    with pytest.raises(ConfigError, match=r"no experiment 'x' .*reproduce"):
        find_experiment("x")


def test_a_file_of_ones_own_is_an_experiment(tmp_path: Path) -> None:
    found = small(tmp_path)
    assert found.name == "small"
    assert [len(run.configs(quick=False)) for run in found.runs] == [2]
    assert [len(run.configs(quick=True)) for run in found.runs] == [1]


VARIED_TWICE = """\
title = "Families"
paper = "Nobody 2026"
shows = "that runs meet"

[common]
preset = "sinusoid-maml"
set = { "model.hidden" = [4], "training.seed" = 0 }
quick = { "training.iterations" = 5 }

[[run]]
name = "{} steps, batch 2"
set = { "training.meta_batch" = 2 }
vary = "algorithm.inner_steps"
values = [1, 2]

[[run]]
name = "2 steps, batch {}"
set = { "algorithm.inner_steps" = 2 }
vary = "training.meta_batch"
values = [2, 3]

[[part]]
kind = "final"
title = "By steps"
vary = "algorithm.inner_steps"
values = [1, 2]
curves = [{ title = "MAML", run = "{} steps, batch 2" }]
"""


def test_runs_that_vary_are_one_where_they_meet(tmp_path: Path) -> None:
    found = find_experiment(str(written(tmp_path, VARIED_TWICE)))
    assert [run.name for run in found.runs] == [
        "1 steps, batch 2",
        "2 steps, batch 2",
        "2 steps, batch 3",
    ]
    made = [run.configs(quick=True)[0] for run in found.runs]
    assert [(m.algorithm.inner_steps, m.training.meta_batch) for m in made] == [
        (1, 2),
        (2, 2),
        (2, 3),
    ]
    assert {m.training.iterations for m in made} == {5}


def test_runs_of_one_name_that_differ_are_told(tmp_path: Path) -> None:
    text = VARIED_TWICE.replace('"algorithm.inner_steps" = 2 }', '"task.noise" = 1 }')
    with pytest.raises(ConfigError, match="2 steps, batch 2: is there twice"):
        find_experiment(str(written(tmp_path, text)))


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('title = "Small', "title = Small", "not valid TOML"),
        ('paper = "Nobody 2026"\n', "", "paper: is missing"),
        ("remarks", "remark", "remark: there is no such field; did you mean remarks"),
        ("seeds = [0, 1]", "seeds = []", "run 1, seeds"),
        ("seeds = [0, 1]", "seeds = [0, 0]", "run MAML: a seed is there twice"),
        ("seeds = [0, 1]", 'seeds = [0, "a"]', "run 1, seeds: 'a' is not a whole"),
        ('"learning"', '"lerning"', "part 3: kind 'lerning' is not one of.*learning"),
        ('kind = "learning"\n', "", "part 3: kind is missing: one of table"),
        ("step = 1 }", "step = -1 }", "part 1, column 1, step: must be at least 0"),
        ('["0.67", ""]', '["0.67"]', "published has 1, and there are 2 columns"),
        ('run = "MAML"', 'run = "MAM"', "part Squared error: there is no run 'MAM'"),
        ("[[part]]", "[[parts]]", "parts: there is no such field; did you mean part"),
        ("sinusoid-maml", "sinusoid-mam", "run MAML: no preset .*sinusoid-maml"),
        ('"model.hidden"', '"model.hiden"', "run MAML, model.hiden: there is no such"),
        ('"evaluation.shots" = 10', '"evaluation.shots" = 0', "run MAML, evaluation"),
        ('"evaluation.shots"', '"training.seed"', "run MAML, training.seed: .* judged"),
        ("step = 1 }", "step = 3 }", "run MAML: step 3 .* 2"),
        ("seeds = [0, 1]", 'vary = "model.hidden"', "run 1: give vary and values"),
        ("seeds = [0, 1]", "values = [1]", "run 1: give vary and values, or none"),
        ("seeds = [0, 1]", TWO_STEPS, "run 1: name has no {} for the value of algo"),
        ('preset = "sinusoid-maml"', "", "run MAML: preset is missing"),
        ("[[run]]", "[common]\nsets = 1\n\n[[run]]", "common, sets: .* mean set"),
        ('[[part]]\nkind = "learning"', MEASURED, "part Time: measure 'tim' is not"),
        ('[[part]]\nkind = "learning"', VARIED, "part Time, model.hiden: there is"),
    ],
)
def test_a_mistake_is_told_with_its_place(
    tmp_path: Path, old: str, new: str, said: str
) -> None:
    path = written(tmp_path, SMALL.replace(old, new))
    with pytest.raises(ConfigError, match=said) as caught:
        find_experiment(str(path))
    assert len(caught.value.mistakes) <= 4


def test_a_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="cannot read"):
        find_experiment(str(tmp_path / "none.toml"))
