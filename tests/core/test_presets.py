"""Presets: read from their folder, in order, each a configuration that can be run."""

from __future__ import annotations

from pathlib import Path

import pytest

from workbench.core.presets import Preset, list_presets
from workbench.core.run_config import ConfigError

_BODY = '[task]\nkind = "sinusoid"\n[model]\nkind = "mlp"\n[algorithm]\nkind = "maml"\n'


def write(folder: Path, name: str, about: str) -> None:
    (folder / f"{name}.toml").write_text(f"[preset]\n{about}\n{_BODY}")


def test_presets_stand_by_order_with_their_group(tmp_path: Path) -> None:
    write(tmp_path, "late", 'group = "Papers"\norder = 9')
    write(tmp_path, "early", 'group = "Quick"\norder = 1')
    write(tmp_path, "between", 'group = "Papers"\norder = 5')
    write(tmp_path, "last", 'group = "Quick"\norder = 20')
    names = [preset.name for preset in list_presets(tmp_path)]
    assert names == ["early", "last", "between", "late"]


def test_a_preset_carries_its_figure_and_its_configuration(tmp_path: Path) -> None:
    write(tmp_path, "one", 'title = "One"\npublished = "98.7 ± 0.4 %"')
    (preset,) = list_presets(tmp_path)
    assert (preset.title, preset.published) == ("One", "98.7 ± 0.4 %")
    assert preset.run_config().algorithm.kind == "maml"


def test_a_broken_preset_is_named(tmp_path: Path) -> None:
    write(tmp_path, "bad", 'order = "first"')
    with pytest.raises(ConfigError, match=r"bad\.toml"):
        list_presets(tmp_path)


@pytest.mark.parametrize("preset", list_presets(), ids=lambda preset: preset.name)
def test_every_preset_can_be_run(preset: Preset) -> None:
    preset.run_config()
    assert preset.title
    assert preset.description
