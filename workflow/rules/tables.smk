# One job a table: a study of qte computes it from the params in config.yaml. A table with `shards` or
# `points_per_shard` is computed by one job a shard, and its own job puts these together.


rule build_table:
    input:
        needs_of_table,
    output:
        "results/tables/{paper}/{table}.csv",
        "results/tables/{paper}/{table}.code.json",
    log:
        "results/logs/tables/{paper}/{table}.log",
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
            results.BuildTable(params.spec, output[0], tuple(input)),
            log,
            label_of_table(wildcards, input),
        )


rule build_shard:
    input:
        needs_of_shard,
    output:
        temp("results/shards/{paper}/{table}/{start}-{stop}.csv"),
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
