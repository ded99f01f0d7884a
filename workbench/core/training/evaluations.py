"""Evaluations kept in a run's folder, with all that they depend on.

RUN/evaluations/20260101-120000-000000-test-ab12cd.json
"""

from __future__ import annotations

import datetime
import json
import math
import secrets
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from workbench.core.base.files import read, write_atomically
from workbench.core.config.run_config import RunConfig, section_models
from workbench.core.runs.events import StepScore
from workbench.core.runs.store import RunError, RunFolder, versions
from workbench.core.training.evaluation import Evaluation

_DIGITS = 7
_SCORE = TypeAdapter(StepScore)
_NOT_THE_EPISODES = ("shots", "queries", "ways", "reduction")


class KeptEvaluation(BaseModel):
    """One evaluation of one checkpoint; shares for accuracies, not percent.

    ``task_scores`` holds each task's accuracy after the last inner step, or its loss
    for a regression: what a paired test needs. ``task`` is the task family's settings.
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
        sizes = f"{self.task.get('kind', '')} {ways}{self.shots}-shot".strip()
        return ", ".join([sizes, *_particulars(self.task)])

    @property
    def is_loss(self) -> bool:
        """Whether its figure is a loss, and less is better."""
        return self.final.accuracy is None

    @property
    def score(self) -> float:
        """The accuracy after the last inner step, or the loss for a regression."""
        final = self.final
        return final.loss if final.accuracy is None else final.accuracy

    @property
    def ci95(self) -> float:
        """The half-width of the score's 95 % confidence interval over tasks."""
        final = self.final
        return final.loss_ci95 if final.accuracy_ci95 is None else final.accuracy_ci95

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


def keep_evaluation(
    folder: RunFolder,
    config: RunConfig,
    result: Evaluation,
    *,
    meta_step: int,
    device: str,
    checkpoint: str = "best",
) -> KeptEvaluation:
    """Write an evaluation into the run's folder and return what was written."""
    now = datetime.datetime.now(datetime.UTC)
    scores = result.query_loss if result.ways is None else result.query_accuracy or ()
    kept = KeptEvaluation(
        id=f"{now:%Y%m%d-%H%M%S-%f}-{result.split}-{secrets.token_hex(3)}",
        made=now.replace(microsecond=0).isoformat(),
        split=result.split,
        split_hash=result.split_hash,
        tasks=result.tasks,
        ways=result.ways,
        shots=result.shots,
        queries=result.queries,
        steps=result.steps,
        transductive=result.transductive,
        norm=result.norm,
        seed=result.seed,
        checkpoint=checkpoint,
        meta_step=meta_step,
        trained_steps=config.algorithm.inner_steps,
        device=device,
        versions=versions(),
        task=config.task.model_dump(mode="json"),
        by_step=result.by_step,
        task_scores=tuple(round(row[-1], _DIGITS) for row in scores),
    )
    place = folder.path / "evaluations"
    place.mkdir(exist_ok=True)
    write_atomically(place / f"{kept.id}.json", kept.model_dump_json().encode())
    return kept


def list_evaluations(run: Path) -> list[KeptEvaluation]:
    """Return the evaluations kept in a run's folder, oldest first.

    A file that cannot be read is left out: the run is no worse for it. The test of a
    run that notes it in run.json alone, as early ones do, is the first.
    """
    found: list[KeptEvaluation] = []
    for file in sorted((run / "evaluations").glob("*.json")):
        try:
            kept = KeptEvaluation.model_validate_json(read(file))
        except (OSError, ValidationError):
            continue
        found.append(kept.model_copy(update={"id": file.stem}))
    noted = _noted_test(RunFolder(run))
    if noted is None or any(_is_same(noted.final, kept.final) for kept in found):
        return found
    return [noted, *found]


def _noted_test(folder: RunFolder) -> KeptEvaluation | None:
    """Return the test that run.json notes, as far as the folder tells of it."""
    try:
        info, config = folder.info(), folder.config()
        if info.test is None:
            return None
        final = _SCORE.validate_python(info.test)
        shots, queries = config.examples_per_class("test")
        told = folder.last_test()
        return KeptEvaluation(
            id="run.json",
            made=info.created,
            split="test",
            split_hash=info.split_hash,
            tasks=info.test["tasks"],
            ways=getattr(config.task, "ways", None),
            shots=shots,
            queries=queries,
            steps=final.step,
            transductive=info.test["transductive"],
            norm=info.test["norm"],
            seed=0,
            meta_step=info.step if told is None else told.step,
            trained_steps=config.algorithm.inner_steps,
            device=info.device,
            versions=info.versions,
            task=config.task.model_dump(mode="json"),
            by_step=(
                told.by_step
                if told is not None and _is_same(told.by_step[-1], final)
                else (final,)
            ),
        )
    except (RunError, ValidationError, KeyError):
        return None


def _is_same(one: StepScore, other: StepScore) -> bool:
    return (one.step, one.loss, one.accuracy) == (
        other.step,
        other.loss,
        other.accuracy,
    )


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
        and math.isfinite(one.score + other.score)
    ]
    best = max(pairs, key=_common_tasks, default=None)
    return None if best is None or _common_tasks(best) < 2 else best


def _common_tasks(pair: tuple[KeptEvaluation, KeptEvaluation]) -> int:
    return min(len(one.task_scores) for one in pair)
