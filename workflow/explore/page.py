"""One window: knobs, plots, and what is said; every request goes to a desk beside the page."""

import asyncio
import time
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any

from bokeh.document import Document
from bokeh.models import Button, Column, CustomJS, Div, TextInput
from jinja2 import Template
from markupsafe import Markup

from qte.common import text
from qte.data.table_files import Header
from qte.ledger.checks import TOLERANCE
from workflow.explore import desks, overlay_files
from workflow.explore.controls import STYLE, Control
from workflow.explore.desks import Answer, Desk, Refusal, TableRequest
from workflow.explore.figures import Refused
from workflow.explore.knobs import Knob
from workflow.explore.plots import TablePlot
from workflow.explore.shapes import Shape
from workflow.explore.state import State
from workflow.explore.statements import Judged, StatementRequest, judge
from workflow.plan import wording
from workflow.report.markup import formulas

# Seconds after the last turn at which the full grid is computed and the ledger is asked.
REST = 0.25
# What takes longer is announced, and shown as it goes on.
SLOW = 0.5
_EVERY = 0.25
# A table that takes longer has a coarser grid while one drags.
QUICK = 0.04
_TEMPLATE = Path(__file__).with_name("page.html")
_STYLE = Path(__file__).with_name("page.css")
_ADDRESS = """
const query = place.tags[0];
history.replaceState(null, "", location.pathname + (query ? "?" + query : ""));
"""


