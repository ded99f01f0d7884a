"""What would be trained twice: the same is queued, or being trained, already."""

from __future__ import annotations

import itertools
from collections.abc import Container
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QWidget

from workbench.core.base.phrases import counted
from workbench.core.queue.queue import RunQueue
from workbench.gui.look.question import Question
from workbench.gui.shell.session import Session

if TYPE_CHECKING:
    from workbench.core.config.run_config import RunConfig

    Named = tuple[str, RunConfig]

_SAME = "The same configuration with the same seed comes to the same result."


def ask_about_twin(
    session: Session, config: RunConfig, verb: str, host: QWidget
) -> RunConfig | None:
    """Return what to train: as it is if it is no twin, else as the person wants it."""
    places = _places(session)
    place = places.get(config.to_toml())
    if place is None:
        return config
    other = _with_another_seed(config, places)
    answers = {
        f"{verb} with seed {other.training.seed}": other,
        f"{verb} all the same": config,
    }
    return answers.get(_asked(verb, place, list(answers), host))


def ask_about_twins(session: Session, runs: list[Named], host: QWidget) -> list[Named]:
    """Return those of several to queue: all if none is a twin, else as is wanted."""
    places = _places(session)
    others = [run for run in runs if run[1].to_toml() not in places]
    twins = len(runs) - len(others)
    if not twins:
        return runs
    answers = {f"Queue the other {len(others):,}": others} if others else {}
    answers |= {"Queue all of them": runs}
    many = counted(len(runs), "run")
    text = f"Queued or trained already: {twins:,} of these {many}."
    return answers.get(_asked("Queue", text, list(answers), host), [])


def _places(session: Session) -> dict[str, str]:
    """Return where each configuration that is trained or waits is, as a sentence."""
    waiting = RunQueue(session.runs).read().waiting
    places = {each.config: _said(each.state, each.title) for each in waiting}
    if trained := session.progress:
        places[trained.config.to_toml()] = _said("running", trained.name)
    return places


def _said(state: str, name: str) -> str:
    what = "being trained" if state == "running" else "queued"
    return f"The same is {what} already: {name}."


def _with_another_seed(config: RunConfig, taken: Container[str]) -> RunConfig:
    seeds = itertools.count(config.training.seed + 1)
    others = (config.replace({"training.seed": seed}) for seed in seeds)
    return next(other for other in others if other.to_toml() not in taken)


def _asked(verb: str, text: str, answers: list[str], host: QWidget) -> str:
    first, second = (*answers, "")[:2]
    question = Question("twin_question", f"{verb}?", text, first, _SAME, second)
    return question.answer(host)
