"""Omniglot's official one-shot challenge: 20 runs of 20 characters of one alphabet.

Lake, Salakhutdinov, Tenenbaum (2015). Each run shows one drawing of each of 20
characters and asks for the character of 20 others.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Sequence
from pathlib import Path, PurePosixPath
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from workbench.core.base.errors import DataError, Remedy, RemedyKind
from workbench.core.base.lazy import torch
from workbench.core.config.run_config import ConfigError, Mistake
from workbench.core.drawing.strokes import REDUCED_SIZE, SIZE
from workbench.core.learning.episode import Episode, Examples
from workbench.core.learning.params import leaves
from workbench.core.pictures.character_settings import is_square_ink
from workbench.core.pictures.files import PictureSource, ReadLimits, decode, open_source
from workbench.core.pictures.image_family import ImageTaskSettings
from workbench.core.results.challenge_figures import WAYS
from workbench.core.training.trained import Trained

ARCHIVE = "all_runs.zip"
ARCHIVE_SHA256 = "437c1eeab0af8484112e1b4cc0f3d541ec727f7c47b9b202da738af9dfd6c325"

_RUNS = 20
_LIMITS = ReadLimits(entry_bytes=2**20, total_bytes=2**26, entries=10_000)
_PAIR = re.compile(r"(run\d\d/test/item\d\d\.png) (run\d\d/training/class(\d\d)\.png)")


class Challenge(NamedTuple):
    """How many queries of each run a learner answered wrongly: alone, and together."""

    alone: tuple[int, ...]
    together: tuple[int, ...]


def find_archive(data: Path) -> Path:
    """Return where the archive lies in the data folder, or in a folder of it."""
    for path in (data / ARCHIVE, *sorted(data.glob(f"*/{ARCHIVE}"))):
        if path.exists():
            return path
    raise DataError(
        f"{ARCHIVE} is not in {data}: get it from "
        "https://github.com/brendenlake/omniglot/tree/master/python/"
        "one-shot-classification and put it there",
        Remedy(kind=RemedyKind.LOCATE, subject="archive"),
    )


def read_runs(archive: Path, side: int = REDUCED_SIZE) -> list[Episode]:
    """Read the runs of a zip, or of the folder it was unpacked to, as episodes."""
    with open_source(archive, _LIMITS) as source:
        names = {"/".join(name.parts[-3:]): name for name in source.names}
        names |= {"/".join(name.parts[-2:]): name for name in source.names}
        runs = sorted({key[:5] for key in names if re.match(r"run\d\d/", key)})
        if len(runs) != _RUNS:
            raise DataError(
                f"{archive} has {len(runs)} of the {_RUNS} runs of the challenge: "
                f"expected run01 to run{_RUNS}, as in {ARCHIVE}"
            )
        return [_read_run(source, names, run, side) for run in runs]


def is_published(archive: Path) -> bool | None:
    """Return whether a zip is the published one; None for a folder."""
    if not archive.is_file():
        return None
    return hashlib.sha256(archive.read_bytes()).hexdigest() == ARCHIVE_SHA256


def check_fits(trained: Trained) -> None:
    """Check that a model can answer the challenge; ConfigError says why not."""
    if not is_square_ink(trained.config.task.input_shape):
        mistake = "the challenge needs a model of square grey pictures"
        raise ConfigError([Mistake("task.kind", mistake)])
    if trained.ways not in (None, WAYS):
        mistake = f"the challenge is {WAYS}-way, and this model serves {trained.ways}"
        raise ConfigError([Mistake("task.ways", mistake)])


def run_challenge(
    trained: Trained,
    runs: Sequence[Episode],
    progress: Callable[[int, int], None] | None = None,
) -> Challenge:
    """Answer every run, each query alone beside the support and all together."""
    check_fits(trained)
    device = leaves(trained.meta)[0].device
    wrong = []
    for done, episode in enumerate(runs, start=1):
        episode = episode.to(device)
        task = trained.config.task
        if isinstance(task, ImageTaskSettings) and task.inverted:
            episode = _negative(episode)
        wrong.append(_wrong(trained, episode))
        if progress is not None:
            progress(done, len(runs))
    alone, together = zip(*wrong, strict=True)
    return Challenge(alone, together)


def _read_run(
    source: PictureSource, names: dict[str, PurePosixPath], run: str, side: int
) -> Episode:
    listing = names.get(f"{run}/class_labels.txt")
    if listing is None:
        raise DataError(f"{source.path} has no {run}/class_labels.txt")
    pairs = _PAIR.findall(source.read(listing).decode("ascii", "replace"))
    if len(pairs) != WAYS:
        raise DataError(
            f"{source.path}: {run}/class_labels.txt pairs {len(pairs)} items with "
            f"classes, not {WAYS}"
        )
    support = [f"{run}/training/class{label:02}.png" for label in range(1, WAYS + 1)]
    query, labels = [item for item, _, _ in pairs], [int(label) for *_, label in pairs]
    unknown = sorted(set(labels) - set(range(1, WAYS + 1)))
    if unknown:
        raise DataError(
            f"{source.path}: {run}/class_labels.txt names class{unknown[0]:02}, and "
            f"the classes are class01 to class{WAYS}"
        )
    pictures = [_picture(source, names, key, side) for key in support + query]
    x = torch.from_numpy(np.stack(pictures))[:, None].float() / 255
    y = torch.tensor(labels) - 1
    return Episode(Examples(x[:WAYS], torch.arange(WAYS)), Examples(x[WAYS:], y))


def _picture(
    source: PictureSource, names: dict[str, PurePosixPath], key: str, side: int
) -> NDArray[np.uint8]:
    from PIL import Image

    if key not in names:
        raise DataError(f"{source.path} has no {key}")
    picture = decode(source.read(names[key]), key, most_pixels=SIZE * SIZE)
    grey = picture.convert("L").resize((side, side), Image.Resampling.LANCZOS)
    return 255 - np.asarray(grey)


def _negative(episode: Episode) -> Episode:
    support, query, order = episode
    return Episode(
        Examples(1 - support.x, support.y), Examples(1 - query.x, query.y), order
    )


def _wrong(trained: Trained, episode: Episode) -> tuple[int, int]:
    """Return how many queries are answered wrongly: each alone, and all together."""
    objective, weights = trained.adapted(episode, trained.config.evaluation.steps)

    def wrong(*, transductive: bool) -> int:
        outputs = objective.answers(weights, episode, transductive=transductive)
        return int((outputs.argmax(-1) != episode.query.y).sum())

    with torch.no_grad():
        alone = wrong(transductive=False)
        is_same = not objective.model.mixes_batch
        return alone, alone if is_same else wrong(transductive=True)
