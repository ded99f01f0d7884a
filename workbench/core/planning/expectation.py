"""How long a run will take here, how sure that is, and how it is known."""

from __future__ import annotations

import math
from typing import NamedTuple

from workbench.core.base import figures
from workbench.core.pacing.known_paces import KnownPace
from workbench.core.pacing.pace import Pace, Work
from workbench.core.planning.trial import Trial

_ONE_RUN, _TRIAL = 1.1, 1.25
"""By how much a run may well take longer or shorter than one before, or a trial."""
_ROUGHLY = (0.25, 1.25)
"""Steps as they are written take up to so much longer than those that are replayed."""
_SURE = 1.25
"""The longest by the shortest time, up to which one figure stands for both.

A run like one before is as sure as that, and a trial is not: it says from when to when.
"""


class Expectation(NamedTuple):
    """The seconds that a run will take: likely, at least, and at most."""

    step: float
    seconds: float
    least: float
    most: float
    source: str
    explanation: str

    @classmethod
    def of(
        cls, work: Work, known: KnownPace | None, trial: Trial | None
    ) -> Expectation | None:
        """Return what runs of the kind took, else what the trial says, if anything."""
        if known is not None:
            return cls._remembered(work, known)
        return None if trial is None else cls._tried(work, trial)

    def text(self) -> str:
        """Return the whole time in words that say how sure it is."""
        if self.most <= _SURE * self.least:
            return f"about {figures.about(self.seconds)} in all{self.source}"
        return f"{figures.span(self.least, self.most)} in all{self.source}"

    @classmethod
    def _remembered(cls, work: Work, known: KnownPace) -> Expectation:
        several = known.runs > 1
        runs = f"the last {known.runs} runs" if several else "the last run"
        margin = max(_ONE_RUN, math.sqrt(known.spread))
        return cls._within(
            work,
            known.pace,
            (1 / margin, margin),
            f", as {runs} like it",
            f"Time: as {runs} of this kind took on this machine, "
            "with validations, the test and checkpoints.",
        )

    @classmethod
    def _tried(cls, work: Work, trial: Trial) -> Expectation:
        if trial.is_rough:
            return cls._within(
                work,
                trial.pace,
                _ROUGHLY,
                ", roughly",
                "Time: from the first of its meta-steps, which took too long to try "
                "more; those that follow may be faster. The run itself will know.",
            )
        margin = max(_TRIAL, math.sqrt(trial.spread))
        return cls._within(
            work,
            trial.pace,
            (1 / margin, margin),
            "",
            "Time: from a trial of a few meta-steps and evaluated tasks, "
            "with validations, the test and checkpoints.",
        )

    @classmethod
    def _within(
        cls,
        work: Work,
        pace: Pace,
        margins: tuple[float, float],
        source: str,
        explanation: str,
    ) -> Expectation:
        seconds = work.seconds(pace)
        least, most = (seconds * margin for margin in margins)
        return cls(pace.step, seconds, least, most, source, explanation)
