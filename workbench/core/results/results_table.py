"""The published table: what papers reported, beside what runs here measured."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from workbench.core.base.measure import Measure
from workbench.core.config.presets import Preset, list_presets
from workbench.core.config.run_config import RunConfig
from workbench.core.config.worded import worded_text
from workbench.core.results.evidence import Evidence, measured, without_lost
from workbench.core.results.published import PublishedFigure, figures
from workbench.core.results.row_settings import setting_of, title_of
from workbench.core.results.score_text import in_its_unit
from workbench.core.results.seeds import over_seeds, shared_name
from workbench.core.results.statistics import Mean
from workbench.core.runs.evaluations import KeptEvaluation, list_evaluations
from workbench.core.runs.row import RunRow, flat, text_of

_IRRELEVANT = {
    "training.seed",
    "training.engine",
    "training.checkpoint_every",
    "training.iterations",
}
_DECISIVE = ("task", "model", "algorithm", "training")


class TableCell(NamedTuple):
    """A published figure, what was measured for it, and what is different here.

    ``measured`` is in the figure's unit: an accuracy in percent. ``differences`` says,
    each as a short sentence, where the runs leave the paper's protocol; ``left_out``
    which of the runs do not count, as in ``1 diverged``.
    """

    figure: PublishedFigure
    preset: Preset | None
    measured: Mean | None = None
    evidence: tuple[Evidence, ...] = ()
    differences: tuple[str, ...] = ()
    left_out: str = ""

    def measured_text(self) -> str:
        """Return the measured figure; empty where there is none."""
        if self.measured is None:
            return ""
        mean, ci95 = self.measured.mean, self.measured.ci95
        return in_its_unit(mean, ci95, self.figure.measure)

    def evaluated_with(self) -> dict[str, Any]:
        """Return the settings to evaluate its preset's run under, if not its own."""
        if self.preset is None:
            return {}
        config = RunConfig.from_dict(self.preset.config)
        figure, task, judged = self.figure, config.task, config.evaluation
        changes: dict[str, Any] = {}
        if figure.shots != (judged.shots or task.shots):
            changes["evaluation.shots"] = figure.shots
        if not figure.transductive and judged.transductive:
            changes["evaluation.transductive"] = False
        return changes

    def behind(self) -> str:
        """Return which runs stand behind the figure, in words."""
        if not self.evidence:
            return ""
        rows = [one.row for one in self.evidence]
        name = shared_name([row.name for row in rows])
        left_out = f" ({self.left_out})" if self.left_out else ""
        if len(rows) == 1:
            tasks = self.evidence[0].kept.tasks
            over = "over" if self.evidence[0].ci95 is None else "95 % CI over"
            return f"{name}: {over} {tasks} tasks{left_out}"
        if not all(row.name.startswith(name) for row in rows):
            name = ", ".join(sorted({row.name for row in rows}))
        seeds = ", ".join(str(row.seed) for row in rows)
        return (
            f"{name}, seeds {seeds}: mean and 95 % CI over {len(rows)} seeds{left_out}"
        )


def results_table(runs: Path, rows: Iterable[RunRow]) -> list[TableCell]:
    """Return every published figure with the runs nearest to its protocol."""
    presets = {preset.name: preset for preset in list_presets()}
    wanted = figures()
    kinds = {(figure.algorithm, figure.task) for figure in wanted}
    found = [
        (row, kept)
        for row in rows
        if row.is_run and (row.algorithm, row.task) in kinds and row.step > 0
        for kept in list_evaluations(runs / row.folder)
        if kept.split == "test"
    ]
    return [_cell(figure, presets.get(figure.preset), found) for figure in wanted]


