# Everything to look at, as pages that need no network: results/report/index.html.  snakemake --cores 8 report


rule report:
    input:
        needs_of_report,
    output:
        report_jobs.front_page(),
        report_jobs.sums(),
    log:
        "results/logs/report.log",
    resources:
        mem_mb=400,
    params:
        spec=report_jobs.spec(the_plan.config),
    message:
        "Writing the report: {output[0]}"
    run:
        do(report_jobs.WriteReport(report_jobs.order_of(the_plan.config)), log)
