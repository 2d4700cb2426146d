# Is every figure what it was when it was accepted?  snakemake --cores 8 verify

from workflow.plan import changes
from workflow.jobs import verify as jobs_of_verify
from workflow.verify import reference, verdicts


rule record_code:
    input:
        needs_of_code_record,
    output:
        changes.RECORD,
        code_memory.FILE,
    log:
        "results/logs/record_code.log",
    localrule: True
    params:
        code=jobs_of_verify.hash_of(changes.definitions(the_plan.sources)),
        memory=code_memory.maker(),
    message:
        "Recording the functions of qte"
    run:
        sources = the_plan.sources
        recorded = changes.definitions(sources), sources.facts()
        do(jobs_of_verify.RecordCode(*output, *recorded), log)


rule compare_with_reference:
    input:
        needs_of_verdicts,
    output:
        verdicts="results/verify/verdicts.json",
        page="results/verify/index.html",
    log:
        "results/logs/compare_with_reference.log",
    localrule: True
    params:
        config=jobs_of_verify.hash_of(the_plan.config),
        machine=jobs_of_verify.this_machine(),
    message:
        "Comparing every figure with reference/"
    run:
        do(
            jobs_of_verify.Compare(the_plan.config, output.verdicts, output.page),
            log,
        )


rule verify:
    input:
        "results/verify/verdicts.json",
    log:
        "results/logs/verify.log",
    localrule: True
    message:
        "Verdicts"
    run:
        summary, failure = jobs_of_verify.announce(
            input[0], "results/verify/index.html", str(log)
        )
        tell(summary)
        job_server.refuse(failure)
