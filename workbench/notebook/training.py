"""``train`` and ``evaluate``, with a bar that shows how far they are."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import closing, nullcontext
from itertools import product
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from workbench.cli._display import LiveBar
from workbench.cli.evaluate import keep, warn, warn_of
from workbench.cli.train import interrupts, to_resume
from workbench.core.base.folders import data_folder, runs_folder
from workbench.core.base.settings import Settings
from workbench.core.base.splits import SPLITS
from workbench.core.base.suggestions import did_you_mean
from workbench.core.config.known import known_settings
from workbench.core.config.presets import load_config
from workbench.core.config.run_config import ConfigError, Mistake, RunConfig, kinds
from workbench.core.learning.meta_learner import MetaLearner
from workbench.core.learning.model import ModelSettings
from workbench.core.learning.task_family import TaskSettings
from workbench.core.runs.events import Event
from workbench.core.runs.new_run import new_run
from workbench.core.runs.store import RunFolder
from workbench.notebook.finding import load
from workbench.notebook.shown import Run
from workbench.notebook.wording import remedies_told

if TYPE_CHECKING:
    from workbench.notebook.scores import Scores

_LENGTH = ("training.iterations", "evaluation.every")

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
    the run with a checkpoint, from which ``train`` goes on when given the run.
    """
    with remedies_told():
        if isinstance(what, Run):
            _refuse_others(task, model, learner)
            folder = to_resume(what.folder, set or {})
        else:
            config, preset = _configuration(what, task, model, learner)
            config = config.replace(set) if set else config
            folder = new_run(runs_folder(runs), config, name=name, preset=preset)
        if _follow(folder, data_folder(data), device, progress):
            raise KeyboardInterrupt(_how_to_go_on(folder))
    return Run(folder)


def _follow(folder: RunFolder, data: Path, device: str, progress: bool) -> bool:
    """Train to the end, or until it is interrupted; return whether it was."""
    from workbench.core.training.training import train as trained

    # No signal arrives where this is not the main thread. An interrupt raised here then
    # closes the training, which stops with a checkpoint as well.
    with _bar(folder, progress) as show, interrupts() as interrupted:
        events = trained(
            folder,
            data=data,
            device=device,
            is_stopping=lambda: bool(interrupted),
        )
        with closing(events):
            for number, event in enumerate(events):
                if number == 0 and events.began_at:
                    show.resume(events.began_at)
                show.show(event)
        return bool(interrupted)


def _how_to_go_on(folder: RunFolder) -> str:
    info = folder.info()
    done = f"{info.name} is {info.state} after {info.step:,} of {info.iterations:,}"
    further = f": go on with train(load({info.id!r}))"
    return f"{done} meta-steps{further if info.state == 'stopped' else ''}"


def _refuse_others(*given: object) -> None:
    if any(each is not None for each in given):
        message = "a run goes on with its own task, model and learner"
        raise ConfigError([Mistake("", message)])


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
) -> Scores:
    """Adapt a trained run to new tasks, and return the scores at every inner step.

    ``set`` changes fields of the task or the evaluation. The scores are kept in the
    run's folder, as those of the command line are.
    """
    from workbench.core.base.devices import choose_device, describe
    from workbench.core.spreading.starting import as_trained
    from workbench.core.training.judging import evaluate as judged
    from workbench.core.training.judging import under
    from workbench.core.training.trained import Trained
    from workbench.notebook.scores import Scores

    if split not in SPLITS:
        hint = did_you_mean(str(split), SPLITS)
        message = f"{split!r} is not one of {', '.join(SPLITS)}{hint}"
        raise ConfigError([Mistake("split", message)])
    changes = dict(set or {}) | ({} if tasks is None else {"evaluation.tasks": tasks})
    with remedies_told():
        found = run if isinstance(run, Run) else load(run, runs)
        chosen = choose_device(device)
        trained = under(Trained.load(found.folder, "best", chosen), changes)
        folder = data_folder(data)
        with as_trained(found.folder, trained.config, device, warn_of) as engine:
            result = judged(
                trained,
                data=folder,
                device=chosen,
                split=split,
                seed=seed,
                engine=engine,
            )
        warn(result)
        keep(found.folder, trained, result, "best", describe(chosen))
    return Scores(**vars(result))


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
    own = {key: _own(key, each) for key, each in given.items() if each is not None}
    if config is not None:
        return RunConfig.from_dict(config.model_dump() | own), preset
    if task is None:
        message = "give a preset, a file or a task to train on"
        raise ConfigError([Mistake("task", message)])
    return _with_known(_first_that_fits(own), is_own=learner is not None), ""


def _own(section: str, member: Settings) -> dict[str, Any]:
    """Return a member's values, by which the registered class makes it again."""
    values = member.model_dump()
    kind = values["kind"]
    known = kinds(section).get(kind)
    if known is None:
        name = type(member).__name__
        message = f"{kind!r} is not known yet: put @workbench.register above {name}"
        raise ConfigError([Mistake(f"{section}.kind", message)])
    if type(member) is not known:
        message = (
            f"another {kind!r} was made after this one and took its place: give each a "
            "name of its own, or make this one again"
        )
        raise ConfigError([Mistake(f"{section}.kind", message)])
    return values


def _first_that_fits(given: dict[str, Any]) -> RunConfig:
    """Return the configuration with the first model and learner that go with it."""
    models = [given["model"]] if "model" in given else _each("model")
    learners = [given["algorithm"]] if "algorithm" in given else _each("algorithm")
    refused = []
    for model, learner in product(models, learners):
        try:
            return RunConfig.from_dict({**given, "model": model, "algorithm": learner})
        except ConfigError as error:
            refused.append(error)
    # That which has least against it says what is wrong with what was given.
    raise min(refused, key=lambda error: len(error.mistakes))


def _each(section: str) -> list[dict[str, str]]:
    return [{"kind": kind} for kind in kinds(section)]


def _with_known(config: RunConfig, *, is_own: bool) -> RunConfig:
    """Return what is known to work for such tasks; a learner's own settings stay.

    A preset's length is that of a paper: the first try on tasks of one's own is short.
    """
    known = known_settings(config.model_dump(mode="json"))
    changes = {} if known is None else dict(known.changes)
    for name in _LENGTH:
        changes.pop(name, None)
    if is_own:
        changes = {n: v for n, v in changes.items() if n.startswith("training.")}
    return config.replace(changes)


def _bar(folder: RunFolder, wanted: bool) -> LiveBar | _NoBar:
    return LiveBar(folder) if wanted else _NoBar()


class _NoBar(nullcontext[None]):
    def __enter__(self) -> Self:  # type: ignore[override]
        return self

    def resume(self, step: int) -> None:
        """Show nothing."""

    def show(self, event: Event) -> None:
        """Show nothing."""
