"""What the pipeline and Snakemake have to do with each other; `door` holds all that Snakemake does not document."""
