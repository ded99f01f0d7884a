"""Find any command, setting, preset, run or help by typing a part of its name."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QIcon, QKeyEvent, QPixmap
from PySide6.QtWidgets import (
    QFrame,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QVBoxLayout,
    QWidget,
)
from typing_extensions import override

from workbench.gui.look import theme
from workbench.gui.shell.actions import Action
from workbench.gui.shell.finding import Finding

_FINDING = Qt.ItemDataRole.UserRole

Find = Callable[[str], list[Finding]]
"""Returns what the words typed may mean."""


class CommandPalette(QFrame):
    """A list that narrows as one types; Return performs what is chosen.

    It lies over the window that it is made for, and goes when it loses the focus.
    """

    def __init__(self, find: Find, host: QWidget) -> None:
        super().__init__(host)
        self._host = host
        self.setObjectName("command_palette")
        self.setAccessibleName("Commands")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setFrameShape(QFrame.Shape.StyledPanel)
        self.setAutoFillBackground(True)
        self._line = QLineEdit()
        self._line.setObjectName("command_palette.search")
        self._line.setAccessibleName("Search")
        self._line.setPlaceholderText(
            "Find a command, a setting, a preset, a run or help"
        )
        self._line.setClearButtonEnabled(True)
        self._list = QListWidget()
        self._list.setObjectName("command_palette.list")
        self._list.setAccessibleName("Commands")
        self._list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._list.setUniformItemSizes(True)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(*(theme.SPACE,) * 4)
        layout.setSpacing(theme.SPACE)
        layout.addWidget(self._line)
        layout.addWidget(self._list)
        self._find = find
        self._line.textChanged.connect(self._fill)
        self._line.installEventFilter(self)
        self._list.itemClicked.connect(self._on_item_clicked)
        host.installEventFilter(self)
        self._fill("")
        self._place()
        self.show()
        self.raise_()
        self._line.setFocus()

    def shown(self) -> list[str]:
        """Return the names of the actions now listed."""
        return [self._list.item(row).text() for row in range(self._list.count())]

    @override
    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if watched is not self._line:
            if event.type() == QEvent.Type.Resize:
                self._place()
            return False
        if event.type() == QEvent.Type.FocusOut:
            self.close()
            return False
        if not isinstance(event, QKeyEvent) or event.type() != QEvent.Type.KeyPress:
            return False
        if event.key() == Qt.Key.Key_Escape:
            self.close()
            return True
        steps = {Qt.Key.Key_Down: 1, Qt.Key.Key_Up: -1}
        if event.key() in steps and self._list.count():
            row = self._list.currentRow() + steps[Qt.Key(event.key())]
            self._list.setCurrentRow(row % self._list.count())
            return True
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._on_item_clicked(self._list.currentItem())
            return True
        return False

    def _place(self) -> None:
        host = self._host
        width, height = min(520, host.width()), min(400, host.height())
        self.setGeometry((host.width() - width) // 2, 6 * theme.SPACE, width, height)

    def _fill(self, text: str) -> None:
        self._list.clear()
        ranked = [(finding.rank(text), finding) for finding in self._find(text)]
        fitting = [(rank, finding) for rank, finding in ranked if rank is not None]
        fitting.sort(key=lambda pair: (pair[0], not pair[1].is_enabled))
        found = [finding for _, finding in fitting]
        for finding in found:
            self._list.addItem(_item(finding))
        if not found:
            self._list.addItem(_nothing(text))
        self._list.setCurrentRow(0)

    def _on_item_clicked(self, item: QListWidgetItem | None) -> None:
        finding = item.data(_FINDING) if item is not None else None
        if finding is not None and finding.is_enabled:
            self.close()
            finding.perform()


def open_palettes(host: QWidget) -> list[CommandPalette]:
    """Return the palettes that lie over a window now: one or none."""
    direct = Qt.FindChildOption.FindDirectChildrenOnly
    return host.findChildren(CommandPalette, options=direct)


def _item(finding: Finding) -> QListWidgetItem:
    icon = finding.picture()
    item = QListWidgetItem(_blank() if icon.isNull() else icon, finding.text())
    item.setData(_FINDING, finding)
    item.setToolTip(finding.tip)
    if not finding.is_enabled:
        item.setFlags(Qt.ItemFlag.NoItemFlags)
    return item


def _blank() -> QIcon:
    """Return an icon that only keeps the names in line."""
    pixmap = QPixmap(16, 16)
    pixmap.fill(Qt.GlobalColor.transparent)
    return QIcon(pixmap)


def _nothing(text: str) -> QListWidgetItem:
    item = QListWidgetItem(f"Nothing is called {text.strip()!r} here")
    item.setFlags(Qt.ItemFlag.NoItemFlags)
    return item


def finding_of(action: Action) -> Finding:
    """Return a command as the palette finds it."""
    return Finding(
        action.place.menu,
        action.plain_text,
        action.tip,
        action.icon_name,
        action.trigger,
        action.keys,
        action.isEnabled(),
    )
