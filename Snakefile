# Every figure of four papers from config.yaml:  snakemake --cores 8
#
# Each entry of `tables:` becomes a table (workflow/rules/tables.smk), each entry of `figures:` a figure
# (workflow/rules/figures.smk). Settings come from profiles/default, which Snakemake finds by itself.

import sys
from pathlib import Path

# A copy of the project uses its own qte, whatever else is installed.
sys.path.insert(0, str(workflow.basedir))
# The next import decides whether there is room on the disk for byte code.
sys.dont_write_bytecode = True

from workflow import project
from workflow.identity import project_environment

project_environment.pin(Path(workflow.basedir))

from workflow.config import overlays
from workflow.snakemake_door import door

# What the rules build is read here, strictly; the directive below tells Snakemake alone.
configs = overlays.read(
    Path("config.yaml"), door.config_settings(workflow), door.is_main_process(workflow)
)


configfile: "config.yaml"


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


for own_rules in project.local_rules():

    include: own_rules




rule all:
    default_target: True
    input:
        every_result(),


onstart:
    begin_run()


onsuccess:
    end_run()
