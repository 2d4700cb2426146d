# Everything a reader types. Each target builds the locked environment in .venv first.
# Another interpreter:  make figures PYTHON=python3.12      fewer cores:  make figures CORES=2

PYTHON ?= python3
CORES  ?= 8
# What a reader gives is a value, never a command: it reaches the recipes as an environment variable, unexpanded.
UV     ?= uv
override GIVEN := UV UPGRADE PYTHON CORES OVERLAY REASON FIGURE PORT PICTURE NAME PAPER NEW_PAPER MACHINE X FAMILY TABLE TARGET
$(foreach name,$(GIVEN),$(eval override export $(name) := $$(value $(name))))
# What is the Makefile's own is nobody's to give.
override VENV  := .venv
override PY    := $(VENV)/bin/python
override SNAKE := $(PY) -m snakemake

SHELL := bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

# Byte code is the largest single cost of a short job (43 s without, 15 s with, for the same run).
unexport PYTHONDONTWRITEBYTECODE
# An environment of the caller's must not leak into ours.
unexport PYTHONHOME
unexport PYTHONPATH
unexport PYTHONOPTIMIZE
unexport PYTHONSTARTUP
unexport PYTHONWARNINGS
unexport NPY_ENABLE_CPU_FEATURES
unexport MATPLOTLIBRC

# No target of a name is a file.
.PHONY: $(shell sed -n 's/^\([a-z0-9-]*\):.*/\1/p' $(MAKEFILE_LIST))

help:            ## this list
	@echo "qte: every figure of four papers, rebuilt"
	@sed -n 's/^\([a-z0-9-]*\): .*## \(.*\)/  make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 20

figures: $(VENV)/runtime.stamp ## build every figure, at need (figures/, results/)
	@$(SNAKE) --cores "$$CORES"

ledger: $(VENV)/runtime.stamp ## judge every equation and claim (results/ledger/)
	@$(SNAKE) --cores "$$CORES" ledger

verify-ledger: ledger ## the ledger again, held against the accepted verdicts and pages
	@$(PY) -m workflow.commands.verify_ledger

accept-ledger: $(VENV)/runtime.stamp ## accept the ledger (reference/), its pages and letters (docs/): REASON="why"
	@test -n "$${REASON:-}" || { echo 'A reason is needed: make accept-ledger REASON="why"' >&2; exit 2; }
	@$(SNAKE) --cores "$$CORES" ledger
	@$(PY) -m workflow.commands.verify_ledger --accept --reason "$$REASON"

variant: $(VENV)/runtime.stamp ## what an overlay changes, beside the standard (results/variants/): OVERLAY=my.yaml
	@test -n "$$OVERLAY" || { echo 'An overlay is needed, a file with the changed keys: make variant OVERLAY=my.yaml' >&2; exit 2; }
	@overlays=("$$OVERLAY"); [ -e "$$OVERLAY" ] || read -ra overlays <<< "$$OVERLAY"; \
	$(PY) -m workflow.config.overlays "$${overlays[@]}"; \
	$(SNAKE) --cores "$$CORES" --configfile "$${overlays[@]}"

verify: verify-figures verify-ledger ## build at need, then hold every figure and verdict against reference/

verify-figures: $(VENV)/runtime.stamp ## the figures alone; fails on a difference and says where it begins
	@$(SNAKE) --cores "$$CORES" verify

accept: $(VENV)/runtime.stamp ## the figures as they are become the reference: REASON="why" [FIGURE=paper/fig]
	@test -n "$${REASON:-}" || { echo 'A reason is needed: make accept REASON="why" [FIGURE=paper/fig]' >&2; exit 2; }
	@$(SNAKE) --cores "$$CORES" --quiet all
	@$(PY) -m workflow.commands.accept --reason "$$REASON" $${FIGURE:+"$$FIGURE"}

explain: $(VENV)/runtime.stamp ## why a figure would be made again now, and what it is made of: FIGURE=paper/fig [OVERLAY=my.yaml]
	@$(PY) -m workflow.commands.explain "$${FIGURE:-}" $${OVERLAY:+--configfile "$$OVERLAY"}

