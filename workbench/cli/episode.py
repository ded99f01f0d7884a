"""``episode``: draws the episode that training or an evaluation gets, as a file.

What is acted in is an episode only with a policy: that of a run, or an untrained one.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from workbench.cli._arguments import add_usual_arguments, whole
from workbench.core.base.folders import data_folder, expanded, runs_folder
from workbench.core.config.presets import load_config
from workbench.core.config.run_config import (
    ConfigError,
    Mistake,
    RunConfig,
    parse_override,
)
from workbench.core.runs.search import find_run

if TYPE_CHECKING:
    from workbench.core.episodes.acted_episode import ActedEpisode
    from workbench.core.episodes.shown_episode import EpisodeSource, ShownEpisode


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
        "--run",
        metavar="RUN",
        help="the run whose policy acts, for tasks that are acted in; else an "
        "untrained one",
    )
    parser.add_argument(
        "--steps", type=whole, metavar="K", help="inner steps (else the evaluation's)"
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
    add_usual_arguments(parser, "runs", "data")


def run(arguments: argparse.Namespace) -> int:
    """Draw the episode, write the file and say which episode it is."""
    from workbench.core.episodes.episode_picture import caption
    from workbench.core.episodes.shown_episode import Address, EpisodeSource
    from workbench.core.runs.targets import refuse_taken

    out: Path = expanded(arguments.out)
    if out.suffix.lower() not in (".png", ".npz"):
        message = f"{out}: give a file that ends in .png or .npz"
        raise ConfigError([Mistake("--out", message)])
    refuse_taken(out, replace=arguments.force)
    config, _ = load_config(arguments.config)
    config = config.replace(dict(parse_override(text) for text in arguments.set))
    is_acted_in = config.task.problem == "reinforcement"
    if not is_acted_in:
        _refuse_policies(config, arguments)
    seed = config.training.seed if arguments.seed is None else arguments.seed
    source = EpisodeSource(data_folder(arguments.data))
    shown = source.episode(config, Address(arguments.split, seed, arguments.number))
    acted = _acted(arguments, source, shown) if is_acted_in else None
    _write(out, shown, acted)
    print(f"{caption(shown)}; written to {out}")
    return 0


def _refuse_policies(config: RunConfig, arguments: argparse.Namespace) -> None:
    """Raise ConfigError where what is there before any learner is to be acted in."""
    for name in ("run", "steps"):
        if getattr(arguments, name) is not None:
            message = f"{config.task.title} is not acted in; leave --{name} out"
            raise ConfigError([Mistake(f"--{name}", message)])


def _acted(
    arguments: argparse.Namespace, source: EpisodeSource, shown: ShownEpisode
) -> ActedEpisode:
    """Return what a policy does in an episode's task."""
    from workbench.core.episodes.acted_episode import ActedEpisodes
    from workbench.core.episodes.answers import check_fits
    from workbench.core.training.trained import Trained

    if arguments.run is None:
        trained = Trained.untrained(shown.config)
    else:
        trained = Trained.load(find_run(arguments.run, runs_folder(arguments.runs)))
    check_fits(trained, shown.config)
    steps = arguments.steps
    steps = shown.config.evaluation.steps if steps is None else steps
    return ActedEpisodes().act(trained, source, shown, steps)


def _write(out: Path, shown: ShownEpisode, acted: ActedEpisode | None) -> None:
    """Write the arrays or the picture of an episode."""
    from PIL import Image

    from workbench.core.episodes.acted_picture import render_acted
    from workbench.core.episodes.episode_picture import render

    if out.suffix.lower() == ".npz":
        shown.save_arrays(out, {} if acted is None else acted.arrays())
        return
    picture = render(shown) if acted is None else render_acted(shown, acted)
    Image.fromarray(picture).save(out, "PNG")
