"""The pages, one module a topic; each declares its routes with the permission they need."""
