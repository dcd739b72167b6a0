"""Being watched: metrics, health and readiness. The only room that knows prometheus-client."""
