"""The command line words every remedy with what can be typed."""

from __future__ import annotations

import pytest

from workbench.cli._wording import phrase, settings, told_of
from workbench.core.base.devices import choose_device
from workbench.core.base.errors import Remedy, RemedyKind
from workbench.core.config.presets import find_preset
from workbench.core.config.run_config import ConfigError, parse_override

WORDS = {
    RemedyKind.SET: "give --set training.meta_batch=2",
    RemedyKind.USE_KNOWN: (
        "take what the preset it-all has (--set training.meta_batch=2)"
    ),
    RemedyKind.FETCH: "fetch it (python main.py data fetch it-all)",
    RemedyKind.IMPORT: "import a copy (python main.py data import it-all PATH)",
    RemedyKind.LOCATE: "give --it-all PATH",
    RemedyKind.MAKE_ROOM: "make room",
    RemedyKind.ALLOW_WRITING: "allow writing to it-all",
    RemedyKind.MOVE_AWAY: "move it-all away",
    RemedyKind.REPAIR: "repair it with python main.py check it-all --repair",
    RemedyKind.OTHER_DATA: "choose another folder with --data",
    RemedyKind.OTHER_RUNS: "choose another folder with --runs",
    RemedyKind.OTHER_DEVICE: "use --device it-all",
    RemedyKind.RESUME: "train a run further with python main.py train --resume it-all",
    RemedyKind.REPLACE: "choose another name, or give --force to replace it-all",
    RemedyKind.CHOOSE_PRESET: "choose one that python main.py presets lists",
    RemedyKind.UNKNOWN: "",
}


@pytest.mark.parametrize("kind", RemedyKind)
def test_every_remedy_has_its_words(kind: RemedyKind) -> None:
    changes = {"training.meta_batch": 2}
    assert phrase(Remedy(kind=kind, subject="it-all", changes=changes)) == (WORDS[kind])


def test_settings_are_read_as_they_are_written() -> None:
    changes = {"task.ways": 5, "algorithm.kind": "maml", "training.meta_clip": None}
    words = settings(changes).split("--set ")[1:]
    read = dict(parse_override(word) for word in words)
    assert read == {**changes, "training.meta_clip": "none"}


def test_a_preset_that_is_not_there_leads_to_the_list() -> None:
    with pytest.raises(ConfigError) as raised:
        find_preset("zzz")
    assert str(raised.value) == "no preset 'zzz'"
    assert told_of(raised.value) == (
        "no preset 'zzz'. Choose one that python main.py presets lists"
    )


def test_a_gpu_that_is_not_there_leads_to_the_cpu(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("torch.cuda.is_available", lambda: False)
    with pytest.raises(ValueError, match="PyTorch sees no GPU") as raised:
        choose_device("cuda")
    assert told_of(raised.value).endswith("are needed. Use --device cpu")
