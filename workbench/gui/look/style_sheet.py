"""What widgets look like beyond their palette: Qt's style sheet of the window."""

from __future__ import annotations

from string import Template

STYLE_SHEET = Template("""
* { dialogbuttonbox-buttons-have-icons: 0; }
QToolTip { padding: 4px; border: 1px solid $line; color: $text; background: $surface; }
QLabel[role="muted"] { color: $muted; }
QLabel[role="error"] { color: $error; }
QLabel[role="warning"] { color: $warning; }
QLabel[role="heading"] { font-weight: 600; }
QLabel[role="badge"] { border: 1px solid $line; border-radius: 8px;
    padding: 1px 7px; color: $muted; }
QPushButton[role="primary"] { background: $accent; border: none;
    color: $surface; border-radius: 4px; padding: 8px 16px; font-weight: 600; }
QPushButton[role="primary"]:hover { background: $brighter; }
QPushButton[role="primary"]:focus { border: 2px solid $text; }
QPushButton[role="primary"]:disabled { background: $line; color: $muted; }
QPushButton[role="choice"] { background: $surface; color: $text;
    border: 1px solid $line; border-radius: 4px; padding: 4px 12px; }
QPushButton[role="choice"]:hover { border-color: $accent; }
QPushButton[role="choice"]:checked { background: $accent; color: $surface;
    border-color: $accent; font-weight: 600; }
QPushButton[role="choice"]:focus { border: 2px solid $text; padding: 3px 11px; }
QToolButton[role="link"] { color: $accent; background: transparent;
    border: 1px solid transparent; border-radius: 3px; padding: 0px 4px;
    text-decoration: underline; }
QToolButton[role="link"]:hover { color: $brighter; }
QToolButton[role="link"]:focus { border-color: $accent; }
QSlider::groove:horizontal { height: 4px; border-radius: 2px; background: $line; }
QSlider::sub-page:horizontal { height: 4px; border-radius: 2px; background: $accent; }
QSlider::sub-page:horizontal:disabled { background: $line; }
QSlider::handle:horizontal { width: 12px; margin: -5px 0; border-radius: 7px;
    border: 1px solid $muted; background: $surface; }
QSlider::handle:horizontal:hover { border-color: $accent; }
QSlider::handle:horizontal:focus { border: 2px solid $accent; width: 10px; }
QCheckBox::indicator:unchecked, QTreeView::indicator:unchecked {
    width: 12px; height: 12px; border-radius: 2px;
    border: 1px solid $muted; background: $surface; }
QTreeView::indicator:unchecked:selected {
    border-color: $surface; background: transparent; }
PlotWidget, Chart { border: 1px solid $surface; }
DataSetDetails, GlyphsView QScrollArea { border: 1px solid $window; }
QTreeView, QTableView, QListView, QPlainTextEdit { border: 1px solid $line; }
PlotWidget:focus, Chart:focus, DataSetDetails:focus, QPlainTextEdit:focus,
QTreeView:focus, QTableView:focus, QListView:focus,
GlyphsView QScrollArea:focus { border-color: $accent; }
QFrame[wrong="true"] { border: 2px solid $error; border-radius: 4px; }
QFrame#toast { background: $surface; border: 1px solid $line; border-radius: 6px; }
QFrame#toast QPushButton { color: $accent; border: none;
    padding: 4px 8px; font-weight: 600; }
QFrame#toast QPushButton:hover, QFrame#toast QPushButton:focus {
    text-decoration: underline; }
""")
"""Its colours are those of the theme, and ``brighter`` the accent under a pointer."""
