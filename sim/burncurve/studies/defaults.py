"""What is chosen for whoever does not choose, in a module that costs nothing to import."""

REPLICATIONS = 100  # from so many on a p99 is more than the largest of them
