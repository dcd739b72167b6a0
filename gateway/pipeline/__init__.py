"""The way of one document: intake → plan → prepare → sign → embed → verify → deliver → archive.

One small module a stage. Each turns one stored artifact into the next and commits state and
log event together, so that killing the process anywhere repeats one stage and buys nothing
twice.
"""
