"""What the tests of the map widget share."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from PySide6.QtGui import QImage

from musicdesk.gui.cloud import CloudColors, CloudView

Spin = Callable[..., bool]


def pixels(image: QImage) -> np.ndarray:
    """int (h, w, 3) RGB."""
    whole = image.convertToFormat(QImage.Format.Format_RGB32)
    flat = np.frombuffer(whole.constBits(), dtype=np.uint8).reshape(whole.height(), -1, 4)
    return flat[:, : whole.width(), 2::-1].astype(int)


def shown(view: CloudView, spin: Spin, width: int = 400, height: int = 300) -> CloudView:
    view.resize(width, height)
    view.show()
    spin(seconds=0.05)
    return view


def pair(spin: Spin, n: int, colors: CloudColors, seed: int = 0) -> tuple[CloudView, CloudView]:
    rng = np.random.default_rng(seed)
    positions, tint = rng.normal(size=(n, 3)), rng.integers(60, 255, (n, 3), dtype=np.uint8)
    views = []
    for software in (False, True):
        made = CloudView(colors, software=software)
        made.set_points(np.arange(n), positions, tint, rng.uniform(1, 1, n))
        views.append(shown(made, spin, 500, 400))
    spin(seconds=0.3)
    return views[0], views[1]


def similarity(one: np.ndarray, other: np.ndarray) -> float:
    """Structural similarity (Wang et al. 2004) with 8 x 8 boxes."""

    def box(values: np.ndarray) -> np.ndarray:
        height, width = values.shape[0] // 8 * 8, values.shape[1] // 8 * 8
        return values[:height, :width].reshape(height // 8, 8, width // 8, 8).mean(axis=(1, 3))

    mean_a, mean_b = box(one), box(other)
    var_a, var_b = box(one**2) - mean_a**2, box(other**2) - mean_b**2
    cov = box(one * other) - mean_a * mean_b
    c1, c2 = (0.01 * 255) ** 2, (0.03 * 255) ** 2
    top, bottom = (2 * mean_a * mean_b + c1) * (2 * cov + c2), (mean_a**2 + mean_b**2 + c1) * (var_a + var_b + c2)
    return float((top / bottom).mean())
