"""The daemon: intake and dispatch, supervision, schedules, reload, health, notification."""
