from .conftest import Invoke


def test_a_database_is_made_and_found_up_to_date(iqies: Invoke) -> None:
    assert "The database is empty" in iqies("db", "check", status=1).stderr
    iqies("db", "upgrade")
    iqies("db", "upgrade")
    iqies("db", "check")
    database, newest = iqies("db", "current").stdout.splitlines()
    assert database.split()[1] == newest.split()[1]


def test_a_database_that_is_not_there_is_said_plainly(iqies: Invoke, monkeypatch) -> None:
    monkeypatch.setenv("IQIES_DATABASE_URL", "postgresql://user:secret-word@127.0.0.1:1/iqies")
    run = iqies("db", "upgrade", status=1)
    assert "The database cannot be used" in run.stderr
    assert "secret-word" not in run.output
