"""One stretch of training a run: from a checkpoint to its end, or to a stop."""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path

from workbench.core.acting.acting_watch import ActingWatch
from workbench.core.base.cancelling import Asked, Cancelled
from workbench.core.base.devices import (
    choose_device,
    describe,
    forget_peak,
    peak_memory_mb,
)
from workbench.core.learning.params import tree_map
from workbench.core.learning.task_family import TaskFamily
from workbench.core.pacing.pace_meter import Part
from workbench.core.pacing.timing import Timing
from workbench.core.runs.checkpoint import load_checkpoint
from workbench.core.runs.events import (
    AlertEvent,
    CheckpointEvent,
    EndEvent,
    EvaluationEvent,
    Event,
    Outcome,
    StepEvent,
)
from workbench.core.runs.histograms import histogram
from workbench.core.runs.store import RunFolder, State
from workbench.core.spreading.leading import SpreadEngine
from workbench.core.spreading.sharing import why_alone
from workbench.core.training.calmer import calmer
from workbench.core.training.divergence import Divergence
from workbench.core.training.evaluation import Evaluation
from workbench.core.training.generations import (
    has_checkpoint,
    refuse_other_data,
    resumed,
    settle_best,
)
from workbench.core.training.keeping import keep_evaluation
from workbench.core.training.outer_loop import Measured, OuterLoop
from workbench.core.training.record import Record
from workbench.core.training.smaller import smaller_evaluation
from workbench.core.training.trained import Trained
from workbench.core.training.training_error import (
    StopAsked,
    TrainingError,
    disk_errors,
    memory_errors,
    not_finite,
)

_MOST_AHEAD = 32
"""Meta-steps that a GPU may be given before the figures of the first are there."""

_MOST_ACTED_AHEAD = 4
"""As many where tasks are acted in: what was collected is kept until then."""


