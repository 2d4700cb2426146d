# One job a table: a study of qte computes it from the params in config.yaml, or it is data, taken from a file of
# one's own or from what an own rule made (workflow/rules/local). A table with `shards` or
# `points_per_shard` is computed by one job a shard, and its own job puts these together.


rule build_table:
    input:
        needs_of_table,
    output:
        "results/tables/{paper}/{table}.csv",
        "results/tables/{paper}/{table}.code.json",
    log:
        "results/logs/tables/{paper}/{table}.log",
    wildcard_constraints:
        paper=f"(?!{data_tables}){A_PAPER}",
    priority: 1
    resources:
        mem_mb=growing(700),
        runtime=growing(10),
    params:
        spec=spec_of_table,
    message:
        "Computing table {wildcards.paper}/{wildcards.table}"
    run:
        do(
            results.BuildTable(params.spec, output[0], shards_among(input)),
            log,
            label_of_table(wildcards, input),
        )


rule import_data:
    input:
        needs_of_data,
    output:
        "results/tables/{paper}/{table}.csv",
        "results/tables/{paper}/{table}.code.json",
    log:
        "results/logs/data/{paper}/{table}.log",
    wildcard_constraints:
        paper=f"(?={data_tables}){A_PAPER}",
    localrule: True
    resources:
        mem_mb=growing(200),
    params:
        spec=spec_of_table,
    message:
        "Taking in data {wildcards.paper}/{wildcards.table}"
    run:
        do(
            results.ImportData(params.spec, output[0], input[0]),
            log,
            label_of_table(wildcards),
        )


rule build_shard:
    input:
        needs_of_shard,
    output:
        temp("results/shards/{paper}/{table}/{start}-{stop}.csv"),
        temp("results/shards/{paper}/{table}/{start}-{stop}.code.json"),
    log:
        "results/logs/shards/{paper}/{table}/{start}-{stop}.log",
    wildcard_constraints:
        start="[0-9]+",
        stop="[0-9]+",
    priority: 1
    resources:
        mem_mb=growing(700),
        runtime=growing(10),
    params:
        spec=spec_of_table,
    message:
        "Computing points {wildcards.start} to {wildcards.stop} of table {wildcards.paper}/{wildcards.table}"
    run:
        points = int(wildcards.start), int(wildcards.stop)
        do(
            results.BuildShard(params.spec, output[0], *points),
            log,
            label_of_table(wildcards),
        )


# Tables and figures of the config's section `large`:  snakemake --cores 8 large
rule large:
    input:
        standard_only("large", the_plan.large_outputs()),
