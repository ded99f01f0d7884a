"""Reports: one HTML file that needs nothing else, and says what was measured."""

from __future__ import annotations

import math
import re
import shutil
import xml.etree.ElementTree as ET
from html.parser import HTMLParser
from pathlib import Path

import pytest

from tests.made_runs import trained
from tests.made_stores import add_run
from workbench.core.drawing.svg_plot import Line, svg_plot
from workbench.core.results.report import report, write_report
from workbench.core.results.seeds import shared_name
from workbench.core.runs.evaluations import list_evaluations, own_test
from workbench.core.runs.store import RunFolder


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> list[RunFolder]:
    place = tmp_path_factory.mktemp("runs")
    folders = []
    for rate in (0.01, 0.05):
        folder = trained(place, algorithm__inner_lr=rate, evaluation__tasks=20)
        folder.update(name=f"rate <{rate}>")
        folders.append(folder)
    return folders


class _Links(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        wanted = {"src", "href", "data", "srcset"}
        self.found += [str(value) for name, value in attrs if name in wanted]


def test_a_report_needs_no_other_file(runs: list[RunFolder], tmp_path: Path) -> None:
    file = write_report(runs, tmp_path / "report")
    text = file.read_text(encoding="utf-8")
    links = _Links()
    links.feed(text)
    assert file.suffix == ".html"
    assert links.found == []
    assert "url(http" not in text
    assert "<script" not in text


def test_a_report_says_what_was_measured(runs: list[RunFolder]) -> None:
    text = report(runs)
    test = own_test(runs[0].path)
    assert test is not None
    assert f"{test.score:.4f} ± {test.ci95:.4f}" in text
    assert "<td>5-shot, 2 steps</td>" in text
    assert "rate &lt;0.01&gt;" in text
    assert "paired t test over 20 tasks" in text
    assert "<td>sinusoid 5-shot</td>" in text
    plain = text.replace(" class=whole", "")
    assert "<td>algorithm.inner_lr</td><td>0.01</td><td>0.05</td>" in plain
    assert "<td>algorithm.inner_steps</td><td>1</td></tr>" in plain
    assert "torch " in text
    for svg in re.findall(r"<svg.*?</svg>", text, re.DOTALL):
        ET.fromstring(svg)


def test_the_adaptation_curve_is_of_the_runs_own_test(
    runs: list[RunFolder], tmp_path: Path
) -> None:
    folder = RunFolder(shutil.copytree(runs[0].path, tmp_path / "run"))
    before = adaptation_curve(report([folder]))
    config = folder.config()
    kept = list_evaluations(folder.path)[0]
    other = kept.model_copy(update={"shots": 99, "made": "2100-01-01T00:00:00"})
    other = other.model_copy(update={"by_step": (kept.by_step[0],) * 9})
    place = folder.path / "evaluations" / "2100-other.json"
    place.write_text(other.model_dump_json(), encoding="utf-8")
    assert config.evaluation.steps + 1 != 9
    assert adaptation_curve(report([folder])) == before


def adaptation_curve(text: str) -> str:
    (svg,) = re.findall(r'<svg [^>]*aria-label="Adaptation curve".*?</svg>', text, re.S)
    return svg


def test_inner_steps_are_whole() -> None:
    svg = svg_plot("t", [Line("a", [(0, 1.0), (1, 2.0)])], "inner step", "y")
    marks = re.findall(r'class="x">([^<]*)</text>', svg)
    assert marks[:2] == ["0", "1"]
    assert marks[2:] == ["inner step", "y"]


def test_seeds_are_told_as_one(tmp_path: Path) -> None:
    assert shared_name(["maml-s0", "maml-s1"]) == "maml"
    assert shared_name(["maml seed=0", "maml seed=12"]) == "maml"
    assert shared_name(["maml-10", "maml-12"]) == "maml"
    assert shared_name(["maml", "maml"]) == "maml"
    assert shared_name(["quick, lr 0.1, seed 1", "quick, lr 0.1, seed 10"]) == (
        "quick, lr 0.1"
    )
    assert shared_name(["one", "two"]) == "one"
    assert shared_name(["sine", "some"]) == "sine"


def test_a_run_that_never_trained_has_a_report(tmp_path: Path) -> None:
    text = report([add_run(tmp_path, name="new")])
    assert "nothing was measured" in text


def test_a_plot_survives_what_is_not_finite() -> None:
    points = [(0, 1.0), (1, math.nan), (2, math.inf), (3, 2.0)]
    ET.fromstring(svg_plot("t", [Line("a", points, [(0.9, 1.1)] * 4)], "x", "y"))
    ET.fromstring(svg_plot("t", [Line("a", [(5, 1.0)])], "x", "y"))
    wide = Line("a", [(0, 1e20), (1, 1.0)], [(-math.inf, math.inf), (math.nan,) * 2])
    assert not re.search(r"nan|inf", svg_plot("t", [wide], "x", "y"))


def test_no_peak_is_lost_in_a_long_curve() -> None:
    points = [(float(x), 1000.0 if x == 777 else 0.0) for x in range(100_000)]
    svg = svg_plot("t", [Line("a", points)], "x", "y")
    assert len(svg) < 40_000
    (path,) = re.findall(r'<path d="M([^"]*)" fill', svg)
    heights = [float(pair.split()[1]) for pair in path.split("L")]
    assert min(heights) < 30 < max(heights)


def test_a_name_that_turns_the_direction_turns_nothing_after_it(
    runs: list[RunFolder],
) -> None:
    turned = "a\N{RIGHT-TO-LEFT OVERRIDE}b"
    runs[0].update(name=turned)
    assert f"<bdi>{turned}</bdi>" in report(runs)
