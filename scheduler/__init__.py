"""The scheduler: decides when portals are visited, from what the archive says is missing."""
