"""What a notebook makes is forgotten after each test."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from workbench.core.config import members
from workbench.core.config.run_config import RunConfig
from workbench.core.config.sections import Sections


@pytest.fixture(autouse=True)
def _no_trace(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    assert RunConfig  # what is installed is admitted first
    kept = {section: dict(of) for section, of in members._admitted.items()}
    monkeypatch.setattr(members, "_admitted", kept)
    before = {section: dict(of) for section, of in kept.items()}
    yield
    is_changed = kept != before
    monkeypatch.undo()
    if is_changed:
        Sections.take_new_kinds()
