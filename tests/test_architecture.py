"""What ``lint-imports`` cannot say: what is loaded, and how far a reader must go."""

from __future__ import annotations

import ast
import functools
import importlib.metadata
import pkgutil
import re
import subprocess
import sys
import tomllib
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import grimp
import pytest

import workbench
from workbench.cli import COMMANDS
from workbench.core.config.sections import kinds

ROOT = Path(workbench.__file__).parents[1]
MOST_MODULES = 25
LONGEST_CHAIN = 15
HEADLESS = sorted(
    module.name
    for module in pkgutil.walk_packages(workbench.__path__, "workbench.")
    if not module.name.startswith(("workbench.gui", "workbench.__main__"))
)


def modules_after(code: str) -> set[str]:
    """Return what a fresh interpreter has imported after running ``code``."""
    program = f"{code}\nimport sys\nprint('\\n'.join(sys.modules))"
    command = [sys.executable, "-W", "error", "-c", program]
    done = subprocess.run(command, capture_output=True, text=True, check=True, cwd=ROOT)
    return set(done.stdout.split())


def test_everything_but_the_window_runs_without_qt():
    loaded = modules_after("\n".join(f"import {name}" for name in HEADLESS))
    assert not {name for name in loaded if name.split(".")[0].startswith("PySide")}
    assert "pyqtgraph" not in loaded


def test_what_forms_and_help_need_does_not_load_torch():
    loaded = modules_after(
        "from workbench.core.config import presets, run_config\n"
        "from workbench.core.planning import footprint\n"
        "from workbench.core.runs import store\n"
        "from workbench.cli import COMMANDS, entry_point\n"
        "entry_point(['presets', '--json'])\n"
        "for name in COMMANDS:\n"
        "    try: entry_point([name, '--help'])\n"
        "    except SystemExit: print()"
    )
    assert "workbench.algorithms.maml" in loaded
    assert "workbench.cli.train" in loaded
    assert "torch" not in loaded


def test_the_help_of_all_commands_loads_none_of_them():
    loaded = modules_after(
        "from workbench.cli import entry_point\n"
        "try: entry_point(['--help'])\n"
        "except SystemExit: print()"
    )
    assert {name for name in loaded if name.startswith("workbench.cli.")} == {
        "workbench.cli._arguments"
    }
    assert loaded.isdisjoint({"pydantic", "numpy", "torch"})


def test_each_module_of_a_command_is_listed_in_order():
    files = (ROOT / "workbench" / "cli").glob("[a-z]*.py")
    assert list(COMMANDS) == sorted(file.stem for file in files)


def test_importing_the_window_does_not_load_torch():
    loaded = modules_after(
        "from workbench.gui.app import main_window\n"
        "from workbench.core.base.registry import modules_of\n"
        "from workbench.gui.shell.panel import panels\n"
        "panels()\n"
        "modules_of('workbench.gui.plots')"
    )
    assert "PySide6.QtWidgets" in loaded
    assert "torch" not in loaded


def test_training_does_not_load_torch_s_compiler(tmp_path):
    words = ["train", "sinusoid-quick", "--runs", str(tmp_path)]
    few = {
        "training.iterations": 12,
        "evaluation.validation_tasks": 2,
        "evaluation.tasks": 2,
    }
    words += [word for each in few.items() for word in ("--set", "{}={}".format(*each))]
    loaded = modules_after(
        f"from workbench.cli import entry_point\nassert entry_point({words}) == 0"
    )
    assert "torch._functorch" in loaded
    assert "torch._dynamo" not in loaded


def test_torch_s_compiler_is_there_when_it_is_asked_for():
    loaded = modules_after(
        "from workbench.core.base.lazy import torch\n"
        "half = torch.func.grad(lambda x: x**2 / 4)\n"
        "assert half(torch.tensor(3.0)) == 1.5\n"
        "import sys, torch as real\n"
        "assert 'torch._dynamo' not in sys.modules\n"
        "autograd = real._dynamo.compiled_autograd\n"
        "assert autograd.in_compiled_autograd_region is False\n"
        "assert real._dynamo is sys.modules['torch._dynamo']\n"
        "compiled = real.compile(half, backend='eager')\n"
        "assert compiled(torch.tensor(3.0)) == 1.5"
    )
    assert "torch._dynamo" in loaded


