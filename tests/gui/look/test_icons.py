"""Icons: drawn in the theme's colours, whatever Qt does with them."""

from __future__ import annotations

import gc

import pytest
from PySide6.QtCore import QSize
from PySide6.QtGui import QIcon, QPixmap
from PySide6.QtWidgets import QApplication

from workbench.core.base.folders import resource
from workbench.gui.look import icons, theme


def ink(pixmap: QPixmap) -> set[str]:
    image = pixmap.toImage()
    colours = (
        image.pixelColor(x, y)
        for x in range(image.width())
        for y in range(image.height())
    )
    return {colour.name() for colour in colours if colour.alpha() == 255}


def test_an_icon_is_drawn_in_its_colour(qapp: QApplication) -> None:
    icon = icons.draw("mdi6.square", "#ff0000", "#00ff00")
    assert ink(icon.pixmap(32, 32)) == {"#ff0000"}
    assert ink(icon.pixmap(32, 32, QIcon.Mode.Disabled)) == {"#00ff00"}


@pytest.mark.parametrize("chosen", [theme.Theme.LIGHT, theme.Theme.DARK])
def test_an_icon_stands_out_from_a_selected_row(
    qapp: QApplication, chosen: theme.Theme
) -> None:
    theme.choose(chosen)
    shown = theme.colours()
    icon = theme.row_icon("mdi6.square", shown.good)
    assert ink(icon.pixmap(16, 16)) == {shown.good}
    on_selection = ink(icon.pixmap(16, 16, QIcon.Mode.Selected))
    assert on_selection == {qapp.palette().highlightedText().color().name()}


@pytest.mark.parametrize("side", [16, 18, 20, 24, 32, 48])
def test_an_icon_is_drawn_at_every_size(qapp: QApplication, side: int) -> None:
    icon = icons.draw("mdi6.square", "#ff0000", "#00ff00")
    picture = icon.pixmap(side, side)
    assert picture.size() == QSize(side, side) * picture.devicePixelRatio()
    assert "#ff0000" in ink(picture)


def test_a_copy_of_an_icon_that_is_changed_still_draws(qapp: QApplication) -> None:
    icon = icons.draw("mdi6.square", "#ff0000", "#00ff00")
    copy = QIcon(icon)
    copy.addPixmap(QPixmap(8, 8))
    del icon
    gc.collect()
    assert "#ff0000" in ink(copy.pixmap(32, 32))


@pytest.mark.parametrize("chosen", [theme.Theme.LIGHT, theme.Theme.DARK])
def test_icons_take_the_text_colour_of_the_theme(
    qapp: QApplication, chosen: theme.Theme
) -> None:
    theme.choose(chosen)
    assert ink(theme.icon("mdi6.square").pixmap(32, 32)) == {theme.colours().text}


@pytest.mark.parametrize("size", [16, 256])
def test_the_application_s_own_icon_is_drawn_at_every_size(
    qapp: QApplication, size: int
) -> None:
    image = QIcon(str(resource("icons", "workbench.svg"))).pixmap(size, size).toImage()
    assert image.size() == QSize(size, size)
    assert image.pixelColor(0, 0).alpha() < 128
    assert image.pixelColor(size // 2, size // 2).alpha() == 255
    found = {
        image.pixelColor(x, y).name() for x in range(0, size) for y in range(0, size)
    }
    assert {"#0b4f8f", "#f0a030", "#ffffff"} <= found
