"""Damage to files, as disks, editors, other programs and bad intentions do it."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Sequence
from random import Random
from typing import Any, TypeAlias

Damage: TypeAlias = Callable[[bytes, Random], bytes]


def _cut(content: bytes, draw: Random) -> bytes:
    return content[: draw.randrange(len(content) + 1)]


def _flipped(content: bytes, draw: Random) -> bytes:
    flipped = bytearray(content)
    for _ in range(draw.choice((1, 1, 2, 8, 64)) if content else 0):
        flipped[draw.randrange(len(flipped))] ^= 1 << draw.randrange(8)
    return bytes(flipped)


def _part(content: bytes, draw: Random) -> slice:
    """Draw a part, more often a short one."""
    first = draw.randrange(len(content) + 1)
    return slice(first, first + draw.choice((1, 8, 64, 512, len(content))))


def _without(content: bytes, draw: Random) -> bytes:
    part = _part(content, draw)
    return content[: part.start] + content[part.stop :]


def _twice(content: bytes, draw: Random) -> bytes:
    part = _part(content, draw)
    return content[: part.stop] + content[part] + content[part.stop :]


def _zeroed(content: bytes, draw: Random) -> bytes:
    part = _part(content, draw)
    return content[: part.start] + bytes(len(content[part])) + content[part.stop :]


def _noisy(content: bytes, draw: Random) -> bytes:
    part = _part(content, draw)
    return content[: part.start] + draw.randbytes(32) + content[part.stop :]


def _moved(content: bytes, draw: Random) -> bytes:
    part, at = _part(content, draw), draw.randrange(len(content) + 1)
    rest = content[: part.start] + content[part.stop :]
    return rest[:at] + content[part] + rest[at:]


def _encoded(content: bytes, draw: Random) -> bytes:
    text = content.decode("latin1")
    code = draw.choice(("utf-8", "utf-8-sig", "utf-16", "utf-32-be", "utf-7", "cp037"))
    return text.encode(code, errors="replace")


def _other(content: bytes, draw: Random) -> bytes:
    return draw.choice(
        (
            b"",
            b"\n",
            b"\0" * 4096,
            b"null",
            b"[]",
            b"{}",
            b"0",
            b'"text"',
            b"PK\x03\x04" + content,
            b"\x93NUMPY" + content,
            b"\xff\xfe" + content,
            content + content,
            content + b"\0" * 512,
            b"[" * 100_000,
            b'{"a":' * 100_000,
            draw.randbytes(1000),
        )
    )


BYTES: Sequence[Damage] = (
    _cut,
    _flipped,
    _without,
    _twice,
    _zeroed,
    _noisy,
    _moved,
    _encoded,
    _other,
)


def damaged(content: bytes, draw: Random, *more: Damage) -> bytes:
    """Damage a file once or twice, half of the time in one of its own ways."""
    for _ in range(draw.choice((1, 1, 1, 2, 3))):
        choices = more if more and draw.random() < 0.6 else BYTES
        content = draw.choice(choices)(content, draw)
    return content


_ODD_IN_BOTH = (
    "1e308",
    "1e999",
    "-1",
    "0",
    "0.5",
    "9" * 5000,
    "true",
    '""',
    '"nan"',
    '"\\u0000"',
    '"a\\nb\\tc"',
    '"../../../etc/passwd"',
    f'"{"x" * 100_000}"',
    "[]",
    "[1, 2]",
    "{}",
    "[" * 100 + "]" * 100,
    "[" * 5000 + "]" * 5000,
    "[0" + ", 0" * 20_000 + "]",
)
"""Values that both JSON and TOML can have, and nobody expects."""

ODD_VALUES = (
    *_ODD_IN_BOTH,
    "NaN",
    "Infinity",
    "-Infinity",
    "-1e999",
    "1e-400",
    "-0.0",
    "1",
    "2147483648",
    "9223372036854775807",
    "9223372036854775808",
    "1" * 400,
    "false",
    "null",
    '"x"',
    '"\\ud800"',
    '"0001-01-01T00:00:00"',
    '"9999-12-31T23:59:59+00:00"',
    '"NaN"',
    '"1e5"',
    '[["a"], {"b": null}]',
    '{"kind": "x"}',
    "[" * 150 + "]" * 150,
    '{"a":' * 300 + "1" + "}" * 300,
)
"""Values in JSON that are not what anybody expected."""


def json_value(
    content: bytes, draw: Random, odd_values: Sequence[str] = ODD_VALUES
) -> bytes:
    """Put an odd value, or another's, in the place of one; or take one away."""
    try:
        record = json.loads(content)
    except (ValueError, RecursionError):
        return content
    places = list(_places(record))
    if not places:
        return draw.choice(odd_values).encode()
    within, key = draw.choice(places)
    action = draw.random()
    mark = f"@{draw.random()}@"
    odd = draw.choice(odd_values)
    if action < 0.6:
        within[key] = mark
    elif action < 0.7:
        other, name = draw.choice(places)
        within[key] = other[name]
    elif action < 0.8:
        del within[key]
    elif isinstance(within, dict):
        within[f"{key}{mark}"] = mark
        odd = draw.choice(("x", '"', odd))
    else:
        within.extend([within[key]] * draw.choice((1, 1000)))
    try:
        text = json.dumps(record, ensure_ascii=draw.random() < 0.5)
    except (ValueError, RecursionError):  # it holds itself now
        return content
    return text.replace(f'"{mark}"', odd).encode("utf-8", errors="surrogatepass")


