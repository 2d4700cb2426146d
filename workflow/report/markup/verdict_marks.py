"""How a verdict looks: a tone (a colour) and a shape, since colour alone tells not everybody."""

from typing import NamedTuple


class Mark(NamedTuple):
    """One verdict's look.

    Attributes
    ----------
    tone : str
        CSS class: good, partly, fault, neutral.
    shape : str
        SVG path in a box of 12 × 12.
    """

    tone: str
    shape: str


_DISC = "M6 1a5 5 0 1 0 0 10A5 5 0 0 0 6 1z"
_RING = _DISC + "M6 2.6a3.4 3.4 0 1 1 0 6.8 3.4 3.4 0 0 1 0-6.8z"
_HALF = _DISC + "M6 2.6v6.8a3.4 3.4 0 0 1 0-6.8z"
_WAVE = "M.8 6.6C2 3.2 4 3 6 5s3.600 1.500 4.200-.7l1.400.8C10.400 8.600 8 9 6 7S2.600 5.600 2.200 7.300z"
_DIAMOND = "M6 .4 11.600 6 6 11.600.4 6z"
_CROSS = (
    "M2.600 1 6 4.400 9.400 1 11 2.600 7.600 6 11 9.400 9.400 11 6 7.600 2.600 11 1 9.400 4.400 6 1 2.600z"
)
_TICK = "M1 6.400 2.500 4.900 4.800 7.200 9.800 2.200 11.300 3.700 4.800 10.200z"
_BARS = "M1 3h10v2H1zM1 7h10v2H1z"
_BAR = "M1 5h10v2H1z"
_EQUIVALENT = "M1 1.500h10v2H1zM1 5h10v2H1zM1 8.500h10v2H1z"

MARKS = {
    "exact": Mark("good", _BARS),
    "exact up to a convention": Mark("good", _EQUIVALENT),
    "holds": Mark("good", _TICK),
    "holds under conditions": Mark("partly", _HALF),
    "approximate": Mark("partly", _WAVE),
    "slip": Mark("partly", _DIAMOND),
    "false": Mark("fault", _CROSS),
    "undecidable": Mark("neutral", _RING),
    "definition": Mark("neutral", _BAR),
}

# What people type who look for a verdict, earlier names included.
WORDS = {name: [name] for name in MARKS} | {
    "false": ["false", "fails", "wrong", "erratum", "does not hold"],
    "slip": ["slip", "misprint", "typo"],
    "approximate": ["approximate", "approximately"],
    "undecidable": ["undecidable", "open"],
}
