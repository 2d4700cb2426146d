# One job a figure: papermill executes its notebook, which draws the tables.


rule draw_figure:
    input:
        notebook=notebook_of,
        tables=needs_of_figure,
    output:
        pdf="figures/{paper}/{figure}.pdf",
        svg="figures/{paper}/{figure}.svg",
        png=report(
            "figures/{paper}/{figure}.png",
            caption="../captions/figure.rst",
            category="{paper}",
            labels={"figure": "{figure}"},
        ),
        notebook="results/notebooks/{paper}/{figure}.ipynb",
        manifest="results/manifests/{paper}/{figure}.json",
    log:
        "results/logs/figures/{paper}/{figure}.log",
    # What somebody looks at comes before records and reports.
    priority: 2
    resources:
        mem_mb=growing(700),
        runtime=growing(5),
    params:
        spec=spec_of_figure,
    message:
        "Drawing figure {wildcards.paper}/{wildcards.figure}"
    run:
        draw(wildcards, output.notebook, log)


rule sum_checksums:
    input:
        needs_of_sums,
    output:
        plan.SUMS,
    log:
        "results/logs/sum_checksums.log",
    localrule: True
    resources:
        mem_mb=100,
    message:
        "Writing the checksums of all results"
    run:
        do(summing(wildcards, output[0]), log)
