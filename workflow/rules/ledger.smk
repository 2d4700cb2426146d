# The ledger: one job a module that judges entries, then pages and letters.  snakemake --cores 8 ledger


rule ledger:
    input:
        standard_only("ledger", ledger_jobs.all_files(ledger_modules)),


rule judge_entries:
    input:
        needs_of_part,
    output:
        "results/ledger/parts/{paper}/{module}.json",
        "results/ledger/parts/{paper}/{module}.code.json",
    log:
        "results/logs/ledger/{paper}/{module}.log",
    resources:
        mem_mb=growing(900),
        runtime=growing(15),
    params:
        spec=lambda wildcards: ledger_jobs.spec(
            the_plan, wildcards.paper, wildcards.module
        ),
    message:
        "Judging {wildcards.paper}, {wildcards.module}"
    run:
        do(
            ledger_jobs.JudgeEntries(params.spec, output[0]),
            log,
            labels.of_part(the_plan, wildcards.paper, wildcards.module),
        )


rule write_ledger:
    input:
        needs_of_ledger,
    output:
        json="results/ledger/{paper}.json",
        csv="results/ledger/{paper}.csv",
        md="results/ledger/{paper}.md",
        letter="results/ledger/letters/{paper}.md",
        sums="results/ledger/{paper}.sha256",
    log:
        "results/logs/ledger/{paper}.log",
    wildcard_constraints:
        paper=judged_papers,
    localrule: True
    resources:
        mem_mb=200,
    params:
        pages=ledger_jobs.page_spec(the_plan),
    message:
        "Writing the ledger of {wildcards.paper}"
    run:
        do(ledger_jobs.WriteLedger(wildcards.paper, tuple(input)), log)


rule write_answers:
    input:
        needs_of_ledger,
    output:
        json="results/ledger/{paper}.json",
        csv="results/ledger/{paper}.csv",
        md="results/ledger/{paper}.md",
        sums="results/ledger/{paper}.sha256",
    log:
        "results/logs/ledger/{paper}.log",
    wildcard_constraints:
        paper=answering,
    localrule: True
    resources:
        mem_mb=200,
    params:
        pages=ledger_jobs.page_spec(the_plan),
    message:
        "Writing the ledger of {wildcards.paper}"
    run:
        do(ledger_jobs.WriteLedger(wildcards.paper, tuple(input)), log)


rule write_errata:
    input:
        needs_of_errata,
    output:
        ledger_jobs.ERRATA,
        ledger_jobs.sums_file("errata"),
    log:
        "results/logs/ledger/errata.log",
    localrule: True
    resources:
        mem_mb=200,
    params:
        pages=ledger_jobs.page_spec(the_plan),
    message:
        "Writing the errata"
    run:
        do(ledger_jobs.WriteErrata(tuple(input), output[0]), log)
