"""Who runs the jobs: threads of this process, or the workers of several nodes."""
