"""``python -m iqies_flask.cli``: the same as ``iqies``, for where the script is not on the path."""

from iqies_flask.cli import main

main(prog_name="iqies")
