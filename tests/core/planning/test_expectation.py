"""How a forecast of the whole time is put, and how sure it says it is."""

from __future__ import annotations

from workbench.core.base import figures
from workbench.core.pacing.known_paces import KnownPace
from workbench.core.pacing.pace import Pace, Work
from workbench.core.planning.expectation import Expectation
from workbench.core.planning.trial import Trial

WORK = Work(
    iterations=1000,
    meta_batch=16,
    validate_every=500,
    checkpoint_every=500,
    validation_chunks=5,
    test_chunks=30,
)
PACE = Pace(step=0.1, chunk=1.0, checkpoint=0.5)
SECONDS = 1000 * 0.1 + (3 * 5 + 30) * 1.0 + 3 * 0.5


def expected(known: KnownPace | None, trial: Trial | None = None) -> Expectation:
    found = Expectation.of(WORK, known, trial)
    assert found is not None
    return found


def trial(spread: float = 1.0, *, is_rough: bool = False) -> Trial:
    return Trial(PACE, spread, is_rough, "CPU", None)


def test_evaluations_and_checkpoints_are_part_of_the_time() -> None:
    assert expected(None, trial()).seconds == SECONDS
    assert expected(None, trial()).step == 0.1


def test_a_trial_is_told_by_two_figures_farther_apart_where_it_was_shaky() -> None:
    assert expected(None, trial()).text() == "2 to 3.1 min in all"
    assert expected(None, trial(4.0)).text() == "1.2 to 4.9 min in all"


def test_a_trial_too_short_for_it_says_so() -> None:
    rough = expected(None, trial(is_rough=True))
    assert rough.text() == "37 s to 3.1 min in all, roughly"
    assert "took too long" in rough.explanation


def test_what_earlier_runs_took_counts_more_than_a_trial() -> None:
    known = KnownPace(PACE, 1.0, 1, None)
    assert expected(known, trial(4.0)).text() == (
        "about 2.4 min in all, as the last run like it"
    )
    several = expected(known._replace(spread=9.0, runs=3))
    assert several.text() == "49 s to 7.3 min in all, as the last 3 runs like it"
    assert "as the last 3 runs of this kind took" in several.explanation


def test_runs_that_agree_are_told_by_one_figure_and_others_by_two() -> None:
    for spread, text in {
        1.0: "about 2.4 min",
        1.2: "about 2.4 min",
        1.5: "2 to 3 min",
    }.items():
        known = KnownPace(PACE, spread, 3, None)
        assert expected(known).text() == f"{text} in all, as the last 3 runs like it"


def test_nothing_is_expected_where_nothing_is_known() -> None:
    assert Expectation.of(WORK, None, None) is None


def test_times_are_said_as_exactly_as_they_are_known() -> None:
    for seconds, text in {
        0.4: "0 s",
        59.6: "60 s",
        150: "2.5 min",
        120: "2 min",
        720: "12 min",
        9000: "2.5 h",
        27 * 3600: "27 h",
        3 * 86400: "3 d",
        1000 * 86400: "1,000 d",
    }.items():
        assert figures.about(seconds) == text
    assert figures.span(120, 300) == "2 to 5 min"
    assert figures.span(40, 180) == "40 s to 3 min"
    assert figures.span(121, 122) == "2 min"
    assert figures.span(75, 130) == "1.2 to 2.2 min"
