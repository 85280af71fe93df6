"""Side by side with peers, one command each; tables in benchmarks/README.md."""
