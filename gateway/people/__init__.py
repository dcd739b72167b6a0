"""People: how they are let in, kept and told apart. Nothing here knows a database or a browser."""
