"""What a rule does when it runs."""
