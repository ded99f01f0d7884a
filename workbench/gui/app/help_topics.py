"""The topics of the help: a Markdown file each, whose first line is its title."""

from __future__ import annotations

import functools
from typing import NamedTuple

from workbench.core.base.folders import resource


class Topic(NamedTuple):
    """One topic; ``key`` is that of the tab it is about, if it is about one."""

    key: str
    title: str
    text: str

    def says(self, words: str) -> bool:
        """Return whether all these words are somewhere in it, or parts of words."""
        everything = f"{self.title} {self.text}".lower()
        return all(word in everything for word in words.lower().split())


@functools.cache
def topics() -> tuple[Topic, ...]:
    """Return all topics, in the order of the numbers before their files' names."""
    topics = []
    for path in sorted(resource("help").glob("*.md")):
        title, _, text = path.read_text("utf-8").partition("\n")
        key = path.stem.partition("-")[2]
        topics.append(Topic(key, title.removeprefix("# "), text.strip()))
    return tuple(topics)
