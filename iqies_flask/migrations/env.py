"""Run by Alembic for each of its commands; `runner` hands over the connection."""

from alembic import context

from iqies_flask.migrations.runner import models

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=models(),
    # SQLite changes a table by copying it.
    render_as_batch=True,
)
with context.begin_transaction():
    context.run_migrations()
