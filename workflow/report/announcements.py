"""What a run under an overlay, or one that lacks it, says on the terminal."""

from pathlib import Path
from typing import Any

from qte.common.parameters import did_you_mean
from workflow.plan.plan import Plan
from workflow.plan.variants import FOLDER, OVERLAY, VariantPlan


def before(variant: VariantPlan, files: tuple[str, ...]) -> str:
    """What the overlay makes different."""
    where = f"into {variant.places.results}/"
    return f"Variant {variant.name} ({' and '.join(files)}): {counted(variant)} It goes {where}"


def counted(variant: VariantPlan) -> str:
    """One sentence on how much differs."""
    entries = _count(len(list(variant.changes())), "entry of the config is", "entries of the config are")
    tables = _count(len(variant.tables), "table", "tables")
    figures = _count(len(variant.figures), "figure", "figures")
    differ = "differ" if len(variant.tables) + len(variant.figures) > 1 else "differs"
    what = f"{tables} and {figures}" if variant.tables else figures
    return f"{entries} changed; {what} {differ} from the standard."


def after(variant: VariantPlan) -> str:
    """Where to look."""
    return f"Standard and variant side by side: {variant.page}"


def about(the_plan: Plan) -> dict[str, Any]:
    """What there is, where to look and what next, for the last lines of a run.

    Returns
    -------
    dict
        ``there``: rule → what it makes, and how many of these the config names; ``look``: name → file; ``next``.
    """
    of_variant = isinstance(the_plan, VariantPlan)
    prefix = "variant_" if of_variant else ""
    data = sum(the_plan.is_data(*key) for key in the_plan.tables)
    there = {
        f"draw_{prefix}figure": ("figure", len(the_plan.figures)),
        f"build_{prefix}table": ("table", len(the_plan.tables) - data),
    }
    there |= {f"import_{prefix}data": ("data file", data)} if data else {}
    page = the_plan.page if of_variant else f"{the_plan.places.results}/report/index.html"
    look = {"Look at": page, "Figures": f"{the_plan.places.figures}/"}
    after = "" if of_variant else "make verify holds every figure and verdict against the accepted ones"
    return {"there": there, "look": look, "next": after}


def not_of_a_variant(target: str, variant: VariantPlan) -> str:
    """Why a target is refused under an overlay."""
    return (
        f"`{target}` is about the standard figures and knows no variant; nothing was run. Leave out --configfile, or "
        f"leave out `{target}` to build the variant {variant.name}."
    )


def without_overlay(name: str) -> str:
    """Why a file of a variant cannot be made by a run that has no overlay, or another one."""
    known = Path(FOLDER, name, OVERLAY)
    overlay = known.as_posix() if known.is_file() else "<overlay>"
    how = f"snakemake --cores 8 --configfile {overlay}"
    return f"{FOLDER / name} is a variant; nothing was run. Name its overlay: {how}"


def unknown(section: str, the_plan: Plan, name: str) -> str:
    """Why a figure or table cannot be made that the config does not have; nothing runs."""
    what, known = section.removesuffix("s"), the_plan.names(section)
    of_paper = [other for other in known if other.startswith(f"{name.partition('/')[0]}/")] or known
    hint = did_you_mean(name, of_paper) or did_you_mean(name, known)
    return f"There is no {what} {name}{hint}; there are {', '.join(of_paper)}. Nothing was run."


def _count(number: int, one: str, many: str) -> str:
    return f"{number} {one if number == 1 else many}"