class Page:
    """The document of one window.

    Parameters
    ----------
    document : Document
    standard : State
    query : str
        The part of the address after its ``?``.
    kept : dict
        Standard tables that are known already, by name; new ones are added.
    """

    def __init__(self, document: Document, standard: State, query: str, kept: dict[str, Answer]) -> None:
        self.document, self.kept = document, kept
        self._standard = standard
        self.state, complaints = standard.restored(query)
        self.good = standard
        self._loop = asyncio.get_running_loop()
        self._serial = 0
        self._answers: dict[str, Answer] = {}
        self._seconds: dict[str, float] = {}
        self._plots: dict[str, TablePlot] = {}
        self._remarks: dict[str, tuple[str, ...]] = {}
        self._refusals: set[str] = set()
        self._told: State | None = None
        self._resting: asyncio.TimerHandle | None = None
        self._lay_out(complaints)
        figure = standard.figure
        self._desks = {
            table.name: Desk(desks.compute, self._later(self._arrived), self._later(self._died))
            for table in figure.tables
        }
        self._ledger: Desk | None = None
        for table in figure.tables:
            if table.name in kept:
                self._arrived(kept[table.name])
            else:
                self._ask(table.name, standard)
        self._watch()

    # ---- what is seen ---------------------------------------------------------------------------

    def _lay_out(self, complaints: list[str]) -> None:
        figure = self._standard.figure
        self._controls = {
            knob.key: Control(knob, self.state.value(knob), self._turned) for knob in self._standard.knobs
        }
        self._status, self._said, self._windows, self._verdicts = (
            _words(name) for name in ("status", "said", "windows", "verdicts")
        )
        self._say(complaints)
        self._sections = {
            table.name: Column(sizing_mode="stretch_width", name=f"plots:{table.name}")
            for table in figure.tables
        }
        self._keys = {table.name: _words(f"key:{table.name}") for table in figure.tables}
        self._facts = {table.name: _words(f"facts:{table.name}") for table in figure.tables}
        self._address = _words("address")
        show_address = CustomJS(args={"place": self._address}, code=_ADDRESS)
        self._address.js_on_change("tags", show_address)
        self.document.js_on_event("document_ready", show_address)
        self._name = TextInput(
            title="Name of the overlay",
            value=overlay_files.free(figure.name),
            name="overlay",
            stylesheets=[STYLE],
            sizing_mode="stretch_width",
        )
        save = Button(label="Save as overlay", name="save", stylesheets=[STYLE], sizing_mode="stretch_width")
        save.on_click(self._save)
        back = Button(
            label="Standard values", name="standard", stylesheets=[STYLE], sizing_mode="stretch_width"
        )
        back.on_click(self._restore)
        drawn = [part for table in self._sections for part in (self._sections[table], self._keys[table])]
        knobs = [control.layout for control in self._controls.values()]
        self._heading, self._caption = _words("heading"), _words("caption")
        roots = {
            "status": _stack(self._heading, self._status, self._said, self._windows),
            "plots": _stack(*drawn),
            "knobs": _stack(*knobs, self._name, save, back, self._address),
            "more": _stack(*self._facts.values(), self._verdicts, self._caption),
        }
        for name, root in roots.items():
            root.name = name
            self.document.add_root(root)
        self.document.title = f"{figure.key}, live"
        self.document.template = Template(_TEMPLATE.read_text(encoding="utf-8"), autoescape=True)
        style = Markup(_STYLE.read_text(encoding="utf-8"))
        self.document.template_variables.update(key=figure.key, style=style)
        self._tell_address(self.state)
        self._tell_words()

    def _say(self, lines: list[str]) -> None:
        self._said.text = str(
            Markup("").join(Markup("<p class='complaint' role='alert'>{}</p>").format(line) for line in lines)
        )

    @property
    def is_open(self) -> bool:
        """Whether a browser shows it; one that was just reloaded is kept for a while."""
        context = self.document.session_context
        return bool(context and context.session and context.session.connection_count)

    def count_windows(self, windows: int) -> None:
        """Say how many windows there are, if there are several."""
        several = (
            f"This figure is open in {windows} windows; each keeps values of its own." if windows > 1 else ""
        )
        self._later(lambda: self._windows.update(text=str(Markup("<p>{}</p>").format(several))))()

    def _tell_address(self, state: State) -> None:
        query = state.query()
        self._address.tags = [query]
        figure = self._standard.figure.key
        command = f"make explore FIGURE='{figure}?{query}'" if query else f"make explore FIGURE={figure}"
        self._address.text = str(
            Markup(
                "<p class='soft'>The address of this page brings these values back, and so does</p><pre>{}</pre>"
            ).format(command)
        )

    def _tell_words(self) -> None:
        """Title and caption with the numbers of the present tables."""
        figure = self._standard.figure
        headers = {
            table.name: Header(
                {"params": self.good.params(table.name), "ours": table.ours}, (), self._found(table.name)
            )
            for table in figure.tables
        }
        numbers = wording.numbers(figure.params, headers)
        title = wording.filled(figure.title, numbers, strict=False)
        caption = wording.caption(figure.caption, numbers, headers, strict=False)
        self._heading.text = str(Markup("<h1>{}</h1>").format(title))
        self._caption.text = str(Markup("<p class='soft'>{}</p>").format(formulas.label(caption)))

    def _found(self, table: str) -> Mapping[str, Any]:
        """The facts of a table, once it is there."""
        return self._answers[table].facts if table in self._answers else {}

    def _tell_facts(self, answer: Answer) -> None:
        table, kept = answer.request.table, self.kept[answer.request.table].facts
        row = Markup("<tr><th>{}</th><td>{}</td><td>{}</td></tr>")
        rows = [
            row.format(name.replace("_", " "), text.parameter(value, 8), text.parameter(kept.get(name), 8))
            for name, value in answer.facts.items()
        ]
        head = Markup("<tr><th></th><th>now</th><th>standard</th></tr>")
        remarks = Markup("").join(Markup("<p class='remark'>{}.</p>").format(line) for line in answer.remarks)
        self._facts[table].text = str(remarks + (_folded(f"Numbers of {table}", head, rows) if rows else ""))

    # ---- what is turned -------------------------------------------------------------------------

    def _turned(self, knob: Knob, value: Any, dragged: bool) -> None:
        self.state = self.state.turned(knob, value)
        self._say([])
        for table in knob.tables:
            self._ask(table, self.state, dragged=dragged and self._seconds.get(table, 0.0) > QUICK)
        self._rest_soon()

    def _restore(self) -> None:
        self.state = self._standard
        for knob in self._standard.knobs:
            self._controls[knob.key].show(knob.standard)
        self._say([])
        for table in self._desks:
            self._ask(table, self.state)
        self._rest_soon()

    def _ask(self, table: str, state: State, *, dragged: bool = False) -> None:
        if table not in self.kept and state is not self._standard:
            # what all else is compared with comes first; the rest is asked when it is there
            return
        self._refusals.discard(table)
        self._serial += 1
        study = next(one.study for one in state.figure.tables if one.name == table)
        request = TableRequest(self._serial, table, study, state.params(table), dragged)
        self._desks[table].ask(request)

    def _rest_soon(self) -> None:
        if self._resting is not None:
            self._resting.cancel()
        self._resting = self._loop.call_later(REST, self._later(self._rest))

    def _rest(self) -> None:
        self._resting = None
        self._settle()

    def _settle(self) -> None:
        """Once nothing is turned: full grids where they are not yet, then the numbers, the address and the ledger."""
        if self._resting is not None:
            return
        for table, desk in self._desks.items():
            if desk.running is None and table not in self._refusals and not self._is_whole(table):
                self._ask(table, self.state)
        if self._told is not self.good and all(desk.running is None for desk in self._desks.values()):
            self._told = self.good
            for answer in self._answers.values():
                self._tell_facts(answer)
            self._tell_words()
            self._tell_address(self.good)
            self._judge()

    def _is_whole(self, table: str) -> bool:
        """Whether a table is drawn at the present values, on its full grid."""
        answer = self._answers.get(table)
        return answer is not None and not answer.request.dragged and self._is_present(answer.request)

    def _is_present(self, request: TableRequest) -> bool:
        return request.params == self.state.params(request.table)

    def _save(self) -> None:
        link = f"{self._standard.figure.key}?{self.good.query()}"
        try:
            if self.good.changed != self.state.changed:
                raise Refused("Nothing was saved: what the fields say has not been drawn")
            if not self.good.changed:
                raise Refused("Nothing was saved: every value is the standard one")
            file = overlay_files.save(self._name.value.strip(), self.good.overlay(), link)
        except Refused as refusal:
            self._say([f"{refusal}."])
            return
        self._name.value = overlay_files.free(file.stem)
        self._said.text = str(
            Markup(
                "<p class='done' role='status'>Saved. It is built by</p><pre>make variant OVERLAY={}</pre>"
            ).format(file.as_posix())
        )

    # ---- what comes back ------------------------------------------------------------------------

    def _later(self, callback: Callable[..., None]) -> Callable[..., None]:
        """The callback with the document's lock, on the next turn of the loop."""
        return lambda *arguments: self.document.add_next_tick_callback(partial(callback, *arguments)) and None

    def _arrived(self, answer: Answer) -> None:
        table = answer.request.table
        if answer.shape is None:
            self._refused(answer.request, answer.refusal or Refusal("", "there is no table"))
            return
        self._refusals.discard(table)
        self._answers[table] = answer
        if table not in self.kept:
            self.kept[table] = answer
        self.document.hold("combine")
        try:
            self._draw(table, answer.shape)
        finally:
            self.document.unhold()
        if not answer.request.dragged:
            self._seconds[table] = answer.seconds
        if all(
            name in self._answers and self._is_present(self._answers[name].request) for name in self._desks
        ):
            self.good = self.state
        self._settle()

    def _draw(self, table: str, shape: Shape) -> None:
        first = table not in self._plots
        if first:
            standard = self.kept[table].shape
            assert standard is not None
            self._plots[table] = TablePlot(table, standard)
        plot = self._plots[table]
        if plot.draw(shape) or first:
            self._sections[table].children = list(plot.figures)
        if self._keys[table].text != (key := str(plot.key())):
            self._keys[table].text = key

    def _refused(self, request: TableRequest, refusal: Refusal) -> None:
        table = request.table
        if table in self.kept and not self._is_present(request):
            self._settle()
            return
        self._refusals.add(table)
        for knob in self._standard.knobs:
            if knob.name == refusal.name and table in knob.tables:
                self._controls[knob.key].complain(refusal.text)
                break
        else:
            self._say([f"{table}: {refusal.text}. The plot keeps the last values that went well."])
        self._settle()

    def _died(self, request: TableRequest) -> None:
        self._refused(request, Refusal("", "the process that computes it was ended from outside"))

    def _watch(self) -> None:
        """Say what is being computed once it takes long, and how long it has taken."""
        self._watching = self._loop.call_later(_EVERY, self._later(self._watch))
        now = time.monotonic()
        slow = [
            (name, now - desk.since)
            for name, desk in self._desks.items()
            if desk.running is not None and now - desk.since > SLOW
        ]
        line = ", ".join(f"{name} … {seconds:.1f} s" for name, seconds in slow)
        content = str(Markup("<p class='busy' role='status'>Computing {}</p>").format(line)) if slow else ""
        if self._status.text != content:
            self._status.text = content

    # ---- the ledger -----------------------------------------------------------------------------

    def _judge(self) -> None:
        """Ask what the present values do to the statements of the paper's ledger."""
        if self._ledger is None:
            self._ledger = Desk(judge, self._later(self._judged), lambda request: None)
        self._serial += 1
        tables = tuple((table.study, self.good.params(table.name)) for table in self.good.figure.tables)
        self._ledger.ask(StatementRequest(self._serial, self.good.figure.paper, tables))

    def _judged(self, judged: tuple[Judged, ...]) -> None:
        self._verdicts.text = str(_verdicts(judged))

    def close(self) -> None:
        """End what runs for this window."""
        self._watching.cancel()
        if self._resting is not None:
            self._resting.cancel()
        for desk in (*self._desks.values(), *filter(None, [self._ledger])):
            desk.close()


