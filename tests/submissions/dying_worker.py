"""Workers that are killed at a given statement, for `test_killed_workers`.

Run as ``python -m tests.submissions.dying_worker SUBMISSION``, settings in the environment. For each number
on its standard input it forks a worker, which kills itself with SIGKILL right before the statement with that
number (commits count as statements), so nothing is cleaned up; 0 lets it live. The exit status of each is
written to standard output, negative where a signal ended it.
What every worker loads is loaded once, before the first.
"""

import os
import signal
import sys
from typing import Any

from flask import Flask
from sqlalchemy import event

from iqies_flask import create_app
from iqies_flask.extensions import db
from iqies_flask.submissions.checks import current_checks
from iqies_flask.submissions.processing import process_submission


def main(submission_id: int) -> None:
    app = create_app()
    with app.app_context():
        current_checks()
    for line in sys.stdin:
        worker = os.fork()
        if not worker:
            _work(app, submission_id, int(line))
            os._exit(0)
        _, status = os.waitpid(worker, 0)
        print(os.waitstatus_to_exitcode(status), flush=True)


def _work(app: Flask, submission_id: int, fatal_statement: int) -> None:
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


if __name__ == "__main__":
    main(int(sys.argv[1]))
