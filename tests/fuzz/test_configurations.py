"""Configurations that are damaged, or written by whoever did not read the manual."""

from __future__ import annotations

import json
from pathlib import Path
from random import Random

from tests.fuzz.damage import TOML_VALUES, damaged, toml_line
from tests.fuzz.holding import Holder, held
from workbench.core.base.folders import resource
from workbench.core.config.known import offered
from workbench.core.config.naming import telling_name
from workbench.core.config.overrides import parse_override
from workbench.core.config.presets import list_presets, load_config
from workbench.core.config.run_config import RunConfig, field_names, read_toml
from workbench.gui.shell.drafts import filled, strays

PRESETS = sorted(resource("presets").glob("*.toml"))


def a_file(draw: Random) -> bytes:
    """A configuration as it was written: by hand with a preset, or by the product."""
    if draw.random() < 0.5:
        return draw.choice(PRESETS).read_bytes()
    preset = draw.choice(list_presets())
    return RunConfig.from_dict(preset.config).to_toml().encode()


def read(path: Path) -> None:
    config, preset = load_config(str(path))
    check(config)
    assert telling_name(config, preset).isprintable()


def check(config: RunConfig) -> None:
    """A configuration is what it was when it comes back from its file."""
    assert RunConfig.from_toml(config.to_toml()) == config


def edit(path: Path) -> None:
    """What a form does with a file: show it, look for what works, and keep it."""
    draft = filled(read_toml(path))
    strays(draft)
    offered(draft, "")
    kept = json.dumps(draft)
    assert json.dumps(json.loads(kept)) == kept


def test_a_damaged_configuration_is_read_or_refused_by_field(holder: Holder) -> None:
    file = holder.folder / "damaged.toml"

    def case(draw: Random) -> None:
        holder.hold(file, damaged(a_file(draw), draw, toml_line), read)

    holder.each(case)


def test_a_form_takes_whatever_a_file_holds(holder: Holder) -> None:
    file = holder.folder / "damaged.toml"

    def case(draw: Random) -> None:
        content = damaged(a_file(draw), draw, toml_line)
        holder.hold(file, content, edit)

    holder.each(case)


def test_an_odd_override_is_taken_or_refused_by_field(holder: Holder) -> None:
    configs = [RunConfig.from_dict(preset.config) for preset in list_presets()]
    fields = field_names()

    def case(draw: Random) -> None:
        name = draw.choice((draw.choice(fields), draw.choice(ODD_NAMES)))
        value = draw.choice((*TOML_VALUES, "maml", "mlp", "sinusoid", "\n[x]\ny = 1"))
        text = damaged(f"{name}={value}".encode(), draw) if draw.random() < 0.3 else ""
        given = text.decode(errors="replace") if text else f"{name}={value}"
        config = draw.choice(configs)

        def read() -> None:
            check(config.replace(dict([parse_override(given)])))

        held(read, given[:20], repr(given)[:20])

    holder.each(case)


ODD_NAMES = ("", "task", "task.", ".ways", "task.ways.x", "a.b", "task.kinds", "é.ü")
