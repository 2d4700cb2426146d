"""The fields and sliders of a page, one set a knob, and the line under it that says what is not allowed."""

from collections.abc import Callable
from typing import Any

from bokeh.models import Column, Div, RangeSlider, Select, Slider, TextInput
from markupsafe import Markup

from qte.common.errors import ParameterError
from workflow.explore.knobs import Knob, text_of

# Bokeh's parts live in a shadow tree that the page's own style does not reach.
STYLE = """
:host { color: inherit; }
.bk-input, .bk-btn { background: var(--card) !important; color: var(--text) !important;
  border-color: var(--edge) !important; font-size: 1rem !important; }
.bk-input:focus-visible, .bk-btn:focus-visible { outline: 3px solid var(--focus); }
.noUi-target { background: var(--sunk) !important; border-color: var(--edge) !important; }
.noUi-connect { background: var(--accent) !important; }
.noUi-handle { border-color: var(--edge) !important; }
h1 { font: 600 1.6rem/1.25 Charter, "Bitstream Charter", Cambria, Georgia, serif; margin: 0 0 .25rem; }
p { margin: .4rem 0; }
pre { margin: .4rem 0; padding: .5rem .7rem; overflow-x: auto; background: var(--sunk); border-radius: 6px;
  font: .85rem/1.4 ui-monospace, Menlo, Consolas, "DejaVu Sans Mono", monospace; white-space: pre-wrap;
  overflow-wrap: anywhere; }
.soft, .remark { color: var(--soft); font-size: .875rem; }
.complaint { color: var(--fault); }
.busy, .done { color: var(--good); }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; font-size: .875rem; }
th, td { text-align: left; vertical-align: top; padding: .2rem .8rem .2rem 0; border-bottom: 1px solid var(--line); }
.kept td:first-child { color: var(--good); }
.broken td:first-child { color: var(--fault); font-weight: 700; }
.key { font-size: .875rem; line-height: 1.7; }
.key .of { white-space: normal; margin-right: .9rem; display: inline-block; }
.key i { display: inline-block; width: 1.8rem; margin-right: .3rem; vertical-align: middle; border-top: 3px solid; }
.key .faint { border-top-width: 5px; opacity: .35; border-color: currentColor; }
summary { cursor: pointer; }
.bk-description > .bk-icon { background-color: currentColor !important; }
"""


class Control:
    """What one turns for one knob.

    Parameters
    ----------
    knob : Knob
    value : plain data
        What it shows first.
    turned : callable
        Gets the knob, its new value, and whether a slider is being dragged.
    """

    def __init__(self, knob: Knob, value: Any, turned: Callable[[Knob, Any, bool], None]) -> None:
        self.knob, self._turned = knob, turned
        self._value, self._setting = value, False
        self._field = self._make_field()
        self._field.on_change("value", self._typed)
        self._slider = self._make_slider()
        if self._slider is not None:
            self._slider.on_change("value", self._slid)
        self._complaint = Div(
            visible=False, disable_math=True, stylesheets=[STYLE], sizing_mode="stretch_width"
        )
        parts = [self._field, self._slider, self._complaint]
        self.layout = Column(*filter(None, parts), sizing_mode="stretch_width", css_classes=["knob"])
        self.show(value)

    def show(self, value: Any) -> None:
        """Put a value into field and slider without turning anything."""
        self._value = value
        self._quietly(lambda: self._field.update(value=text_of(value)))
        self._slide()
        self.complain("")

    def complain(self, text: str) -> None:
        """A line under the field; none if empty."""
        line = Markup("<p class='complaint' role='alert'>{}</p>").format(text) if text else ""
        if self._complaint.text != line:
            self._complaint.update(text=str(line), visible=bool(text))

    def _make_field(self) -> TextInput | Select:
        ours = " · our choice" if self.knob.ours else ""
        look = {
            "title": f"{self.knob.key}{ours}",
            "name": f"field:{self.knob.key}",
            "description": f"It must {self.knob.allowed}.",
            "stylesheets": [STYLE],
            "sizing_mode": "stretch_width",
            "value": text_of(self._value),
        }
        if self.knob.choices:
            return Select(options=list(self.knob.choices), **look)
        return TextInput(**look)

    def _make_slider(self) -> Slider | RangeSlider | None:
        if self.knob.track is None:
            return None
        look = {
            "start": 0,
            "end": self.knob.track.last,
            "step": 1,
            "show_value": False,
            "name": f"slider:{self.knob.key}",
            "stylesheets": [STYLE],
            "sizing_mode": "stretch_width",
            "margin": (0, 16, 8, 16),
        }
        return RangeSlider(value=(0, 1), **look) if self.knob.is_grid else Slider(value=0, **look)

    def _slide(self) -> None:
        slider, track, value = self._slider, self.knob.track, self._value
        if slider is None or track is None:
            return
        if not self.knob.is_grid:
            self._quietly(lambda: slider.update(value=track.position(value)))
        elif isinstance(value, dict):
            ends = track.position(value["start"]), track.position(value["stop"])
            self._quietly(lambda: slider.update(value=ends))

    def _typed(self, _name: str, _old: str, text: str) -> None:
        if self._setting:
            return
        try:
            value = self.knob.parse(text)
        except ParameterError as error:
            self.complain(f"{self.knob.name} must {error.allowed}")
            return
        self._value = value
        self.complain("")
        self._slide()
        self._turned(self.knob, value, False)

    def _slid(self, _name: str, _old: Any, position: Any) -> None:
        track = self.knob.track
        if self._setting or track is None:
            return
        if self.knob.is_grid:
            if not isinstance(self._value, dict) or position[0] >= position[1]:
                return
            self._value = self.knob.moved(self._value, *map(int, position))
        else:
            self._value = track.value(int(position))
        self._quietly(lambda: self._field.update(value=text_of(self._value)))
        self.complain("")
        self._turned(self.knob, self._value, True)

    def _quietly(self, change: Callable[[], Any]) -> None:
        self._setting = True
        try:
            change()
        finally:
            self._setting = False
