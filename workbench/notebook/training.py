"""``train`` and ``evaluate``, with a bar that shows how far they are."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import closing, nullcontext
from itertools import product
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from workbench.cli._display import LiveBar
from workbench.core.base.folders import data_folder, runs_folder
from workbench.core.config.known import known_settings
from workbench.core.config.presets import load_config
from workbench.core.config.run_config import ConfigError, Mistake, RunConfig, kinds
from workbench.core.learning.meta_learner import MetaLearner
from workbench.core.learning.model import ModelSettings
from workbench.core.learning.task_family import TaskSettings
from workbench.core.runs.events import Event
from workbench.core.runs.new_run import new_run, train_further
from workbench.core.runs.store import RunFolder
from workbench.notebook.shown import Run

if TYPE_CHECKING:
    from workbench.core.training.evaluation import Evaluation

Folder = Path | str | None
"""A folder, or None for the one that the command line and the window take."""


def train(
    what: str | Path | RunConfig | Run | None = None,
    set: Mapping[str, Any] | None = None,
    *,
    task: TaskSettings | None = None,
    model: ModelSettings | None = None,
    learner: MetaLearner | None = None,
    name: str = "",
    device: str = "auto",
    runs: Folder = None,
    data: Folder = None,
    progress: bool = True,
) -> Run:
    """Train, and return the run.

    ``what`` is a preset, a TOML file, a configuration, or a run to go on with; a task,
    a model and a learner take the place of its own. Without it, the learner's known
    settings for such a task are taken, or MAML's. ``set`` changes fields by their
    dotted names, as in ``{"training.iterations": 500}``. Interrupting the cell stops
    the run with a checkpoint.
    """
    from workbench.core.training.training import train as trained

    changes = dict(set or {})
    if isinstance(what, Run):
        folder = what.folder
        if changes:
            train_further(folder, folder.config().replace(changes))
    else:
        config, preset = _configuration(what, task, model, learner)
        config = config.replace(changes) if changes else config
        folder = new_run(_runs(runs), config, name=name, preset=preset)
    events = trained(folder, data=_data(data), device=device)
    # An interrupt between two meta-steps closes it: it stops with a checkpoint.
    with closing(events), _bar(folder, progress) as show:
        for event in events:
            show.show(event)
    return Run(folder)


def evaluate(
    run: Run | Path | str,
    set: Mapping[str, Any] | None = None,
    *,
    tasks: int | None = None,
    split: Any = "test",
    seed: int = 0,
    device: str = "auto",
    data: Folder = None,
    runs: Folder = None,
) -> Evaluation:
    """Adapt a trained run to new tasks, and return the scores at every inner step.

    ``set`` changes fields of the task or the evaluation. The scores are kept in the
    run's folder, as those of the command line are.
    """
    from workbench.core.base.devices import choose_device, describe
    from workbench.core.training.judging import evaluate as judged
    from workbench.core.training.judging import under
    from workbench.core.training.keeping import keep_evaluation
    from workbench.core.training.trained import Trained
    from workbench.notebook.finding import load

    found = run if isinstance(run, Run) else load(run, runs)
    chosen = choose_device(device)
    changes = dict(set or {}) | ({} if tasks is None else {"evaluation.tasks": tasks})
    trained = under(Trained.load(found.folder, "best", chosen), changes)
    result = judged(trained, data=_data(data), device=chosen, split=split, seed=seed)
    keep_evaluation(
        found.folder,
        trained.config,
        result,
        meta_step=trained.step,
        device=describe(chosen),
        checkpoint="best",
    )
    return result


def _configuration(
    what: str | Path | RunConfig | None,
    task: TaskSettings | None,
    model: ModelSettings | None,
    learner: MetaLearner | None,
) -> tuple[RunConfig, str]:
    """Return the configuration asked for, and the preset that it is from."""
    config, preset = None, ""
    if isinstance(what, RunConfig):
        config = what
    elif what is not None:
        config, preset = load_config(str(what))
    given = {"task": task, "model": model, "algorithm": learner}
    own = {key: value.model_dump() for key, value in given.items() if value is not None}
    if config is not None:
        return RunConfig.from_dict(config.model_dump() | own), preset
    if task is None:
        message = "give a preset, a file or a task to train on"
        raise ConfigError([Mistake("task", message)])
    return _with_known(_first_that_fits(own), is_own=learner is not None), ""


def _first_that_fits(given: dict[str, Any]) -> RunConfig:
    """Return the configuration with the first model and learner that go with it."""
    models = [given["model"]] if "model" in given else _each("model")
    learners = [given["algorithm"]] if "algorithm" in given else _each("algorithm")
    choices = product(models, learners)
    for number, (model, learner) in enumerate(choices, start=1):
        values = {**given, "model": model, "algorithm": learner}
        try:
            return RunConfig.from_dict(values)
        except ConfigError:
            if number == len(models) * len(learners):
                raise
    raise AssertionError("there are no models")


def _each(section: str) -> list[dict[str, str]]:
    return [{"kind": kind} for kind in kinds(section)]


def _with_known(config: RunConfig, *, is_own: bool) -> RunConfig:
    """Return what is known to work for such tasks; a learner's own settings stay."""
    known = known_settings(config.model_dump(mode="json"))
    changes = {} if known is None else dict(known.changes)
    if is_own:
        changes = {n: v for n, v in changes.items() if not n.startswith("algorithm.")}
    return config.replace(changes)


def _bar(folder: RunFolder, wanted: bool) -> LiveBar | _NoBar:
    return LiveBar(folder) if wanted else _NoBar()


class _NoBar(nullcontext[None]):
    def __enter__(self) -> Self:  # type: ignore[override]
        return self

    def show(self, event: Event) -> None:
        """Show nothing."""


def _runs(folder: Folder) -> Path:
    return runs_folder(None if folder is None else Path(folder))


def _data(folder: Folder) -> Path:
    return data_folder(None if folder is None else Path(folder))
