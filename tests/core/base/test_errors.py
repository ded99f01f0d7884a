"""An error's remedies are data: they are kept, and come back as they were."""

from __future__ import annotations

from pathlib import Path

from tests.made_runs import made
from workbench.core.base.errors import (
    MAKE_ROOM,
    Problem,
    Remedy,
    RemedyKind,
    WorkbenchError,
    problem_of,
)
from workbench.core.training.record import note_failure

FEWER = Remedy(
    kind=RemedyKind.SET, changes={"training.meta_batch": 2}, effect="half the tasks"
)


def test_what_went_wrong_comes_back_from_the_runs_folder_as_it_was(
    tmp_path: Path,
) -> None:
    folder = made(tmp_path)
    assert folder.info().problem is None
    note_failure(folder, WorkbenchError("it is too large", FEWER, MAKE_ROOM))
    assert folder.info().problem == Problem("it is too large", (FEWER, MAKE_ROOM))
    folder.update(state="running", message="", remedies=())
    assert folder.info().problem is None


def test_a_later_versions_remedy_is_unknown_and_the_run_is_readable(
    tmp_path: Path,
) -> None:
    folder = made(tmp_path)
    note_failure(folder, WorkbenchError("no more sun", FEWER))
    file = folder.path / "run.json"
    file.write_text(file.read_text().replace('"set"', '"wait for sunrise"'))
    problem = folder.info().problem
    assert problem is not None
    assert [remedy.kind for remedy in problem.remedies] == [RemedyKind.UNKNOWN]


def test_a_run_that_0_1_0_saw_fail_says_the_text(tmp_path: Path) -> None:
    folder = made(tmp_path)
    text = "meta-step 1: out of memory on CPU. Lower training.meta_batch"
    folder.update(state="failed", message=text)
    file = folder.path / "run.json"
    file.write_text(file.read_text().replace(' "remedies": [],\n', ""))
    assert "remedies" not in file.read_text()
    assert folder.info().problem == Problem(text)


def test_any_error_is_a_problem_with_a_text() -> None:
    assert problem_of(KeyError()) == Problem("KeyError")
    assert problem_of(KeyError("phi")) == Problem("KeyError: 'phi'")
    assert problem_of(OSError("disk gone")) == Problem("disk gone")


def test_remedies_follow_the_text_as_one_sentence() -> None:
    problem = Problem("there is no room.")
    assert problem.told([]) == "there is no room."
    said = problem.told(["make some", "", "go elsewhere"])
    assert said == "there is no room. Make some, or go elsewhere"
