# Every figure of four papers from config.yaml:  snakemake --cores 8
#
# Each entry of `tables:` becomes a table (workflow/rules/tables.smk), each entry of `figures:` a figure
# (workflow/rules/figures.smk). Settings come from profiles/default, which Snakemake finds by itself.

import sys
from pathlib import Path

# Of a module in another workflow, `workflow.basedir` is the other's.
PROJECT = Path(str(workflow.current_basedir)).resolve()
if not PROJECT.joinpath("qte").is_dir():
    raise SystemExit(
        "qte needs its whole project: clone it, and name its Snakefile by its path"
    )
# A copy of the project uses its own qte, whatever else is installed.
sys.path.insert(0, str(PROJECT))
# The next import decides whether there is room on the disk for byte code.
sys.dont_write_bytecode = True

from workflow import project
from workflow.identity import project_environment

project.settle(PROJECT)
project_environment.pin(PROJECT)

from workflow.snakemake_door import collector  # before what is large
from workflow.identity import executed  # before the first of qte

from workflow.config import file_kinds, overlays
from workflow.plan import memory
from workflow.snakemake_door import door, job_server

door.ask_pandas_only_where_it_is()

# A pipe in place of a file would be waited for.
if door.is_main_process(workflow):
    file_kinds.refuse(file_kinds.odd_inputs())

# What the rules build is read here, strictly, and Snakemake told of it.
if door.is_module(workflow):
    remembered = memory.read()
    configs = overlays.given(config, door.is_main_process(workflow))
else:
    remembered = memory.read()
    if door.is_main_process(workflow) and door.asks_for_jobs():
        # A table that no run has seen: while this process asks its study, the server of jobs gets ready.
        remembered.tables.on_news = job_server.prepare
    configs = overlays.read(
        project.written("config.yaml"),
        door.config_settings(workflow),
        door.is_main_process(workflow),
        remembered.tables,
    )
    door.take_config(workflow, str(project.written("config.yaml")), configs.standard)


wildcard_constraints:
    paper="[a-z][a-z0-9]*",
    table="[a-z][a-z0-9_]*",
    figure="[a-z][a-z0-9_]*",
    module="checks_[a-z0-9_]*|claims",
    variant="[A-Za-z0-9][A-Za-z0-9_-]*",


include: "workflow/rules/common.smk"
include: "workflow/rules/tables.smk"
include: "workflow/rules/figures.smk"
include: "workflow/rules/variants.smk"
include: "workflow/rules/ledger.smk"
include: "workflow/rules/verify.smk"
include: "workflow/rules/report.smk"


for of_ones_own in project.local_rules():
    with own_rules.told_in_a_line(of_ones_own):

        include: of_ones_own


refuse_clashes()


rule all:
    default_target: True
    input:
        every_result(),


onstart:
    begin_run()


onsuccess:
    end_run()


onerror:
    door.end_timers()
