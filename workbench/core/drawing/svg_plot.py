"""Curves as SVG, for reports: no library and no file beside it is needed."""

from __future__ import annotations

import html
import math
from collections.abc import Sequence
from typing import NamedTuple, TypeAlias

import numpy as np
import numpy.typing as npt

COLOURS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9")
_DASHES = ("", "7 3", "2 3", "7 3 2 3")
_WIDTH, _HEIGHT = 520, 280
_LEFT, _RIGHT, _TOP, _BOTTOM = 78, 28, 12, 42
_MARK = 2.5
_MOST_POINTS = 600

_Numbers: TypeAlias = npt.NDArray[np.float64]
Points: TypeAlias = Sequence[tuple[float, float]] | _Numbers
"""Pairs of x and y; as an array, [points, 2]."""


class Line(NamedTuple):
    """A named curve; ``band`` holds the edges of the area around it, [points, 2]."""

    name: str
    points: Points
    band: Points = ()
    is_marked: bool = False
    is_faint: bool = False
    number: int = 0
    """Which colour and dashes it has."""


def svg_plot(title: str, lines: Sequence[Line], x_title: str, y_title: str) -> str:
    """Return a plot of the lines as an SVG element; a sentence if there is nothing."""
    drawn = [curve for curve in map(_Curve.of, lines) if len(curve.x)]
    if not drawn:
        return f"<p>{html.escape(title)}: nothing was measured.</p>"
    frame = _Frame.around(drawn)
    parts = [
        f'<svg viewBox="0 0 {_WIDTH} {_HEIGHT}" role="img" '
        f'aria-label="{html.escape(title, quote=True)}" '
        'xmlns="http://www.w3.org/2000/svg">',
        f"<title>{html.escape(title)}</title>",
        f'<clipPath id="plot"><rect x="{_LEFT - _MARK}" y="{_TOP - _MARK}" '
        f'width="{_WIDTH - _LEFT - _RIGHT + 2 * _MARK}" '
        f'height="{_HEIGHT - _TOP - _BOTTOM + 2 * _MARK}"/>'
        "</clipPath>",
        *_axes(frame, x_title, y_title),
        '<g clip-path="url(#plot)">',
        *(_band(curve, frame) for curve in drawn if len(curve.band)),
        *(_path(curve, frame) for curve in drawn),
        "</g></svg>",
    ]
    return "".join(parts)


def legend(names: Sequence[str]) -> str:
    """Return the names with samples of their lines, as HTML."""
    items = "".join(
        '<span class="key"><svg viewBox="0 0 28 10" width="28" height="10">'
        f'<path d="M0 5H28" {_stroke(number)}/></svg> {html.escape(name)}</span>'
        for number, name in enumerate(names)
    )
    return f'<p class="legend">{items}</p>'


class _Curve(NamedTuple):
    """What can be drawn of a line: its finite values, and where they are."""

    line: Line
    x: _Numbers
    y: _Numbers
    band: _Numbers

    @classmethod
    def of(cls, line: Line) -> _Curve:
        x, y = np.asarray(line.points, float).reshape(-1, 2).T
        band = np.asarray(line.band, float).reshape(-1, 2)
        band = np.where(np.isfinite(band), band, y[:, None]) if len(band) else band
        kept = np.isfinite(y)
        if not kept.all():
            x, y, band = x[kept], y[kept], band[kept] if len(band) else band
        return cls(line, x, y, band)

    def span(self) -> tuple[float, float]:
        """Return the values that the plot must show: of a faint line, not the rare."""
        rare = len(self.y) // 50 if self.line.is_faint else 0
        ends = np.partition(self.y, [rare, len(self.y) - 1 - rare])
        low, high = ends[rare], ends[len(ends) - 1 - rare]
        if len(self.band):
            low = min(low, self.band[:, 0].min())
            high = max(high, self.band[:, 1].max())
        return float(low), float(high)

    def thinned(self) -> list[tuple[float, float]]:
        """Keep the lowest and highest of each stretch, so that no peak is lost."""
        kept = np.arange(len(self.y))
        if len(kept) > _MOST_POINTS:
            size = 2 * math.ceil(len(kept) / _MOST_POINTS)
            parts = [(at, self.y[at : at + size]) for at in kept[::size]]
            ends = ({at + part.argmin(), at + part.argmax()} for at, part in parts)
            kept = np.array([at for pair in ends for at in sorted(pair)])
        return list(zip(self.x[kept].tolist(), self.y[kept].tolist(), strict=True))


