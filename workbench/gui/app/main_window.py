"""The main window: makes the panels, gives them places, and connects."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from PySide6.QtCore import QEvent, QSize, Qt, QTimer, Signal
from PySide6.QtGui import (
    QCloseEvent,
    QDragEnterEvent,
    QDropEvent,
    QGuiApplication,
    QKeyEvent,
    QPaintEvent,
)
from PySide6.QtWidgets import (
    QApplication,
    QDockWidget,
    QMainWindow,
    QMenu,
    QScrollArea,
    QSizePolicy,
    QTabWidget,
    QToolBar,
    QWidget,
)
from typing_extensions import override

from workbench.gui.app.attention import Attention
from workbench.gui.app.command_palette import finding_of
from workbench.gui.app.page import Page
from workbench.gui.app.presentation import Presentation
from workbench.gui.app.stopping import Stopping
from workbench.gui.app.tab_docks import TabDocks
from workbench.gui.app.taskbar import TaskbarProgress
from workbench.gui.app.window_actions import WindowActions
from workbench.gui.look import preferences, theme
from workbench.gui.look.dock_title import DockTitle
from workbench.gui.look.error_dialog import ErrorDialog
from workbench.gui.look.question import Question
from workbench.gui.look.toast import Toasts
from workbench.gui.shell.action_button import tool_button
from workbench.gui.shell.actions import MENUS, Action
from workbench.gui.shell.finding import Finding
from workbench.gui.shell.panel import Panel, panels
from workbench.gui.shell.session import Notice, Session

_AREAS = {
    "left": Qt.DockWidgetArea.LeftDockWidgetArea,
    "bottom": Qt.DockWidgetArea.BottomDockWidgetArea,
}
_SMALL_SCREEN = 1500
"""On a screen less wide, the tabs that need much room begin without docks."""

_LOW_SCREEN = 600


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
        self.setDockNestingEnabled(True)
        self.setCorner(Qt.Corner.BottomLeftCorner, _AREAS["left"])
        self.session = session
        self.panels: list[Panel] = [panel(session) for panel in panels()]
        self.docks: dict[str, QDockWidget] = {}
        self._attention = Attention(session, self)
        self._taskbar = TaskbarProgress()
        self._stopping: Stopping | None = None
        self._is_painted = False
        self._unfilled: dict[Panel, Iterator[None]] = {}
        self._idle = QTimer(self)
        self._idle.timeout.connect(self._on_idle_timeout)
        self.painted.connect(self._idle.start)
        self._tabs = self._make_tabs()
        self._toasts = Toasts(self, self._tabs)
        self._place_panels()
        self._tab_docks = TabDocks(self.docks, self._tabs_alone())
        self._presentation = Presentation(self, self._tab_docks)
        self._window_actions = self._make_window_actions()
        self._register_actions()
        self._fill_menus()
        self._fill_toolbar()
        self._fill_status_bar()
        self._connect()
        for panel in self.panels:
            panel.open()
            self._unfilled[panel] = panel.fill()
        self._default_layout = self.saveState(preferences.layout_version())
        self.restore_layout()
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
        ]

    def fill(self) -> None:
        """Complete every panel now."""
        for panel in self.panels:
            self._fill(panel)

    def restore_layout(self) -> None:
        """Put window and docks where they were, if that is on a screen."""
        self.resize(*_first_size())
        # Only now is the window as large as the docks' shares are of.
        self._size_docks()
        self._show_usual_docks()
        stored = preferences.layout()
        if stored is not None:
            geometry, state = stored
            self.restoreGeometry(geometry)
            self.restoreState(state, preferences.layout_version())
        for dock in self.docks.values():
            if dock.isFloating() and not _is_on_screen(dock):
                dock.setFloating(False)

    def reset_layout(self) -> None:
        """Put docks and sizes back to what they are on the first start."""
        preferences.forget_layout()
        self.restoreState(self._default_layout, preferences.layout_version())
        self._size_docks()
        self._show_usual_docks()
        self._tab_docks.begin_anew()

    @override
    def closeEvent(self, event: QCloseEvent) -> None:
        if busy := self._busy():
            event.ignore()
            if self._stopping is None and self._may_quit(busy):
                self._stop_and_close()
            return
        self._idle.stop()
        self._unfilled.clear()
        self._presentation.end()
        preferences.remember_layout(
            self.saveGeometry(), self.saveState(preferences.layout_version())
        )
        self._tab_docks.remember()
        preferences.remember_draft(self.session.draft, self.session.preset)
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
                self.session.open_path(Path(url.toLocalFile()))

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

    def _make_tabs(self) -> QTabWidget:
        tabs = QTabWidget()
        tabs.setObjectName("centre")
        tabs.setAccessibleName("Views")
        tabs.setDocumentMode(True)
        self.setCentralWidget(tabs)
        return tabs

    def _make_window_actions(self) -> WindowActions:
        actions = WindowActions(self.session, self._findings, self)
        for number, panel in enumerate(self.panels, start=1):
            actions.add_panel(number, panel.title, panel.help, panel.icon)
        actions.add_docks(self.docks.values())
        actions.layout_unwanted.connect(self.reset_layout)
        actions.docks_toggled.connect(self._tab_docks.toggle)
        actions.presentation_toggled.connect(self._presentation.toggle)
        self._tabs.setCornerWidget(tool_button(actions.toggle_docks))
        return actions

    def _place_panels(self) -> None:
        for panel in self.panels:
            panel.setAccessibleName(panel.title)
            panel.setAccessibleDescription(panel.help)
            panel.setWhatsThis(panel.help)
            if panel.place == "centre":
                index = self._tabs.addTab(Page(panel), panel.title)
                self._tabs.setTabToolTip(index, panel.help)
                self._tabs.setTabWhatsThis(index, panel.help)
            else:
                self._add_dock(panel)
        self._refresh_tab_icons()

    def _add_dock(self, panel: Panel) -> None:
        dock = QDockWidget(panel.title, self)
        dock.setObjectName(f"dock.{panel.title.lower()}")
        dock.setWidget(panel)
        dock.setTitleBarWidget(DockTitle(dock))
        # Qt leaves a dock behind another one's tab visible, and so in the tab order.
        dock.visibilityChanged.connect(dock.setEnabled)
        neighbours = [
            self.docks[other.title]
            for other in self.panels
            if other.place == panel.place and other.title in self.docks
        ]
        self.addDockWidget(_AREAS[panel.place], dock)
        if neighbours:
            self.tabifyDockWidget(neighbours[-1], dock)
            neighbours[0].raise_()
        self.docks[panel.title] = dock

    def _tabs_alone(self) -> list[str]:
        """Return the tabs that begin without docks on this screen."""
        if _room().width() >= _SMALL_SCREEN:
            return []
        return [panel.title for panel in self.panels if panel.alone]

    def _centre(self) -> list[Panel]:
        """Return the panels that are tabs, in their order."""
        return [panel for panel in self.panels if panel.place == "centre"]

    def _size_docks(self) -> None:
        for place, share, side in (
            ("left", 0.27, Qt.Orientation.Horizontal),
            ("bottom", 0.3, Qt.Orientation.Vertical),
        ):
            docks = [self.docks[p.title] for p in self.panels if p.place == place]
            length = self.width() if place == "left" else self.height()
            size = round(min(max(share * length, 160), 420))
            self.resizeDocks(docks, [size] * len(docks), side)

    def _show_usual_docks(self) -> None:
        """Begin without those below, where they would leave the tabs too low."""
        for panel in self.panels:
            if panel.place == "bottom":
                self.docks[panel.title].setVisible(_room().height() >= _LOW_SCREEN)

    def _register_actions(self) -> None:
        registry = self.session.actions
        sources = (*self.panels, self._window_actions)
        for source in sources:
            for action in source.actions():
                if isinstance(action, Action):
                    registry.add(action)
                    self.addAction(action)

    def _fill_menus(self) -> None:
        for name in MENUS:
            menu = QMenu(f"&{name}", self)
            menu.setObjectName(f"menu.{name.lower()}")
            menu.setToolTipsVisible(True)
            last = None
            for action in self.session.actions.in_menu(name):
                if last is not None and action.place.order // 100 != last:
                    menu.addSeparator()
                last = action.place.order // 100
                menu.addAction(action)
            if not menu.isEmpty():
                self.menuBar().addMenu(menu)

    def _fill_toolbar(self) -> None:
        bar = QToolBar("Toolbar", self)
        bar.setObjectName("toolbar")
        bar.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        shown = self.session.actions.in_toolbar()
        palette = self.session.actions["help.palette"]
        bar.addActions(shown)
        space = QWidget()
        space.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Minimum)
        bar.addWidget(space)
        bar.addAction(palette)
        for action in (*shown, palette):
            button = bar.widgetForAction(action)
            button.setObjectName(f"toolbar.{action.id}")
            button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.addToolBar(bar)

    def _fill_status_bar(self) -> None:
        for panel in self.panels:
            for widget in panel.status_widgets():
                self.statusBar().addPermanentWidget(widget, 1)

    def _connect(self) -> None:
        session = self.session
        session.notified.connect(self._on_session_notified)
        session.failed.connect(self._on_session_failed)
        session.panel_requested.connect(self.show_panel)
        session.draft_changed.connect(self._on_session_draft_changed)
        session.progress_changed.connect(self._on_session_progress_changed)
        self._presentation.begun.connect(self._on_presentation_begun)
        self._tabs.currentChanged.connect(self._on_tabs_current_changed)
        self._on_session_draft_changed()
        application = QApplication.instance()
        if isinstance(application, QApplication):
            application.focusChanged.connect(self._on_focus_changed)

    # What happens.

    def _on_focus_changed(self, _before: QWidget | None, now: QWidget | None) -> None:
        """Scroll to what the keyboard goes to; Qt does so within one area only."""
        if now is None or QApplication.mouseButtons() != Qt.MouseButton.NoButton:
            return
        parent = now.parentWidget()
        while parent is not None:
            if isinstance(parent, QScrollArea):
                parent.ensureWidgetVisible(now, theme.SPACE, theme.SPACE)
            parent = parent.parentWidget()

    def _fill(self, panel: Panel) -> None:
        for _ in self._unfilled.pop(panel, ()):
            pass

    def _on_idle_timeout(self) -> None:
        if not self._unfilled:
            self._idle.stop()
            self.filled.emit()
            return
        panel, pieces = next(iter(self._unfilled.items()))
        try:
            next(pieces)
        except StopIteration:
            del self._unfilled[panel]

    def _on_tabs_current_changed(self, index: int) -> None:
        panel = self._centre()[index]
        self._fill(panel)
        self._tab_docks.turn_to(panel.title)

    def _on_presentation_begun(self) -> None:
        self.session.notify("Escape ends the presentation")

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
                self._tabs.setTabIcon(index, theme.icon(panel.icon))

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


def _first_size() -> tuple[int, int]:
    room = _room()
    return min(round(room.width() * 0.94), 1800), min(round(room.height() * 0.92), 1100)


def _room() -> QSize:
    """Return how large the screen is, less what the system has of it."""
    screen = QGuiApplication.primaryScreen()
    return QSize(1366, 768) if screen is None else screen.availableSize()


def _is_on_screen(widget: QWidget) -> bool:
    frame = widget.frameGeometry()
    return any(
        screen.availableGeometry().intersects(frame)
        for screen in QGuiApplication.screens()
    )
