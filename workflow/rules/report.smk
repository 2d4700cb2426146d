# Everything to look at, as pages that need no network: results/report/index.html.  snakemake --cores 8 report

from workflow.scripts.report import jobs as report_jobs


def needs_of_report(wildcards):
    """All that the report shows. Looks at the report that is there."""
    refuse_variant("report")
    make_again(report_jobs.of_report())
    return [plan.SUMS, changes.RECORD, *the_plan.outputs(), *report_jobs.inputs()]


rule report:
    input:
        needs_of_report,
    output:
        report_jobs.front_page(),
        report_jobs.sums(),
    log:
        "results/logs/report.log",
    benchmark:
        "results/benchmarks/report.tsv"
    resources:
        mem_mb=400,
    params:
        spec=report_jobs.spec(the_plan.config),
    message:
        "Writing the report: {output[0]}"
    run:
        do(
            report_jobs.WriteReport(report_jobs.order_of(the_plan.config)),
            log,
            bench_record,
        )
