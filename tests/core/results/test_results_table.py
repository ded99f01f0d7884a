"""The published table: its figures, and which runs stand beside them."""

from __future__ import annotations

import math
import shutil
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import pytest

from tests.made_stores import add_run
from workbench.cli.table import offer
from workbench.core.base.measure import Measure
from workbench.core.config.presets import (
    Preset,
    find_preset,
    list_presets,
    load_config,
)
from workbench.core.config.run_config import RunConfig
from workbench.core.learning.task_family import ClassificationSettings
from workbench.core.results.comparison import contenders, verdicts
from workbench.core.results.published import PublishedFigure, figures, tables
from workbench.core.results.report import report
from workbench.core.results.results_table import TableCell, results_table
from workbench.core.results.table_text import markdown, plain
from workbench.core.runs.evaluations import list_evaluations, write_evaluation
from workbench.core.runs.events import StepScore
from workbench.core.runs.row import RunRow, flat, read_row, text_of
from workbench.core.runs.store import RunFolder
from workbench.core.training.evaluation import Evaluation
from workbench.core.training.keeping import keep_evaluation

SETTING = "5-way 1-shot"


def add_tested(
    runs: Path,
    preset: str,
    accuracy: float,
    *,
    transductive: bool = True,
    step: int = 0,
    name: str = "",
    **overrides: Any,
) -> RunRow:
    """Add a run with a preset's settings, tested with this accuracy."""
    config, _ = load_config(preset)
    config = config.replace({k.replace("__", "."): v for k, v in overrides.items()})
    step = step or config.training.iterations
    score = StepScore(0, 0.1, 0.01, accuracy, 0.004, 0.1, 0.01, 1.0, 0.0)
    folder = add_run(runs, config, name=name or preset, state="completed", step=step)
    shots, queries = config.examples_per_class("test")
    spread = (0.02, -0.02, 0.01, -0.01)
    result = Evaluation(
        by_step=tuple(
            replace(score, step=step) for step in range(config.evaluation.steps + 1)
        ),
        tasks=config.evaluation.tasks,
        split="test",
        split_hash="abc",
        ways=getattr(config.task, "ways", None),
        shots=shots,
        queries=queries,
        steps=config.evaluation.steps,
        transductive=transductive,
        norm="batch",
        seed=0,
        query_loss=((0.1,),) * 4,
        query_accuracy=tuple((accuracy + part,) for part in spread),
        views=config.evaluation.views,
    )
    kept = keep_evaluation(folder, config, result, meta_step=step, device="")
    folder.update(test=kept.id)
    return read_row(folder.path)


def cell(cells: list[TableCell], learner: str, setting: str) -> TableCell:
    return next(
        c for c in cells if (c.figure.learner, c.figure.setting) == (learner, setting)
    )


def test_every_figure_has_a_preset() -> None:
    names = {preset.name for preset in list_presets()}
    assert {figure.preset for figure in figures()} <= names


@pytest.mark.parametrize("figure", figures(), ids=lambda figure: figure.preset)
def test_a_preset_measures_the_figure_that_names_it(figure: PublishedFigure) -> None:
    """A run of the preset, evaluated as the table says, differs in nothing."""
    preset = find_preset(figure.preset)
    config = RunConfig.from_dict(preset.config)
    assert (config.algorithm.kind, config.task.kind) == (figure.algorithm, figure.task)
    if figure.measure is Measure.ACCURACY:
        assert isinstance(config.task, ClassificationSettings)
        assert (config.task.ways, config.task.shots) == (figure.ways, figure.shots)
    values = flat(config.model_dump(mode="json"))
    assert {name: text_of(values[name]) for name in figure.fields} == figure.fields
    assert config.evaluation.steps >= (figure.inner_steps or 1)
    evaluated = TableCell(figure, preset).evaluated_with()
    shots = config.evaluation.shots or config.task.shots
    assert ("evaluation.shots" in evaluated) == (shots != figure.shots)
    assert ("evaluation.transductive" in evaluated) == (not figure.transductive)


