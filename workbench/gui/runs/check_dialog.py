"""Checks runs, says what is wrong with each file, and repairs it if asked to."""

from __future__ import annotations

import html
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import (
    QDialog,
    QHBoxLayout,
    QLabel,
    QProgressBar,
    QPushButton,
    QTextBrowser,
    QVBoxLayout,
    QWidget,
)

from workbench.core.base.phrases import counted
from workbench.core.checking.finding import Checked, Finding, Subject, what_they_are
from workbench.gui.look import theme
from workbench.gui.look.dialog_buttons import add_button, close_button
from workbench.gui.look.screen import resize_within
from workbench.gui.runs.check_thread import CheckThread

_LOOKED_AT = (
    "Looked at: settings, run.json, every event, checkpoints with their digests, "
    "evaluations, and files left half written."
)


class CheckDialog(QDialog):
    """Stays open beside the window; closing it cancels what is being checked.

    Signals:
        repaired(list): the places of what was repaired.
    """

    repaired = Signal(object)

    def __init__(
        self,
        title: str,
        list_subjects: Callable[[], Sequence[Subject]],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._list_subjects = list_subjects
        self._total = 0
        self._checked: list[Checked] = []
        self._thread: CheckThread | None = None
        self.setObjectName("check_dialog")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(title)
        resize_within(self, 720, 440)
        self.sentence = QLabel()
        self.sentence.setObjectName("check.sentence")
        self.sentence.setTextFormat(Qt.TextFormat.PlainText)
        self.sentence.setWordWrap(True)
        self.bar = QProgressBar()
        self.bar.setObjectName("check.progress")
        self.bar.setAccessibleName("Progress")
        self.bar.setTextVisible(False)
        self.bar.setFixedHeight(8)
        self.cancel = QPushButton("Cancel")
        self.cancel.setObjectName("check.cancel")
        self.cancel.setAutoDefault(False)
        self.cancel.setToolTip("Stop here: what is repaired stays so")
        self.cancel.clicked.connect(self._on_cancel_clicked)
        self.findings = QTextBrowser()
        self.findings.setObjectName("check.findings")
        self.findings.setAccessibleName("What is wrong")
        self._lay_out()
        theme.changes().changed.connect(self._show)
        self._begin(repair=False)

    def _lay_out(self) -> None:
        buttons = close_button(self)
        tip = "Put right what can be; what is replaced is kept beside it"
        self.repair = add_button(buttons, "check.repair", "Repair", tip)
        self.repair.setProperty("role", "primary")
        self.repair.clicked.connect(self._on_repair_clicked)
        tip = "Copy what was found"
        self.copy = add_button(buttons, "check.copy", "Copy", tip)
        self.copy.clicked.connect(self._on_copy_clicked)
        row = QHBoxLayout()
        row.addWidget(self.bar, 1)
        row.addWidget(self.cancel)
        column = QVBoxLayout(self)
        column.setSpacing(theme.SPACE)
        column.addWidget(self.sentence)
        column.addLayout(row)
        column.addWidget(self.findings, 1)
        column.addWidget(buttons)

    # What happens.

    def _begin(self, *, repair: bool) -> None:
        self._checked = []
        self._thread = CheckThread(self._list_subjects, repair=repair, parent=self)
        self._thread.progressed.connect(self._on_thread_progressed)
        self._thread.finished.connect(self._on_thread_finished)
        self.finished.connect(self._thread.shut_down)
        self.bar.setRange(0, 0)
        self.cancel.setEnabled(True)
        self.sentence.setText("Looking for what there is…")
        self._show_busy(True)
        self._thread.start()

    def _on_repair_clicked(self) -> None:
        self._begin(repair=True)

    def _on_cancel_clicked(self) -> None:
        if self._thread is not None:
            self._thread.cancel()
            self.cancel.setEnabled(False)

    def _on_copy_clicked(self) -> None:
        QGuiApplication.clipboard().setText(self.findings.toPlainText())

    def _on_thread_progressed(self, done: int, total: int, name: str) -> None:
        if self._thread is None:
            return
        doing = "Repairing" if self._thread.repairs else "Checking"
        self.sentence.setText(f"{doing} {done + 1:,} of {total:,}: {name}")
        self.bar.setRange(0, total)
        self.bar.setValue(done)

    def _on_thread_finished(self) -> None:
        thread, self._thread = self._thread, None
        if thread is None:
            return
        self._checked, self._total = thread.checked, len(thread.subjects)
        self.sentence.setText(self._said(cancelled=thread.is_cancelled))
        thread.deleteLater()
        self._show()
        self._show_busy(False)
        places = [each.subject.place for each in self._checked if each.done]
        if places:
            self.repaired.emit(places)

    def _said(self, *, cancelled: bool) -> str:
        """Return in a sentence what was found, and done."""
        checked, total = len(self._checked), self._total
        wrong = sum(bool(each.findings) for each in self._checked)
        done = sum(len(each.done) for each in self._checked)
        if cancelled:
            return f"Cancelled after {checked:,} of {total:,}."
        if total == 1:
            left = any(each.note for each in self._checked)
            well = "It was left alone." if left else "All is well."
            parts = [
                "Repaired." if done else "",
                "Something is wrong." if wrong else well,
            ]
            return " ".join(filter(None, parts))
        found = f"{wrong:,} with something wrong" if wrong else "all is well"
        repaired = f", {counted(done, 'repair')} made" if done else ""
        what = what_they_are(each.subject for each in self._checked)
        return f"{what} checked{repaired}: {found}."

    def _show(self) -> None:
        """Show what was found; anew, where the colours are others."""
        told = [each for each in self._checked if each.findings or each.done]
        notes = [each for each in self._checked if each.note]
        is_one = self._total == 1
        parts = [_shown(each, is_one=is_one) for each in (*told, *notes)]
        looked = _muted(_LOOKED_AT) if self._checked else ""
        self.findings.setHtml("".join(parts) or f"<p>{looked}</p>")

    def _show_busy(self, busy: bool) -> None:
        self.bar.setVisible(busy)
        self.cancel.setVisible(busy)
        self.repair.setEnabled(not busy and any(x.mendable for x in self._checked))
        self.copy.setEnabled(not busy and bool(self.findings.toPlainText()))


def _shown(checked: Checked, *, is_one: bool) -> str:
    """Return what was found of one thing: its name, and each of its files."""
    subject = checked.subject
    lines = [*_done(checked), *_wrong(checked.findings, subject.place)]
    if checked.note:
        lines.append(html.escape(f"{checked.note[0].upper()}{checked.note[1:]}."))
    items = "".join(f"<p>{line}</p>" for line in lines)
    if is_one:
        return items
    indent = f"margin-left: {2 * theme.SPACE}px"
    name = html.escape(subject.name)
    return f"<p><b>{name}</b></p><div style='{indent}'>{items}</div>"


def _done(checked: Checked) -> Iterator[str]:
    colour = theme.colours().good
    for said in checked.done:
        yield f"<span style='color: {colour}'>Repaired:</span> {html.escape(said)}"


def _wrong(findings: Sequence[Finding], place: Path) -> Iterator[str]:
    for finding in findings:
        file = finding.file
        name = file.relative_to(place) if file.is_relative_to(place) else file
        shown = html.escape(name.as_posix() if name.parts else file.name)
        remedy = f"{finding.remedy[0].upper()}{finding.remedy[1:]}."
        yield f"{shown}: {html.escape(finding.wrong)}<br>{_muted(remedy)}"


def _muted(text: str) -> str:
    colour = theme.colours().muted
    return f"<span style='color: {colour}'>{html.escape(text)}</span>"
