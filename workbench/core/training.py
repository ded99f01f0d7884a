"""The outer loop: a generator of events, and the record it keeps in a run's folder."""

from __future__ import annotations

import math
import os
import socket
import time
from collections.abc import Generator, Iterator
from dataclasses import asdict
from pathlib import Path

from workbench.core.checkpoint import load_checkpoint, save_checkpoint
from workbench.core.devices import (
    choose_device,
    describe,
    is_out_of_memory,
    peak_memory_mb,
)
from workbench.core.evaluation import Evaluation
from workbench.core.evaluations import keep_evaluation
from workbench.core.events import (
    AlertEvent,
    CheckpointEvent,
    EndEvent,
    EvaluationEvent,
    Event,
    Outcome,
    SpeedEvent,
)
from workbench.core.histograms import histogram
from workbench.core.lazy import torch
from workbench.core.params import tree_map
from workbench.core.run_store import MetricsWriter, RunError, RunFolder, versions
from workbench.core.trained import Trained
from workbench.core.trainer import Measured, Trainer

_SAMPLES = 8
_SPEED_SECONDS = 1.0
_READ_SECONDS = 0.04
_active: set[Path] = set()


class TrainingError(Exception):
    """Training cannot go on; the message names the step and what to do."""


class OutOfMemory(TrainingError):
    """The device's memory is too small for the configuration."""


def train(folder: RunFolder, *, data: Path, device: str = "auto") -> Training:
    """Train a run from its latest checkpoint, or from the start; yield its events.

    An event is in the folder before it is yielded. Closing the generator stops the run
    with a checkpoint, from which training goes on next time. The last event of a run
    that reaches its end is an EndEvent; one that fails raises, and its folder says why.
    """
    return Training(folder, data, device)


class Training(Iterator[Event]):
    """The generator of a run's events, which can be looked into between two of them."""

    def __init__(self, folder: RunFolder, data: Path, device: str) -> None:
        self._session: _Session | None = None
        self._events = self._run(folder, data, device)

    def __next__(self) -> Event:
        return next(self._events)

    def close(self) -> None:
        """Stop the run with a checkpoint."""
        self._events.close()

    def snapshot(self) -> Trained | None:
        """Return a detached copy of the present meta-parameters; None at first."""
        return None if self._session is None else self._session.snapshot()

    def _run(
        self, folder: RunFolder, data: Path, device: str
    ) -> Generator[Event, None, None]:
        path, info = folder.path.resolve(), folder.info()
        if path in _active or (info.is_alive and info.pid != os.getpid()):
            raise RunError(
                f"{folder.path} is being trained already, by process {info.pid}"
            )
        _active.add(path)
        try:
            self._session = _Session(folder, data, device)
            yield from self._session.events()
        except GeneratorExit:
            raise
        except OSError as error:
            problem = TrainingError(
                f"cannot write {error.filename or folder.path}: {error.strerror}. The "
                "last checkpoint is whole: make room, then resume the run"
            )
            _note_failure(folder, problem)
            raise problem from error
        except BaseException as error:
            _note_failure(folder, error)
            raise
        finally:
            _active.discard(path)