@pytest.mark.parametrize("figure", figures(), ids=lambda figure: figure.preset)
def test_a_preset_says_where_it_leaves_its_paper(figure: PublishedFigure) -> None:
    """Its ``paper_has`` are the settings that the paper is known to have otherwise."""
    preset = find_preset(figure.preset)
    config = RunConfig.from_dict(preset.config)
    ours = flat(config.model_dump())
    theirs = flat(config.replace(figure.settings).model_dump())
    assert figure.settings
    assert dict(preset.paper_has) == {
        name: theirs[name] for name in figure.settings if theirs[name] != ours[name]
    }


@pytest.mark.parametrize("preset", list_presets(), ids=lambda preset: preset.name)
def test_a_preset_says_of_no_setting_that_the_paper_has_another(preset: Preset) -> None:
    """It does so only of those that are other, whether or not a figure names it."""
    config = RunConfig.from_dict(preset.config)
    ours = flat(config.model_dump())
    theirs = flat(config.replace(preset.paper_has).model_dump())
    assert {n for n in ours if ours[n] != theirs[n]} == set(preset.paper_has)


def test_a_figure_is_of_the_paper_that_its_preset_names() -> None:
    """A preset names who published the learner, or says whose the figure is."""
    for figure in figures():
        preset = find_preset(figure.preset)
        assert figure.paper in (preset.paper, preset.published.partition("(")[2][:-1])
        assert preset.paper in preset.group


def test_first_order_mamls_figures_are_of_two_papers() -> None:
    """Its inventors have it on mini-ImageNet alone."""
    papers = {f.task: f.paper for f in figures() if f.algorithm == "fomaml"}
    assert papers == {
        "omniglot": "Nichol et al. 2018",
        "mini-imagenet": "Finn et al. 2017",
    }


def test_a_remark_speaks_of_its_rows_task() -> None:
    words = {"omniglot": ("Omniglot", "characters"), "mini-imagenet": ("ImageNet",)}
    for figure in figures():
        for task, of_it in words.items():
            assert task == figure.task or not any(w in figure.remark for w in of_it)


def test_a_run_older_than_a_setting_has_its_default(tmp_path: Path) -> None:
    row = add_tested(tmp_path, "omniglot-maml-5way-1shot", 0.9)
    place = tmp_path / row.folder / "config.toml"
    lines = place.read_text(encoding="utf-8").splitlines()
    older = [line for line in lines if not line.startswith(("inner_clip", "head_sta"))]
    assert len(older) == len(lines) - 2
    place.write_text("\n".join(older), encoding="utf-8")
    before, after = (
        cell(results_table(tmp_path, [each]), "MAML", SETTING).differences
        for each in (row, read_row(place.parent))
    )
    assert after == before


def test_what_a_run_has_to_be_evaluated_with_is_said(tmp_path: Path) -> None:
    text = plain(results_table(tmp_path, []), offer)
    then = "then evaluate RUN --set evaluation"
    assert f"train sinusoid-maml-varied, {then}.shots=10" in text
    assert f"reptile-5way-1shot, {then}.transductive=false" in text
    assert "train omniglot-maml-mlp-5way-1shot\n" in text
    assert "train sinusoid-meta-sgd-20shot\n" in text


def test_presets_and_figures_agree() -> None:
    published = {preset.name: preset.published for preset in list_presets()}
    for figure in figures():
        if figure.preset and figure.measure is Measure.ACCURACY and figure.transductive:
            assert published[figure.preset].startswith(figure.text)


def test_each_table_has_figures_and_none_is_there_twice() -> None:
    keys = [(f.table, f.learner, f.setting) for f in figures()]
    assert len(set(keys)) == len(keys)
    assert [*dict.fromkeys(key[0] for key in keys)] == [*tables()]


def test_nothing_measured_says_so_and_offers_the_preset(tmp_path: Path) -> None:
    cells = results_table(tmp_path, [])
    assert all(c.measured is None for c in cells)
    wanted = "nothing measured; python main.py train omniglot-maml-5way-1shot"
    assert wanted in plain(cells, offer)
    assert "98.7 ± 0.4 / –" in markdown(cells)


