"""One run of importing: files and watched folders into the store."""