watch: $(VENV)/runtime.stamp ## draw a figure again whenever config, notebook or code is saved: FIGURE=paper/fig
	@$(PY) -m workflow.commands.watch "$${FIGURE:-}" --cores "$$CORES"

explore: $(VENV)/explore.stamp ## a figure on a page where one turns its parameters: FIGURE=paper/fig [PORT=5006]
	@$(PY) -m workflow.commands.explore "$${FIGURE:-}" $${PORT:+--port "$$PORT"}

identify: $(VENV)/runtime.stamp ## where a picture comes from, and whether it is current: PICTURE=some.png
	@$(PY) -m workflow.commands.identify "$${PICTURE:-}"

check-determinism: $(VENV)/runtime.stamp ## build here and in another folder, hour, locale and order; compare all bytes
	@$(SNAKE) --cores "$$CORES"
	@$(PY) -m workflow.commands.determinism --only elsewhere

new-figure: $(VENV)/runtime.stamp ## a figure of your own that runs: NAME=my_figure [PAPER=] [MACHINE=] [X=] [FAMILY=]
	@$(PY) -m workflow.commands.new_figure "$${NAME:-}" --paper "$${PAPER:-mine}" \
	  --machine "$${MACHINE:-two_qubit}" --x "$${X:-}" --family "$${FAMILY:-}" $${NEW_PAPER:+--new-paper}

large: $(VENV)/runtime.stamp $(VENV)/exact.stamp ## the large tables and figures, which a plain run leaves out (config.yaml, section `large`)
	@$(SNAKE) --cores "$$CORES" large
	@$(SNAKE) --cores "$$CORES" report

cost: $(VENV)/runtime.stamp $(VENV)/exact.stamp ## what a table costs before it is computed, measured on a sample: TABLE=paper/table
	@$(PY) -m workflow.commands.cost "$${TABLE:-}"

slurm: $(VENV)/cluster.stamp $(VENV)/exact.stamp ## the run on a Slurm cluster (profiles/slurm, docs/cluster.md): [TARGET=large]
	@$(SNAKE) --workflow-profile profiles/slurm $${TARGET:+"$$TARGET"}

clean-notebooks: $(VENV)/runtime.stamp ## source notebooks without outputs, counts and drawn ids
	@$(PY) -m workflow.commands.clean_notebooks

notebook-filter: $(VENV)/runtime.stamp ## git cleans notebooks of this clone as they are committed
	@git config filter.qte-notebook.clean '$(PY) -m workflow.commands.clean_notebooks --filter'
	@git config filter.qte-notebook.smudge cat

docs: figures ## write docs/figures.md, docs/figures_against_papers.md, config/README.md and their pictures
	@$(PY) -m workflow.commands.pages.document_config
	@$(PY) -m workflow.commands.pages.document_figures
	@$(PY) -m workflow.commands.pages.document_said
	@$(PY) -m workflow.commands.pages.document_answers

site: $(VENV)/docs.stamp ## the documentation as a site, links checked, the last report inside (results/site/html/index.html)
	@$(PY) -m sphinx -M html . results/site -c docs/site -q -W --keep-going

measure-determinism: $(VENV)/runtime.stamp ## rebuild everything in 17 ways (half an hour), writes docs/grades.md and the tolerances
	@$(SNAKE) --cores "$$CORES"
	@$(PY) -m workflow.commands.determinism --write

archive: $(VENV)/test.stamp ## sources, results and their origin in one file, an RO-Crate (results/archive/)
	@$(SNAKE) --cores "$$CORES" all ledger
	@$(PY) -m workflow.commands.archive

test: lint test-fast ## lint and the fast tests

test-fast: $(VENV)/test.stamp ## the fast tests alone
	@$(PY) -m pytest -m "not slow" -n auto --dist loadfile

test-slow: $(VENV)/test.stamp ## the long proofs: determinism, kill and resume, full disk, wide random draws
	@$(PY) -m pytest -m "slow and not cluster"

test-slurm: $(VENV)/test.stamp $(VENV)/cluster.stamp ## the run and its faults on a real Slurm of one node (root; apt installs it)
	@$(PY) -m pytest -m cluster tests/cluster

