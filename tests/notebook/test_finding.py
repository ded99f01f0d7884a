"""Presets and runs as a notebook finds and shows them."""

from __future__ import annotations

from collections import defaultdict
from html.parser import HTMLParser
from pathlib import Path

import pytest

import workbench
from tests.made_runs import made
from workbench.core.runs.search import NoSuchRun
from workbench.core.runs.store import RunFolder


class Page(HTMLParser):
    """The texts of what a notebook is given, by the tags around them."""

    def __init__(self, shown: object) -> None:
        super().__init__()
        self.around: list[str] = []
        self.texts: defaultdict[str, list[str]] = defaultdict(list)
        self.feed(shown._repr_html_())  # type: ignore[attr-defined]
        assert self.around == []

    def handle_starttag(self, tag: str, attrs: object) -> None:
        self.around.append(tag)
        self.texts[tag].append("")

    def handle_endtag(self, tag: str) -> None:
        assert self.around.pop() == tag

    def handle_startendtag(self, tag: str, attrs: object) -> None:
        self.texts[tag].append("")

    def handle_data(self, data: str) -> None:
        for tag in {*self.around}:
            self.texts[tag][-1] += data


def test_presets_are_a_table_and_each_has_its_name() -> None:
    presets = workbench.presets()
    assert "sinusoid-quick" in [preset.name for preset in presets]
    head, first, *_ = repr(presets).splitlines()
    assert head.split() == ["name", "title", "group"]
    assert first.index(presets[0].title) == head.index("title")
    page = Page(presets)
    assert page.texts["th"] == ["name", "title", "group"]
    assert len(page.texts["tr"]) == 1 + len(presets)


def test_runs_are_listed_the_newest_first(run: RunFolder) -> None:
    other = made(run.path.parent)
    other.update(name="<b>mine</b>")
    runs = workbench.runs(run.path.parent)
    assert {each.folder.path for each in runs} == {run.path, other.path}
    assert runs[0].folder.path == other.path
    assert "<b>mine</b>" in Page(runs).texts["td"]
    head, first, second = repr(runs).splitlines()
    assert first.index("created") == second.index("completed") == head.index("state")
    assert " ± " in second


def test_a_folder_without_runs_says_so(tmp_path: Path) -> None:
    runs = workbench.runs(tmp_path)
    assert list(runs) == []
    assert repr(runs) == f"there are no runs in {tmp_path}"
    assert Page(runs).texts["p"] == [repr(runs)]


def test_a_damaged_run_is_listed_too(run: RunFolder) -> None:
    (run.path / "run.json").write_text("{")
    assert "damaged" in repr(workbench.runs(run.path.parent))


def test_a_run_is_loaded_by_folder_name_or_id(run: RunFolder) -> None:
    info, runs = run.info(), run.path.parent
    for name in (run.path, run.path.name, info.name, info.id):
        assert workbench.load(name, runs).folder.path == run.path
    with pytest.raises(NoSuchRun, match="no run 'nothing'"):
        workbench.load("nothing", runs)


def test_a_run_shows_itself_in_a_line(run: RunFolder) -> None:
    shown = repr(workbench.load(run.path))
    info = run.info()
    assert shown == f"Run({info.name!r}, completed, 20 of 20 meta-steps, {run.path})"


def test_a_run_shows_its_figures_and_its_curves(run: RunFolder) -> None:
    page = Page(workbench.load(run.path))
    cells = page.texts["td"]
    assert {"completed", "20 of 20", run.info().id} <= {*cells}
    assert any(" ± " in cell for cell in cells)
    assert ["Meta-loss" in each for each in page.texts["svg"]] == [True, False]
    assert "inner step" in page.texts["svg"][1]
    assert page.texts["polyline"] or page.texts["path"]


def test_what_a_run_shows_leaves_the_page_around_it_alone(run: RunFolder) -> None:
    text = workbench.load(run.path)._repr_html_()
    style = text[text.index("<style>") + 7 : text.index("</style>")]
    assert style.startswith(".fewshot {")
    assert style.count("{") == style.count("}")
    assert "body" not in style
    assert "html" not in style


def test_a_run_that_was_not_begun_shows_itself(tmp_path: Path) -> None:
    run = workbench.load(made(tmp_path).path)
    assert run.test is None
    assert "created" in Page(run).texts["td"]


def test_what_a_run_learned_is_at_hand(run: RunFolder) -> None:
    trained = workbench.load(run.path).trained("latest")
    assert trained.step == 20
    assert trained.config == run.config()


def test_the_bundled_model_is_a_run() -> None:
    assert workbench.load("bundled").info.state == "completed"