def _stack(*parts: Any) -> Column:
    return Column(*parts, sizing_mode="stretch_width")


def _words(name: str) -> Div:
    """A place for words, which takes no room while it is empty."""
    place = Div(name=name, disable_math=True, stylesheets=[STYLE], sizing_mode="stretch_width", visible=False)
    place.on_change("text", lambda _name, _old, new: place.update(visible=bool(new)))
    return place


def _verdicts(judged: tuple[Judged, ...]) -> Markup:
    """Statements of the ledger at the present values."""
    if not judged:
        return Markup(
            "<p class='soft'>No entry of the paper's ledger has a margin that these parameters decide.</p>"
        )
    row = Markup(
        "<tr class='{}'><td>{}</td><td>{}<br><span class='soft'>{}, {}; in the ledger: {}</span></td><td>{}</td></tr>"
    )
    rows = [
        row.format(
            "kept" if one.holds else "broken",
            "satisfied" if one.holds else "broken",
            one.what,
            one.entry,
            one.place,
            one.verdict,
            # round-off itself differs between machines
            text.typeset(one.margin if abs(one.margin) > TOLERANCE else 0.0, 3),
        )
        for one in judged
    ]
    head = Markup("<tr><th>here</th><th>statement</th><th>smallest margin</th></tr>")
    return _folded("Statements of the paper's ledger at these values", head, rows, "open")


def _folded(title: str, head: Markup, rows: list[Markup], state: str = "") -> Markup:
    """A table that scrolls in its box, under a title that opens and closes it."""
    box = Markup(
        "<details {}><summary>{}</summary><div class='scroll' tabindex='0'><table>{}{}</table></div></details>"
    )
    return box.format(state, title, head, Markup("").join(rows))
