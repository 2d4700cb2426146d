# Helpers of the rules; no rules here.

from workflow.config import file_kinds
from workflow.identity import byte_code, code_memory
from workflow.plan import changes, faults, integrity, labels, manifests, memory, plan
from workflow.snakemake_door import (
    cluster_words,
    door,
    job_server,
    made_files,
    run_lock,
)
from workflow.jobs import observation, results
from workflow.jobs import ledger as ledger_jobs
from workflow.plan import ledger_parts
from workflow.snakemake_door import reasons, shard_progress
from workflow.jobs import report as report_jobs
from workflow.plan import own_rules, variants
from workflow.report import announcements
from workflow.jobs import variants as variant_jobs


def tell(text):
    """Say something to people, whoever speaks for the run (snakemake_logger_plugin_qte, or Snakemake itself)."""
    logger.info(text, extra={"to_people": True})


def refuse_clashes():
    """Stop when an own rule makes what another rule makes, too."""
    clashes = door.clashes(workflow, project.local_rules())
    for rule, output, other in clashes if door.is_main_process(workflow) else ():
        raise SystemExit(own_rules.clash(rule, output, other))


def refuse_unmade(files):
    """Stop when the config names results that no rule makes."""
    for file in files:
        if file.startswith("results/") and not door.makes(workflow, file):
            raise SystemExit(own_rules.unmade(file, project.local_rules()))


the_plan, the_variant = variants.plans_of(configs, remembered)
if door.is_main_process(workflow):
    # for the last lines of the run
    logger.info("", extra={"about": announcements.about(the_variant or the_plan)})
if the_variant and door.is_main_process(workflow):
    tell(announcements.before(the_variant, configs.files))
# Which of the two rules makes a table depends on this, as the beginning of a path: is it data?
A_PAPER = "[a-z][a-z0-9]*"
data_tables = plan.beginnings(
    {*the_plan.data_tables(), *(the_variant.data_tables() if the_variant else ())}
)
ledger_modules = ledger_parts.modules_of()
# Whose ledger has a letter, and whose has none; the page of all errata is nobody's.
judged_papers = "|".join(ledger_parts.papers_of(ledger_modules)) or "(?!)"
answering = "|".join(sorted(ledger_parts.answering())) or "(?!)"
VERDICTS = "results/verify/verdicts.json"
# Files that are there and will be made again, and why.
forced = {}
if door.is_main_process(workflow):
    logger.addFilter(reasons.TrueReasons(forced))


if door.is_main_process(workflow) and door.asks_for_conda(workflow):
    tell(
        "--sdm conda makes nothing here: all jobs share the environment that Snakemake runs in. "
        f"To have it from conda: conda env create -f {project.own('environment.yml')}"
    )


# For the captions of Snakemake's own report, which sees the config alone.
config["words"] = manifests.Words(the_plan)


def files_of_runs():
    """Every file that a run of this plan may write or read under a name that the plan gives."""
    plans = [the_plan, the_variant] if the_variant else [the_plan]
    files = [file for each in plans for file in [each.places.sums, *each.summed()]]
    files += [changes.RECORD, code_memory.FILE, *the_plan.large_outputs()]
    files += [
        report_jobs.front_page(),
        report_jobs.sums(),
        *ledger_jobs.all_files(ledger_modules),
    ]
    return [
        *files,
        *(plan.notebook_file(*key) for each in plans for key in each.figures),
    ]


def targets():
    """What somebody may ask for by name: the rules that are targets, and every file of a run."""
    named = ["all", "large", "ledger", "report", "verify"]
    return [*named, *files_of_runs()]


if door.is_main_process(workflow):
    logger.addFilter(reasons.NearestTarget(targets))
    file_kinds.refuse(files_of_runs())


def every_result():
    """What `rule all` asks for, of the standard run or of the variant that overlays make."""
    if the_variant:
        return the_variant.results()
    return [*standard_results(), report_jobs.front_page(), code_memory.FILE]


def standard_results():
    """Every figure and table of the config, their checksums, and the record of the code."""
    return [plan.SUMS, changes.RECORD, *the_plan.outputs()]


def do(job, log, label=None):
    """Run a job: in a fork of the job server, or on the spot in a process made for this one job.

    With a label, what the job uses is held against it.
    """
    if label:
        job = observation.Observed(job, label)
    forked = door.is_main_process(workflow)
    if forked:
        run_lock.take()
    job_server.run(job, str(log), forked)


