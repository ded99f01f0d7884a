"""Runs answer sketches: any that fit, newly read when they are still training."""

from __future__ import annotations

import gc
import os
import weakref
from pathlib import Path

import pytest

from tests.sketch_runs import made_run, write_checkpoint
from workbench.core.runs.store import RunFolder
from workbench.core.sketch.answers import Answerer, Question, RunChoice
from workbench.core.sketch.session import EMPTY, Sketch, SketchClass
from workbench.core.training.trained import Trained
from workbench.tasks.sketch_examples import first_sketch


def asked(*runs: RunFolder, sketch: Sketch | None = None, **about: object) -> Question:
    choices = tuple(RunChoice(run.path, run.path.name) for run in runs)
    return Question(sketch or first_sketch(), choices, **about)  # type: ignore[arg-type]


def test_every_chosen_run_answers_with_probabilities(tmp_path: Path) -> None:
    runs = [made_run(tmp_path), made_run(tmp_path, algorithm__kind="maml")]
    answers = Answerer().answer(asked(*runs))
    for answer in answers:
        assert answer.problem == ""
        assert answer.names == ("A", "B", "C", "D", "E")
        assert len(answer.probabilities) == len(answer.support_loss) == 6
        assert all(
            sum(row) == pytest.approx(1, abs=1e-4) for row in answer.probabilities
        )


def test_runs_on_pictures_of_other_sizes_answer_side_by_side(tmp_path: Path) -> None:
    runs = [made_run(tmp_path, task__side=side) for side in (28, 48)]
    answers = Answerer().answer(asked(*runs))
    assert [answer.problem for answer in answers] == ["", ""]
    assert answers[0].probabilities != answers[1].probabilities


def test_drawings_are_seen_in_as_many_views_as_are_asked_for(tmp_path: Path) -> None:
    run, answerer = made_run(tmp_path, evaluation__views=3), Answerer()
    said = {
        views: answerer.answer(asked(run, views=views))[0] for views in (None, 3, 1)
    }
    assert [each.views for each in said.values()] == [3, 3, 1]
    assert said[None].probabilities == said[3].probabilities
    assert said[1].probabilities != said[3].probabilities


def test_before_the_first_step_of_a_shared_head_nothing_wins(tmp_path: Path) -> None:
    (answer,) = Answerer().answer(asked(made_run(tmp_path)))
    assert answer.best(0) is None
    assert answer.best(5) is not None


def test_without_a_query_the_support_is_learned_all_the_same(tmp_path: Path) -> None:
    sketch = first_sketch().changed(query=EMPTY)
    (answer,) = Answerer().answer(asked(made_run(tmp_path), sketch=sketch))
    assert answer.probabilities == ()
    assert answer.support_loss[-1] < answer.support_loss[0]


def test_classes_without_a_drawing_take_no_part(tmp_path: Path) -> None:
    sketch = first_sketch().with_class(1, SketchClass(name="B"))
    (answer,) = Answerer().answer(asked(made_run(tmp_path), sketch=sketch))
    assert answer.names == ("A", "C", "D", "E")
    assert len(answer.probabilities[0]) == 4


def test_a_head_per_class_says_which_ways_it_serves(tmp_path: Path) -> None:
    run = made_run(tmp_path, model__head="per class")
    assert Answerer().answer(asked(run))[0].problem == ""
    sketch = first_sketch().without_class(0)
    (answer,) = Answerer().answer(asked(run, sketch=sketch))
    assert "serves 5 classes only" in answer.problem
    assert "4 are drawn" in answer.problem


def test_one_class_is_too_few(tmp_path: Path) -> None:
    first = first_sketch().classes[0]
    sketch = Sketch.blank(3).with_class(0, first)
    (answer,) = Answerer().answer(asked(made_run(tmp_path), sketch=sketch))
    assert answer.problem == "Draw at least two classes."


def test_a_run_without_a_checkpoint_or_on_other_data_says_so(tmp_path: Path) -> None:
    empty = made_run(tmp_path)
    for file in empty.checkpoints.iterdir():
        file.unlink()
    curve = made_run(
        tmp_path,
        task__kind="sinusoid",
        model__kind="mlp",
        model__hidden=[40, 40],
        model__head="per class",
        algorithm__kind="maml",
    )
    none, other, gone = Answerer().answer(
        asked(empty, curve, RunFolder(tmp_path / "gone"))
    )
    assert "checkpoint" in none.problem
    assert "not on square grey pictures" in other.problem
    assert gone.problem


def test_a_damaged_checkpoint_gets_a_message(tmp_path: Path) -> None:
    run = made_run(tmp_path)
    for file in run.checkpoints.iterdir():
        file.write_bytes(file.read_bytes()[:100])
    assert "damaged" in Answerer().answer(asked(run))[0].problem


def test_a_run_that_trains_on_is_read_anew_and_left_as_it_was(tmp_path: Path) -> None:
    run, answerer = made_run(tmp_path), Answerer()
    before = answerer.answer(asked(run))[0]
    files = {f: f.read_bytes() for f in run.path.rglob("*") if f.is_file()}
    assert answerer.answer(asked(run))[0].probabilities == before.probabilities
    assert {f: f.read_bytes() for f in run.path.rglob("*") if f.is_file()} == files
    write_checkpoint(run, 7)
    for file in run.checkpoints.iterdir():
        os.utime(file, (1, 1))
    after = answerer.answer(asked(run))[0]
    assert after.step == 7
    assert after.probabilities != before.probabilities


def test_transductive_queries_share_a_batch_with_those_judged(tmp_path: Path) -> None:
    from workbench.core.sketch.session import Answer

    run = made_run(tmp_path, model__norm="batch")
    sketch = first_sketch()
    judged = Answer(drawing=sketch.classes[0].drawings[0], right="A")
    more = sketch.changed(answers=(judged,))
    alone, together = (
        Answerer().answer(asked(run, sketch=each, transductive=True))[0]
        for each in (sketch, more)
    )
    apart = [
        Answerer().answer(asked(run, sketch=each))[0].probabilities
        for each in (sketch, more)
    ]
    assert alone.probabilities != together.probabilities
    assert apart[0] == apart[1]


def test_runs_that_answered_long_ago_are_let_go(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    load, loaded = Trained.load, []

    def looking(run: RunFolder, which: str) -> Trained:
        trained = load(run, which)
        loaded.append(weakref.ref(trained))
        return trained

    monkeypatch.setattr(Trained, "load", looking)
    answerer = Answerer()
    for _ in range(30):
        (answer,) = answerer.answer(asked(made_run(tmp_path, model__filters=1)))
        assert answer.problem == ""
    gc.collect()
    assert len(loaded) == 30
    assert sum(kept() is not None for kept in loaded) <= 16
