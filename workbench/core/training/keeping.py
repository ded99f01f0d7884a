"""Keeps an evaluation in a run's folder."""

from __future__ import annotations

import datetime
import secrets

from workbench.core.config.run_config import RunConfig
from workbench.core.runs.evaluations import (
    KeptEvaluation,
    list_evaluations,
    write_evaluation,
)
from workbench.core.runs.store import RunFolder, versions
from workbench.core.training.evaluation import Evaluation

_DIGITS = 7


def keep_evaluation(
    folder: RunFolder,
    config: RunConfig,
    result: Evaluation,
    *,
    meta_step: int,
    device: str,
    checkpoint: str = "best",
    once: bool = False,
) -> KeptEvaluation:
    """Write an evaluation into the run's folder and return what was written.

    With ``once``, one that is there already to the last figure is not kept again.
    """
    now = datetime.datetime.now(datetime.UTC)
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
        views=result.views,
        norm=result.norm,
        seed=result.seed,
        checkpoint=checkpoint,
        meta_step=meta_step,
        trained_steps=config.algorithm.inner_steps,
        device=device,
        versions=versions(),
        task=config.task.model_dump(mode="json"),
        by_step=result.by_step,
        task_scores=tuple(round(score, _DIGITS) for score in result.task_scores),
    )
    for earlier in list_evaluations(folder.path) if once else ():
        if earlier == kept.model_copy(update={"id": earlier.id, "made": earlier.made}):
            return earlier
    write_evaluation(folder.path, kept)
    return kept
