"""A worker that is killed at a given statement, for `test_killed_workers`.

Run as ``python -m tests.submissions.dying_worker SUBMISSION STATEMENT``, settings in the environment.
The process kills itself with SIGKILL right before the statement with that number (commits count as
statements), so nothing is cleaned up; 0 lets it live.
"""

import os
import signal
import sys
from typing import Any

from sqlalchemy import event

from iqies_flask import create_app
from iqies_flask.extensions import db
from iqies_flask.submissions.processing import process_submission


def main(submission_id: int, fatal_statement: int) -> None:
    app = create_app()
    with app.app_context():
        seen = 0

        def count(*_: Any) -> None:
            nonlocal seen
            seen += 1
            if seen == fatal_statement:
                os.kill(os.getpid(), signal.SIGKILL)

        event.listen(db.engine, "before_cursor_execute", count)
        event.listen(db.engine, "commit", count)
        process_submission(submission_id)
        print(seen)


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
