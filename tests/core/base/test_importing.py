"""Imports are left alone by Python's collection, and nothing else is."""

from __future__ import annotations

import gc
import sys
from pathlib import Path

import pytest

from workbench.core.base.lazy import imported


@pytest.fixture(autouse=True)
def _modules(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    says = "import gc\nwas_collected = gc.isenabled()\n"
    (tmp_path / "imported_first.py").write_text(says)
    (tmp_path / "imported_in_vain.py").write_text(f"{says}raise ImportError\n")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(sys.modules, "imported_first", raising=False)


def test_nothing_is_collected_while_a_module_is_imported() -> None:
    assert gc.isenabled()
    assert imported("imported_first").was_collected is False
    assert gc.isenabled()


def test_an_import_that_fails_leaves_collection_on() -> None:
    with pytest.raises(ImportError):
        imported("imported_in_vain")
    assert gc.isenabled()


def test_who_collects_by_itself_goes_on_doing_so() -> None:
    gc.disable()
    try:
        imported("imported_first")
        assert not gc.isenabled()
    finally:
        gc.enable()