class _Session:
    """One stretch of training: from a checkpoint to the run's end, or to a stop."""

    def __init__(self, folder: RunFolder, data: Path, device: str) -> None:
        self._folder = folder
        self._config = folder.config()
        self._device = choose_device(device)
        family = self._config.task.open(data, self._device)
        self._trainer = Trainer(self._config, family, self._device)
        self._evaluated = self._saved = -1
        self._seconds = 0.0
        length = self._resume() if self._has_checkpoint("latest") else 0
        self._metrics = MetricsWriter(folder, length)
        self._pending: list[Measured] = []
        self._clock = self._read_at = time.monotonic()
        self._told_at = (self._trainer.step, self._seconds)
        folder.update(
            state="running",
            pid=os.getpid(),
            host=socket.gethostname(),
            device=describe(self._device),
            versions=versions(),
            split_hash=family.split_hash,
            step=self._trainer.step,
            message="",
        )
        folder.log(f"step {self._trainer.step}: training on {describe(self._device)}")

    def events(self) -> Iterator[Event]:
        """Train to the end; when closed, stop with a checkpoint."""
        try:
            for written in self._stretches():
                self._tick()
                yield from written
                self._clock = time.monotonic()
        except GeneratorExit:
            self._save()
            self._note("stopped")
            raise
        finally:
            self._metrics.close()

    def snapshot(self) -> Trained:
        """Return a detached copy of the meta-parameters, on the CPU."""
        trainer = self._trainer
        meta, state = (
            tree_map(lambda leaf: leaf.detach().to("cpu", copy=True), tree)
            for tree in (trainer.meta, trainer.state)
        )
        return Trained(self._config, meta, state, trainer.step)

    def _stretches(self) -> Iterator[list[Event]]:
        """Advance, and yield lists of events that have been written."""
        every, save_every = (
            self._config.evaluation.every,
            self._config.training.checkpoint_every,
        )
        if self._trainer.step == 0:
            yield self._write(self._alerts())
        while True:
            if self._is_due(every) and self._evaluated != self._trainer.step:
                yield self._write(self._validation())
            if self._is_due(save_every) and self._saved != self._trainer.step:
                yield self._checkpoint()
            if self._is_last:
                break
            self._pending.append(self._advance())
            yield self._write(self._figures())
        yield self._write([self._test()])
        self._note("completed")
        yield self._write([EndEvent(self._trainer.step, Outcome.COMPLETED)])

    def _advance(self) -> Measured:
        try:
            return self._trainer.advance()
        except (MemoryError, RuntimeError) as error:
            if not is_out_of_memory(error):
                raise
            raise OutOfMemory(
                f"meta-step {self._trainer.step + 1}: out of memory on "
                f"{describe(self._device)}. Lower training.meta_batch or "
                "algorithm.inner_steps, or choose first-order or implicit MAML, whose "
                "memory does not grow with the inner steps"
            ) from error

    @property
    def _is_last(self) -> bool:
        return self._trainer.step >= self._config.training.iterations

    def _is_due(self, every: int) -> bool:
        return self._trainer.step % every == 0 or self._is_last

    def _write(self, events: list[Event]) -> list[Event]:
        if events:
            self._metrics.append(events)
        return events

    def _tick(self) -> None:
        now = time.monotonic()
        self._seconds += now - self._clock
        self._clock = now

    def _alerts(self) -> list[Event]:
        return [
            AlertEvent(0, f"{name} gets no inner gradient and is left alone")
            for name in self._trainer.unused()
        ]

    def _figures(self, *, all_of_them: bool = False) -> list[Event]:
        """Read the figures of the meta-steps made; on a GPU, not after each of them."""
        now = time.monotonic()
        waits = self._device.type != "cpu" and now - self._read_at < _READ_SECONDS
        if not self._pending or (waits and not (all_of_them or self._is_last)):
            return []
        figures = torch.stack([measured.figures for measured in self._pending]).tolist()
        events: list[Event] = [
            self._trainer.event(measured, row)
            for measured, row in zip(self._pending, figures, strict=True)
        ]
        for measured, row in zip(self._pending, figures, strict=True):
            if not all(math.isfinite(figure) for figure in row):
                raise self._not_finite(measured, row[0])
        self._pending.clear()
        self._read_at = now
        return events + self._speed()

    def _speed(self) -> list[Event]:
        self._tick()
        step, seconds = self._told_at
        if self._seconds - seconds < _SPEED_SECONDS:
            return []
        self._told_at = (self._trainer.step, self._seconds)
        tasks = (self._trainer.step - step) * self._config.training.meta_batch
        return [
            SpeedEvent(
                step=self._trainer.step,
                seconds=self._seconds,
                tasks_per_second=tasks / (self._seconds - seconds),
                memory_mb=peak_memory_mb(self._device),
            )
        ]

    def _not_finite(self, measured: Measured, loss: float) -> TrainingError:
        """Save the offending episodes, to be looked at, and say what happened."""
        from safetensors.torch import save_file

        step = measured.step
        support, query, _ = self._trainer.episodes(step - 1)
        file = self._folder.path / f"offending-episodes-step-{step}.safetensors"
        arrays = {
            "support.x": support.x,
            "support.y": support.y,
            "query.x": query.x,
            "query.y": query.y,
        }
        save_file(
            {name: value.cpu().contiguous() for name, value in arrays.items()}, file
        )
        return TrainingError(
            f"meta-step {step}: the meta-loss or its gradient is not finite (loss "
            f"{loss}); its episodes are in {file.name}. Lower the inner or the meta "
            "learning rate, or limit the gradients"
        )

    def _validation(self) -> list[Event]:
        events = self._figures(all_of_them=True)
        result = self._trainer.evaluate(
            "validation", self._config.evaluation.validation_tasks
        )
        score = result.final.loss if result.ways is None else result.final.accuracy
        assert score is not None
        best = self._trainer.best
        is_better = best is None or (
            score < best if result.ways is None else score > best
        )
        if is_better:
            self._trainer.best = score
            self._save("best")
        self._evaluated = self._trainer.step
        events.append(
            self._evaluation_event(result, self._trainer.step, best=is_better)
        )
        histograms = self._config.algorithm.histograms(self._trainer.meta)
        for title, tree in histograms.items():
            events.append(histogram(self._trainer.step, title, tree))
        return events

    def _evaluation_event(
        self, result: Evaluation, step: int, *, best: bool
    ) -> EvaluationEvent:
        accuracies = result.query_accuracy or ()
        return EvaluationEvent(
            step=step,
            split=result.split,
            tasks=result.tasks,
            transductive=result.transductive,
            trained_steps=self._config.algorithm.inner_steps,
            by_step=result.by_step,
            best=best,
            samples=result.query_loss[:_SAMPLES],
            sample_accuracies=accuracies[:_SAMPLES],
        )

    def _checkpoint(self) -> list[Event]:
        event = CheckpointEvent(self._trainer.step, "latest")
        written = self._write([*self._figures(all_of_them=True), event])
        self._saved = self._trainer.step
        self._save()
        self._folder.update(
            step=self._trainer.step, seconds=self._seconds, best=self._trainer.best
        )
        return written

    def _save(self, which: str = "latest") -> None:
        self._write(self._figures(all_of_them=True))
        self._tick()
        checkpoint = self._trainer.checkpoint(
            evaluated=self._evaluated,
            saved=self._saved,
            seconds=self._seconds,
            length=self._metrics.length,
        )
        save_checkpoint(self._folder.checkpoints / f"{which}.safetensors", checkpoint)

    def _resume(self) -> int:
        """Go back to the latest checkpoint; return how long the metrics were."""
        checkpoint = load_checkpoint(self._folder.checkpoint(), self._device)
        is_done = checkpoint.facts["step"] >= self._config.training.iterations
        if is_done and self._folder.info().state == "completed":
            raise RunError(
                f"{self._folder.path} has made all its {checkpoint.facts['step']} "
                "meta-steps; raise training.iterations to train it further"
            )
        self._trainer.restore(checkpoint)
        self._evaluated = checkpoint.facts["evaluated"]
        self._saved = checkpoint.facts["saved"]
        self._seconds = checkpoint.facts["seconds"]
        return int(checkpoint.facts["length"])

    def _has_checkpoint(self, which: str) -> bool:
        return (self._folder.checkpoints / f"{which}.safetensors").is_file()

    def _test(self) -> EvaluationEvent:
        """Evaluate the best meta-parameters on the test split."""
        best = load_checkpoint(self._folder.checkpoint("best"), self._device)
        tasks = self._config.evaluation.tasks
        result = self._trainer.evaluate("test", tasks, best)
        keep_evaluation(
            self._folder,
            self._config,
            result,
            meta_step=best.facts["step"],
            device=describe(self._device),
        )
        self._folder.update(
            test={
                **asdict(result.final),
                "tasks": tasks,
                "split": result.split,
                "split_hash": result.split_hash,
                "transductive": result.transductive,
                "norm": result.norm,
            }
        )
        return self._evaluation_event(result, best.facts["step"], best=False)

    def _note(self, state: str) -> None:
        self._folder.update(
            state=state,
            step=self._trainer.step,
            seconds=self._seconds,
            best=self._trainer.best,
            memory_mb=peak_memory_mb(self._device),
            pid=None,
        )
        self._folder.log(f"step {self._trainer.step}: {state}")


def _note_failure(folder: RunFolder, error: BaseException) -> None:
    """Say in the folder that the run failed, if the folder can still be written."""
    message = str(error) or type(error).__name__
    try:
        folder.update(state="failed", message=message, pid=None)
        folder.log(f"failed: {message}")
    except (OSError, RunError):
        return