class _Frame(NamedTuple):
    left: float
    right: float
    low: float
    high: float
    is_in_steps: bool = True
    """Whether nothing lies between whole numbers across."""

    @classmethod
    def around(cls, curves: Sequence[_Curve]) -> _Frame:
        lows, highs = zip(*(curve.span() for curve in curves), strict=True)
        low, high = min(lows), max(highs)
        room = (high - low or abs(high) or 1.0) * 0.05
        left = min(float(curve.x.min()) for curve in curves)
        right = max(float(curve.x.max()) for curve in curves)
        in_steps = all(bool((curve.x == curve.x.round()).all()) for curve in curves)
        right = right if right > left else left + 1
        return cls(left, right, low - room, high + room, in_steps)

    def at(self, x: float, y: float) -> tuple[float, float]:
        across = (x - self.left) / (self.right - self.left)
        up = (y - self.low) / (self.high - self.low)
        return (
            _LEFT + across * (_WIDTH - _LEFT - _RIGHT),
            _HEIGHT - _BOTTOM - up * (_HEIGHT - _TOP - _BOTTOM),
        )


def _axes(frame: _Frame, x_title: str, y_title: str) -> list[str]:
    parts = []
    for value in ticks(frame.low, frame.high):
        _, y = frame.at(frame.left, value)
        parts.append(f'<path d="M{_LEFT} {y:.1f}H{_WIDTH - _RIGHT}" class="grid"/>')
        parts.append(
            f'<text x="{_LEFT - 6}" y="{y + 4:.1f}" class="y">{value:g}</text>'
        )
    for value in ticks(
        frame.left, frame.right, least=1.0 if frame.is_in_steps else 0.0
    ):
        x, _ = frame.at(value, frame.low)
        parts.append(
            f'<text x="{x:.1f}" y="{_HEIGHT - _BOTTOM + 16}" class="x">'
            f"{value:,g}</text>"
        )
    middle = (_TOP + _HEIGHT - _BOTTOM) / 2
    across = (_LEFT + _WIDTH - _RIGHT) / 2
    return [
        *parts,
        f'<path d="M{_LEFT} {_TOP}V{_HEIGHT - _BOTTOM}H{_WIDTH - _RIGHT}" '
        'class="axis"/>',
        f'<text x="{across:.0f}" y="{_HEIGHT - 6}" class="x">{html.escape(x_title)}'
        "</text>",
        f'<text transform="translate(13 {middle:.0f}) rotate(-90)" class="x">'
        f"{html.escape(y_title)}</text>",
    ]


def _path(curve: _Curve, frame: _Frame) -> str:
    line = curve.line
    points = [frame.at(x, y) for x, y in curve.thinned()]
    path = "L".join(f"{x:.1f} {y:.1f}" for x, y in points)
    faint = ' opacity="0.3"' if line.is_faint else ""
    marks = "".join(
        f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{_MARK}" fill="{_colour(line.number)}"/>'
        for x, y in (points if line.is_marked or len(points) == 1 else ())
    )
    return f'<path d="M{path}" {_stroke(line.number)}{faint}/>{marks}'


def _band(curve: _Curve, frame: _Frame) -> str:
    steps = curve.x.tolist()
    above = zip(steps, curve.band[:, 1].tolist(), strict=True)
    below = zip(steps[::-1], curve.band[::-1, 0].tolist(), strict=True)
    edge = [frame.at(x, y) for x, y in (*above, *below)]
    path = "L".join(f"{x:.1f} {y:.1f}" for x, y in edge)
    return f'<path d="M{path}Z" fill="{_colour(curve.line.number)}" opacity="0.15"/>'


def ticks(low: float, high: float, least: float = 0.0) -> list[float]:
    """Return round values between two, ``least`` or more apart."""
    rough = max((high - low) / 5, least)
    unit = 10.0 ** math.floor(math.log10(rough))
    step = next(unit * n for n in (1, 2, 5, 10) if unit * n >= rough)
    first = math.ceil(low / step)
    count = math.floor(high / step) - first + 1
    return [round((first + at) * step, 12) for at in range(count)]


def _colour(number: int) -> str:
    return COLOURS[number % len(COLOURS)]


def _stroke(number: int) -> str:
    dashes = _DASHES[number % len(_DASHES)]
    dashed = f' stroke-dasharray="{dashes}"' if dashes else ""
    return f'fill="none" stroke="{_colour(number)}" stroke-width="1.5"{dashed}'
