"""A check: what is wrong with each thing that is kept, and what puts it right.

Nothing that holds a person's data is deleted by a repair: it is kept aside.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import NamedTuple

from workbench.core.base.cancelling import CancelFlag
from workbench.core.base.disk_problem import disk_problem
from workbench.core.base.errors import WorkbenchError
from workbench.core.base.phrases import counted

_MOST_ROUNDS = 4
"""What is repaired may bring to light what was hidden behind it."""


class InUse(Exception):
    """Something is being written by a process that runs, and is left alone."""


class Finding(NamedTuple):
    """What is wrong with a file, and what helps.

    ``mend`` does so, where that can be done, and returns what it did; nothing if
    another repair did it already.
    """

    file: Path
    wrong: str
    remedy: str
    mend: Callable[[], str] | None = None

    @property
    def text(self) -> str:
        """What is wrong, and what helps, in a line."""
        return f"{self.wrong}; {self.remedy}"


def _not_held(_repair: bool) -> AbstractContextManager[None]:
    return nullcontext()


class Subject(NamedTuple):
    """Something that can be checked, as a run is.

    ``hold`` is entered while it is looked at, told whether it will be repaired; it
    raises ``InUse`` where others write to it. ``sort`` says what there are many of: a
    run, a data set; empty where there is but one.
    """

    name: str
    place: Path
    look: Callable[[CancelFlag | None], Iterable[Finding]]
    hold: Callable[[bool], AbstractContextManager[None]] = _not_held
    sort: str = ""


def what_they_are(subjects: Iterable[Subject]) -> str:
    """Return in words what was checked: how many runs, and each thing they share."""
    found = Counter(
        (subject.sort, subject.sort or subject.name) for subject in subjects
    )
    parts = [
        counted(number, name) if sort else f"the {name}"
        for (sort, name), number in found.items()
    ]
    text = " and ".join(filter(None, [", ".join(parts[:-1]), *parts[-1:]]))
    return text[:1].upper() + text[1:]


class Checked(NamedTuple):
    """What is wrong with something, after what was done to it.

    ``note`` says why it was left alone, if it was.
    """

    subject: Subject
    findings: tuple[Finding, ...] = ()
    done: tuple[str, ...] = ()
    note: str = ""

    @property
    def mendable(self) -> int:
        """How much of what is wrong can be repaired."""
        return sum(each.mend is not None for each in self.findings)


def check(
    subject: Subject, *, repair: bool = False, cancel: CancelFlag | None = None
) -> Checked:
    """Look at something and, if asked to, repair what can be."""
    try:
        with subject.hold(repair):
            findings, done = list(subject.look(cancel)), list[str]()
            tried: dict[tuple[Path, str], Finding] = {}
            for _ in range(_MOST_ROUNDS if repair else 0):
                new = [each for each in findings if each.mend and each[:2] not in tried]
                if not new:
                    break
                tried |= {each[:2]: _mended(each, done) for each in new}
                findings = list(subject.look(cancel))
            left = (tried.get(each[:2], each) for each in findings)
            return Checked(subject, tuple(left), tuple(done))
    except InUse as error:
        return Checked(subject, note=str(error))
    except (OSError, WorkbenchError) as error:
        remedy = "it could not be looked at, or not be repaired"
        return Checked(subject, (Finding(subject.place, str(error), remedy),))


def _mended(finding: Finding, done: list[str]) -> Finding:
    """Repair one thing; return what is to be said of it if it is found once more."""
    why = "repairing it did not help"
    try:
        said = finding.mend() if finding.mend else ""
        done.extend(filter(None, [said]))
    except OSError as error:
        reason = disk_problem(error, finding.file).text
        why = f"it could not be repaired: {reason}"
    except WorkbenchError as error:
        why = f"it could not be repaired: {error}"
    return finding._replace(remedy=why, mend=None)
