"""Which docks are open beside which tab."""

from __future__ import annotations

from collections.abc import Collection

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDockWidget, QTabBar

from workbench.gui.look import preferences


class TabDocks:
    """Shows beside each tab the docks that were open there when it was left.

    ``alone`` are the tabs that begin without any; the others begin with those that are
    open at the start.
    """

    def __init__(self, docks: dict[str, QDockWidget], alone: Collection[str]) -> None:
        self._docks = docks
        self._alone = frozenset(alone)
        self._tab = ""
        self._usual: tuple[str, ...] = ()
        self._left: dict[str, tuple[str, ...]] = {}
        self._put_away: dict[str, tuple[str, ...]] = {}
        self._before: dict[str, tuple[str, ...]] | None = None

    def begin(self, tab: str) -> None:
        """Start with a tab in front, and with what is remembered of all."""
        self._usual = self._open()
        self._left = preferences.tab_docks()
        self._go_to(tab)

    def begin_anew(self) -> None:
        """Forget what is remembered: those open now are the usual ones."""
        self._usual = self._open()
        self._left, self._put_away = {}, {}
        self._go_to(self._tab)

    def turn_to(self, tab: str) -> None:
        """Show the docks of another tab."""
        self._left[self._tab] = self._open()
        self._go_to(tab)

    def toggle(self) -> None:
        """Put away what is open beside the tab, or bring it back."""
        now = self._open()
        if now:
            self._put_away[self._tab] = now
        back = self._put_away.get(self._tab) or self._usual or tuple(self._docks)
        self._show(() if now else back)

    def step_aside(self) -> None:
        """Put all docks away, beside every tab, until ``come_back``."""
        self._left[self._tab] = self._open()
        self._before, self._left = self._left, {}
        self._go_to(self._tab)

    def come_back(self) -> None:
        """Show again what was open before ``step_aside``."""
        if self._before is not None:
            self._left, self._before = self._before, None
            self._go_to(self._tab)

    def remember(self) -> None:
        """Keep for the next start what is open beside each tab."""
        self._left[self._tab] = self._open()
        preferences.remember_tab_docks(self._left)

    def _go_to(self, tab: str) -> None:
        self._tab = tab
        begins_alone = tab in self._alone or self._before is not None
        self._show(self._left.get(tab, () if begins_alone else self._usual))

    def _open(self) -> tuple[str, ...]:
        """Return the docks that are open, those in front of others last."""
        shown = [title for title in reversed(self._docks) if self._is_open(title)]
        return tuple(sorted(shown, key=self._is_in_front))

    def _is_open(self, title: str) -> bool:
        return not self._docks[title].isHidden()

    def _is_in_front(self, title: str) -> bool:
        # Qt puts a dock behind another one's tab where nobody sees it.
        return self._docks[title].geometry().right() >= 0

    def _show(self, titles: Collection[str]) -> None:
        if set(titles) == set(self._open()):
            return
        for title, dock in self._docks.items():
            dock.setVisible(title in titles)
        for title in titles:
            if title in self._docks:
                self._docks[title].raise_()
        self._let_focus_pass(has_tabs=len(titles) > 1)

    def _let_focus_pass(self, *, has_tabs: bool) -> None:
        # WORKAROUND: Qt keeps the bar of docks' tabs when the docks are hidden, empty
        # and out of sight, and the keyboard would still go there.
        policy = Qt.FocusPolicy.TabFocus if has_tabs else Qt.FocusPolicy.NoFocus
        direct = Qt.FindChildOption.FindDirectChildrenOnly
        for dock in self._docks.values():
            window = dock.parentWidget()
            for bar in window.findChildren(QTabBar, options=direct) if window else ():
                bar.setFocusPolicy(policy)
