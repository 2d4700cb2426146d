"""The only place that touches what Snakemake does not document."""