def imports_of(file: Path) -> set[str]:
    """Return the packages that a module imports, other than its own."""
    names = set()
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {name.name for name in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names.add(node.module)
    packages = {name.partition(".")[0] for name in names}
    return packages - sys.stdlib_module_names - {"workbench"}


def test_what_is_imported_is_declared_and_nothing_else():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    declared = {plain(name) for name in project["dependencies"]}
    modules = (ROOT / "workbench").rglob("*.py")
    imported = set().union(*map(imports_of, modules)) - {"pydantic_core"}  # pydantic's
    brings = importlib.metadata.packages_distributions()
    used = {name: {plain(each) for each in brings[name]} for name in imported}
    assert [name for name, by in used.items() if not by & declared] == []
    assert declared - set().union(*used.values()) == set()


def plain(requirement: str) -> str:
    """Return a distribution's name without its versions, in one spelling."""
    return re.split(r"[<>=!~;\[ ]", requirement)[0].lower().replace("_", "-")


def test_no_folder_holds_more_than_one_can_look_through():
    folders = Counter(path.parent for path in (ROOT / "workbench").rglob("*.py"))
    assert max(folders.values()) <= MOST_MODULES + 1  # and the page of the package


def test_no_chain_of_imports_is_longer_than_one_can_follow():
    chain = longest_chain(grimp.build_graph("workbench", cache_dir=None))
    assert len(chain) <= LONGEST_CHAIN, " -> ".join(chain)


def longest_chain(graph: grimp.ImportGraph) -> list[str]:
    """Return the longest way from module to imported module; there are no circles."""

    @functools.cache
    def chain(module: str) -> list[str]:
        imported = graph.find_modules_directly_imported_by(module)
        return [module, *max(map(chain, sorted(imported)), key=len, default=[])]

    return max(map(chain, sorted(graph.modules)), key=len)


MEMBERS = ("algorithms", "models", "tasks")
FOLDERS = {("core/sketch/alphabets.py", "sketches")}
"""Where a word is the name of a folder of data, which a member happens to share."""


def strings_outside_members() -> Iterator[tuple[str, str]]:
    """Yield every string literal of the product that no member says, by its file."""
    root = ROOT / "workbench"
    for path in root.rglob("*.py"):
        place = path.relative_to(root)
        if place.parts[0] in MEMBERS:
            continue
        tree = ast.parse(path.read_text(encoding="utf-8"))
        # A text that stands as a statement of its own documents something.
        said = {node.value for node in ast.walk(tree) if isinstance(node, ast.Expr)}
        for node in ast.walk(tree):
            is_text = isinstance(node, ast.Constant) and isinstance(node.value, str)
            if is_text and node not in said:
                yield place.as_posix(), node.value


def own_fields() -> set[str]:
    """Return the dotted fields that members declare and no class of core does."""
    found = set()
    for section in ("task", "model", "algorithm"):
        for member in kinds(section).values():
            shared = {
                name
                for base in member.__mro__
                if base.__module__.startswith("workbench.core")
                for name in getattr(base, "model_fields", ())
            }
            found |= {
                f"{section}.{name}"
                for name in member.model_fields
                if name not in shared
            }
    return found


def test_nobody_but_the_members_knows_one_by_its_kind():
    known = {
        kind for section in ("task", "model", "algorithm") for kind in kinds(section)
    }
    assert {item for item in strings_outside_members() if item[1] in known} == FOLDERS


def test_nobody_but_a_member_knows_a_field_of_its_own():
    own = own_fields()
    assert {"algorithm.inner_lr", "task.split", "model.hidden"} <= own
    assert [item for item in strings_outside_members() if item[1] in own] == []


def test_no_field_of_a_member_is_asked_for_by_its_name():
    names = {name.partition(".")[2] for name in own_fields()}
    for path in (ROOT / "workbench").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and ast.unparse(node.func) == "getattr":
                asked = node.args[1]
                assert not isinstance(asked, ast.Constant) or asked.value not in names


@pytest.mark.parametrize("part", ["core", "gui"])
def test_the_map_names_every_package_once_and_no_other(part: str):
    _, _, rest = (workbench.__doc__ or "").partition(f"**The map of {part}**")
    drawn, _, _ = rest.partition("\n**")
    heads = re.findall(r"^- ([^:]+):", drawn, re.MULTILINE)
    named = sorted(re.findall(r"``(\w+)``", " ".join(heads)))
    inits = (ROOT / "workbench" / part).glob("*/__init__.py")
    assert named == sorted(path.parent.name for path in inits)