def test_a_run_stands_beside_its_figure_with_what_differs(tmp_path: Path) -> None:
    preset = "omniglot-maml-5way-1shot"
    row = add_tested(
        tmp_path, preset, 0.981, name="mine", step=2000, task__reduction="mean"
    )
    found = cell(results_table(tmp_path, [row]), "MAML", "5-way 1-shot")
    assert found.measured_text() == "98.10 ± 0.40"
    assert found.differences == (
        "Meta-steps: 2,000, not 60,000",
        "Initial head: xavier, not normal",
        "Loss reduction: mean, not sum over ways",
    )
    assert found.behind() == "mine: 95 % CI over 600 tasks"
    text = markdown([found])
    assert "98.7 ± 0.4 / **98.10 ± 0.40**" in text
    assert "Loss reduction: mean, not sum over ways" in text


def test_where_a_preset_leaves_its_paper_the_table_says_so(tmp_path: Path) -> None:
    differing = {
        "sinusoid-maml": (
            "Initial weights: xavier, not truncated normal",
            "Schedule: cosine, not constant",
        ),
        "omniglot-fomaml-5way-1shot": (
            "Initial head: xavier, not normal",
            "Loss reduction: mean, not sum over ways",
        ),
        "omniglot-imaml-5way-1shot": (
            "CG damping: 1, not 0",
            "Queries: 15, not 1",
        ),
        "mini-imagenet-maml-5way-5shot": ("Meta-gradient limit: 10, not 3.33",),
        "sinusoid-maml-varied": (),
    }
    for preset, wanted in differing.items():
        rows = [add_tested(tmp_path / preset, preset, 0.9)]
        cells = results_table(tmp_path / preset, rows)
        found = next(c for c in cells if c.evidence)
        assert found.differences == wanted


def test_seeds_give_a_mean_and_its_interval(tmp_path: Path) -> None:
    rows = [
        add_tested(tmp_path, "omniglot-maml-5way-1shot", a, training__seed=seed)
        for seed, a in enumerate((0.97, 0.98, 0.99))
    ]
    found = cell(results_table(tmp_path, rows), "MAML", "5-way 1-shot")
    assert found.measured_text() == "98.00 ± 2.48"
    name = "omniglot-maml-5way-1shot"
    assert found.behind() == f"{name}, seeds 0, 1, 2: mean and 95 % CI over 3 seeds"
    assert found.differences == ("Initial head: xavier, not normal",)


def test_a_seed_counts_once_in_the_table(tmp_path: Path) -> None:
    preset = "omniglot-maml-5way-1shot"
    rows = [
        add_tested(tmp_path, preset, a, training__seed=seed)
        for seed, a in ((0, 0.97), (1, 0.99))
    ]
    copied = shutil.copytree(tmp_path / rows[0].folder, tmp_path / "a-copy")
    found = cell(results_table(tmp_path, [*rows, read_row(copied)]), "MAML", SETTING)
    alone = cell(results_table(tmp_path, rows), "MAML", SETTING)
    assert found.measured == alone.measured
    assert found.behind() == (
        f"{preset}, seeds 0, 1: mean and 95 % CI over 2 seeds (1 repeat left out)"
    )


def test_a_seed_that_diverged_is_told_in_the_table(tmp_path: Path) -> None:
    rows = [
        add_tested(tmp_path, "sinusoid-maml", 0.5, training__seed=seed)
        for seed in (0, 1, 2)
    ]
    for file in (tmp_path / rows[1].folder / "evaluations").glob("*.json"):
        kept = list_evaluations(file.parents[1])[0]
        lost = tuple(replace(score, loss=math.nan) for score in kept.by_step)
        text = kept.model_copy(update={"by_step": lost}).model_dump_json()
        file.write_text(text, encoding="utf-8")
    found = [c for c in results_table(tmp_path, rows) if c.evidence]
    assert {c.measured_text() for c in found} == {"0.1000 ± 0.0000"}
    assert {c.behind() for c in found} == {
        "sinusoid-maml, seeds 0, 2: mean and 95 % CI over 2 seeds (1 diverged)"
    }


