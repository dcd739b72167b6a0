"""Where notices go: mail, webhooks, programs."""
