"""What is computed for the ledger of santiagogarcia2024; its words stand in claims.yaml."""
