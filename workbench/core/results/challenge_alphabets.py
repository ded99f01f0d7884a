"""Which alphabet each run of the one-shot challenge is of, found by its pictures.

The archive does not name alphabets, but its pictures are those of Omniglot's evaluation
alphabets: made small in the same way they are equal, byte by byte.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

from workbench.core.base.lazy import torch
from workbench.core.learning.episode import Episode
from workbench.core.pictures.store import StoredPictures
from workbench.core.results.challenge_figures import errors
from workbench.core.results.proportion import Proportion


def alphabets_of(
    runs: Iterable[Episode], stored: StoredPictures, alphabets: Collection[str]
) -> list[str | None]:
    """Return the alphabet that has all pictures of a run, for each; None for none."""
    homes = _homes(stored, alphabets)
    return [_home(run, homes) for run in runs]


def by_alphabet(
    alphabets: Sequence[str], wrong: Sequence[int]
) -> dict[str, Proportion]:
    """Return the errors in the runs of each alphabet, the highest share first."""
    found = {
        alphabet: errors(
            [n for home, n in zip(alphabets, wrong, strict=True) if home == alphabet]
        )
        for alphabet in sorted(set(alphabets))
    }
    return dict(sorted(found.items(), key=lambda item: -item[1].share))


def _homes(stored: StoredPictures, alphabets: Collection[str]) -> dict[bytes, set[str]]:
    index = stored.index
    homes: dict[bytes, set[str]] = {}
    for first, count, group in zip(
        index.firsts, index.counts, index.groups, strict=True
    ):
        alphabet = index.group_names[group]
        if alphabet in alphabets:
            for picture in stored.pictures[first : first + count]:
                homes.setdefault(picture.tobytes(), set()).add(alphabet)
    return homes


def _home(run: Episode, homes: dict[bytes, set[str]]) -> str | None:
    pixels = torch.cat([run.support.x, run.query.x]).mul(255).round().byte().numpy()
    found = [homes.get(picture.tobytes(), set[str]()) for picture in pixels]
    return min(set.intersection(*found), default=None)
