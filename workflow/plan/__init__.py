"""What the config asks for, what each result is made of, and whether what is there still is that."""
