"""What all tests share: no display is needed, and the user's folders are left alone."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import hypothesis
import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

    from workbench.core.runs.store import RunFolder

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
if "PYTEST_XDIST_WORKER" in os.environ:
    # Each worker has a core. Read as torch is imported, also in other processes.
    os.environ.setdefault("OMP_NUM_THREADS", "1")
# The first example of a test may have to import torch: time is no property of it.
hypothesis.settings.register_profile("workbench", deadline=None)
hypothesis.settings.load_profile("workbench")


def pytest_xdist_auto_num_workers() -> int:
    """Have a worker more than there are cores: windows also wait for threads."""
    return (os.cpu_count() or 1) + 1


def pytest_addoption(parser: pytest.Parser) -> None:
    """Let those who have the time read more damaged files than fifty of a kind."""
    parser.addoption(
        "--cases", type=int, default=50, help="damaged files of each kind to read"
    )


@pytest.fixture(autouse=True)
def _own_folders(
    tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = tmp_path_factory.mktemp("home")
    for variable in ("HOME", "XDG_DATA_HOME", "XDG_CACHE_HOME", "XDG_CONFIG_HOME"):
        monkeypatch.setenv(variable, str(home))
    monkeypatch.setenv("FEWSHOT_RUNS", str(home / "runs"))


@pytest.fixture(scope="session")
def _trained_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    from tests.made_runs import trained

    return trained(tmp_path_factory.mktemp("trained")).path


@pytest.fixture
def run(_trained_once: Path, tmp_path: Path) -> RunFolder:
    """A small run that was trained to its end, for this test alone."""
    from workbench.core.runs.store import RunFolder

    place = tmp_path / "runs" / _trained_once.name
    return RunFolder(shutil.copytree(_trained_once, place))


@pytest.fixture
def walks(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Let tasks be chosen that are judged by their return."""
    from tests.made_returns import Walks
    from workbench.core.config import members
    from workbench.core.config.run_config import RunConfig

    admitted = {section: {**theirs} for section, theirs in members._admitted.items()}
    monkeypatch.setattr(members, "_admitted", admitted)
    members.register(Walks)
    RunConfig.take_new_kinds()
    yield
    monkeypatch.undo()
    RunConfig.take_new_kinds()


@pytest.fixture(scope="session")
def _drawn_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    from workbench.tasks.glyphs import Glyphs, glyph_pictures

    folder = _of_all_workers(tmp_path_factory) / "drawn"
    glyph_pictures(Glyphs(), folder)
    return folder


def _of_all_workers(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.getbasetemp()
    return folder.parent if "PYTEST_XDIST_WORKER" in os.environ else folder


@pytest.fixture
def glyphs_at_hand(_drawn_once: Path, tmp_path: Path) -> Path:
    """A data folder with the presets' glyphs, drawn before the test."""
    return shutil.copytree(
        _drawn_once,
        tmp_path / "data",
        copy_function=os.link,
        ignore=shutil.ignore_patterns("lock"),
        dirs_exist_ok=True,
    )


@pytest.fixture(scope="session")
def omniglot_data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder with Omniglot, made once from the zips that FEWSHOT_DATA holds."""
    given = os.environ.get("FEWSHOT_DATA")
    if not given:
        pytest.skip("FEWSHOT_DATA is not set")
    from workbench.core.base.file_lock import file_lock
    from workbench.tasks.omniglot import OmniglotData

    data = _of_all_workers(tmp_path_factory) / "whole"
    with file_lock(data.with_name("whole.lock")):
        if not data.exists():
            OmniglotData().import_from(data, Path(given))
    return data


@pytest.fixture
def needs_compiler() -> None:
    """Skip what cannot be without a C++ compiler."""
    from workbench.core.engine.kernel_building import NoCompilerError, compiler

    try:
        compiler()
    except NoCompilerError:
        pytest.skip("there is no C++ compiler")


@pytest.fixture
def two_threads() -> Iterator[None]:
    """Let torch use two threads, also where tests are given one."""
    import torch

    before = torch.get_num_threads()
    torch.set_num_threads(2)
    yield
    torch.set_num_threads(before)