def _cell(
    figure: PublishedFigure,
    preset: Preset | None,
    found: Sequence[tuple[RunRow, KeptEvaluation]],
) -> TableCell:
    protocol = {} if preset is None else _protocol(preset)
    groups: dict[str, dict[str, Evidence]] = {}
    for row, kept in found:
        one = _evidence(figure, row, kept)
        if one is not None:
            group = groups.setdefault(row.group_key, {})
            # Of one run's evaluations, that made most as the paper's, and of several
            # the newest: they come oldest first.
            group[row.folder] = min(
                filter(None, (one, group.get(row.folder))),
                key=lambda each: len(_judged_otherwise(figure, protocol, each.kept)),
            )
    groups = {key: without_lost(group) for key, group in groups.items()}
    if not any(map(_seeds, groups.values())):
        return TableCell(figure, preset)
    ranked = [
        (_differences(figure, protocol, next(iter(group.values()))), group)
        for group in groups.values()
        if _seeds(group)
    ]
    differences, best = min(
        ranked, key=lambda item: (len(item[0]), -_steps(item[1]), -_seeds(item[1]))
    )
    together = over_seeds((one.counted for one in best.values()), trimmed=False)
    evidence = tuple(
        best[row.folder] for row in together.rows if math.isfinite(row.test or 0.0)
    )
    left_out = ", ".join(together.what_is_missing)
    return TableCell(
        figure, preset, measured(evidence), evidence, tuple(differences), left_out
    )


def _evidence(
    figure: PublishedFigure, row: RunRow, kept: KeptEvaluation
) -> Evidence | None:
    if (row.algorithm, row.task) != (figure.algorithm, figure.task):
        return None
    asked: list[tuple[object, object]] = [
        (figure.ways, kept.ways),
        (figure.shots, kept.shots),
    ]
    if figure.measure is Measure.ACCURACY and kept.norm == "batch":
        asked.append((figure.transductive, kept.transductive))
    asked += [(wanted, row.field(name)) for name, wanted in figure.fields.items()]
    if any(wanted != given for wanted, given in asked):
        return None
    return Evidence.at(row, kept, figure.inner_steps, figure.measure)


def _steps(group: Mapping[str, Evidence]) -> int:
    return max(one.kept.meta_step for one in group.values())


def _seeds(group: Mapping[str, Evidence]) -> int:
    """Return how many seeds have a figure."""
    finite = (one for one in group.values() if math.isfinite(one.score))
    return len({one.row.seed for one in finite})


def _protocol(preset: Preset) -> dict[str, str]:
    """Return the paper's settings, field by field."""
    config = RunConfig.from_dict(preset.config).replace(dict(preset.paper_has))
    values = flat(config.model_dump(mode="json"))
    return {name: "none" if v is None else text_of(v) for name, v in values.items()}


def _differences(
    figure: PublishedFigure, protocol: Mapping[str, str], one: Evidence
) -> list[str]:
    """Return where a run leaves the protocol; the remark of the figure comes last."""
    found = []
    iterations = protocol.get("training.iterations")
    if iterations is not None and int(iterations) != one.row.step:
        found.append(f"Meta-steps: {one.row.step:,}, not {int(iterations):,}")
    for name, wanted in protocol.items():
        section = name.partition(".")[0]
        given = setting_of(one.row, name)
        if section in _DECISIVE and name not in _IRRELEVANT and given != wanted:
            has = "none" if given is None else worded_text(name, given)
            wants = worded_text(name, wanted)
            found.append(f"{title_of(one.row, name)}: {has}, not {wants}")
    found += _judged_otherwise(figure, protocol, one.kept)
    if lost := one.judged.diverged:
        left = f"mean of the middle 98 %, for {lost:,} of {one.kept.tasks:,} diverged"
        found.append(f"Loss: {left}")
    if one.kept.norm != "batch" and figure.measure is Measure.ACCURACY:
        found.append(f"Not transductive by its norm: {one.kept.norm}")
    return found


def _judged_otherwise(
    figure: PublishedFigure, protocol: Mapping[str, str], kept: KeptEvaluation
) -> list[str]:
    """Return where an evaluation, whatever it is of, leaves the protocol."""
    found = []
    tasks = protocol.get("evaluation.tasks")
    if tasks is not None and int(tasks) != kept.tasks:
        found.append(f"Test tasks: {kept.tasks:,}, not {int(tasks):,}")
    steps = protocol.get("evaluation.steps")
    if figure.inner_steps is None and steps not in (None, str(kept.steps)):
        found.append(f"Inner steps at test: {kept.steps}, not {steps}")
    views = protocol.get("evaluation.views", "1")
    if views != str(kept.views):
        found.append(f"Views of a picture at test: {kept.views}, not {views}")
    return found
