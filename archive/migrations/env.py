"""Alembic's entry: runs the scripts on the connection that ``archive.database`` hands over.

All steps run in the transaction already begun there, on SQLite too: an interrupted upgrade
leaves the old schema untouched.
"""

from alembic import context

from archive.schema import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    transactional_ddl=True,
)
with context.begin_transaction():
    context.run_migrations()
