"""What the report shows: figures, their tables, machines and equations, and the accepted ledger."""
