"""What a plot of the Training tab is, and what all of them can do."""

from __future__ import annotations

import functools
from collections.abc import Callable, Hashable
from enum import Enum
from pathlib import Path
from typing import ClassVar

from PySide6.QtCore import QEvent, QPoint, Qt, Signal
from PySide6.QtGui import QAction, QShowEvent
from PySide6.QtWidgets import (
    QApplication,
    QHBoxLayout,
    QLabel,
    QMenu,
    QToolButton,
    QVBoxLayout,
    QWidget,
)
from typing_extensions import override

from workbench.core.base.plugins import refuse, strangers
from workbench.core.base.registry import members
from workbench.gui.graphs import export
from workbench.gui.graphs.series import RunHistory, ShownRun
from workbench.gui.look import preferences, theme
from workbench.gui.look.colours import PlotColours, colours
from workbench.gui.look.elided import ElidedLabel
from workbench.gui.look.save_file import ask_save_file


class Quarter(Enum):
    """The quarter of the Training tab that a plot stands in."""

    TOP_LEFT = 0
    TOP_RIGHT = 1
    BOTTOM_LEFT = 2
    BOTTOM_RIGHT = 3


class Plot(QWidget):
    """One plot: a subclass with a ``key`` in a file of its own is found and shown.

    ``controls`` is a row of buttons for the header above the plot. A subclass says in
    ``version`` what of a run's history it draws, and draws it in ``draw``, which is
    called only while the plot is visible and the version is new.

    Signals:
        saved(Path): the plot was exported to this file.
        failed(str): something the person asked for could not be done.
        task_wanted(): the person asked for another single task; only from a plot that
            has ``number`` and ``show_task``.
    """

    key: ClassVar[str] = ""
    title: ClassVar[str] = ""
    tab: ClassVar[str] = ""
    """What its tab says, where the title is too long for it."""
    help: ClassVar[str] = ""
    empty: ClassVar[str] = "Press Start to train: what happens is drawn here."
    waiting: ClassVar[str] = "Nothing yet: the first numbers will be drawn here."
    over: ClassVar[str] = "Nothing to draw: the run ended before its first numbers."
    place: ClassVar[Quarter] = Quarter.TOP_RIGHT
    order: ClassVar[int] = 100
    names_all: ClassVar[bool] = False
    """Whether it shows several runs, and its legend names them."""

    saved = Signal(object)
    failed = Signal(str)
    task_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName(f"plot.{self.key}")
        self.setAccessibleName(self.title)
        self.setAccessibleDescription(self.help)
        self.setWhatsThis(self.help)
        self.runs: tuple[ShownRun, ...] = ()
        self.previewed: RunHistory | None = None
        self.colours: PlotColours = colours()
        self._is_built = True
        self._drawn: Hashable = None
        self._icons: list[tuple[QToolButton | QAction, str]] = []
        self.controls = QWidget(self)
        self._row = QHBoxLayout(self.controls)
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.setSpacing(2)
        self.menu = QMenu(self)
        self.body = QVBoxLayout(self)
        self.body.setContentsMargins(0, 0, 0, 0)
        self.body.setSpacing(0)
        self.caption = ElidedLabel()
        self.caption.setObjectName(f"plot.{self.key}.caption")
        self.caption.setProperty("role", "muted")
        self.caption.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.caption.setFont(theme.smaller(self.font()))
        self.caption.hide()
        self.body.addWidget(self.caption)
        self._hint = QLabel(self.empty, self)
        self._hint.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._hint.setWordWrap(True)
        self._hint.setProperty("role", "muted")
        self._hint.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.customContextMenuRequested.connect(self._on_menu_requested)
        theme.changes().changed.connect(self._on_theme_changed)

    # What a subclass says.

    @classmethod
    def variants(cls) -> tuple[type[Plot], ...]:
        """Return the plots that this one stands for: itself if it has a key."""
        return (cls,) if cls.key else ()

    @classmethod
    def applies(cls, history: RunHistory) -> bool:
        """Return whether there is something to show of this run."""
        return True

    def version(self, history: RunHistory) -> Hashable:
        """Return what changes whenever there is something new to draw."""
        return history.revision

    def rebuild(self) -> None:
        """Make the items for ``self.runs``, which are others than before."""

    def draw(self) -> None:
        """Draw what the histories of ``self.runs`` hold now."""

    def paint_colours(self) -> None:
        """Give every item its colour from ``self.colours``."""

    def table(self) -> export.Table:
        """Return the numbers drawn."""
        return export.Table((), ())

    def exported(self) -> QWidget:
        """Return the widget that a picture is taken of."""
        return self

    @property
    def loss_unit(self) -> str:
        """What the first run's losses are measured in, or those to come."""
        return "" if self.first is None else self.first.loss_unit

    @property
    def first(self) -> RunHistory | None:
        """The run that matters; without runs the one that would be trained."""
        return self.runs[0].history if self.runs else self.previewed

    def is_empty(self) -> bool:
        """Return whether there is nothing to draw yet."""
        return not self.runs

    def hint(self) -> str:
        """Return what is said where nothing is drawn."""
        if not self.runs:
            return self.empty
        first = self.runs[0].history
        return self.over if first.is_over and not first.step else self.waiting

    # What the panel calls.

    def show_runs(self, runs: tuple[ShownRun, ...]) -> None:
        """Show these runs from now on; the first is the one that matters."""
        self.take_runs(runs)
        self.refresh()

    def preview(self, history: RunHistory) -> None:
        """While no run is shown, be named as what this one would draw."""
        before, self.previewed = self.previewed, history
        is_alike = before is not None and before.measure is history.measure
        if not self.runs and not is_alike:
            self.take_runs(())
            self.refresh()

    def take_runs(self, runs: tuple[ShownRun, ...]) -> None:
        """Show these runs from the next drawing on."""
        self.runs = runs
        self._is_built = False
        self._drawn = None

    def refresh(self) -> None:
        """Draw what is new; nothing while hidden."""
        if not self.isVisible():
            return
        if not self._is_built:
            self._is_built = True
            self._name_run()
            self.rebuild()
        now = tuple(
            (run.history.run_id, run.history.is_over, self.version(run.history))
            for run in self.runs
        )
        if now != self._drawn:
            self._drawn = now
            self._hint.setVisible(self.is_empty())
            self._hint.setText(self.hint())
            self.draw()

    def redraw(self) -> None:
        """Draw everything anew: a setting of the plot changed."""
        self._drawn = None
        self.refresh()

    def finish_controls(self) -> None:
        """Add what all plots have at the end of their controls: the export menu."""
        if not self.menu.isEmpty():
            self.menu.addSeparator()
        for kind in ("PNG", "SVG", "CSV"):
            action = self.menu.addAction(f"Export as {kind}…")
            action.setObjectName(f"plot.{self.key}.export_{kind.lower()}")
            action.triggered.connect(self._exporter(kind))
        self.menu.addAction("Copy picture").triggered.connect(self._on_copy_triggered)
        button = self.add_button("menu", "More: view, export", "mdi6.dots-vertical")
        button.setMenu(self.menu)
        button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        button.setStyleSheet("QToolButton::menu-indicator { image: none; }")

    def export(self, path: Path) -> None:
        """Write the plot to a file, as its ending says; OSError if that fails."""
        widget, background = self.exported(), self.colours.background
        match path.suffix.lower():
            case ".csv":
                export.save_csv(self.table(), path)
            case ".svg":
                export.save_svg(widget, path, background)
            case _:
                export.save_png(widget, path, background)

    # For subclasses.

    def add_control(self, name: str, widget: QWidget, tip: str) -> None:
        """Put a widget into the controls."""
        widget.setObjectName(f"plot.{self.key}.{name}")
        widget.setToolTip(tip)
        if not widget.accessibleName():
            widget.setAccessibleName(f"{self.title}: {tip}")
        self._row.addWidget(widget)

    def add_button(
        self,
        name: str,
        tip: str,
        icon: str,
        toggled: Callable[[bool], object] | None = None,
    ) -> QToolButton:
        """Put a button into the controls; with ``toggled`` it stays down."""
        button = QToolButton(self.controls)
        button.setAutoRaise(True)
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        if toggled is not None:
            button.setCheckable(True)
            button.toggled.connect(toggled)
        self._icons.append((button, icon))
        button.setIcon(theme.icon(icon))
        self.add_control(name, button, tip)
        return button

    def _name_run(self) -> None:
        """Say whose plot this is, where no legend does."""
        is_said = len(self.runs) > 1 and self.names_all
        self.caption.setVisible(bool(self.runs) and not is_said)
        self.caption.show_text(self.runs[0].history.title if self.runs else "")

    # Slots.

    def _exporter(self, kind: str) -> Callable[[], None]:
        def ask() -> None:
            ending = f".{kind.lower()}"
            path = ask_save_file(
                self,
                f"Export {self.title.lower()}",
                preferences.export_folder() / f"{self.key}{ending}",
                f"{kind} (*{ending})",
                ending,
            )
            if path is not None:
                self._save(path)

        return ask

    def _save(self, path: Path) -> None:
        try:
            self.export(path)
        except OSError as error:
            self.failed.emit(f"The plot could not be written: {error}")
            return
        preferences.remember_export_folder(path.parent)
        self.saved.emit(path)

    def _on_copy_triggered(self) -> None:
        image = export.picture(self.exported(), self.colours.background)
        QApplication.clipboard().setImage(image)

    def _on_menu_requested(self, position: QPoint) -> None:
        self.menu.popup(self.mapToGlobal(position))

    def _on_theme_changed(self) -> None:
        self.colours = colours()
        for button, icon in self._icons:
            button.setIcon(theme.icon(icon))
        self.paint_colours()
        self.redraw()

    @override
    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.refresh()

    @override
    def resizeEvent(self, event: QEvent) -> None:  # type: ignore[override]
        super().resizeEvent(event)  # type: ignore[arg-type]
        self._hint.setGeometry(self.rect().adjusted(56, 8, -16, -40))
        self._hint.raise_()


def plots() -> list[type[Plot]]:
    """Return the plots there are, in the order of their places and tabs."""
    found = [*members("workbench.gui.plots", Plot), *_of_packages()]
    variants = (variant for plot in found for variant in plot.variants())
    return sorted(variants, key=lambda plot: (plot.place.value, plot.order))


@functools.cache
def _of_packages() -> tuple[type[Plot], ...]:
    found: dict[str, type[Plot]] = {}
    ours = {plot.key for plot in members("workbench.gui.plots", Plot)}
    for member, origin in strangers("plots"):
        what = getattr(member, "__name__", str(member))
        if not (isinstance(member, type) and issubclass(member, Plot)):
            refuse(origin, what, "it is no Plot: derive it from workbench's")
        elif not member.key or member.key in {*ours, *found}:
            refuse(origin, what, f"it needs a key of its own, not {member.key!r}")
        else:
            found[member.key] = member
    return tuple(found.values())
