"""A real Slurm of one node for the tests of a session, where it is installed."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

_SCRIPT = Path(__file__).with_name("slurm.sh")
_COMMANDS = ("slurmctld", "slurmd", "munged", "sbatch", "squeue")


@pytest.fixture(scope="session")
def _started_once(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    places = f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin"
    missing = [each for each in _COMMANDS if shutil.which(each, path=places) is None]
    if missing:
        pytest.skip(f"{', '.join(missing)} not found: apt-get install slurm-wlm munge")
    folder = tmp_path_factory.mktemp("slurm")
    started = [str(_SCRIPT), "start", str(folder)]
    done = subprocess.run(started, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    yield folder
    subprocess.run([str(_SCRIPT), "stop", str(folder)], check=True)


@pytest.fixture
def slurm(_started_once: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of a Slurm that the commands of this test are for."""
    monkeypatch.setenv("SLURM_CONF", str(_started_once / "slurm.conf"))
    return _started_once
