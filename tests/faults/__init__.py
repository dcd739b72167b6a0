"""Real daemons through seeded schedules of faults: nothing bad goes out, nothing good is lost."""
