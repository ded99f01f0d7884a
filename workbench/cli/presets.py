"""``presets``: lists the presets, or shows one."""

from __future__ import annotations

import argparse
import json
import sys

from workbench.cli._arguments import add_usual_arguments
from workbench.core.base.program import command
from workbench.core.config.presets import Preset, find_preset, list_presets
from workbench.core.config.run_config import ConfigError, Mistake, RunConfig


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.add_argument(
        "words", nargs="*", metavar="NAME", help="show this preset, as 'show NAME' does"
    )
    add_usual_arguments(parser, "json")


def run(arguments: argparse.Namespace) -> int:
    """Print the presets, or one of them."""
    if arguments.words:
        preset = find_preset(_name(arguments.words))
        config = RunConfig.from_dict(preset.config)
        text = json.dumps(_record(preset)) if arguments.json else config.to_toml()
        sys.stdout.write(text.rstrip() + "\n")
    elif arguments.json:
        records = [_record(preset) for preset in list_presets()]
        sys.stdout.write(json.dumps(records) + "\n")
    else:
        _print_table()
    return 0


def _name(words: list[str]) -> str:
    names = words[1:] if words[0] == "show" else words
    if len(names) != 1:
        message = f"show which one? {command('presets')} lists them"
        raise ConfigError([Mistake("", message)])
    return names[0]


def _record(preset: Preset) -> dict[str, object]:
    config = RunConfig.from_dict(preset.config).model_dump(mode="json")
    return {**preset.model_dump(exclude={"config"}), "config": config}


def _print_table() -> None:
    width = max(len(preset.name) for preset in list_presets())
    group = ""
    for preset in list_presets():
        if preset.group != group:
            group = preset.group
            sys.stdout.write(f"\n{group}\n")
        aim = f"  [{preset.published}]" if preset.published else ""
        sys.stdout.write(f"  {preset.name:<{width}}  {preset.title}{aim}\n")
