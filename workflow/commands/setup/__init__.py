"""What sets up an environment: the link to the project, the list of packages for conda."""
