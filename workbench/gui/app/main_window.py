"""The main window: makes the panels, gives them places, and connects."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import (
    QCloseEvent,
    QDragEnterEvent,
    QDropEvent,
    QKeyEvent,
    QPaintEvent,
)
from PySide6.QtWidgets import QMainWindow
from typing_extensions import override

from workbench.gui.app.attention import Attention
from workbench.gui.app.bars import fill_menus, fill_toolbar
from workbench.gui.app.command_palette import finding_of, open_palettes
from workbench.gui.app.dock_layout import DockLayout, is_small_screen
from workbench.gui.app.filling import Filling
from workbench.gui.app.focus_in_view import FocusInView
from workbench.gui.app.help_dialog import help_found, show_help
from workbench.gui.app.page import Page
from workbench.gui.app.presentation import Presentation
from workbench.gui.app.stopping import Stopping
from workbench.gui.app.system_information import report_on
from workbench.gui.app.tab_docks import TabDocks
from workbench.gui.app.tabs import Tabs
from workbench.gui.app.taskbar import TaskbarProgress
from workbench.gui.app.window_actions import WindowActions
from workbench.gui.look import theme
from workbench.gui.look.error_dialog import ErrorDialog
from workbench.gui.look.question import Question
from workbench.gui.look.toast import Toasts
from workbench.gui.shell.action_button import tool_button
from workbench.gui.shell.actions import Action
from workbench.gui.shell.draft_keeper import DraftKeeper
from workbench.gui.shell.finding import Finding
from workbench.gui.shell.opening import open_path
from workbench.gui.shell.panel import Panel, panels
from workbench.gui.shell.session import Notice, Session


class MainWindow(QMainWindow):
    """Holds every panel: tabs in the centre, docks around it.

    What a panel does not show at first is made after the first paint, a piece at a time
    (see ``Panel.fill``).

    Signals:
        painted(): the window was painted for the first time.
        filled(): every panel is complete.
    """

    painted = Signal()
    filled = Signal()

    def __init__(self, session: Session) -> None:
        super().__init__()
        self.setObjectName("main_window")
        self.setWindowTitle("Few-Shot Workbench")
        self.setAcceptDrops(True)
        self.session = session
        self.panels: list[Panel] = [panel(session) for panel in panels()]
        self._attention = Attention(session, self)
        self._keeper = DraftKeeper(session, self)
        self._taskbar = TaskbarProgress()
        self._stopping: Stopping | None = None
        self._is_painted = False
        self._filling = Filling({each: each.fill() for each in self.panels}, self)
        self._tabs = self._make_tabs()
        self._refresh_tab_icons()
        self._toasts = Toasts(self, self._tabs.free, partial(open_palettes, self))
        self._layout = self._make_docks()
        self.docks = self._layout.docks
        self._tab_docks = TabDocks(self.docks, self._tabs_alone())
        self._presentation = Presentation(self, self._tab_docks)
        self._window_actions = self._make_window_actions()
        self._register_actions()
        fill_menus(self, session.actions)
        fill_toolbar(self, session.actions)
        self.addToolBarBreak()
        self.addToolBar(self._tabs.strip)
        self._fill_status_bar()
        self._connect()
        FocusInView(self)
        for panel in self.panels:
            panel.open()
        self._layout.begin()
        self._tab_docks.begin(self._centre()[self._tabs.currentIndex()].title)

    def panel(self, title: str) -> Panel:
        """Return the panel with this title."""
        return next(panel for panel in self.panels if panel.title == title)

    def show_panel(self, title: str) -> None:
        """Bring a panel to the front, and its dock back if it is hidden."""
        if title in self.docks:
            self.docks[title].show()
            self.docks[title].raise_()
            return
        for index, panel in enumerate(self._centre()):
            if panel.title == title:
                self._tabs.setCurrentIndex(index)

    def _findings(self, text: str) -> list[Finding]:
        """Return what the palette may mean: commands, and what panels have."""
        actions = (action for action in self.session.actions if not action.menu())
        return [
            *map(finding_of, actions),
            *(found for panel in self.panels for found in panel.findings_for(text)),
            *help_found(self, text),
        ]

    def fill(self) -> None:
        """Complete every panel now."""
        for panel in self.panels:
            self._filling.complete(panel)

    def reset_layout(self) -> None:
        """Put docks and sizes back to what they are on the first start."""
        self._layout.reset()
        self._tab_docks.begin_anew()

    @override
    def closeEvent(self, event: QCloseEvent) -> None:
        if busy := self._busy():
            event.ignore()
            if self._stopping is None and self._may_quit(busy):
                self._stop_and_close()
            return
        self._filling.stop()
        self._presentation.end()
        self._layout.remember()
        self._tab_docks.remember()
        self._keeper.keep()
        for panel in self.panels:
            panel.shut_down()
        self._attention.shut_down()
        self._taskbar.show(None)
        event.accept()

    @override
    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if any(url.isLocalFile() for url in event.mimeData().urls()):
            _accept_as_copy(event)

    @override
    def dropEvent(self, event: QDropEvent) -> None:
        _accept_as_copy(event)
        for url in event.mimeData().urls():
            if url.isLocalFile():
                open_path(self.session, Path(url.toLocalFile()))

    @override
    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape and self._presentation.is_on:
            self._presentation.end()
        else:
            super().keyPressEvent(event)

    @override
    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange:
            self._refresh_tab_icons()

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if not self._is_painted:
            self._is_painted = True
            self.painted.emit()

    # Building.

    def _make_tabs(self) -> Tabs:
        tabs = Tabs()
        for panel in self._centre():
            tabs.add(Page(panel), panel.title, panel.help)
        self.setCentralWidget(tabs)
        return tabs

    def _make_docks(self) -> DockLayout:
        layout = DockLayout(self)
        for panel in self.panels:
            if panel.place != "centre":
                layout.add(panel.title, panel, panel.place)
        return layout

    def _tabs_alone(self) -> list[str]:
        """Return the tabs that begin without docks on this screen."""
        alone = [panel.title for panel in self.panels if panel.alone]
        return alone if is_small_screen() else []

    def _make_window_actions(self) -> WindowActions:
        actions = WindowActions(self.session, self._findings, self)
        for number, panel in enumerate(self.panels, start=1):
            actions.add_panel(number, panel.title, panel.help, panel.icon)
        actions.add_docks(self.docks.values())
        actions.layout_unwanted.connect(self.reset_layout)
        actions.docks_toggled.connect(self._tab_docks.toggle)
        actions.presentation_toggled.connect(self._presentation.toggle)
        actions.help_wanted.connect(self._on_help_wanted)
        self._tabs.set_corner(tool_button(actions.toggle_docks))
        return actions

    def _centre(self) -> list[Panel]:
        """Return the panels that are tabs, in their order."""
        return [panel for panel in self.panels if panel.place == "centre"]

    def _register_actions(self) -> None:
        registry = self.session.actions
        sources = (*self.panels, self._window_actions)
        for source in sources:
            for action in source.actions():
                if isinstance(action, Action):
                    registry.add(action)
                    self.addAction(action)

    def _fill_status_bar(self) -> None:
        for panel in self.panels:
            for widget in panel.status_widgets():
                self.statusBar().addPermanentWidget(widget, 1)

    def _connect(self) -> None:
        session = self.session
        session.notified.connect(self._on_session_notified)
        session.failed.connect(self._on_session_failed)
        session.unforeseen.connect(self._on_session_unforeseen)
        session.panel_requested.connect(self.show_panel)
        session.draft_changed.connect(self._on_session_draft_changed)
        session.progress_changed.connect(self._on_session_progress_changed)
        self.painted.connect(self._filling.begin)
        self._filling.ended.connect(self.filled)
        self._presentation.begun.connect(self._on_presentation_begun)
        self._tabs.currentChanged.connect(self._on_tabs_current_changed)
        self._on_session_draft_changed()

    # What happens.

    def _on_tabs_current_changed(self, index: int) -> None:
        panel = self._centre()[index]
        self._filling.complete(panel)
        self._tab_docks.turn_to(panel.title)

    def _on_presentation_begun(self) -> None:
        self.session.notify("Escape ends the presentation")

    def _on_help_wanted(self) -> None:
        title = self._centre()[self._tabs.currentIndex()].title
        show_help(self, title.lower())

    def _on_session_notified(self, notice: Notice) -> None:
        action = None
        if notice.action in self.session.actions:
            action = self.session.actions[notice.action]
        button = action.plain_text if action is not None else ""
        toast = self._toasts.show(notice.text, notice.kind, button)
        if action is not None:
            toast.acted.connect(action.trigger)

    def _on_session_failed(self, summary: str, details: str) -> None:
        ErrorDialog(summary, details, self).open()

    def _on_session_unforeseen(self, summary: str, details: str) -> None:
        open_now = self.findChildren(ErrorDialog)
        # What goes wrong at each repainting is told once.
        if not any(each.summary == summary and each.isVisible() for each in open_now):
            session = self.session
            report = partial(report_on, data=session.data, runs=session.runs)
            ErrorDialog(summary, details, self, report).open()

    def _on_session_draft_changed(self) -> None:
        self._show_title()
        file = self.session.file
        changed = file is not None and not self.session.undo_stack.isClean()
        self.setWindowModified(changed)

    def _on_session_progress_changed(self) -> None:
        self._show_title()
        progress = self.session.progress
        self._taskbar.show(None if progress is None else progress.percent)

    def _show_title(self) -> None:
        file, progress = self.session.file, self.session.progress
        done = f"{progress.percent} % · {progress.name} — " if progress else ""
        name = f"{file.name}[*] — " if file is not None else ""
        self.setWindowTitle(f"{done}{name}Few-Shot Workbench")

    def _refresh_tab_icons(self) -> None:
        for index, panel in enumerate(self._centre()):
            if panel.icon:
                self._tabs.set_icon(index, theme.icon(panel.icon))

    def _busy(self) -> str:
        """Return what quitting would interrupt; empty for nothing."""
        return " ".join(filter(None, (panel.busy_with() for panel in self.panels)))

    def end(self) -> None:
        """Close as the system asks: what trains is stopped first, and nobody asked."""
        if not self._busy():
            self.close()
        elif self._stopping is None:
            self._stop_and_close()

    def _stop_and_close(self) -> None:
        for panel in self.panels:
            panel.stop_work()
        self._stopping = Stopping(lambda: bool(self._busy()), self)
        self._stopping.ended.connect(self.close)

    def _may_quit(self, busy: str) -> bool:
        more = "Stop with a checkpoint and quit? It can be continued."
        question = Question("quit_question", "Quit?", busy, "Stop and quit", more)
        return question.ask(self)


def _accept_as_copy(event: QDropEvent) -> None:
    """Accept a drop so that the file manager, even asked to move, keeps its files."""
    event.setDropAction(Qt.DropAction.CopyAction)
    event.accept()
