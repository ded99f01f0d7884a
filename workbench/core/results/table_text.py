"""The published table as plain text or Markdown."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from workbench.core.results.published import tables
from workbench.core.results.results_table import TableCell

_NOTHING = "–"


def by_table(cells: Sequence[TableCell]) -> Iterator[tuple[str, list[TableCell]]]:
    """Yield each table's title and its cells, in their order."""
    for title in tables():
        yield title, [cell for cell in cells if cell.figure.table == title]


def markdown(cells: Sequence[TableCell]) -> str:
    """Return the table as Markdown: a cell is what was published, then measured."""
    parts = [_INTRODUCTION]
    for title, chosen in by_table(cells):
        parts.append(f"\n## {title}\n\n{_grid(chosen)}\n{_notes(chosen)}")
    return "".join(parts).rstrip() + "\n"


def plain(cells: Sequence[TableCell], offer: Callable[[TableCell], str]) -> str:
    """Return the table as lines of text, a figure each, with how to measure one."""
    lines = []
    for title, chosen in by_table(cells):
        lines.append(title)
        width = max(len(cell.figure.learner) for cell in chosen)
        room = max(len(cell.figure.setting) for cell in chosen)
        for cell in chosen:
            figure = cell.figure
            measured = cell.measured_text() or "nothing measured" + offer(cell)
            lines.append(
                f"  {figure.learner:{width}}  {figure.setting:{room}}  "
                f"{figure.text + _mark(cell):>14}  {measured}"
            )
            lines += [f"      {line}" for line in _details(cell)]
        lines.append("")
    return "\n".join(lines) + "* read in a summary of the paper only\n"


_INTRODUCTION = (
    "# Published and measured\n\nEach cell: published / measured here. "
    "\\* read in a summary of the paper only.\n"
)


def _grid(cells: Sequence[TableCell]) -> str:
    settings = list(dict.fromkeys(cell.figure.setting for cell in cells))
    learners = list(dict.fromkeys(cell.figure.learner for cell in cells))
    at = {(cell.figure.learner, cell.figure.setting): cell for cell in cells}
    rows = ["| | " + " | ".join(settings) + " |", "|---|" + "---|" * len(settings)]
    for learner in learners:
        texts = [
            _cell_text(at[learner, setting]) if (learner, setting) in at else ""
            for setting in settings
        ]
        rows.append(f"| {learner} | " + " | ".join(texts) + " |")
    return "\n".join(rows) + "\n"


def _cell_text(cell: TableCell) -> str:
    mark = _mark(cell).replace("*", "\\*")
    measured = cell.measured_text()
    return f"{cell.figure.text}{mark} / " + (
        f"**{measured}**" if measured else _NOTHING
    )


def _notes(cells: Sequence[TableCell]) -> str:
    lines = []
    for cell in cells:
        if cell.measured is None:
            continue
        figure = cell.figure
        told = "; ".join(_details(cell))
        lines.append(f"- {figure.learner}, {figure.setting}: {told}")
    return "\n" + "\n".join(lines) + "\n" if lines else ""


def _details(cell: TableCell) -> list[str]:
    if cell.measured is None:
        return []
    lines = [cell.behind(), *cell.differences]
    return [*lines, cell.figure.remark] if cell.figure.remark else lines


def _mark(cell: TableCell) -> str:
    return "*" if cell.figure.from_summary else ""
