"""Routes of the console, a file for each family of pages."""
