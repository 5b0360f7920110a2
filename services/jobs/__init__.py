"""What happens by the clock: a table of jobs, and the process that runs them."""
