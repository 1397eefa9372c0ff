"""Training: configuration, schedule, losses, the compiled step, the loop, the run directory."""