def draw(wildcards, notebook, log):
    """Draw a figure, and say in one line each what the checks of figures find."""
    do(drawing(wildcards), log, label_of_figure(wildcards))
    for fault in faults.of_file(notebook):
        logger.warning(f"figure {wildcards.paper}/{wildcards.figure}, {fault}")


def plan_of(wildcards):
    """The plan that a job belongs to: rules serve the standard run and its variants alike."""
    name = wildcards.get("variant")
    if name is None:
        return the_plan
    if the_variant is None or the_variant.name != name:
        raise SystemExit(announcements.without_overlay(name))
    return the_variant


def refuse_variant(target):
    """Stop a run that asks, under an overlay, for what is about the standard figures."""
    if the_variant:
        raise SystemExit(announcements.not_of_a_variant(target, the_variant))


def standard_only(target, files):
    """The input of a target that is about the standard figures and knows no variant."""

    def needs(wildcards):
        refuse_variant(target)
        return files

    return needs


def spec_of_table(wildcards):
    """All that a table is made of."""
    return plan_of(wildcards).table_spec(wildcards.paper, wildcards.table)


def spec_of_figure(wildcards):
    """All that a figure is made of besides files."""
    return plan_of(wildcards).figure_key(wildcards.paper, wildcards.figure)


def refuse_unknown(section, its_plan, paper, name):
    """Stop when somebody asks for a figure or a table that the config does not have."""
    if not its_plan.has(section, paper, name):
        raise SystemExit(announcements.unknown(section, its_plan, f"{paper}/{name}"))


def label_of_table(wildcards, files=()):
    """What a table is to be made of and of nothing else."""
    return labels.of_table(
        plan_of(wildcards), wildcards.paper, wildcards.table, tuple(files)
    )


def label_of_figure(wildcards):
    """What a figure is to be made of and of nothing else."""
    return labels.of_figure(plan_of(wildcards), wildcards.paper, wildcards.figure)


def drawing(wildcards):
    """The job that draws a figure."""
    its_plan, key = plan_of(wildcards), (wildcards.paper, wildcards.figure)
    return results.DrawFigure(
        its_plan.figure_spec(*key),
        its_plan.tables_of(*key),
        its_plan.engine,
        its_plan.places,
    )


def summing(wildcards, output):
    """The job that writes the checksums of a run."""
    its_plan = plan_of(wildcards)
    return results.SumChecksums(tuple(its_plan.summed()), output, its_plan.places.base)


def force_rebuild(findings):
    """Plan again what is not what a run made, and say which files that are; the server of jobs gets ready meanwhile."""
    for finding in findings:
        if door.is_main_process(workflow) and door.force_rebuild(
            workflow, finding.file
        ):
            word = "Damaged" if finding.damaged else "Out of date"
            logger.warning(
                f"{word}, will be made again: {finding.file} ({finding.why})"
            )
            forced[finding.file] = finding.why
            if door.asks_for_jobs():
                job_server.prepare()


def needs_of_table(wildcards):
    """No file, or the shards of a large table. Looks at the table that is there."""
    its_plan, key = plan_of(wildcards), (wildcards.paper, wildcards.table)
    refuse_unknown("tables", its_plan, *key)
    findings = integrity.of_table(its_plan, *key)
    force_rebuild(findings)
    file = its_plan.table_file(*key)
    if findings or not Path(file).exists():
        return its_plan.shards_with_records(*key)
    # A sound table stays as it is, however the config now cuts it: the bytes are the same.
    return door.recorded_inputs(workflow, file)


def shards_among(files):
    """The shards themselves among what a table is put together from."""
    return tuple(file for file in files if file.endswith(".csv"))


def needs_of_data(wildcards):
    """The file that a table is taken from. Looks at the table that is there."""
    its_plan, key = plan_of(wildcards), (wildcards.paper, wildcards.table)
    force_rebuild(integrity.of_table(its_plan, *key))
    refuse_unmade([its_plan.data_file(*key)])
    return its_plan.data_file(*key)


def needs_of_shard(wildcards):
    """No file. Looks at the shard that an earlier run left."""
    points = int(wildcards.start), int(wildcards.stop)
    refuse_unknown("tables", plan_of(wildcards), wildcards.paper, wildcards.table)
    force_rebuild(
        integrity.of_shard(
            plan_of(wildcards), wildcards.paper, wildcards.table, *points
        )
    )
    return []


