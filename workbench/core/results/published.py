"""The figures that the papers published, and which preset aims at each.

Accuracies are in percent. A figure read only in a summary of its paper says so. What a
paper did otherwise than the preset is in ``remark``.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

MAML_PAPER = "Finn et al. 2017"
REPTILE_PAPER = "Nichol et al. 2018"
META_SGD_PAPER = "Li et al. 2017"
IMAML_PAPER = "Rajeswaran et al. 2019"

OMNIGLOT = "Omniglot accuracy, %"
MINI_IMAGENET = "mini-ImageNet accuracy, %"
SINUSOID = "Sinusoid, mean squared error"
VARIED_SINUSOID = "Sinusoid of varied frequency, mean squared error"

TABLES = (OMNIGLOT, MINI_IMAGENET, SINUSOID, VARIED_SINUSOID)


class PublishedFigure(NamedTuple):
    """One published figure: a cell of the table.

    ``algorithm``, ``task``, ``ways``, ``shots`` (at test), ``transductive`` and
    ``inner_steps`` (at test; None for the run's own) decide which runs measure it.
    """

    table: str
    learner: str
    setting: str
    value: float
    ci95: float | None
    paper: str
    preset: str
    algorithm: str
    task: str
    ways: int | None
    shots: int
    transductive: bool = True
    inner_steps: int | None = None
    solver: str = ""
    model: str = ""
    frequency: str = ""
    trained_shots: int | None = None
    from_summary: bool = False
    remark: str = ""
    digits: int = 2
    ci_digits: int = 2

    @property
    def is_loss(self) -> bool:
        """Whether it is a loss, and less is better."""
        return self.ways is None

    def text(self) -> str:
        """Return the figure as it was published."""
        digits = 2 if self.is_loss else self.digits
        error = "" if self.ci95 is None else f" ± {self.ci95:.{self.ci_digits}f}"
        return f"{self.value:.{digits}f}{error}"


_SETTINGS = ((5, 1), (5, 5), (20, 1), (20, 5))
_BATCH_NORM = "its batch norm has a shift and no scale"
_CHARACTERS = "the paper trained on 1200 characters, validation's among them"

_OMNIGLOT_ROWS = (
    ("MAML", "maml", "omniglot-maml", MAML_PAPER, "98.7 .4  99.9 .1  95.8 .3  98.9 .2"),
    (
        "First-order MAML",
        "fomaml",
        "omniglot-fomaml",
        MAML_PAPER,
        "98.3 .5  99.2 .2  89.4 .5  97.9 .1",
    ),
    (
        "Reptile, transductive",
        "reptile",
        "omniglot-reptile",
        REPTILE_PAPER,
        "97.68 .04  99.48 .06  89.43 .14  97.12 .32",
    ),
    (
        "Reptile",
        "reptile",
        "omniglot-reptile",
        REPTILE_PAPER,
        "95.39 .09  98.90 .10  88.14 .15  96.65 .33",
    ),
    (
        "Meta-SGD",
        "meta-sgd",
        "omniglot-meta-sgd",
        META_SGD_PAPER,
        "99.53 .26  99.93 .09  95.93 .38  98.97 .19",
    ),
    (
        "Implicit MAML",
        "imaml",
        "omniglot-imaml",
        IMAML_PAPER,
        "99.16 .35  99.67 .12  94.46 .42  98.69 .1",
    ),
    (
        "Implicit MAML, Hessian-free",
        "imaml",
        "omniglot-imaml-hf",
        IMAML_PAPER,
        "99.50 .26  99.74 .11  96.18 .36  99.14 .1",
    ),
)

_MINI_ROWS = (
    ("MAML", "maml", MAML_PAPER, "48.70 1.84  63.11 .92", False),
    ("First-order MAML", "fomaml", MAML_PAPER, "48.07 1.75  63.15 .91", False),
    ("Reptile, transductive", "reptile", REPTILE_PAPER, "49.97 .32  65.99 .58", True),
    ("Reptile", "reptile", REPTILE_PAPER, "47.07 .26  62.74 .37", True),
    ("Meta-SGD", "meta-sgd", META_SGD_PAPER, "50.47 1.87  64.03 .94", False),
)


def figures() -> tuple[PublishedFigure, ...]:
    """Return every published figure that a run can be compared with."""
    return (*_omniglot(), *_mini_imagenet(), *_sinusoid(), *_varied_sinusoid())


def _omniglot() -> Iterator[PublishedFigure]:
    for learner, kind, preset, paper, text in _OMNIGLOT_ROWS:
        for (ways, shots), (value, ci95) in zip(_SETTINGS, _pairs(text), strict=True):
            digits, ci_digits = _decimals(value), _decimals(ci95)
            yield PublishedFigure(
                OMNIGLOT,
                learner,
                f"{ways}-way {shots}-shot",
                float(value),
                float(ci95),
                paper,
                f"{preset}-{ways}way-{shots}shot",
                kind,
                "omniglot",
                ways,
                shots,
                transductive=learner != "Reptile",
                solver=_solver(learner, kind),
                model="conv4",
                from_summary=learner in ("Reptile", "Meta-SGD"),
                remark=_remark(kind),
                digits=digits,
                ci_digits=ci_digits,
            )
    for shots, no_conv, error in ((1, 89.7, 1.1), (5, 97.5, 0.6)):
        yield PublishedFigure(
            OMNIGLOT,
            "MAML, no convolutions",
            f"5-way {shots}-shot",
            no_conv,
            error,
            MAML_PAPER,
            f"omniglot-maml-mlp-5way-{shots}shot",
            "maml",
            "omniglot",
            5,
            shots,
            model="mlp",
            remark=_remark("maml"),
            digits=1,
            ci_digits=1,
        )


def _mini_imagenet() -> Iterator[PublishedFigure]:
    for learner, kind, paper, text, from_summary in _MINI_ROWS:
        for shots, (value, ci95) in zip((1, 5), _pairs(text), strict=True):
            numbers = (float(value), float(ci95))
            yield _mini_figure(learner, kind, paper, shots, numbers, from_summary)
    yield _mini_figure(
        "Implicit MAML, Hessian-free", "imaml", IMAML_PAPER, 1, (49.30, 1.88), False
    )
    for learner, kind, one, five in (
        ("MAML", "maml", 16.49, 19.29),
        ("Meta-SGD", "meta-sgd", 17.56, 28.92),
    ):
        for shots, mean in ((1, one), (5, five)):
            figure = _mini_figure(
                learner, kind, META_SGD_PAPER, shots, (mean, None), False
            )
            yield figure._replace(
                ways=20,
                setting=f"20-way {shots}-shot",
                preset=f"mini-imagenet-{kind}-20way-{shots}shot",
            )


def _mini_figure(
    learner: str,
    kind: str,
    paper: str,
    shots: int,
    value: tuple[float, float | None],
    from_summary: bool,
) -> PublishedFigure:
    preset = "imaml-hf" if "Hessian" in learner else kind
    return PublishedFigure(
        MINI_IMAGENET,
        learner,
        f"5-way {shots}-shot",
        *value,
        paper,
        f"mini-imagenet-{preset}-5way-{shots}shot",
        kind,
        "mini-imagenet",
        5,
        shots,
        transductive=learner != "Reptile",
        solver=_solver(learner, kind),
        model="conv4",
        from_summary=from_summary,
        remark=_remark(kind),
    )


def _sinusoid() -> Iterator[PublishedFigure]:
    for steps, value in ((1, 0.67), (5, 0.38), (10, 0.35)):
        yield PublishedFigure(
            SINUSOID,
            "MAML",
            f"5-shot, {steps} step{'s' * (steps > 1)}",
            value,
            None,
            MAML_PAPER,
            "sinusoid-maml",
            "maml",
            "sinusoid",
            None,
            5,
            inner_steps=steps,
            frequency="fixed",
            trained_shots=10,
        )


def _varied_sinusoid() -> Iterator[PublishedFigure]:
    rows = (
        ("MAML", "maml", "sinusoid-maml-varied", 5, (1.13, 0.85, 0.71)),
        ("Meta-SGD", "meta-sgd", "sinusoid-meta-sgd", 5, (0.90, 0.63, 0.50)),
    )
    longer = (
        ("MAML, trained at 20 shots", *rows[0][1:3], 20, (None, None, 0.48)),
        ("Meta-SGD, trained at 20 shots", *rows[1][1:3], 20, (None, None, 0.31)),
    )
    for learner, kind, preset, trained, values in (*rows, *longer):
        for shots, value in zip((5, 10, 20), values, strict=True):
            if value is not None:
                yield PublishedFigure(
                    VARIED_SINUSOID,
                    learner,
                    f"{shots}-shot, 1 step",
                    value,
                    None,
                    META_SGD_PAPER,
                    preset if trained == 5 else f"{preset}-20shot",
                    kind,
                    "sinusoid",
                    None,
                    shots,
                    inner_steps=1,
                    frequency="varied",
                    trained_shots=trained,
                    from_summary=True,
                )


def _pairs(text: str) -> list[tuple[str, str]]:
    words = text.split()
    return list(zip(words[::2], words[1::2], strict=True))


def _decimals(number: str) -> int:
    return len(number.partition(".")[2])


def _solver(learner: str, kind: str) -> str:
    if kind != "imaml":
        return ""
    return "hessian-free" if "Hessian-free" in learner else "gradient descent"


def _remark(kind: str) -> str:
    return {
        "maml": f"in the paper's code {_BATCH_NORM}",
        "fomaml": f"in the paper's code {_BATCH_NORM}",
        "reptile": _CHARACTERS,
        "meta-sgd": "the paper's network pools and ends in 32 units on Omniglot",
        "imaml": "the paper does not state the number of queries",
    }[kind]
