"""Runs made up of events, so that plots can be seen without training."""

from __future__ import annotations

import math
import random
from collections.abc import Iterator

from workbench.core.config.run_config import RunConfig
from workbench.core.runs.events import (
    CheckpointEvent,
    EvaluationEvent,
    Event,
    HistogramEvent,
    SpeedEvent,
    StepEvent,
    StepScore,
)
from workbench.gui.graphs.series import RunHistory


def config(**overrides: object) -> RunConfig:
    dotted = {name.replace("__", "."): value for name, value in overrides.items()}
    base = {
        "task": {"kind": "sinusoid"},
        "model": {"kind": "mlp"},
        "algorithm": {"kind": "maml"},
    }
    return (
        RunConfig.from_dict(base).replace(dotted)
        if dotted
        else RunConfig.from_dict(base)
    )


def run_events(
    steps: int,
    *,
    start: int = 1,
    every: int = 200,
    inner: int = 10,
    trained: int = 5,
    accuracy: bool = False,
    extras: tuple[str, ...] = (),
    rates: bool = False,
    seed: int = 0,
) -> Iterator[Event]:
    draw = random.Random(seed)
    best = math.inf
    for step in range(start, start + steps):
        fall = math.exp(-step / (3000 + 1500 * seed))
        loss = 0.5 + 3 * fall + draw.gauss(0, 0.3 * (fall + 0.2))
        right = 0.98 - 0.7 * fall + draw.gauss(0, 0.03)
        yield StepEvent(
            step,
            loss,
            min(right, 1.0) if accuracy else None,
            math.exp(draw.gauss(0, 0.6)) * (fall + 0.1),
            1e-3,
            {name: math.exp(draw.gauss(-5, 0.5)) for name in extras},
        )
        if step % every == 0 or step == start:
            event = evaluation(step, fall, inner, trained, best, accuracy=accuracy)
            best = min(best, event.by_step[-1].loss)
            yield event
            yield SpeedEvent(step, step * 0.02, 71.3, 310)
            if rates:
                yield histogram(step, draw)
            yield CheckpointEvent(step, "latest")


def evaluation(
    step: int,
    fall: float,
    inner: int,
    trained: int,
    best: float,
    *,
    accuracy: bool = False,
) -> EvaluationEvent:
    scores = []
    for k in range(inner + 1):
        decay = math.exp(-k * (1.2 - fall))
        loss = 0.4 + 2.5 * fall + 1.5 * decay
        right = (0.98 - 0.5 * fall) * (1 - 0.8 * decay)
        scores.append(
            StepScore(
                k,
                loss,
                0.08 * loss,
                right if accuracy else None,
                0.02 if accuracy else None,
                0.7 * loss * decay + 0.05,
                0.05 * loss,
                min(1.0, right * 1.1) if accuracy else None,
                0.01 if accuracy else None,
            )
        )
    samples = tuple(
        tuple(score.loss * (0.7 + 0.2 * task) for score in scores) for task in range(4)
    )
    return EvaluationEvent(
        step,
        "validation",
        100,
        True,
        trained,
        tuple(scores),
        scores[-1].loss < best,
        samples,
        tuple(tuple(0.9 * (s.accuracy or 0) for s in scores) for _ in range(4))
        if accuracy
        else (),
    )


def histogram(step: int, draw: random.Random) -> HistogramEvent:
    layers = ("hidden1.weight", "hidden1.bias", "hidden2.weight", "head.weight")
    edges, counts = {}, {}
    for number, layer in enumerate(layers):
        centre = 0.01 * (1 + step / 2000 * number)
        edges[layer] = tuple(centre + 0.001 * (k - 10) for k in range(21))
        counts[layer] = tuple(
            100 * math.exp(-((k - 10) ** 2) / 20) * draw.uniform(0.8, 1.2)
            for k in range(20)
        )
    return HistogramEvent(step, "learned rates", edges, counts)


def history(name: str, events: Iterator[Event], **overrides: object) -> RunHistory:
    made = RunHistory(name, name, config(**overrides))
    made.add(events)
    return made