def test_a_test_noted_in_run_json_alone_counts_as_measured(tmp_path: Path) -> None:
    config, _ = load_config("omniglot-maml-5way-1shot")
    final = StepScore(3, 0.1, 0.01, 0.98, 0.004, 0.1, 0.01, 1.0, 0.0)
    how = {"tasks": 600, "transductive": True, "norm": "batch"}
    folder = add_run(
        tmp_path, config, name="old", step=60_000, test={**asdict(final), **how}
    )
    (kept,) = list_evaluations(folder.path)
    assert (kept.final, kept.tasks, kept.meta_step) == (final, 600, 60_000)
    cells = results_table(tmp_path, [read_row(folder.path)])
    assert cell(cells, "MAML", "5-way 1-shot").measured_text() == "98.00 ± 0.40"
    folder.update(test={"accuracy": 0.98})
    assert list_evaluations(folder.path) == []


def test_the_nearest_run_is_taken(tmp_path: Path) -> None:
    preset = "omniglot-maml-5way-1shot"
    rows = [
        add_tested(tmp_path, preset, 0.5, training__meta_batch=4, step=100),
        add_tested(tmp_path, preset, 0.98),
    ]
    found = cell(results_table(tmp_path, rows), "MAML", "5-way 1-shot")
    assert found.measured_text().startswith("98.00")


def test_a_figure_with_views_is_not_measured_as_the_paper_had_it(
    tmp_path: Path,
) -> None:
    preset = "omniglot-maml-5way-1shot"
    rows = [add_tested(tmp_path, preset, 0.99, evaluation__views=9)]
    found = cell(results_table(tmp_path, rows), "MAML", SETTING)
    assert "Views of a picture at test: 9, not 1" in found.differences
    assert rows[0].tested_with == "1-shot, 3 steps, 9 views"
    assert "together, 9 views" in report([RunFolder(tmp_path / rows[0].folder)])


def test_of_a_run_s_evaluations_that_made_as_the_paper_s_stays(tmp_path: Path) -> None:
    row = add_tested(tmp_path, "omniglot-maml-5way-1shot", 0.95)
    place = tmp_path / row.folder
    (kept,) = list_evaluations(place)
    write_evaluation(place, kept.model_copy(update={"id": "2100", "views": 9}))
    found = cell(results_table(tmp_path, [row]), "MAML", SETTING)
    assert [one.kept.id for one in found.evidence] == [kept.id]
    write_evaluation(place, kept.model_copy(update={"id": "2101"}))
    found = cell(results_table(tmp_path, [row]), "MAML", SETTING)
    assert [one.kept.id for one in found.evidence] == ["2101"]


def test_transduction_decides_the_row(tmp_path: Path) -> None:
    rows = [
        add_tested(tmp_path, "omniglot-reptile-5way-1shot", 0.95, transductive=False)
    ]
    cells = results_table(tmp_path, rows)
    assert cell(cells, "Reptile", "5-way 1-shot").measured_text() == "95.00 ± 0.40"
    assert cell(cells, "Reptile, transductive", "5-way 1-shot").measured is None


def test_damaged_folders_and_untrained_runs_are_left_out(tmp_path: Path) -> None:
    row = RunRow("gone", "damaged", "gone", problem="no run.json")
    assert all(c.measured is None for c in results_table(tmp_path, [row]))


def test_two_runs_are_compared_by_a_paired_test_over_the_same_tasks(
    tmp_path: Path,
) -> None:
    rows = [
        add_tested(tmp_path, "omniglot-maml-5way-1shot", 0.95, name="better"),
        add_tested(
            tmp_path,
            "omniglot-maml-5way-1shot",
            0.85,
            name="worse",
            algorithm__inner_lr=0.1,
        ),
    ]
    (verdict,) = verdicts(contenders(tmp_path, rows))
    test = verdict.test
    assert test is not None
    assert test.test == "paired t test"
    assert test.difference == pytest.approx(0.1)
    assert test.values == 4
    assert test.is_significant


