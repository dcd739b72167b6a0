"""Settings: `gateway.yaml` and `rules/*.yaml` become one checked, immutable snapshot."""

from gateway.settings.loader import LoadedSite, load, sandbox_state

__all__ = ["LoadedSite", "load", "sandbox_state"]
