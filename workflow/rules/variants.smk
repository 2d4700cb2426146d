# Variants: what an overlay makes different, in a folder of its own.  snakemake --cores 8 --configfile my.yaml


use rule build_table as build_variant_table with:
    output:
        "results/variants/{variant}/tables/{paper}/{table}.csv",
        "results/variants/{variant}/tables/{paper}/{table}.code.json",
    log:
        "results/variants/{variant}/logs/tables/{paper}/{table}.log",
    message:
        "Computing table {wildcards.paper}/{wildcards.table} of variant {wildcards.variant}"


use rule import_data as import_variant_data with:
    output:
        "results/variants/{variant}/tables/{paper}/{table}.csv",
        "results/variants/{variant}/tables/{paper}/{table}.code.json",
    log:
        "results/variants/{variant}/logs/data/{paper}/{table}.log",
    message:
        "Taking in data {wildcards.paper}/{wildcards.table} of variant {wildcards.variant}"


use rule build_shard as build_variant_shard with:
    output:
        temp("results/variants/{variant}/shards/{paper}/{table}/{start}-{stop}.csv"),
        temp(
            "results/variants/{variant}/shards/{paper}/{table}/{start}-{stop}.code.json"
        ),
    log:
        "results/variants/{variant}/logs/shards/{paper}/{table}/{start}-{stop}.log",
    message:
        "Computing points {wildcards.start} to {wildcards.stop} of table {wildcards.paper}/{wildcards.table}, variant {wildcards.variant}"


use rule draw_figure as draw_variant_figure with:
    output:
        pdf="results/variants/{variant}/figures/{paper}/{figure}.pdf",
        svg="results/variants/{variant}/figures/{paper}/{figure}.svg",
        png="results/variants/{variant}/figures/{paper}/{figure}.png",
        notebook="results/variants/{variant}/notebooks/{paper}/{figure}.ipynb",
        manifest="results/variants/{variant}/manifests/{paper}/{figure}.json",
    log:
        "results/variants/{variant}/logs/figures/{paper}/{figure}.log",
    message:
        "Drawing figure {wildcards.paper}/{wildcards.figure} of variant {wildcards.variant}"


rule compare_variant:
    input:
        needs_of_page,
    output:
        # not overlay.yaml: a run may have been given this very file, and Snakemake removes outputs beforehand
        page="results/variants/{variant}/index.html",
        differences="results/variants/{variant}/differences.csv",
    log:
        "results/variants/{variant}/logs/compare_variant.log",
    resources:
        mem_mb=500,
    params:
        page=lambda wildcards: jobs_of_verify.hash_of(plan_of(wildcards).page_spec()),
    message:
        "Comparing variant {wildcards.variant} with the standard"
    run:
        do(variant_jobs.CompareVariant(configs), log)


use rule sum_checksums as sum_variant_checksums with:
    input:
        needs_of_variant_sums,
    output:
        "results/variants/{variant}/SHA256SUMS",
    log:
        "results/variants/{variant}/logs/sum_checksums.log",
    message:
        "Writing the checksums of variant {wildcards.variant}"
