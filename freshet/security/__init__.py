"""Who may ask, and what must not be read: API keys, secrets in settings, secured connections, pseudonyms."""
