"""How many damaged files of each kind are read: a hundred, or thousands by hand."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.fuzz.holding import Holder


@pytest.fixture
def holder(request: pytest.FixtureRequest, tmp_path: Path) -> Holder:
    """What holds readers to what is promised of them, case by case."""
    cases = request.config.getoption("--cases")
    return Holder(tmp_path, request.node.name, cases)
