"""Evaluations kept in a run's folder, with all that they depend on.

RUN/evaluations/20260101-120000-000000-test-ab12cd.json

Such a file is all there is of a result. ``test`` in run.json says which of them is the
run's own test, that with which training ended.
"""

from __future__ import annotations

import dataclasses
import json
import math
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from workbench.core.base.files import read, write_atomically
from workbench.core.base.measure import Measure
from workbench.core.config.run_config import section_models
from workbench.core.learning.task_family import ClassificationSettings
from workbench.core.runs.errors import RunError
from workbench.core.runs.events import StepScore
from workbench.core.runs.store import RunFolder, RunInfo

_NOT_THE_EPISODES = ("shots", "queries", "ways", "reduction")


class KeptEvaluation(BaseModel):
    """One evaluation of one checkpoint; shares for accuracies, not percent.

    ``task_scores`` holds each task's accuracy after the last inner step, its loss for a
    regression, or its return: what a paired test needs. ``task`` is the task family's
    settings.
    """

    model_config = ConfigDict(frozen=True, extra="ignore", ser_json_inf_nan="strings")

    id: str = ""
    made: str
    split: str
    split_hash: str
    tasks: int
    ways: int | None
    shots: int
    queries: int
    steps: int
    transductive: bool
    views: int = 1
    norm: str
    seed: int
    checkpoint: str = "best"
    meta_step: int
    trained_steps: int = 0
    device: str = ""
    versions: dict[str, str] = {}
    task: dict[str, Any] = {}
    by_step: tuple[StepScore, ...] = Field(min_length=1)
    task_scores: tuple[float, ...] = Field(default=(), repr=False)

    @property
    def final(self) -> StepScore:
        """The scores after the last inner step."""
        return self.by_step[-1]

    @property
    def setting(self) -> str:
        """The data, ways and shots, like ``omniglot 5-way 1-shot``.

        Then every other setting of the episodes that is not as the task has it.
        """
        ways = f"{self.ways}-way " if self.ways else ""
        shots = self.measure.learned_from(self.shots)
        sizes = f"{self.task.get('kind', '')} {ways}{shots}".strip()
        return ", ".join([sizes, *_particulars(self.task)])

    @property
    def manner(self) -> str:
        """How queries are classified, like ``together`` or ``together, 9 views``.

        A dash where that is not what is done with them.
        """
        if self.measure is not Measure.ACCURACY:
            return "–"
        how = "together" if self.transductive else "one at a time"
        return how if self.views == 1 else f"{how}, {self.views} views"

    @property
    def measure(self) -> Measure:
        """What its figure is."""
        return self.final.measure

    @property
    def score(self) -> float:
        """The figure after the last inner step, by which it is judged."""
        return self.final.score

    @property
    def ci95(self) -> float:
        """The half-width of the score's 95 % confidence interval over tasks."""
        return self.final.ci95

    @property
    def episodes(self) -> str:
        """What decides the episodes and how queries are classified: equal for equal."""
        kept = {k: v for k, v in self.task.items() if k not in _NOT_THE_EPISODES}
        device = "cpu" if self.device.startswith("CPU") else self.device
        said = (self.split, self.split_hash, self.seed, device, self.transductive)
        sizes = (self.ways, self.shots, self.queries)
        return json.dumps([*said, *sizes, kept], sort_keys=True)


def _particulars(task: Mapping[str, Any]) -> Iterator[str]:
    for model in section_models("task"):
        fields = model.model_fields
        if fields["kind"].default != task.get("kind"):
            continue
        for name in fields:
            if name in ("kind", *_NOT_THE_EPISODES):
                continue
            value = task.get(name, fields[name].default)
            if value != fields[name].default:
                yield _in_words(fields[name].title or name, value)


def _in_words(title: str, value: object) -> str:
    title = title[0].lower() + title[1:]
    if isinstance(value, bool):
        return title if value else f"not {title}"
    return f"{title} {value}"


def write_evaluation(run: Path, kept: KeptEvaluation) -> None:
    """Write an evaluation into a run's folder."""
    file = _file(run, kept.id)
    file.parent.mkdir(exist_ok=True)
    write_atomically(file, kept.model_dump_json().encode())


