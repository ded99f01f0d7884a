"""Which runs a text means."""

from __future__ import annotations

import shutil

import pytest

from tests.made_runs import made
from tests.made_stores import add_many
from workbench.core.runs.search import NoSuchRun, find_run, list_runs


def test_runs_are_found_by_folder_name_and_id(tmp_path):
    folder = made(tmp_path)
    info = folder.info()
    for text in (str(folder.path), info.name, info.id, folder.path.name):
        assert find_run(text, tmp_path).path == folder.path


def test_a_name_that_several_runs_have_is_no_answer(tmp_path):
    folders = [made(tmp_path) for _ in range(2)]
    with pytest.raises(NoSuchRun, match="2 runs are called 'maml-sinusoid'") as raised:
        find_run("maml-sinusoid", tmp_path)
    for folder in folders:
        assert folder.path.name in str(raised.value)
        assert find_run(folder.path.name, tmp_path).path == folder.path
        assert find_run(folder.info().id, tmp_path).path == folder.path
    copy = tmp_path / "a copy"
    shutil.copytree(folder.path, copy)
    with pytest.raises(NoSuchRun, match="a copy"):
        find_run(folder.info().id, tmp_path)
    assert find_run("a copy", tmp_path).path == copy


def test_only_some_of_many_runs_of_one_name_are_named(tmp_path):
    add_many(tmp_path, 10)
    for folder in list_runs(tmp_path):
        folder.update(name="same")
    with pytest.raises(NoSuchRun, match=r"10 runs are called 'same'.*and 4 more$"):
        find_run("same", tmp_path)


def test_a_name_written_wrong_is_guessed(tmp_path):
    made(tmp_path)
    with pytest.raises(NoSuchRun, match="did you mean maml-sinusoid"):
        find_run("mam-sinusoid", tmp_path)


def test_a_text_that_no_file_can_be_called_is_no_run(tmp_path):
    made(tmp_path)
    for text in ("x" * 5000, "a\0b"):
        with pytest.raises(NoSuchRun, match="no run '") as raised:
            find_run(text, tmp_path)
        assert len(str(raised.value)) < 500
