"""The pipeline around qte: Snakemake's rules, their jobs, what people call."""
