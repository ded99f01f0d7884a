"""The presets that come along: a paper's settings, or a quick run, by name."""

from __future__ import annotations

from pathlib import Path
from typing import Any, NamedTuple

from workbench.core.folders import resource
from workbench.core.run_config import ConfigError, Mistake, RunConfig, read_toml


class Preset(NamedTuple):
    """A configuration with a name, and the published figure it aims at.

    ``config`` holds the nested values as they stand in the file: what is not said there
    is at its default.
    """

    name: str
    title: str
    group: str
    paper: str
    published: str
    description: str
    order: int
    config: dict[str, Any]

    def run_config(self) -> RunConfig:
        """Return the validated configuration."""
        return RunConfig.from_dict(self.config)


def list_presets(folder: Path | None = None) -> list[Preset]:
    """Return the presets by their order; those of one group stand together."""
    chosen = folder if folder is not None else resource("presets")
    presets = sorted(map(_read, chosen.glob("*.toml")), key=lambda preset: preset.order)
    groups = list(dict.fromkeys(preset.group for preset in presets))
    return sorted(presets, key=lambda preset: groups.index(preset.group))


def _read(path: Path) -> Preset:
    config = read_toml(path)
    about = config.pop("preset", {})
    try:
        return Preset(
            name=path.stem,
            title=str(about.get("title", path.stem)),
            group=str(about.get("group", "Other")),
            paper=str(about.get("paper", "")),
            published=str(about.get("published", "")),
            description=str(about.get("description", "")),
            order=int(about.get("order", 1000)),
            config=config,
        )
    except (AttributeError, TypeError, ValueError) as error:
        raise ConfigError([Mistake("preset", f"in {path.name}: {error}")]) from None
