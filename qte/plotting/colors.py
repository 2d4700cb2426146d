"""What a colour looks like: in grey, to colour-blind eyes, on a ground, and what one would call it."""

from __future__ import annotations

import colorsys
from typing import Any, Final

import numpy as np
from matplotlib.colors import to_rgb
from numpy.typing import ArrayLike, NDArray

VISIONS: Final[dict[str, Any]] = {
    "grey": None,
    "protanopia": (
        (0.152286, 1.052583, -0.204868),
        (0.114503, 0.786281, 0.099216),
        (-0.003882, -0.048116, 1.051998),
    ),
    "deuteranopia": (
        (0.367322, 0.860646, -0.227968),
        (0.280085, 0.672501, 0.047413),
        (-0.011820, 0.042940, 0.968881),
    ),
    "tritanopia": (
        (1.255528, -0.076749, -0.178779),
        (-0.078411, 0.930809, 0.147602),
        (0.004733, 0.691367, 0.303900),
    ),
}
"""Ways to see a figure: in grey, and the three kinds of dichromacy as matrices on linear RGB (Machado, Oliveira
and Fernandes, IEEE Trans. Vis. Comput. Graph. 15, 1291 (2009), severity 1)."""

_TO_XYZ: Final = np.array(
    [[0.4124564, 0.3575761, 0.1804375], [0.2126729, 0.7151522, 0.0721750], [0.0193339, 0.1191920, 0.9503041]]
)
_HUES: Final = (
    (17, "red"),
    (48, "orange"),
    (70, "yellow"),
    (170, "green"),
    (255, "blue"),
    (338, "purple"),
    (361, "red"),
)


def linear(colors: ArrayLike) -> NDArray[np.float64]:
    """Linear RGB of sRGB colours, shape (..., 3), each in [0, 1]."""
    srgb = np.asarray(colors, dtype=float)
    return np.where(srgb <= 0.04045, srgb / 12.92, ((srgb + 0.055) / 1.055) ** 2.4)


def contrast(first: ArrayLike, second: ArrayLike) -> NDArray[np.float64]:
    """Ratio of luminances, 1 (alike) to 21 (black on white), as WCAG 2 defines it; shapes (..., 3) broadcast."""
    one, other = (linear(colors) @ _TO_XYZ[1] + 0.05 for colors in (first, second))
    return np.asarray(np.maximum(one, other) / np.minimum(one, other))


def lab(color: Any, vision: str | None = None) -> NDArray[np.float64]:
    """CIE L*a*b* of a colour (D65), shape (3,), as seen by one of `VISIONS` or, if None, by most people."""
    seen = linear(to_rgb(color))
    if vision == "grey":
        seen = np.full(3, seen @ _TO_XYZ[1])
    elif vision is not None:
        seen = np.clip(np.asarray(VISIONS[vision]) @ seen, 0.0, 1.0)  # outside the gamut: what a screen shows
    share = _TO_XYZ @ seen / _TO_XYZ.sum(axis=1)
    f = np.where(share > 0.008856, np.cbrt(share), 7.787 * share + 16 / 116)
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


def distance(first: Any, second: Any, vision: str | None = None) -> float:
    """Distance of two colours in L*a*b*; about 2 is the least that one sees side by side."""
    return float(np.linalg.norm(lab(first, vision) - lab(second, vision)))


def name(color: Any) -> str:
    """What one would call a colour: black, grey, white, or its hue (brown is a dark orange)."""
    lightness = lab(color)[0]
    hue, _, saturation = colorsys.rgb_to_hls(*to_rgb(color))
    chroma = float(np.linalg.norm(lab(color)[1:]))
    if chroma < 8 or saturation < 0.05:
        return "black" if lightness < 25 else "white" if lightness > 93 else "grey"
    called = next(called for end, called in _HUES if 360 * hue < end)
    return "brown" if called == "orange" and lightness < 45 else called
