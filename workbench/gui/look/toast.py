"""News that hangs from the head of the window and goes by itself."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence

from PySide6.QtCore import QEvent, QObject, QPoint, QRect, Qt, QTimer, Signal
from PySide6.QtGui import QEnterEvent, QHideEvent, QMouseEvent, QShowEvent
from PySide6.QtWidgets import (
    QApplication,
    QFrame,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QWidget,
)
from typing_extensions import override

from workbench.gui.look import theme

_MILLISECONDS = 6000
_SHOWN = 3
_GAP = theme.SPACE // 2
_MOVES = (QEvent.Type.Resize, QEvent.Type.LayoutRequest)
_ICONS = {
    "info": "mdi6.information-outline",
    "good": "mdi6.check-circle-outline",
    "warning": "mdi6.alert-outline",
    "error": "mdi6.alert-circle-outline",
}


class Toast(QFrame):
    """One piece of news, with at most one button; a click on it takes it away.

    Signals:
        acted(): its button was pressed.
        closed(): it is gone.
    """

    acted = Signal()
    closed = Signal()

    def __init__(self, parent: QWidget, text: str, kind: str, button: str = "") -> None:
        super().__init__(parent)
        self.setObjectName("toast")
        self.setAccessibleName(text)
        self.news = text, kind, button
        self.setFrameShape(QFrame.Shape.StyledPanel)
        self.setAutoFillBackground(True)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(theme.SPACE, theme.SPACE, theme.SPACE, theme.SPACE)
        layout.addWidget(_icon_label(kind))
        label = QLabel(text)
        label.setTextFormat(Qt.TextFormat.PlainText)
        label.setWordWrap(len(text) > 60)
        label.setMinimumWidth(360 if len(text) > 60 else 0)
        layout.addWidget(label)
        if button:
            layout.addWidget(self._button(button, "toast.action", self._on_acted))
        layout.addWidget(self._button("Dismiss", "toast.dismiss", self.dismiss))
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(_MILLISECONDS if kind != "error" else 3 * _MILLISECONDS)
        self._timer.timeout.connect(self.dismiss)

    def dismiss(self) -> None:
        """Take the news away."""
        self.hide()
        self.closed.emit()
        self.deleteLater()

    @override
    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._timer.start()

    @override
    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._timer.stop()  # what nobody sees is not gone before it was seen

    @override
    def enterEvent(self, event: QEnterEvent) -> None:
        self._timer.stop()

    @override
    def leaveEvent(self, event: QEvent) -> None:
        self._timer.start()

    @override
    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        self.dismiss()

    def _button(self, text: str, name: str, slot: object) -> QPushButton:
        button = QPushButton(text)
        button.setObjectName(name)
        button.setFlat(True)
        button.setToolTip(text)
        button.clicked.connect(slot)
        return button

    def _on_acted(self) -> None:
        self.acted.emit()
        self.dismiss()


class Toasts(QObject):
    """Hangs toasts from the head of a window, the newest first from the right.

    ``place`` says where nothing stands beside the bar of tabs. They reach down to its
    foot, and so hide no plot, unless they are more than there is room for. They never
    lie over the field that is typed in, nor over what ``kept_clear`` returns: where
    there is no room beside these, they wait.
    """

    def __init__(
        self,
        host: QWidget,
        place: Callable[[], QRect],
        kept_clear: Callable[[], Iterable[QWidget]] = tuple,
    ) -> None:
        super().__init__(host)
        self._host, self._place, self._kept_clear = host, place, kept_clear
        self._shown: list[Toast] = []
        host.installEventFilter(self)
        application = QApplication.instance()
        if isinstance(application, QApplication):
            application.focusChanged.connect(self._on_focus_changed)

    def show(self, text: str, kind: str = "info", button: str = "") -> Toast:
        """Show news and return the toast, whose ``acted`` may be connected.

        The same news without anything to do takes the place of the older one.
        """
        for older in [*self._shown]:
            if older.news == (text, kind, button) and not button:
                older.dismiss()
        toast = Toast(self._host, text, kind, button)
        toast.closed.connect(self._on_toast_closed)
        self._shown.append(toast)
        if len(self._shown) > _SHOWN:
            self._shown[0].dismiss()
        self._arrange()
        return toast

    @override
    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() in _MOVES:
            self._arrange()
        return False

    def _arrange(self) -> None:
        if not self._shown:
            return
        place, taken = self._place(), [*self._taken()]
        right, bottom = place.right(), place.bottom()
        for toast in reversed(self._shown):
            toast.adjustSize()
            if right < place.right() and right - toast.width() < place.left():
                right, bottom = place.right(), bottom + _GAP + toast.height()
            top = max(0, bottom - toast.height())
            usual = QRect(QPoint(max(0, right - toast.width()), top), toast.size())
            free = _beside(taken, usual, self._host.height())
            toast.setVisible(free is not None)
            if free is not None:
                toast.setGeometry(free)
                toast.raise_()
                taken.append(free)
            right -= toast.width() + _GAP

    def _taken(self) -> Iterator[QRect]:
        """Yield where no toast may be."""
        kept_clear, focus = [*self._kept_clear()], QApplication.focusWidget()
        takes_text = Qt.WidgetAttribute.WA_InputMethodEnabled
        if focus is not None and focus.testAttribute(takes_text):
            kept_clear.append(focus)
        for widget in kept_clear:
            if self._host.isAncestorOf(widget) and widget.isVisible():
                yield QRect(widget.mapTo(self._host, QPoint()), widget.size())

    def _on_focus_changed(self, *_widgets: object) -> None:
        self._arrange()

    def _on_toast_closed(self) -> None:
        toast = self.sender()
        self._shown = [other for other in self._shown if other is not toast]
        self._arrange()


def _beside(taken: Sequence[QRect], usual: QRect, height: int) -> QRect | None:
    """Return where a toast lies over nothing taken: as usual, or below it, or above.

    None if there is no such place.
    """
    place = QRect(usual)
    for other in sorted(taken, key=QRect.top):
        if place.intersects(other):
            place.moveTop(other.bottom() + _GAP)
    if place.bottom() < height:
        return place
    place.moveBottom(height - _GAP)
    for other in sorted(taken, key=QRect.bottom, reverse=True):
        if place.intersects(other):
            place.moveBottom(other.top() - _GAP)
    return place if place.top() >= 0 else None


def _icon_label(kind: str) -> QLabel:
    shown = theme.colours()
    colour = {
        "good": shown.good,
        "warning": shown.warning,
        "error": shown.error,
    }.get(kind, shown.accent)
    label = QLabel()
    label.setPixmap(theme.icon(_ICONS.get(kind, _ICONS["info"]), colour).pixmap(20, 20))
    return label
