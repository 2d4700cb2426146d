"""Writing a variant's folder: the page, the numbers, the copies of the standard; and looking at what is there."""

from dataclasses import dataclass
from pathlib import Path

from qte.common.files import write_atomically
from workflow.config.overlays import Configs
from workflow.plan import checksums, variants
from workflow.plan.integrity import Finding
from workflow.plan.plan import sha256
from workflow.plan.variants import VariantPlan
from workflow.snakemake_door import made_files

# What runs have made in these folders, and what is not of this variant any more, goes.
_MANAGED = ("figures", "manifests", "notebooks", "standard", "static", "tables")


@dataclass(frozen=True)
class CompareVariant:
    """Write everything that stands beside a variant's own tables and figures."""

    configs: Configs

    def run(self) -> None:
        # Here, not above: the main process compares nothing.
        from workflow.report import site
        from workflow.report.variant import page

        _, variant = variants.plans_of(self.configs)
        assert variant is not None, "no variant, no rule that asks for its page"
        folder = Path(variant.places.results)
        for copy, file in variant.beside().items():
            write_atomically(copy, Path(file).read_bytes())
        site.write_static(folder)
        content = page.content(variant)
        write_atomically(folder / variants.DIFFERENCES, page.as_csv(content))
        write_atomically(folder / variants.OVERLAY, variant.overlay_text())
        write_atomically(variant.page, page.as_html(content))
        for name in _MANAGED:
            made_files.remove_dropped(folder / name, set(map(Path, variant.summed())))


def of_page(variant: VariantPlan) -> list[Finding]:
    """Hold the page and all that was written with it against the list of checksums, when both are there."""
    folder, sums = variant.places.results, Path(variant.places.sums)
    if not (sums.exists() and Path(variant.page).exists()):
        return []
    recorded = checksums.read(sums)
    for file in variant.page_files():
        digest = recorded.get(file.removeprefix(f"{folder}/"))
        if not Path(file).exists():
            return [Finding(variant.page, f"{file} is not there")]
        # A file that the list does not know yet is written anew by a change that Snakemake sees.
        if digest and sha256(Path(file)) != digest:
            return [Finding(variant.page, f"{file} is not what the run wrote")]
    return []
