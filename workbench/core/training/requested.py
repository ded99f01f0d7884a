"""An evaluation that is asked for: of which run, how, and kept in its folder."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from workbench.core.base.splits import Split
from workbench.core.runs.store import RunFolder

if TYPE_CHECKING:
    from workbench.core.runs.evaluations import KeptEvaluation


class Request(NamedTuple):
    """What to evaluate, and how; ``changes`` are dotted fields of the configuration.

    Without a word about it, it is the run's own test.
    """

    folder: RunFolder
    checkpoint: str = "best"
    split: Split = "test"
    seed: int = 0
    changes: Mapping[str, Any] = {}
    device: str = "auto"


def evaluated(
    asked: Request,
    data: Path,
    progress: Callable[[int, int], None] | None = None,
) -> KeptEvaluation:
    """Evaluate, and keep the result in the run's folder."""
    from workbench.core.base.devices import choose_device, describe
    from workbench.core.base.threads import use_all_threads
    from workbench.core.spreading.starting import as_trained
    from workbench.core.training.judging import evaluate, under
    from workbench.core.training.keeping import keep_evaluation
    from workbench.core.training.trained import Trained

    use_all_threads()
    device = choose_device(asked.device)
    trained = Trained.load(asked.folder, asked.checkpoint, device)
    trained = under(trained, asked.changes)
    with as_trained(
        asked.folder, trained.config, asked.device, asked.folder.log
    ) as engine:
        result = evaluate(
            trained,
            data=data,
            device=device,
            split=asked.split,
            seed=asked.seed,
            progress=progress,
            engine=engine,
        )
    return keep_evaluation(
        asked.folder,
        trained.config,
        result,
        meta_step=trained.step,
        device=describe(device),
        checkpoint=asked.checkpoint,
    )