override AARCH64 := results/.cache/aarch64
test-aarch64: figures ledger ## all results on an emulated aarch64 (Debian, root; an hour or two, goes on where it was): what differs
	@command -v qemu-aarch64-static >/dev/null || apt-get install -y -qq qemu-user-static >/dev/null
	@dpkg --add-architecture arm64 && apt-get update -qq
	@$(PY) -m workflow.commands.setup.aarch64 $(AARCH64)
	@$(PY) -m workflow.commands.foreign $(AARCH64)/build env PYTHONPATH="$$PWD/$(AARCH64)/build:$$PWD/$(AARCH64)/site" \
	  qemu-aarch64-static -L "$$PWD/$(AARCH64)/root" "$$PWD/$(AARCH64)/root/usr/bin/python3.11"

test-report: figures $(VENV)/test.stamp browser ## the report in a headless Chromium: links, search, dark, telephone
	@$(PY) -m pytest -m slow tests/workflow/test_report_browser.py

test-explore: $(VENV)/test.stamp $(VENV)/explore.stamp browser ## live figures in a headless Chromium: drags, overlays, links
	@$(PY) -m pytest -m slow tests/workflow/test_explore_browser.py

# Debian's Chromium, where it is missing and may be installed.
browser:
	@command -v chromium >/dev/null && command -v chromedriver >/dev/null || { \
	  command -v apt-get >/dev/null || { echo 'Needs chromium and chromedriver; install them first' >&2; exit 1; }; \
	  root=; [ "$$(id -u)" = 0 ] || root='sudo -n'; \
	  $$root apt-get update -qq && $$root apt-get install -y -qq chromium chromium-driver >/dev/null || { \
	    echo 'Needs chromium and chromedriver: sudo apt-get install chromium chromium-driver' >&2; exit 1; }; }

lint: $(VENV)/test.stamp ## ruff, mypy --strict, snakefmt, snakemake --lint
	@$(PY) -m ruff check .
	@$(PY) -m ruff format --check .
	@$(PY) -m mypy
	@$(VENV)/bin/snakefmt --check --compact-diff Snakefile workflow/Snakefile workflow/rules
	@$(PY) -m workflow.commands.setup.lint_rules

bench: $(VENV)/test.stamp ## measure the pipeline, writes benchmarks/pipeline.md
	@$(PY) benchmarks/pipeline.py

bench-solver: $(VENV)/test.stamp ## measure the solver against QuTiP and NumPy, writes benchmarks/solver.md
	@$(PY) benchmarks/solver.py

architecture: $(VENV)/runtime.stamp ## count rooms, floors and arrows of the code; writes the picture in ARCHITECTURE.md
	@$(PY) -m workflow.commands.architecture --write

mutants: $(VENV)/mutants.stamp ## mutation testing of the solver's core (hours), writes docs/mutants.md
	@$(PY) benchmarks/mutants.py

clean: ## remove what runs have made (figures, results), and nothing else; the environment stays
	@"$$PYTHON" -m workflow.commands.setup.clean

environment: $(VENV)/test.stamp ## build .venv with everything and stop

advisories: ## known advisories on the packages of all locks, where a database of them can be reached
	@"$$PYTHON" workflow/commands/setup/advisories.py $(VENV)/audit

canaries: newest-snakemake ## what this project needs of Snakemake, tried on its newest release 9
	@$(PY) -c 'import snakemake; print("locked: Snakemake", snakemake.__version__)'
	@$(PY) -m pytest -q tests/workflow/test_snakemake_door.py
	@$(CANARY) -c 'import snakemake; print("newest: Snakemake", snakemake.__version__)'
	@$(CANARY) -m pytest -q tests/workflow/test_snakemake_door.py

# Earlier names.
grades: measure-determinism
twice: check-determinism
errata: accept-ledger

