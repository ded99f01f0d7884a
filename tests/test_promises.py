"""What the page of promises says is held by tests that there are."""

from __future__ import annotations

import ast
import functools
import re
from pathlib import Path

TESTS = Path(__file__).parent
PAGE = TESTS.parent / "docs" / "promises.md"


def promises() -> dict[str, list[str]]:
    """Return each promise with the tests that are named under it."""
    items = re.split(r"^- ", PAGE.read_text(encoding="utf-8"), flags=re.MULTILINE)[1:]
    return {
        item.partition("\n")[0]: re.findall(r"^  - `(.+)`$", item, flags=re.MULTILINE)
        for item in items
    }


@functools.cache
def names_in(path: str) -> set[str]:
    """Return the functions of a file of tests."""
    file = TESTS / path
    if not file.is_file():
        return set()
    tree = ast.parse(file.read_text(encoding="utf-8"))
    return {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}


def test_every_promise_is_held_by_a_test() -> None:
    assert len(promises()) > 20
    assert [promise for promise, tests in promises().items() if not tests] == []


def test_every_test_that_holds_a_promise_is_there() -> None:
    named = {test for tests in promises().values() for test in tests}
    there = (test.partition("::") for test in named)
    missing = [
        path + mark + name for path, mark, name in there if name not in names_in(path)
    ]
    assert missing == []