def growing(amount):
    """Memory or time that doubles with every attempt: a job that ran out of it gets more when it is tried again."""
    return lambda wildcards, attempt: amount * 2 ** (attempt - 1)


def notebook_of(wildcards):
    """Where the notebook of a figure is."""
    return str(project.written(plan.notebook_file(wildcards.paper, wildcards.figure)))


def needs_of_figure(wildcards):
    """The tables of a figure. Looks at the figure that is there."""
    its_plan, key = plan_of(wildcards), (wildcards.paper, wildcards.figure)
    refuse_unknown("figures", its_plan, *key)
    force_rebuild(integrity.of_figure(its_plan, *key))
    return list(its_plan.tables_of(*key).values())


def needs_of_sums(wildcards):
    """Every result. Looks at the list that is there."""
    force_rebuild(integrity.of_sums(plan_of(wildcards)))
    refuse_unmade(plan_of(wildcards).own_results())
    return plan_of(wildcards).outputs()


def needs_of_report(wildcards):
    """The checksums, which change with any result, and what is tracked. Looks at the report that is there."""
    refuse_variant("report")
    force_rebuild(report_jobs.of_report())
    return [plan.SUMS, changes.RECORD, *report_jobs.inputs()]


def needs_of_part(wildcards):
    """No file: verdicts come from the code alone. Looks at those that are there."""
    force_rebuild(ledger_jobs.of_part(the_plan, wildcards.paper, wildcards.module))
    return []


def needs_of_page(wildcards):
    """All that a variant made, and what of the standard run stands beside it. Looks at the page that is there."""
    variant = plan_of(wildcards)
    force_rebuild(variant_jobs.of_page(variant))
    return variant.outputs() + variant.standard_files()


def needs_of_variant_sums(wildcards):
    """Everything in the variant's folder. Looks at the list that is there."""
    return [*needs_of_sums(wildcards), plan_of(wildcards).page]


def needs_of_code_record(wildcards):
    """No file. Looks at what is remembered of the sources."""
    force_rebuild(integrity.of_code_memory())
    return []


def needs_of_verdicts(wildcards):
    """Every result and the reference. What was found before is not asked: every comparison is made anew."""
    refuse_variant("verify")
    door.force_rebuild(workflow, VERDICTS)
    return [*standard_results(), *reference.Reference().files()]


def needs_of_ledger(wildcards):
    """The verdicts of a paper's ledger modules. Looks at the pages that are there."""
    force_rebuild(ledger_jobs.of_pages(wildcards.paper))
    return [
        ledger_jobs.part_file(wildcards.paper, module)
        for module in ledger_modules[wildcards.paper]
    ]


def needs_of_errata(wildcards):
    """The ledgers of all papers. Looks at the page that is there."""
    force_rebuild(ledger_jobs.of_pages("errata"))
    papers = ledger_parts.papers_of(ledger_modules)
    return [ledger_jobs.files_of(paper)["json"] for paper in papers]


def begin_run():
    """Before the first job: take the folder's lock, clear what a killed run left, start the job server."""
    try:
        run_lock.take()
    except run_lock.AnotherRun as error:
        raise SystemExit(str(error))
    if obstacle := project_environment.obstacle(Path()):
        raise SystemExit(obstacle)
    cluster_words.check_site(door.executor(workflow))
    foreign = plan.foreign_packages()
    if foreign:
        logger.warning(
            f"Not the locked packages, bytes may differ: {', '.join(foreign)}"
        )
    made_files.clear_leftovers()
    integrity.reset_future_mtimes()
    byte_code.keep_by_content(project.root())
    shard_progress.clear_strays(*the_plan.shards())
    logger.addFilter(shard_progress.CountShards(shards_of, forced))
    logger.addFilter(cluster_words.WhyItEnded())
    cluster_words.watch_the_queue(door.executor(workflow))
    logger.addFilter(job_server.ShortFailures())
    job_server.start()
    memory.keep(remembered)


def shards_of(wildcards):
    """The files of all shards of the table that one of them belongs to, named by the wildcards of its job."""
    its_plan = plan_of(wildcards)
    return its_plan.shard_files(wildcards["paper"], wildcards["table"])


def end_run():
    """After the last job: say where to look, and wait for nothing more."""
    door.end_timers()
    if the_variant and Path(the_variant.page).exists():
        tell(announcements.after(the_variant))
