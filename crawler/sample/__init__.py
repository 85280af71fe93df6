"""The built-in sample portal: an invented district served on loopback; the first run needs no network."""
