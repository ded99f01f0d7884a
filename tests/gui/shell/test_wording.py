"""The window words every remedy with its tabs and its settings' titles."""

from __future__ import annotations

import pytest

from workbench.core.base.errors import MAKE_ROOM, Remedy, RemedyKind, WorkbenchError
from workbench.gui.shell.wording import phrase, sentence, title_of

WORDS = {
    RemedyKind.SET: "set Meta-batch 2",
    RemedyKind.USE_KNOWN: "use settings that work",
    RemedyKind.FETCH: "fetch it in the Data tab",
    RemedyKind.IMPORT: "import a copy in the Data tab",
    RemedyKind.LOCATE: "",
    RemedyKind.MAKE_ROOM: "make room",
    RemedyKind.ALLOW_WRITING: "allow writing to it",
    RemedyKind.MOVE_AWAY: "move it away",
    RemedyKind.REPAIR: "repair it with Check this run in the Run menu",
    RemedyKind.OTHER_DATA: "open the window with another data folder",
    RemedyKind.OTHER_RUNS: "open the window with another folder of runs",
    RemedyKind.OTHER_DEVICE: "",
    RemedyKind.RESUME: "open the folder to continue the run",
    RemedyKind.REPLACE: "choose another name",
    RemedyKind.CHOOSE_PRESET: "choose one in the Experiment tab",
    RemedyKind.UNKNOWN: "",
}


@pytest.mark.parametrize("kind", RemedyKind)
def test_every_remedy_has_its_words_or_is_not_the_windows(kind: RemedyKind) -> None:
    changes = {"training.meta_batch": 2}
    said = phrase(Remedy(kind=kind, subject="it", changes=changes))
    assert said == WORDS[kind]


def test_no_words_of_the_window_are_the_command_lines() -> None:
    assert not [words for words in WORDS.values() if "--" in words or ".py" in words]


def test_settings_are_called_as_in_the_form() -> None:
    assert title_of({"algorithm.inner_steps": 3}) == "Inner steps 3"
    assert title_of({"algorithm.kind": "fomaml"}) == "First-order MAML"
    assert title_of({"evaluation.shots": 5, "evaluation.transductive": False}) == (
        "Shots at test 5, not Transductive"
    )
    assert title_of({"gone.from_here": 1}) == "from_here 1"
    assert title_of({"algorithm.batch": None}) == "Inner batch all"
    assert title_of({"training.iterations": 8000}) == "Iterations 8,000"


def test_an_error_is_said_as_a_sentence_with_what_helps() -> None:
    error = WorkbenchError("cannot write it", MAKE_ROOM)
    assert sentence(error) == "Cannot write it. Make room"
    assert sentence(WorkbenchError("/tmp/x is damaged")) == "/tmp/x is damaged"
    assert sentence(MemoryError()) == "MemoryError"