def list_evaluations(run: Path) -> list[KeptEvaluation]:
    """Return the evaluations kept in a run's folder, oldest first.

    A file that cannot be read is left out: the run is no worse for it. A bundle of
    version 0.1.0 has none, and its test is noted in run.json alone.
    """
    files = sorted((run / "evaluations").glob("*.json"))
    found = [kept for file in files if (kept := _read(file)) is not None]
    noted = _noted_test(RunFolder(run))
    if noted is None or any(_is_same(noted.final, kept.final) for kept in found):
        return found
    return [noted, *found]


def own_test(run: Path) -> KeptEvaluation | None:
    """Return the evaluation that training ended with, if it did."""
    try:
        test = RunFolder(run).info().test
    except RunError:
        return None
    if isinstance(test, str):
        return _read(_file(run, test))
    if test is None:
        return None
    try:
        noted = _noted_score(test)
    except ValueError:
        return None
    every = list_evaluations(run)
    return next((kept for kept in every if _is_same(noted, kept.final)), None)


def own_score(run: Path, info: RunInfo) -> StepScore | None:
    """Return the figures of a run's own test, with one file read at the most."""
    if not isinstance(info.test, str):
        return _noted_score(info.test) if info.test else None
    kept = _read(_file(run, info.test))
    return None if kept is None else kept.final


def _file(run: Path, id: str) -> Path:
    return run / "evaluations" / f"{id}.json"


def _read(file: Path) -> KeptEvaluation | None:
    try:
        kept = KeptEvaluation.model_validate_json(read(file))
    except (OSError, ValueError):
        return None
    return kept.model_copy(update={"id": file.stem})


def _noted_score(test: Mapping[str, Any]) -> StepScore:
    """Return the figures that version 0.1.0 wrote into run.json.

    What was not finite has no number there.
    """
    named: dict[str, Any] = {
        field.name: _number(test.get(field.name))
        for field in dataclasses.fields(StepScore)
        if field.name != "figures"
    }
    if named["loss"] is None:
        named["loss"] = math.inf
    return StepScore(**named)


def _number(value: Any) -> Any:
    is_number = isinstance(value, int | float) and abs(value) <= sys.float_info.max
    if value is None or is_number:
        return value
    raise ValueError("what is noted of the test is not in numbers")


def _is_same(noted: StepScore, kept: StepScore) -> bool:
    loss = kept.loss if math.isfinite(kept.loss) else math.inf
    return (noted.step, noted.loss, noted.accuracy) == (kept.step, loss, kept.accuracy)


def _noted_test(folder: RunFolder) -> KeptEvaluation | None:
    """Return the test that version 0.1.0 noted, as far as run.json tells of it."""
    try:
        info = folder.info()
        if info.test is None or isinstance(info.test, str):
            return None
        final, config = _noted_score(info.test), folder.shown_config()
        shots, queries = config.examples_per_class("test")
        task = config.task
        ways = task.ways if isinstance(task, ClassificationSettings) else None
        return KeptEvaluation(
            id="test",
            made=info.created,
            split="test",
            split_hash=info.split_hash,
            tasks=info.test["tasks"],
            ways=ways,
            shots=shots,
            queries=queries,
            steps=final.step,
            transductive=info.test["transductive"],
            norm=info.test["norm"],
            seed=0,
            meta_step=info.step,
            trained_steps=config.algorithm.inner_steps,
            device=info.device,
            versions=info.versions,
            task=config.task.model_dump(mode="json"),
            by_step=(final,),
        )
    except (RunError, ValueError, KeyError):
        return None


def same_episodes(
    first: Sequence[KeptEvaluation], second: Sequence[KeptEvaluation]
) -> tuple[KeptEvaluation, KeptEvaluation] | None:
    """Return test evaluations of two runs on the same episodes, with most tasks."""
    pairs = [
        (one, other)
        for one in first
        for other in second
        if one.split == other.split == "test"
        and one.episodes == other.episodes
        and math.isfinite(one.final.robust + other.final.robust)
    ]
    best = max(pairs, key=_common_tasks, default=None)
    return None if best is None or _common_tasks(best) < 2 else best


def _common_tasks(pair: tuple[KeptEvaluation, KeptEvaluation]) -> int:
    return min(len(one.task_scores) for one in pair)
