"""The Data panel: data sets, their classes, and the episodes drawn from them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Protocol

from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QTabWidget, QVBoxLayout
from typing_extensions import override

from workbench.core.config.run_config import RunConfig
from workbench.core.learning.task_family import TaskSettings
from workbench.core.pictures.datasets import DataSet
from workbench.core.pictures.image_family import ImageTaskSettings
from workbench.gui.data.task_of import task_of
from workbench.gui.data.use_data import use_data
from workbench.gui.episodes.run_list import RunList, RunOffer
from workbench.gui.look import theme
from workbench.gui.shell.actions import Action, Place
from workbench.gui.shell.background import Background
from workbench.gui.shell.jobs import JobOutcome, attempt
from workbench.gui.shell.panel import Panel
from workbench.gui.shell.session import Session
from workbench.tasks.glyphs import Glyphs
from workbench.tasks.sketches import Sketches

_PAGES = {
    "Data sets": ("mdi6.database-outline", "What there is, and how to get the rest"),
    "Classes": ("mdi6.view-grid-outline", "The classes of the task's data set"),
    "Episodes": ("mdi6.cards-outline", "What the configuration trains on"),
    "Glyphs": ("mdi6.draw-pen", "Sheets of glyphs, an invented alphabet each"),
}


class _Part(Protocol):
    """What ends its threads when the window is closed."""

    def shut_down(self) -> None:
        """Stop and wait."""


class DataPanel(Panel):
    """Shows what learners see: four pages that follow the session's configuration."""

    title = "Data"
    order = 30
    place = "centre"
    icon = "mdi6.database-outline"
    help = "Data sets, their classes, and the episodes drawn from them"

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self.setObjectName("data_panel")
        self._task: TaskSettings | None = None
        self._runs = RunList(session.runs)
        self._taken: Path | None = None
        self._parts: list[_Part] = []
        self.pages = QTabWidget()
        self.pages.setObjectName("data.pages")
        self.pages.setAccessibleName("Pages of the Data tab")
        self.pages.setDocumentMode(True)
        page = QVBoxLayout(self)
        page.setContentsMargins(0, theme.SPACE // 2, 0, 0)
        page.addWidget(self.pages)
        self._background = Background(self)
        self._background.done.connect(self._on_background_done)
        self._add_actions()
        session.import_requested.connect(self.offer_import)

    @override
    def fill(self) -> Iterator[None]:
        # Imported only now: the first paint would wait for them.
        from workbench.gui.data.data_sets_view import DataSetsView
        from workbench.gui.episodes.episode_desk import EpisodeDesk

        session = self.session
        self.desk = EpisodeDesk(session.data, self)
        self.data_sets = DataSetsView(session.data)
        self._parts += [self.data_sets, self.desk]
        yield
        from workbench.gui.data.classes_view import ClassesView
        from workbench.gui.data.glyph_sheet import GlyphsView

        self.classes = ClassesView(self.desk)
        self.glyphs = GlyphsView()
        self._parts += [self.classes, self.glyphs]
        yield
        from workbench.gui.episodes.episodes_view import EpisodesView

        self.episodes = EpisodesView(self.desk, session.data)
        self._parts += [self.episodes]
        yield
        for widget, (title, (_, tip)) in zip(
            (self.data_sets, self.classes, self.episodes, self.glyphs),
            _PAGES.items(),
            strict=True,
        ):
            index = self.pages.addTab(widget, title)
            self.pages.setTabToolTip(index, tip)
        for action in self.episodes.actions_by_name.values():
            session.actions.add(action)
            self.addAction(action)
        self._connect(session)
        self._paint_colours()
        if session.config is not None:
            self.data_sets.choose(getattr(session.config.task, "kind", ""))
        self._on_session_config_changed(session.config)

    @override
    def busy_with(self) -> str:
        transfer = self.data_sets.transfer if self._parts else None
        if transfer is None:
            return ""
        return f"{transfer.data_set.title} is being brought in."

    @override
    def stop_work(self) -> None:
        if self._parts:
            self.data_sets.cancel()

    @override
    def shut_down(self) -> None:
        for part in self._parts:
            part.shut_down()
        self._background.shut_down()

    def show_page(self, title: str) -> None:
        """Bring the Data tab, and the page with this title, to the front."""
        self.session.show_panel(self.title)
        self.pages.setCurrentIndex(list(_PAGES).index(title))

    def offer_import(self, path: Path) -> None:
        """Ask what a dropped or chosen path is, and import it."""
        self.show_page("Data sets")
        self.data_sets.offer_import(path)

    @override
    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if isinstance(self._task, Sketches):
            self._on_data_sets_changed()  # more may have been sketched

    def _add_actions(self) -> None:
        for order, (name, text, tip, icon, perform) in enumerate(
            (
                (
                    "sets",
                    "Show data sets",
                    "Fetch or import what is missing",
                    "mdi6.database-outline",
                    self._on_show_sets,
                ),
                (
                    "episodes",
                    "Show episodes",
                    "Show the episodes of the configuration",
                    "mdi6.cards-outline",
                    self._on_show_episodes,
                ),
                (
                    "classes",
                    "Show classes",
                    "Show the classes of the task's data set",
                    "mdi6.view-grid-outline",
                    self._on_show_classes,
                ),
            )
        ):
            place = Place("View", 150 + order)
            action = Action(
                f"data.{name}",
                text,
                perform,
                tip=tip,
                icon=icon,
                place=place,
                parent=self,
            )
            self.addAction(action)

    def _connect(self, session: Session) -> None:
        session.config_changed.connect(self._on_session_config_changed)
        session.run_changed.connect(self._on_session_run_changed)
        session.run_state_changed.connect(self._on_session_run_changed)
        self.data_sets.changed.connect(self._on_data_sets_changed)
        self.data_sets.browse_wanted.connect(self._on_browse_wanted)
        self.data_sets.use_wanted.connect(self._on_use_wanted)
        self.episodes.class_wanted.connect(self._on_class_wanted)
        self.episodes.data_wanted.connect(self._on_data_wanted)
        self.classes.data_wanted.connect(self._on_data_wanted)
        self.episodes.shown_first.connect(self._list_runs)
        self.data_sets.said.connect(session.notify)
        self.episodes.said.connect(session.notify)
        self.data_sets.failed.connect(session.fail)
        self.glyphs.failed.connect(session.fail)
        theme.changes().changed.connect(self._paint_colours)

    def _paint_colours(self) -> None:
        for index, (icon, _) in enumerate(_PAGES.values()):
            if index < self.pages.count():
                self.pages.setTabIcon(index, theme.icon(icon))

    # What happens.

    def _on_session_config_changed(self, config: RunConfig | None) -> None:
        self.episodes.show_config(config)
        if config is None:
            return
        self._task = config.task
        if isinstance(config.task, Glyphs):
            self.glyphs.show_settings(config.task)
        task = config.task if isinstance(config.task, ImageTaskSettings) else None
        self.classes.show_task(task)
        self._offer_runs()

    def _on_session_run_changed(self, run: object) -> None:
        self._list_runs()

    def _list_runs(self) -> None:
        """Offer the runs in the folder that fit the configuration."""
        self._runs.expect_changes()
        self._offer_runs()

    def _offer_runs(self) -> None:
        runs, config = self._runs, self.session.config
        if config is not None and self.episodes.isVisible():
            self._background.submit(
                "runs", lambda: attempt(config, lambda: runs.offer(config))
            )

    def _on_background_done(self, _key: str, outcome: JobOutcome) -> None:
        if not isinstance(outcome.value, RunOffer):
            return
        box, run = self.episodes.learner, self.session.run
        box.show_offer(outcome.value)
        # Once: what the person chooses here after that stays.
        if run is not None and run.path != self._taken and box.choose(run.path):
            self._taken = run.path

    def _on_data_sets_changed(self) -> None:
        self.session.recheck()
        self.desk.refresh_data()
        self.classes.refresh()
        self.episodes.refresh()

    def _on_browse_wanted(self, data_set: DataSet) -> None:
        task = self._task_of(data_set)
        if isinstance(task, ImageTaskSettings):
            self.classes.show_task(task)
            self.show_page("Classes")

    def _on_use_wanted(self, data_set: DataSet) -> None:
        task = self._task_of(data_set)
        if task is not None:
            given = task.model_dump(mode="json", exclude_unset=True)
            kind = given.pop("kind", task.kind)
            use_data(self.session, data_set.title, kind, given)

    def _task_of(self, data_set: DataSet) -> TaskSettings | None:
        """Return the session's own task if it draws from the data set."""
        config = self.session.config
        own = config.task if config is not None else None
        return task_of(data_set, self.session.data, own)

    def _on_class_wanted(self, row: int) -> None:
        config = self.session.config
        if config is not None and isinstance(config.task, ImageTaskSettings):
            self.classes.show_task(config.task)
            self.show_page("Classes")
            self.classes.show_class(row)

    def _on_data_wanted(self) -> None:
        self.show_page("Data sets")

    def _on_show_sets(self) -> None:
        self.show_page("Data sets")
        self.data_sets.choose(self.session.draft["task"].get("kind", ""))

    def _on_show_episodes(self) -> None:
        self.show_page("Episodes")

    def _on_show_classes(self) -> None:
        self.show_page("Classes")
