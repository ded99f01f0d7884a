"""Shows a run's events on a terminal: a live bar, or JSON lines."""

from __future__ import annotations

import itertools
import sys
from dataclasses import asdict
from typing import Any, Self

from workbench.cli._wording import told
from workbench.core.base.errors import Problem
from workbench.core.base.figures import about
from workbench.core.base.json_text import to_text
from workbench.core.base.measure import Measure
from workbench.core.base.program import command
from workbench.core.results.score_text import measured_text, score_text
from workbench.core.runs.errors import RunError
from workbench.core.runs.evaluations import own_test
from workbench.core.runs.events import (
    AlertEvent,
    EndEvent,
    EvaluationEvent,
    Event,
    SpeedEvent,
    StepEvent,
    to_json,
)
from workbench.core.runs.store import RunFolder

_TESTED_WITH = {"tasks", "split", "split_hash", "transductive", "views", "norm"}


_WIDEST_NAME = 24
"""Letters of a name that are shown at the cost of figures."""


class JsonLines:
    """Prints every event as one JSON object a line, and nothing else but its ends.

    Where runs are trained side by side, every line ``names_run``.
    """

    def __init__(self, folder: RunFolder, *, names_run: bool = False) -> None:
        self._folder, self._names_run = folder, names_run

    def __enter__(self) -> Self:
        """Start."""
        return self

    def __exit__(self, *raised: object) -> None:
        """Stop."""

    def resume(self, step: int) -> None:
        """Print from which meta-step a run goes on."""
        info = self._folder.info()
        self._write(
            {
                "event": "resume",
                "run": str(self._folder.path),
                "id": info.id,
                "step": step,
                "iterations": info.iterations,
            }
        )

    def show(self, event: Event) -> None:
        """Print an event; the end is printed by ``end``."""
        if isinstance(event, EndEvent):
            return
        line = to_json(event)
        if self._names_run:
            line = f'{{"run": {to_text(str(self._folder.path))}, {line[1:]}'
        sys.stdout.write(line + "\n")
        sys.stdout.flush()

    def end(self) -> None:
        """Print how the run ended."""
        info = self._folder.info()
        line: dict[str, Any] = {
            "event": "end",
            "state": info.state,
            "run": str(self._folder.path),
            "id": info.id,
            "step": info.step,
            "seconds": info.seconds,
            "best": info.best,
            "test": _test(self._folder),
            "message": told(info.problem) if info.problem else info.pruned,
        }
        self._write(line)

    def _write(self, line: dict[str, Any]) -> None:
        sys.stdout.write(to_text(line) + "\n")
        sys.stdout.flush()


def _test(folder: RunFolder) -> dict[str, Any] | None:
    kept = own_test(folder.path)
    if kept is None:
        return None
    final = flat_score(asdict(kept.final))
    return {**final, **kept.model_dump(include=_TESTED_WITH)}


def flat_score(score: dict[str, Any]) -> dict[str, Any]:
    """Return the figures of an inner step, with how a regression's losses lie.

    Of a return there is no accuracy, and nothing else has returns and other figures.
    """
    score = dict(score)
    spread, support = score.pop("spread"), score.pop("support_spread")
    names = ("mean_return", "return_ci95", "figures")
    mean, ci95, figures = (score.pop(name) for name in names)
    if mean is not None:
        losses = {name: of for name, of in score.items() if "accuracy" not in name}
        return {**losses, "return": mean, "return_ci95": ci95, "figures": figures}
    return {**score, **(spread or {}), **({"support": support} if support else {})}


class Bars:
    """A terminal's bars below each other, there while any of their runs is trained."""

    def __init__(self) -> None:
        from rich.console import Console
        from rich.progress import (
            BarColumn,
            MofNCompleteColumn,
            Progress,
            TextColumn,
        )
        from rich.table import Column

        self._names = Column(no_wrap=True)
        self.console = Console(highlight=False, markup=False, emoji=False)
        self.progress = Progress(
            TextColumn("{task.description}", markup=False, table_column=self._names),
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn(
                "{task.fields[judged]}",
                markup=False,
                table_column=Column(no_wrap=True, min_width=len("loss 0.1234")),
            ),
            TextColumn("{task.fields[validation]}", markup=False),
            TextColumn("{task.fields[speed]}", markup=False),
            TextColumn(
                "{task.fields[left]}",
                markup=False,
                table_column=Column(no_wrap=True, min_width=len("1.5 min left")),
            ),
            console=self.console,
        )
        self._shown = 0

    def show(self) -> None:
        """Show one more."""
        self._shown += 1
        self._tell_apart()
        if self._shown == 1:
            self.progress.start()

    def _tell_apart(self) -> None:
        """Leave out what all names begin with, for which there may be no room."""
        names = [task.fields["name"].split(", ") for task in self.progress.tasks]
        parts = zip(*names, strict=False) if len(names) > 1 else ()
        alike = len([*itertools.takewhile(lambda of: len({*of}) == 1, parts)])
        for task, name in zip(self.progress.tasks, names, strict=True):
            text = ", ".join(name[alike:] or name)
            self.progress.update(task.id, description=text)
        longest = max(len(task.description) for task in self.progress.tasks)
        self._names.min_width = min(longest, _WIDEST_NAME)

    def leave(self) -> None:
        """Show one less; with the last they are at rest, and begin anew."""
        self._shown -= 1
        if self._shown == 0:
            self.progress.stop()
            for each in self.progress.task_ids:
                self.progress.remove_task(each)

    @property
    def are_several(self) -> bool:
        """Whether a line must say which run it is about."""
        return len(self.progress.task_ids) > 1


