"""Small ONNX models and their folders, written byte by byte: no package is needed to make them."""

from __future__ import annotations

import struct
from pathlib import Path

import numpy as np

RATE, SECONDS, DIM = 8_000, 0.5, 12
SAMPLES = round(RATE * SECONDS)


def _field(number: int, value: int | bytes | str | float) -> bytes:
    """One field of a protocol buffer."""
    if isinstance(value, float):
        return _varint(number << 3 | 5) + struct.pack("<f", value)
    if isinstance(value, int):
        return _varint(number << 3) + _varint(value)
    blob = value.encode() if isinstance(value, str) else value
    return _varint(number << 3 | 2) + _varint(len(blob)) + blob


def _varint(value: int) -> bytes:
    out = b""
    while value > 127:
        out, value = out + bytes([value & 127 | 128]), value >> 7
    return out + bytes([value])


def _tensor(name: str, values: np.ndarray, outside: str = "") -> bytes:
    head = b"".join(_field(1, int(size)) for size in values.shape) + _field(2, 1) + _field(8, name)
    if outside:
        return head + _field(13, _field(1, "location") + _field(2, outside)) + _field(14, 1)
    return head + _field(9, values.astype("<f4").tobytes())


def _node(kind: str, given: tuple[str, ...], made: str) -> bytes:
    return b"".join(_field(1, name) for name in given) + _field(2, made) + _field(4, kind)


def _value(name: str, shape: tuple[int | str, ...]) -> bytes:
    sizes = b"".join(_field(1, _field(1, size) if isinstance(size, int) else _field(2, size)) for size in shape)
    return _field(1, name) + _field(2, _field(1, _field(1, 1) + _field(2, sizes)))


def model(how: str = "good", samples: int = SAMPLES, dim: int = DIM, seed: int = 0) -> bytes:
    """(n, samples) to (n, dim). how: `good`, or `nan`, `deaf`, `moody`, `two`, `outside` for what may be wrong with it.

    A good one gives the strength of `dim` bands: |samples . waves|.
    """
    time = np.arange(samples) / RATE
    pitch = 80.0 * 2 ** (np.arange(dim) / dim * 5)
    waves = np.sin(2 * np.pi * pitch[None] * time[:, None] + seed) / np.sqrt(samples)
    nodes = [_node("MatMul", ("x", "waves"), "a"), _node("Abs", ("a",), "b")]
    last = {"good": "Identity", "nan": "Log", "two": "Identity", "outside": "Identity"}.get(how, "")
    if how == "nan":
        nodes.append(_node("Neg", ("b",), "c"))
    if how == "deaf":
        nodes += [_node("Mul", ("b", "zero"), "c"), _node("Add", ("c", "one"), "y")]
    if how == "moody":
        nodes += [_node("RandomNormalLike", ("b",), "c"), _node("Add", ("b", "c"), "y")]
    if last:
        nodes.append(_node(last, ("c" if how == "nan" else "b",), "y"))
    inputs = [_value("x", ("n", samples)), *([_value("z", ("n", samples))] if how == "two" else [])]
    kept = [
        _tensor("waves", waves, "waves.bin" if how == "outside" else ""),
        _tensor("zero", np.zeros(1)),
        _tensor("one", np.ones(1)),
    ]
    parts = [(1, nodes), (2, ["encoder"]), (5, kept), (11, inputs), (12, [_value("y", ("n", dim))])]
    graph = b"".join(_field(number, each) for number, values in parts for each in values)
    return _field(1, 8) + _field(7, graph) + _field(8, _field(1, "") + _field(2, 17))


def bring(folder: Path, name: str = "bands", blob: bytes | None = None, extra: str = "", **facts: object) -> Path:
    """A folder with a card and a model as a person would put it into the profile."""
    path = folder / name
    path.mkdir(parents=True)
    (path / "model.onnx").write_bytes(model() if blob is None else blob)
    told = {"name": name, "kind": "onnx", "file": "model.onnx", "dim": DIM, "licence": "CC0-1.0", "source": "a test"}
    lines = [f"{key} = {_toml(value)}" for key, value in {**told, **facts}.items() if value is not None]
    spec = extra or f'[input]\nform = "samples"\nrate_hz = {RATE}\nseconds = {SECONDS}'
    (path / "card.toml").write_text("\n".join([*lines, spec]) + "\n", "utf-8")
    return path


def _toml(value: object) -> str:
    return f'"{value}"' if isinstance(value, str) else str(value)