def _places(record: Any) -> Iterator[tuple[Any, Any]]:
    """Yield each value's place: what it is within, and its name or number there."""
    if not isinstance(record, dict | list):
        return
    inside = record.items() if isinstance(record, dict) else enumerate(record)
    for key, value in inside:
        yield record, key
        yield from _places(value)


TOML_VALUES = (
    *_ODD_IN_BOTH,
    "nan",
    "-inf",
    "0x7fffffffffffffffffff",
    f"0x{'f' * 5000}",
    "1_000_000_000_000",
    '"none"',
    "'''a\nb'''",
    "1979-05-27T07:32:00Z",
    "07:32:00",
    "2000-13-41",
    "[1, 2.5, 'x']",
    "[40, 40]",
    "[-1]",
    "{kind = 'maml'}",
    "{a = {b = {c = 1}}}",
    "{a=" * 3000 + "1" + "}" * 3000,
)


def toml_line(content: bytes, draw: Random) -> bytes:
    """Change a line of TOML: its value, its name, its place."""
    lines = content.decode("utf-8", errors="replace").splitlines()
    if not lines:
        return content
    at, other = draw.randrange(len(lines)), draw.randrange(len(lines))
    name, _, value = lines[at].partition("=")
    odd = draw.choice(TOML_VALUES)
    lines[at : at + 1] = draw.choice(
        (
            [f"{name}= {odd}"],
            [f"{name}= {odd}"],
            [f"{name}= {odd}"],
            [f"{name}={lines[other].partition('=')[2]}"],
            [lines[at], lines[at]],
            [],
            [lines[at], lines[other]],
            [f"{name.strip()}x ={value}"],
            [f'"{name.strip()}\\nx" ={value}'],
            [f"{'a.' * draw.choice((3, 40, 3000))}{name.strip()} ={value}"],
            [lines[at], f"[[{draw.choice(('task', 'x', 'training'))}]]"],
            [lines[at], f"[{draw.choice(('task.kind', 'preset', 'task', 'a.b.c'))}]"],
            [re.sub(r"\d", "7", lines[at])],
        )
    )
    return "\n".join(lines).encode()


_DEPTHS = (1, 5, 15, 19, 20, 21, 60, 120, 190, 250, 600)


def json_nested(content: bytes, draw: Random) -> bytes:
    """Put values within values in the place of one."""
    return json_value(content, draw, [_nested(draw, '"a": ')])


def toml_nested(content: bytes, draw: Random) -> bytes:
    """Put values within values, or a table deep within others, in a line's place."""
    lines = content.decode("utf-8", errors="replace").splitlines() or [""]
    at = draw.randrange(len(lines))
    name = lines[at].partition("=")[0].strip("[] ") or "a"
    path = ".".join([name] + ["a"] * draw.choice(_DEPTHS))
    lines[at] = draw.choice(
        (
            f"{name} = {_nested(draw, 'a = ')}",
            f"{path} = 1",
            f"[{path}]",
            f"[[{path}]]",
            f"[{path}]\n[{path}.b]\nc = {_nested(draw, 'a = ')}",
        )
    )
    return "\n".join(lines).encode()


def _nested(draw: Random, field: str) -> str:
    """Return a value within many others, in which a field begins like that."""
    depth = draw.choice(_DEPTHS)
    around = ["[@]", "[0, @]", f"{{{field}@}}"]
    text = draw.choice(("1", '"x"', "[0" + ", 0" * 300 + "]"))
    for level in range(depth):
        wide = ["[@, @]"] if level < 5 else []
        text = draw.choice([*around, *wide]).replace("@", text)
    return text