class Stretch:
    """Goes through the outer loop, and keeps the record of what happens.

    ``began_at`` is the meta-step that it goes on from. ``gathered`` waits for the other
    processes of a run that has some, and returns the engine of all.
    """

    is_ready = False
    """Whether the next that it does is a meta-step."""

    def __init__(
        self,
        folder: RunFolder,
        data: Path,
        device: str,
        is_stopping: Callable[[], bool],
        gathered: Callable[[], SpreadEngine | None],
    ) -> None:
        self._folder = folder
        self._is_stopping = is_stopping
        folder.import_members()
        config = self._config = folder.config()
        self._device = choose_device(device)
        forget_peak(self._device)
        with memory_errors("the start", config, self._device):
            family, self._spread = self._opened(data, gathered)
            self.loop = OuterLoop(config, family, self._device, engine=self._spread)
        self._split_hash, self._data_hash = family.split_hash, family.data_hash
        self._is_over = False
        self._evaluated = self._saved = -1
        self._kept_at = {"latest": -1, "best": -1}
        self._losses: list[str] = []
        self._timing = Timing(config, self._device, self.loop.settles_after)
        self._divergence, self._acting = Divergence(), ActingWatch()
        with disk_errors(folder):
            length = self._resume()
        self.began_at = self.loop.step
        self._record = Record(folder, length)
        self._pending: deque[Measured] = deque()

    def _opened(
        self, data: Path, gathered: Callable[[], SpreadEngine | None]
    ) -> tuple[TaskFamily, SpreadEngine | None]:
        """Open the task's data; where that takes long it can be stopped as well."""
        asked = Asked(self._is_stopping)
        try:
            return self._config.task.open(data, self._device, asked), gathered()
        except Cancelled:
            self._folder.update(state="stopped", pid=None)
            raise StopAsked from None

    def turns(self) -> Iterator[list[Event]]:
        """Train to the end; when closed or asked to, stop with a checkpoint.

        Yields what was written, and nothing where the others of a company may come as
        far: at the start, and before a meta-step, when ``is_ready``.
        """
        try:
            self._record.begin(self.loop.step, self._device, self._split_hash)
            self._stop_if_asked()
            for written in self._stretches():
                self._timing.tick()
                yield written
                if self.loop.company is None:
                    self._timing.leave_out()
                if self._is_stopping() and not self._is_over:
                    self._go_where_it_is()
                    yield self._all_figures()
                    raise StopAsked
        except (GeneratorExit, StopAsked, Cancelled) as left:
            if not self._is_over:
                self._go_where_it_is()
                self._save()
                self._end("stopped")
            if isinstance(left, Cancelled):  # while it waited for other processes
                raise StopAsked from None
            raise
        finally:
            self._record.close()

    def snapshot(self) -> Trained:
        """Return a detached copy of the meta-parameters, on the CPU."""
        loop = self.loop
        meta, state = (
            tree_map(lambda leaf: leaf.detach().to("cpu", copy=True), tree)
            for tree in (loop.meta, loop.state)
        )
        return Trained(self._config, meta, state, loop.step)

    def note(self, state: State) -> None:
        """Say in the folder how the run stands, and that it is in hand."""
        self._record.note(state, self.loop.step)
        if state == "running":
            self._timing.leave_out()

    def _stretches(self) -> Iterator[list[Event]]:
        """Advance, and yield lists of events that have been written.

        What is due at a step is done once, also where a run goes on from that step.
        """
        every = self._config.evaluation.every
        save_every = self._config.training.checkpoint_every
        yield self._record.write(self._alerts())
        yield []
        while True:
            if self._is_due(every) and self._evaluated != self.loop.step:
                yield self._all_figures()
                yield self._validation()
            if self._is_due(save_every) and self._saved != self.loop.step:
                yield self._checkpoint()
            if self._is_last:
                break
            self.is_ready = True
            yield []
            self.is_ready = False
            self._pending.append(self._advance())
            yield self._record.write(self._figures())
        yield [self._test()]
        # Before the run is called completed: nobody comes back to write it.
        ended = self._record.write([EndEvent(self.loop.step, Outcome.COMPLETED)])
        self._is_over = True
        self._end("completed")
        yield ended

    def _go_where_it_is(self) -> None:
        """Go the meta-step that was made in company, if it waits to be gone."""
        if self.loop.is_ahead:
            self._pending.append(self._advance())

    @property
    def _acts(self) -> bool:
        """Whether losses are returns: of these none is so many times another."""
        return self._config.task.problem == "reinforcement"

    @property
    def _trained_steps(self) -> int:
        return self._config.algorithm.inner_steps

    @property
    def _is_last(self) -> bool:
        return self.loop.step >= self._config.training.iterations

    def _is_due(self, every: int) -> bool:
        return self.loop.step % every == 0 or self._is_last

    def _stop_if_asked(self) -> None:
        if self._is_stopping() and not self._is_over:
            raise StopAsked

    def _on_chunk(self, _done: int, _tasks: int) -> None:
        self._lap(Part.CHUNK)
        self._beat()
        self._stop_if_asked()

    def _lap(self, part: Part = Part.STEP) -> None:
        self._timing.lap(self.loop.step, part)

    def _beat(self) -> None:
        """Write down now and then what is left, though it be roughly known."""
        step = self.loop.step
        self._record.beat(step, self._timing.left(step))

    def _advance(self) -> Measured:
        what = f"meta-step {self.loop.step + 1}"
        with memory_errors(what, self._config, self._device):
            return self.loop.advance()

    def _alerts(self) -> list[Event]:
        said = ["; ".join(self._losses)] if self._losses else []
        if self._record.is_empty:
            unused = self.loop.unused()
            alone = why_alone(self._config, self._device.type)
            said += [alone] if alone else []
            said += [
                f"{name} gets no inner gradient and is left alone" for name in unused
            ]
        return [AlertEvent(self.loop.step, text) for text in said]

    def _all_figures(self) -> list[Event]:
        return self._record.write(self._figures(all_of_them=True))

    def _figures(self, *, all_of_them: bool = False) -> list[Event]:
        """Read the figures of the meta-steps made, as far as they are there."""
        events: list[Event] = []
        most = _MOST_ACTED_AHEAD if self._acts else _MOST_AHEAD
        while self._pending and (
            all_of_them
            or self._is_last
            or len(self._pending) > most
            or self._pending[0].figures.is_there
        ):
            measured = self._pending.popleft()
            event = self.loop.event(measured)
            if not event.is_finite:
                self._pending.clear()
                self._record.write(events)
                self._folder.update(step=event.step)
                raise self._not_finite(event, measured)
            events += [event, *self._news(event)]
        return events + self._speed() if events else []

    def _not_finite(self, event: StepEvent, measured: Measured) -> TrainingError:
        drawn, remedies = self.loop.episodes[event.step - 1], calmer(self._config)
        return not_finite(self._folder, event, drawn, *remedies, acted=measured.acted)

    def _news(self, event: StepEvent) -> list[Event]:
        """Return what is to be told of a meta-step besides itself."""
        return [*self._lost_processes(step=event.step), *self._of_figures(event)]

    def _of_figures(self, event: StepEvent) -> list[Event]:
        if self._acts:
            said = self._acting.after_step(event.extras)
            return [news for each in said for news in self._alarm(event.step, each)]
        said_of_loss = self._divergence.after_step(event.step, event.loss)
        return self._alarm(event.step, said_of_loss)

    def _lost_processes(self, step: int) -> list[Event]:
        """Return the news of processes that the run goes on without."""
        return (
            []
            if self._spread is None
            else [AlertEvent(step, said) for said in self._spread.take_news()]
        )

    def _alarm(self, step: int, said: str) -> list[Event]:
        """Return the news of what is said, with what helps; nothing of nothing."""
        return [AlertEvent(step, said, calmer(self._config))] if said else []

    def _speed(self) -> list[Event]:
        speed = self._timing.speed(self.loop.step)
        if speed is None:
            return []
        self._beat()
        return [speed]

    def _validation(self) -> list[Event]:
        events: list[Event] = []
        step = self.loop.step
        self._lap()
        with self._room_for(f"the validation at meta-step {step}"):
            result = self.loop.evaluate(
                "validation",
                self._config.evaluation.validation_tasks,
                progress=self._on_chunk,
            )
        self._evaluated = step
        is_best = self._is_best(result)
        if not math.isfinite(result.final.loss):
            lost = max(result.final.diverged, 1)
            said = (
                f"the inner loop diverges on {lost:,} of {result.tasks:,} "
                "validation tasks. Lower the inner learning rate or the inner steps "
                "at test"
            )
            events.append(AlertEvent(step, said))
        for said in self._said_of_adapting(result):
            events += self._alarm(step, said)
        events.append(result.event(step, self._trained_steps, best=is_best))
        histograms = self._config.algorithm.histograms(self.loop.meta)
        for title, tree in histograms.items():
            events.append(histogram(step, title, tree))
        self._record.write(events)
        if is_best:
            self._save("best")
        self._lap()
        return events

    def _said_of_adapting(self, result: Evaluation) -> list[str]:
        """Return what a validation says of divergence, if anything."""
        step = self.loop.step
        # Adapting harms nothing where what was there before was not learned.
        first = 0 if self._config.algorithm.learns_head else 1
        if self._acts:
            last = min(self._trained_steps, result.steps)
            before, after = (
                [-losses[at] for losses in result.query_loss] for at in (first, last)
            )
            return self._acting.after_validation(step, before, after)
        trained = result.by_step[first : 1 + self._trained_steps]
        losses = [at.robust_loss for at in trained]
        said = self._divergence.after_validation(step, losses)
        return [said] if said else []

    def _room_for(self, what: str) -> AbstractContextManager[None]:
        return memory_errors(what, self._config, self._device, smaller_evaluation)

    def _is_best(self, result: Evaluation) -> bool:
        """Take a validation for the best so far; the first one is, whatever it says."""
        score, best = result.final.robust, self.loop.best
        if not math.isfinite(score):
            return not has_checkpoint(self._folder, "best")
        is_better = best is None or result.final.measure.is_better(score, best)
        if is_better:
            self.loop.best = score
        return is_better

    def _checkpoint(self) -> list[Event]:
        event = CheckpointEvent(self.loop.step, "latest")
        written = self._record.write([*self._figures(all_of_them=True), event])
        self._saved = self.loop.step
        self._lap()
        self._save()
        self._folder.update(
            step=self.loop.step, seconds=self._timing.seconds, best=self.loop.best
        )
        self._lap(Part.CHECKPOINT)
        if self.loop.company is None:
            self._timing.remember_now_and_then(self._folder.path.name)
        return written

    def _save(self, which: str = "latest") -> None:
        self._all_figures()
        self._timing.tick()
        facts = {
            "divergence": self._divergence.facts(),
            "acting": self._acting.facts(),
            "evaluated": self._evaluated,
            "saved": self._saved,
            "seconds": self._timing.seconds,
            "split_hash": self._split_hash,
            "data_hash": self._data_hash,
            "config": self._config.model_dump(mode="json"),
        }
        checkpoint = self.loop.checkpoint(**facts)
        is_of_latest = self._kept_at[which] <= self._kept_at["latest"]
        self._record.save(which, checkpoint, is_before_kept=is_of_latest)
        self._kept_at[which] = self.loop.step

    def _resume(self) -> int:
        """Go back to the latest checkpoint; return how long the events were."""
        found = resumed(self._folder, self._device)
        if found is None:
            return 0
        facts, self._losses = found.checkpoint.facts, found.losses
        refuse_other_data(self._folder, facts, self.loop.family)
        self.loop.restore(found.checkpoint)
        self._evaluated, self._saved = facts["evaluated"], facts["saved"]
        best_at = settle_best(self._folder, self.loop.step)
        if best_at is None:
            # The next validation is the first one again: if due now, now.
            self.loop.best, self._evaluated, best_at = None, -1, -1
        self._kept_at = {"latest": self.loop.step, "best": best_at}
        self._timing.go_on(facts["step"], facts["seconds"])
        self._divergence = Divergence(**facts.get("divergence", {}))
        self._acting = ActingWatch(**facts.get("acting", {}))
        return int(facts["length"])

    def _test(self) -> EvaluationEvent:
        """Evaluate the best meta-parameters on the test split."""
        best = load_checkpoint(self._folder.checkpoint("best"), self._device)
        tasks = self._config.evaluation.tasks
        self._lap()
        with self._room_for("the test"):
            result = self.loop.evaluate("test", tasks, best, self._on_chunk)
        with disk_errors(self._folder):
            kept = keep_evaluation(
                self._folder,
                self._config,
                result,
                meta_step=best.facts["step"],
                device=describe(self._device),
                once=True,
            )
        self._folder.update(test=kept.id)
        return result.event(best.facts["step"], self._trained_steps)

    def _end(self, state: State) -> None:
        # How fast it went in company says nothing of a run by itself.
        if self.loop.company is None:
            self._timing.remember(self._folder.path.name)
        memory = peak_memory_mb(self._device)
        facts = {"seconds": self._timing.seconds, "best": self.loop.best}
        self._record.end(state, self.loop.step, memory_mb=memory, **facts)
