"""What the tests of the map widget share."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from PySide6.QtGui import QImage
from scipy.ndimage import gaussian_filter

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
    assert spin(lambda: not any(view._scene.moving for view in views))
    return views[0], views[1]


def similarity(one: np.ndarray, other: np.ndarray) -> float:
    """Mean structural similarity of two pictures, (h, w, 3), by their brightness: Wang et al. 2004, with its Gaussian
    window of 1.5 pixels and its constants."""
    a, b = one.mean(axis=2), other.mean(axis=2)

    def near(values: np.ndarray) -> np.ndarray:
        smooth: np.ndarray = gaussian_filter(values, 1.5, truncate=3.5)
        return smooth

    mean_a, mean_b = near(a), near(b)
    var_a, var_b, cov = near(a * a) - mean_a**2, near(b * b) - mean_b**2, near(a * b) - mean_a * mean_b
    c1, c2 = (0.01 * 255) ** 2, (0.03 * 255) ** 2
    top, bottom = (2 * mean_a * mean_b + c1) * (2 * cov + c2), (mean_a**2 + mean_b**2 + c1) * (var_a + var_b + c2)
    return float((top / bottom).mean())
