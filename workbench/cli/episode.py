"""``episode``: draws the episode that training or an evaluation gets, as a file."""

from __future__ import annotations

import argparse
from pathlib import Path

from workbench.cli._arguments import add_usual_arguments, whole
from workbench.core.base.folders import data_folder, expanded
from workbench.core.config.presets import load_config
from workbench.core.config.run_config import ConfigError, Mistake, parse_override


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.add_argument(
        "config", metavar="PRESET|CONFIG", help="a preset or a TOML file"
    )
    parser.add_argument(
        "--seed", type=whole, metavar="S", help="else the configuration's seed"
    )
    parser.add_argument(
        "--number",
        type=whole,
        default=0,
        metavar="N",
        help="which episode, counted through the meta-batches from 0",
    )
    parser.add_argument(
        "--split", choices=("train", "validation", "test"), default="train"
    )
    parser.add_argument(
        "--out",
        type=Path,
        required=True,
        metavar="FILE",
        help="a .png picture, or .npz arrays with labels and seed",
    )
    parser.add_argument(
        "--set",
        action="append",
        default=[],
        metavar="KEY=VALUE",
        help="override a field, as in --set task.ways=20; may be repeated",
    )
    parser.add_argument(
        "--force", action="store_true", help="replace the file if it is there already"
    )
    add_usual_arguments(parser, "data")


def run(arguments: argparse.Namespace) -> int:
    """Draw the episode, write the file and say which episode it is."""
    from workbench.core.episodes.episode_picture import caption, render
    from workbench.core.episodes.shown_episode import Address, EpisodeSource
    from workbench.core.learning.task_family import refuse_acting
    from workbench.core.runs.targets import refuse_taken

    out: Path = expanded(arguments.out)
    if out.suffix.lower() not in (".png", ".npz"):
        message = f"{out}: give a file that ends in .png or .npz"
        raise ConfigError([Mistake("--out", message)])
    refuse_taken(out, replace=arguments.force)
    config, _ = load_config(arguments.config)
    config = config.replace(dict(parse_override(text) for text in arguments.set))
    refuse_acting(config.task)
    seed = config.training.seed if arguments.seed is None else arguments.seed
    source = EpisodeSource(data_folder(arguments.data))
    shown = source.episode(config, Address(arguments.split, seed, arguments.number))
    if out.suffix.lower() == ".npz":
        shown.save_arrays(out)
    else:
        from PIL import Image

        Image.fromarray(render(shown)).save(out, "PNG")
    print(f"{caption(shown)}; written to {out}")
    return 0
