"""The report in a real browser, without a network: `make test-report`.

Two reports: a small one full of markup that must stay text, and the project's own, if it has been built.
"""

import warnings
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.workflow.browser import Browser, missing
from tests.workflow.html_pages import pages_of
from tests.workflow.projects import PROJECT, Project
from tests.workflow.test_report import folder, set_traps
from workflow.jobs import report as report_jobs

pytestmark = pytest.mark.slow

PHONE, DESK = (375, 700), (1280, 900)
OWN = PROJECT / report_jobs.folder()
ENTER, TAB = "\ue007", "\ue004"
# Text against what lies behind it, WCAG 2 AA: 4.5, or 3 for large letters. Pictures and what is hidden aside.
POOR_CONTRAST = """
const canvas = document.createElement("canvas").getContext("2d", {willReadFrequently: true});
function rgba(color) {
  canvas.clearRect(0, 0, 1, 1); canvas.fillStyle = color; canvas.fillRect(0, 0, 1, 1);
  return Array.from(canvas.getImageData(0, 0, 1, 1).data);
}
function light(c) {
  const [r, g, b] = c.slice(0, 3).map(v => v / 255).map(v => v <= .04045 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4);
  return .2126 * r + .7152 * g + .0722 * b;
}
function behind(element) {
  for (let e = element; e; e = e.parentElement) {
    const c = rgba(getComputedStyle(e).backgroundColor);
    if (c[3] === 255) return c;
  }
  return [255, 255, 255, 255];
}
const found = [];
const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
while (walker.nextNode()) {
  const element = walker.currentNode.parentElement, style = getComputedStyle(element);
  if (!walker.currentNode.data.trim() || !element.getClientRects().length) continue;
  if (element.closest("svg, option, .unseen, .skip")) continue;
  const [a, b] = [light(rgba(style.color)), light(behind(element))].sort((x, y) => y - x);
  const size = parseFloat(style.fontSize), large = size >= 24 || (size >= 18.66 && style.fontWeight >= 700);
  if ((a + .05) / (b + .05) < (large ? 3 : 4.5))
    found.push([element.outerHTML.slice(0, 80), style.color, ((a + .05) / (b + .05)).toFixed(2)].join(" "));
}
return found;
"""
FRAME = "return new Promise(done => requestAnimationFrame(() => setTimeout(done, 0)))"
SHOWN = """return Array.from(document.querySelectorAll(arguments[0])).filter(e => e.getClientRects().length).length"""


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    if reason := missing():
        warnings.warn(f"THE REPORT WAS NOT TESTED IN A BROWSER: {reason}", stacklevel=1)
        pytest.skip(reason)
    with Browser() as opened:
        yield opened


