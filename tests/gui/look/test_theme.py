"""The theme: what can be told apart in it, and the system's changing while we run."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QPalette
from PySide6.QtWidgets import QApplication, QLabel, QTabWidget, QWidget
from pytestqt.qtbot import QtBot

from workbench.gui.app.main_window import MainWindow
from workbench.gui.look import theme

SCHEMES = {
    theme.Theme.LIGHT: Qt.ColorScheme.Light,
    theme.Theme.DARK: Qt.ColorScheme.Dark,
}


def contrast(one: str | QColor, other: str | QColor) -> float:
    """Return the contrast of two colours as WCAG has it, from 1 to 21."""
    light, dark = sorted((luminance(QColor(one)), luminance(QColor(other))))[::-1]
    return (light + 0.05) / (dark + 0.05)


def luminance(colour: QColor) -> float:
    parts = (colour.redF(), colour.greenF(), colour.blueF())
    linear = [
        p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts
    ]
    return sum(w * p for w, p in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


@pytest.mark.parametrize("chosen", SCHEMES)
def test_text_can_be_read_on_everything_it_stands_on(
    qapp: QApplication, chosen: theme.Theme
) -> None:
    theme.choose(chosen)
    shown = theme.colours()
    for ground in (shown.window, shown.surface, shown.button):
        assert contrast(shown.text, ground) >= 7
    for colour in (shown.muted, shown.accent, shown.error, shown.warning, shown.good):
        assert contrast(colour, shown.window) >= 4.5
        assert contrast(colour, shown.surface) >= 4.5
    roles = QPalette.ColorRole
    palette = qapp.palette()
    assert contrast(palette.color(roles.HighlightedText), shown.accent) >= 4.5


def test_buttons_stand_out_from_a_dark_window(qapp: QApplication) -> None:
    theme.choose(theme.Theme.DARK)
    assert contrast(theme.colours().button, theme.colours().window) >= 1.5


def test_the_window_follows_the_system_while_it_runs(
    window: MainWindow, qapp: QApplication, monkeypatch: pytest.MonkeyPatch
) -> None:
    theme.choose(theme.Theme.SYSTEM)
    plot = window.findChild(QWidget, "plot.meta_loss")
    for chosen in (theme.Theme.DARK, theme.Theme.LIGHT):
        # No platform of the tests has a scheme of its own to be changed.
        monkeypatch.setattr(theme, "_system_scheme", lambda: SCHEMES[chosen])  # noqa: B023
        qapp.styleHints().colorSchemeChanged.emit(SCHEMES[chosen])
        assert theme.is_dark() == (chosen is theme.Theme.DARK)
        expected = theme.colours()
        assert qapp.palette().window().color() == QColor(expected.window)
        assert QColor(plot.colours.background) == QColor(expected.surface)


def test_a_chosen_theme_stays_when_the_system_changes(
    qapp: QApplication, monkeypatch: pytest.MonkeyPatch
) -> None:
    theme.choose(theme.Theme.LIGHT)
    monkeypatch.setattr(theme, "_system_scheme", lambda: Qt.ColorScheme.Dark)
    qapp.styleHints().colorSchemeChanged.emit(Qt.ColorScheme.Dark)
    assert not theme.is_dark()
    assert qapp.palette().window().color().lightness() > 200


def test_letters_stay_larger_in_another_theme_also_those_with_a_size_of_their_own(
    qtbot: QtBot,
) -> None:
    tabs = QTabWidget()
    qtbot.addWidget(tabs)
    small = QLabel("small")
    small.setFont(theme.smaller(small.font()))
    tabs.addTab(small, "tab")
    tabs.show()

    def sizes() -> list[float]:
        written = (tabs, tabs.tabBar(), small)
        return [widget.font().pointSizeF() for widget in written]

    usual = sizes()
    theme.enlarge(1.5)
    larger = [pytest.approx(1.5 * size) for size in usual]
    assert sizes() == larger
    theme.choose(theme.Theme.DARK)
    assert sizes() == larger
    theme.enlarge(1.0)
    assert sizes() == pytest.approx(usual)