class LiveBar:
    """A bar with step, meta-loss or return, validation, speed and time left."""

    def __init__(self, folder: RunFolder, bars: Bars | None = None) -> None:
        self._folder = folder
        self._bars = bars or Bars()
        self._judged: float | None = None
        info = folder.info()
        self._name = info.name
        self._is_one_of_several = False
        self._task = self._bars.progress.add_task(
            info.name,
            name=info.name,
            total=info.iterations,
            judged="loss -",
            validation="",
            speed="",
            left="",
        )

    def __enter__(self) -> Self:
        """Show the bar."""
        self._bars.console.print(f"Run folder: {self._folder.path}", soft_wrap=True)
        self._bars.show()
        return self

    def __exit__(self, *raised: object) -> None:
        """Leave the terminal as it was, unless there are others."""
        self._is_one_of_several = self._bars.are_several
        self._bars.leave()

    def resume(self, step: int) -> None:
        """Say from which meta-step a run goes on, and begin the bar there."""
        of = self._folder.info().iterations
        whose = f"{self._name}: " if self._bars.are_several else ""
        self._bars.console.print(f"{whose}Goes on from meta-step {step:,} of {of:,}")
        self._bars.progress.update(self._task, completed=step)

    def show(self, event: Event) -> None:
        """Bring the bar up to date."""
        match event:
            case StepEvent():
                measure, now = event.judged
                last = now if self._judged is None else self._judged
                self._judged = 0.95 * last + 0.05 * now
                shown = f"{measure} {score_text(self._judged, None, measure)}"
                self._bars.progress.update(
                    self._task, completed=event.step, judged=shown
                )
            case SpeedEvent():
                speed = f"{event.tasks_per_second:.0f} tasks/s"
                seconds = event.seconds_left
                left = "" if seconds is None else f"{about(seconds)} left"
                self._bars.progress.update(self._task, speed=speed, left=left)
            case EvaluationEvent():
                text = f"{event.split} {_score(event)}"
                self._bars.progress.update(self._task, validation=text)
                if event.split == "test":
                    self._bars.progress.update(self._task, left="")
                    whose = f"{self._name}: " if self._bars.are_several else ""
                    self._bars.console.print(whose + self._sentence(event))
            case AlertEvent():
                said = told(Problem(event.message, event.remedies))
                self._bars.console.print(said, style="yellow")
            case _:
                pass

    def end(self) -> None:
        """Print how the run ended and how to go on."""
        try:
            info = self._folder.info()
        except RunError:
            return
        whose = f"{self._name}: " if self._is_one_of_several else ""
        text = f"{whose}{info.state} after {info.step} of {info.iterations} meta-steps"
        self._bars.console.print(text)
        if info.pruned:
            self._bars.console.print(f"{whose}given up: {info.pruned}", soft_wrap=True)
        elif info.state == "stopped":
            text = f"To go on: {command(f'train --resume {info.id}')}"
            self._bars.console.print(text, soft_wrap=True)

    def _sentence(self, event: EvaluationEvent) -> str:
        final = event.by_step[-1]
        how = manner(event.transductive, event.views, final.measure)
        return (
            f"Test, {event.tasks} tasks, {final.step} inner steps{how}: {_score(event)}"
        )


def manner(transductive: bool, views: int, measure: Measure) -> str:
    """Return how queries are classified, where that is what is done with them."""
    if measure is not Measure.ACCURACY:
        return ""
    how = ", queries together" if transductive else ", one query at a time"
    return how + views_text(views)


def views_text(views: int) -> str:
    """Return of how many views each picture's feature is the mean, if of several."""
    return f", {views} views of a picture" if views > 1 else ""


def _score(event: EvaluationEvent) -> str:
    """Return the score after the last inner step with its CI; a bare % is accuracy."""
    final = event.by_step[-1]
    what = "" if final.measure is Measure.ACCURACY else f"{final.measure} "
    return f"{what}{measured_text(final, event.tasks)}"