@pytest.fixture(scope="module", params=["small", "own"])
def report(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    if request.param == "own":
        if not (OWN / "index.html").exists():
            pytest.skip("the project's own report has not been built: `make figures`")
        return OWN
    built: Project = request.getfixturevalue("built")
    project = built.clone(tmp_path_factory.mktemp("browser") / "project")
    set_traps(project)
    project.build()
    return folder(project)


@pytest.fixture
def desk(browser: Browser) -> Browser:
    browser.size(*DESK)
    browser.prefer("light")
    return browser


def test_every_page_opens_from_the_disk_without_a_word_in_the_console(desk: Browser, report: Path) -> None:
    for file in pages_of(report):
        desk.open(file)
        assert desk.messages() == [], file.name
        assert desk.run("return location.protocol") == "file:"
        names = desk.run("return performance.getEntriesByType('resource').map(entry => entry.name)")
        assert [name for name in names if not name.startswith(("file:", "data:"))] == []
        # A picture that is missing or refused has no size.
        assert (
            desk.run(
                "document.querySelectorAll('img').forEach(i => i.loading = 'eager');"
                "return Promise.all(Array.from(document.images, i => i.decode().then(() => 0, () => i.src)))"
                ".then(all => all.filter(Boolean))"
            )
            == []
        )
        assert (
            desk.run("return getComputedStyle(document.querySelector('.top')).borderBottomStyle") == "solid"
        )


def test_every_link_leads_to_a_page_that_opens(desk: Browser, report: Path) -> None:
    """As the browser resolves it; anchors too."""
    pages = pages_of(report)
    for file, page in pages.items():
        desk.open(file)
        targets = desk.run(
            "return Array.from(document.querySelectorAll('a[href]'), a => new URL(a.href))"
            ".map(url => [url.protocol, decodeURIComponent(url.pathname), decodeURIComponent(url.hash.slice(1))])"
        )
        assert len(targets) == len(page.links)
        for protocol, path, anchor in targets:
            if protocol == "https:":
                continue
            assert protocol == "file:", (file.name, path)
            target = Path(path)
            assert target.is_file(), (file.name, path)
            assert target.is_relative_to(report), (file.name, path)
            assert not anchor or anchor in pages[target].ids, (file.name, path, anchor)


def test_search_and_filters_of_the_gallery(desk: Browser, report: Path) -> None:
    desk.open(report / "index.html")
    count = desk.run(SHOWN, "[data-card]")
    assert (
        desk.run("return document.querySelector('[data-gallery] [data-found]').textContent")
        == f"{count} figures"
    )
    desk.type("[data-gallery] input[name=search]", "T_h NEGATIVITY")
    found = desk.run(SHOWN, "[data-card]")
    assert 0 < found < count
    assert desk.run("return document.querySelector('[data-gallery] [data-found]').textContent") == (
        f"{found} of {count} figures"
    )
    assert desk.run(SHOWN, "[data-group]") < desk.run(
        "return document.querySelectorAll('[data-group]').length"
    )
    desk.click("[data-gallery] button[type=reset]")
    desk.run("return new Promise(done => setTimeout(done, 50))")
    assert desk.run(SHOWN, "[data-card]") == count
    for wanted in ("gamma_h", "TwoQubitEngine", "Fig. 2", "negativty", "detuning_curves"):
        desk.type("[data-gallery] input[name=search]", wanted)
        assert 0 < desk.run(SHOWN, "[data-card]") < count, wanted
        desk.click("[data-gallery] button[type=reset]")
        desk.run("return new Promise(done => setTimeout(done, 50))")
    # By keyboard alone: from the search on, to the machine, which begins with "Th".
    desk.run("document.querySelector('[data-gallery] input').focus()")
    desk.press(TAB, TAB, "T", "h")
    assert desk.run("return document.activeElement.name + ' ' + document.activeElement.value") == (
        "machine Three qubit machine"
    )
    shown = desk.run(
        "return Array.from(document.querySelectorAll('[data-card]')).filter(e => e.getClientRects().length)"
        ".map(e => e.dataset.machine)"
    )
    assert shown
    assert set(shown) == {"Three qubit machine"}
    desk.type("[data-gallery] input[name=search]", "nothing at all like this")
    assert desk.run(SHOWN, "[data-card]") == 0


def test_verdicts_filter_the_gallery_and_the_address_keeps_what_is_asked(desk: Browser, report: Path) -> None:
    cards = """return Array.from(document.querySelectorAll('[data-card]')).filter(e => e.getClientRects().length)
      .map(e => e.dataset.verdict.split('|').includes(arguments[0]))"""
    desk.open(report / "index.html")
    count = desk.run(SHOWN, "[data-card]")
    desk.click("[data-gallery] input[value=slip]")
    shown = desk.run(cards, "slip")
    assert 0 < len(shown) < count
    assert all(shown)
    assert desk.run("return location.search") == "?verdict=slip"
    desk.type("[data-gallery] input[name=search]", "current")
    address = desk.run("return location.search")
    found = desk.run(SHOWN, "[data-card]")
    desk.open(report / "errata.html")
    desk.open(report / "index.html", address)
    assert desk.run(SHOWN, "[data-card]") == found
    assert desk.run("return document.querySelector('[data-gallery] input[name=search]').value") == "current"
    desk.click("[data-gallery] button[type=reset]")
    desk.run("return new Promise(done => setTimeout(done, 50))")
    assert desk.run("return location.search") == ""
    assert desk.run(SHOWN, "[data-card]") == count
    # The chips above lead to the same.
    desk.click("a.chip[href='?verdict=slip#gallery']")
    assert desk.run(SHOWN, "[data-card]") == len(shown)
    assert desk.messages() == []


def test_a_drawing_fits_the_window(desk: Browser, report: Path) -> None:
    for file in sorted((report / "figures").glob("*.html")):
        desk.open(file)
        box = desk.run(
            "const r = document.querySelector('.zoom-box img').getBoundingClientRect(); return [r.width, r.height]"
        )
        assert box[0] <= DESK[0], file.name
        assert box[1] <= 0.85 * DESK[1], file.name


def test_the_ledger_of_a_paper_by_verdict(desk: Browser, report: Path) -> None:
    desk.open(report / "papers/khandelwal2020.html")
    count = desk.run(SHOWN, "[data-entry]")
    faults = desk.run("return document.querySelectorAll('[data-entry][data-verdict=false]').length")
    desk.click("input[value=false]")
    assert desk.run(SHOWN, "[data-entry]") == count - faults
    assert desk.run(SHOWN, "[data-verdict=false]") == 0
    # A link to what is hidden shows it.
    hidden = desk.run("return document.querySelector('[data-verdict=false]').id")
    desk.run("location.hash = arguments[0]; return new Promise(done => setTimeout(done, 200))", hidden)
    assert desk.run(SHOWN, "[data-verdict=false]") == faults
    desk.type("[data-ledger] input[name=search]", "eq-12")
    assert desk.run(SHOWN, "[data-entry]") == 1


def test_zoom_by_keyboard_and_button(desk: Browser, report: Path) -> None:
    desk.open(report / "figures/khandelwal2020-fig2.html")
    width = "return document.querySelector('.zoom-box img').getBoundingClientRect().width"
    before = desk.run(width)
    desk.run("document.querySelector('.zoom-box').focus()")
    desk.press("+", "+")
    assert desk.run(width) == pytest.approx(before * 1.25**2, rel=0.01)
    assert desk.run("return document.querySelector('[data-zoom-now]').textContent") == "156 %"
    desk.press("-")
    assert desk.run(width) == pytest.approx(before * 1.25, rel=0.01)
    desk.press("0")
    assert desk.run(width) == pytest.approx(before, rel=0.01)
    desk.click("[data-zoom-by=in]")
    assert desk.run(width) == pytest.approx(before * 1.25, rel=0.01)


def test_light_and_dark(desk: Browser, report: Path) -> None:
    ground = "return getComputedStyle(document.body).backgroundColor"
    desk.open(report / "index.html")
    desk.run("try { localStorage.clear() } catch (error) {}")
    light = desk.run(ground)
    desk.prefer("dark")
    dark = desk.run(ground)
    assert light != dark
    desk.click("[data-theme-switch]")
    assert desk.run(ground) == light
    # The choice stays, on the next page too, whatever the machine is set to.
    desk.open(report / "errata.html")
    assert desk.run(ground) == light
    desk.click("[data-theme-switch]")
    desk.prefer("light")
    assert desk.run(ground) == dark
    assert desk.run("return getComputedStyle(document.body).colorScheme") == "dark"
    desk.open(report / "figures/khandelwal2020-fig2.html")
    paper = "return getComputedStyle(document.querySelector('.zoom-box')).backgroundColor"
    assert desk.run(paper) == "rgb(255, 255, 255)"
    desk.run("localStorage.clear()")
    assert desk.messages() == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_letters_can_be_read(desk: Browser, report: Path, scheme: str) -> None:
    desk.prefer(scheme)
    for name in (
        "index",
        "errata",
        "papers/khandelwal2020",
        "figures/khandelwal2020-fig2",
        "notebooks/khandelwal2020-fig2",
    ):
        desk.open(report / f"{name}.html")
        desk.run("document.querySelectorAll('details').forEach(details => details.open = true)")
        assert desk.run(POOR_CONTRAST) == [], name


def test_a_telephone_scrolls_no_page_sideways(browser: Browser, report: Path) -> None:
    browser.prefer("light")
    browser.size(*PHONE, touch=True)
    for file in pages_of(report):
        browser.open(file)
        browser.run("document.querySelectorAll('details').forEach(details => details.open = true)")
        wide = browser.run("return [document.documentElement.scrollWidth, window.innerWidth]")
        assert wide == [PHONE[0], PHONE[0]], file.name
        browser.run(FRAME)
        # What is wide scrolls in a box of its own, and the keyboard reaches the box.
        assert (
            browser.run(
                "return Array.from(document.querySelectorAll('main *')).filter(e => e.scrollWidth > e.clientWidth + 1"
                " && ['auto', 'scroll'].includes(getComputedStyle(e).overflowX) && e.tabIndex < 0)"
                ".map(e => e.outerHTML.slice(0, 80))"
            )
            == []
        ), file.name


def test_the_keyboard_finds_its_way(desk: Browser, report: Path) -> None:
    desk.open(report / "index.html")
    desk.press(TAB)
    assert desk.run("return document.activeElement.className") == "skip"
    assert desk.run("return document.activeElement.getBoundingClientRect().left") >= 0
    desk.press(ENTER)
    assert desk.run("return document.activeElement.id") == "main"
    desk.press(TAB)
    style = desk.run(
        "const s = getComputedStyle(document.activeElement); return [s.outlineStyle, s.outlineWidth]"
    )
    assert style == ["solid", "3px"]
    within = desk.run("return document.querySelector('main').contains(document.activeElement)")
    assert within
