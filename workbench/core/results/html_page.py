"""What pages of results are made of: tables, escaped text, and the page around them."""

from __future__ import annotations

import html
import unicodedata
from collections.abc import Iterable, Mapping


def page(title: str, parts: Iterable[str]) -> str:
    """Return an HTML page that needs no other file."""
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width">'
        f"<title>{escaped(title)}</title><style>{STYLE}</style></head>"
        f"<body><main>{''.join(parts)}</main></body></html>\n"
    )


def records(rows: Iterable[Mapping[str, str]]) -> str:
    """Return a table of rows that all have the same titles; empty if there are none."""
    given = list(rows)
    return table(given[0], [row.values() for row in given]) if given else ""


def table(head: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    """Return a table of texts, in which figures are not broken over lines."""
    titles = "".join(f"<th>{escaped(title)}</th>" for title in head)
    body = "".join(
        "<tr>"
        + "".join(f"<td{_whole(cell)}>{escaped(cell)}</td>" for cell in row)
        + "</tr>"
        for row in rows
    )
    return (
        f'<div class="wide"><table><thead><tr>{titles}</tr></thead>'
        f"<tbody>{body}</tbody></table></div>"
    )


def _whole(cell: str) -> str:
    return " class=whole" if "±" in cell or len(cell) < 12 else ""


def escaped(text: str) -> str:
    """Return the text as HTML, in which marks of direction turn nothing after them."""
    if any(unicodedata.bidirectional(letter) in _TURNS for letter in text):
        return f"<bdi>{html.escape(text)}</bdi>"
    return html.escape(text)


_TURNS = {"R", "AL", "RLE", "RLO", "RLI", "LRE", "LRO", "LRI", "FSI", "PDF", "PDI"}


STYLE = """
:root { color-scheme: light dark; --text: #1b1f24; --muted: #5c6470; --line: #d5d9df;
  --page: #ffffff; }
@media (prefers-color-scheme: dark) { :root { --text: #e6e9ee; --muted: #a2abb8;
  --line: #3a4049; --page: #1b1e23; } }
body { margin: 0; background: var(--page); color: var(--text);
  font: 15px/1.5 system-ui, sans-serif; font-variant-numeric: tabular-nums; }
main { max-width: 1120px; margin: 0 auto; padding: 24px; }
h1 { font-size: 26px; margin: 0; } h2 { font-size: 18px; margin: 32px 0 8px; }
.muted { color: var(--muted); margin: 4px 0; }
.wide { overflow-x: auto; }
table { border-collapse: collapse; font-size: 13px; }
th, td { text-align: left; padding: 4px 16px 4px 0; vertical-align: top;
  border-bottom: 1px solid var(--line); }
th { color: var(--muted); font-weight: 600; }
.whole { white-space: nowrap; }
.plots { display: grid; grid-template-columns: repeat(auto-fit, minmax(420px, 1fr));
  gap: 16px; } figure { margin: 0; }
figure svg { width: 100%; height: auto; }
svg text { fill: var(--muted); font-size: 11px; } .x { text-anchor: middle; }
.y { text-anchor: end; } .grid { stroke: var(--line); stroke-width: 0.5; }
.axis { stroke: var(--muted); fill: none; }
.legend .key { margin-right: 24px; white-space: nowrap; }
@media print { main { padding: 0; } h2 { break-after: avoid; } }
"""
