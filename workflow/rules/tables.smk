# One job a table: a study of qte computes it from the params in config.yaml.


rule build_table:
    input:
        needs_of_table,
    output:
        "results/tables/{paper}/{table}.csv",
    log:
        "results/logs/tables/{paper}/{table}.log",
    benchmark:
        "results/benchmarks/tables/{paper}/{table}.tsv"
    resources:
        mem_mb=500,
    params:
        spec=spec_of_table,
    message:
        "Computing table {wildcards.paper}/{wildcards.table}"
    run:
        do(jobs.BuildTable(params.spec, output[0]), log, bench_record)