# The environment counts as built only when its stamp is there: a half-built one is removed and built again.
$(VENV)/runtime.stamp: requirements.lock
	@"$$PYTHON" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { \
	  echo "qte needs Python 3.11 or newer, and '$$PYTHON' is $$("$$PYTHON" --version 2>&1 | tail -n 1);" \
	       "name another: make figures PYTHON=python3.12" >&2; exit 1; }
	@echo "Building the environment in $(VENV) (once, about a minute)"
	@rm -rf $(VENV)
	@"$$PYTHON" -m venv $(VENV)
	@$(PY) -m pip install --quiet --disable-pip-version-check --require-hashes -r lock/venv.txt
	@$(PY) -m pip uninstall --quiet --yes setuptools wheel 2>/dev/null
	@$(PY) -m pip install --quiet --disable-pip-version-check --no-compile --require-hashes -r requirements.lock
	@$(PY) -m compileall -q -j 0 $(VENV)/lib >/dev/null || true
	@$(PY) workflow/commands/setup/link_project.py
	@touch $@

$(VENV)/test.stamp: requirements-test.lock $(VENV)/runtime.stamp
	@echo "Adding what the tests need"
	@$(PY) -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-test.lock
	@touch $@

$(VENV)/cluster.stamp: requirements-cluster.lock $(VENV)/runtime.stamp
	@echo "Adding what hands jobs to Slurm"
	@$(PY) -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-cluster.lock
	@touch $@

$(VENV)/docs.stamp: lock/docs.txt $(VENV)/runtime.stamp
	@echo "Adding what makes the site"
	@$(PY) -m pip install --quiet --disable-pip-version-check --require-hashes -r lock/docs.txt
	@touch $@

$(VENV)/explore.stamp: lock/explore.txt $(VENV)/runtime.stamp
	@echo "Adding what shows live figures"
	@$(PY) -m pip install --quiet --disable-pip-version-check --require-hashes -r lock/explore.txt
	@touch $@

$(VENV)/exact.stamp: lock/exact.txt $(VENV)/runtime.stamp
	@echo "Adding what the exact method needs"
	@$(PY) -m pip install --quiet --disable-pip-version-check --require-hashes -r lock/exact.txt
	@touch $@

$(VENV)/mutants.stamp: requirements-mutants.lock $(VENV)/test.stamp
	@echo "Adding what makes mutants"
	@$(PY) -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-mutants.lock
	@touch $@

# The newest Snakemake 9 with the other packages of the lock, in an environment of its own, made anew every time.
override CANARY := $(VENV)/canaries/bin/python
newest-snakemake: $(VENV)/test.stamp
	@rm -rf $(VENV)/canaries
	@$(PY) -m venv $(VENV)/canaries
	@$(CANARY) -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-test.lock
	@$(CANARY) -m pip install --quiet --disable-pip-version-check --upgrade --upgrade-strategy eager 'snakemake>=9.10,<10'

# Re-makes all lock files and environment.yml from pyproject.toml; needs uv (https://docs.astral.sh/uv).
override COMPILE := "$$UV" pip compile --quiet --universal --fork-strategy fewest --python-version 3.11 --generate-hashes \
           --no-header
lock: ## re-make the lock files from pyproject.toml (needs uv); UPGRADE=--upgrade takes newer versions
	$(COMPILE) $$UPGRADE --extra pipeline pyproject.toml -o requirements.lock
	$(COMPILE) $$UPGRADE --extra pipeline --extra test --extra archive -c requirements.lock pyproject.toml -o requirements-test.lock
	$(COMPILE) $$UPGRADE --extra pipeline --extra cluster -c requirements.lock pyproject.toml -o requirements-cluster.lock
	$(COMPILE) $$UPGRADE --extra pipeline --extra mutants -c requirements.lock -c requirements-test.lock pyproject.toml \
	  -o requirements-mutants.lock
	$(COMPILE) $$UPGRADE --extra pipeline --extra docs -c requirements.lock pyproject.toml -o lock/docs.txt
	$(COMPILE) $$UPGRADE --extra pipeline --extra explore -c requirements.lock pyproject.toml -o lock/explore.txt
	$(COMPILE) $$UPGRADE --extra pipeline --extra exact -c requirements.lock -c requirements-test.lock pyproject.toml \
	  -o lock/exact.txt
	$(COMPILE) $$UPGRADE --group venv -o lock/venv.txt
	$(COMPILE) $$UPGRADE --group audit -o lock/audit.txt
	"$$PYTHON" workflow/commands/setup/conda_environment.py