def test_the_test_figures_shown_are_those_that_are_compared(tmp_path: Path) -> None:
    preset = "omniglot-maml-5way-1shot"
    rows = [
        add_tested(tmp_path, preset, accuracy, algorithm__inner_lr=accuracy)
        for accuracy in (0.95, 0.85)
    ]
    for row in rows:
        (kept,) = list_evaluations(tmp_path / row.folder)
        other = kept.model_copy(
            update={
                "shots": 5,
                "task_scores": (0.1, 0.9, 0.2, 0.8, 0.3, 0.7),
                "by_step": (StepScore(0, 0.1, 0.01, 0.5, 0.1, 0.1, 0.01, 1.0, 0.0),),
            }
        )
        place = tmp_path / row.folder / "evaluations" / "2100-more-tasks.json"
        place.write_text(other.model_dump_json(), encoding="utf-8")
    (verdict,) = verdicts(contenders(tmp_path, rows))
    assert verdict.test is not None
    assert verdict.test.difference == pytest.approx(0.1)


def two_rates_of_two_seeds(runs: Path) -> list[RunRow]:
    return [
        add_tested(
            runs,
            "omniglot-maml-5way-1shot",
            accuracy,
            training__seed=seed,
            algorithm__inner_lr=rate,
        )
        for rate, seed, accuracy in (
            (0.4, 0, 0.97),
            (0.1, 0, 0.91),
            (0.4, 1, 0.98),
            (0.1, 1, 0.90),
        )
    ]


def test_groups_of_seeds_are_compared_over_their_seeds(tmp_path: Path) -> None:
    rows = two_rates_of_two_seeds(tmp_path)
    found = contenders(tmp_path, rows)
    assert [len(side.rows) for side in found] == [2, 2]
    (verdict,) = verdicts(found)
    assert verdict.test is not None
    assert verdict.test.test == "Welch's t test"
    assert verdict.test.values == 4
    assert verdict.test.is_significant


def test_one_run_beside_a_mean_over_seeds_is_too_few_seeds_to_tell(
    tmp_path: Path,
) -> None:
    rows = two_rates_of_two_seeds(tmp_path)
    for some in (rows[:3], rows[1:]):
        (verdict,) = verdicts(contenders(tmp_path, some))
        assert verdict.test is None
        assert verdict.problem.startswith("too few seeds to tell")
        said = report([RunFolder(tmp_path / row.folder) for row in some])
        assert "too few seeds to tell" in said
        assert "significant" not in said


def test_other_steps_or_checkpoints_are_not_averaged_with_the_tests(
    tmp_path: Path,
) -> None:
    rows = two_rates_of_two_seeds(tmp_path)[:2]
    (before,) = verdicts(contenders(tmp_path, rows))
    for changes in ({"steps": 1}, {"views": 9}, {"checkpoint": "latest"}):
        for row in rows:
            kept = list_evaluations(tmp_path / row.folder)[0]
            other = kept.model_copy(
                update={"task_scores": (0.1, 0.9, 0.2, 0.8, 0.3), **changes}
            )
            file = f"2100-{next(iter(changes))}.json"
            place = tmp_path / row.folder / "evaluations" / file
            place.write_text(other.model_dump_json(), encoding="utf-8")
        (after,) = verdicts(contenders(tmp_path, rows))
        assert after.test is not None
        assert after.test == before.test


def test_seeds_are_compared_though_one_has_no_task_scores(tmp_path: Path) -> None:
    rows = [
        add_tested(
            tmp_path,
            "omniglot-maml-5way-1shot",
            0.9 + rate / 10 + seed / 100,
            training__seed=seed,
            algorithm__inner_lr=rate,
        )
        for rate in (0.4, 0.1)
        for seed in (0, 1)
    ]
    shutil.rmtree(tmp_path / rows[1].folder / "evaluations")
    (verdict,) = verdicts(contenders(tmp_path, rows))
    assert verdict.test is not None
    assert verdict.test.test == "Welch's t test"


def test_different_episodes_are_not_compared(tmp_path: Path) -> None:
    rows = [
        add_tested(tmp_path, "omniglot-maml-5way-1shot", 0.95),
        add_tested(tmp_path, "omniglot-maml-5way-5shot", 0.99),
    ]
    (verdict,) = verdicts(contenders(tmp_path, rows))
    assert verdict.test is None
    assert "same episodes" in verdict.problem
