import stat
import tomllib
from pathlib import Path

from cryptography.fernet import Fernet

from .conftest import Invoke


def test_a_database_is_made_and_found_up_to_date(iqies: Invoke) -> None:
    assert "The database is empty" in iqies("db", "check", status=1).stderr
    iqies("db", "upgrade")
    iqies("db", "upgrade")
    iqies("db", "check")
    database, newest = iqies("db", "current").stdout.splitlines()
    assert database.split()[1] == newest.split()[1]


def test_only_its_owner_can_look_into_the_folder_of_the_database(
    iqies: Invoke, tmp_path: Path, monkeypatch
) -> None:
    monkeypatch.setenv("IQIES_INSTANCE_FOLDER", str(tmp_path / "new"))
    # The keys of the demonstration would make the folder before the command does.
    monkeypatch.setenv("IQIES_ENVIRONMENT", "production")
    monkeypatch.setenv("IQIES_SITE_URL", "https://iqies.example.org")
    monkeypatch.setenv("IQIES_SECRET_KEY", "s" * 48)
    monkeypatch.setenv("IQIES_HASH_KEY", "h" * 48)
    monkeypatch.setenv("IQIES_ENCRYPTION_KEYS", Fernet.generate_key().decode())
    iqies("db", "upgrade")
    assert stat.S_IMODE((tmp_path / "new").stat().st_mode) == 0o700


def test_a_database_that_is_not_there_is_said_plainly(iqies: Invoke, monkeypatch) -> None:
    monkeypatch.setenv("IQIES_DATABASE_URL", "postgresql://user:secret-word@127.0.0.1:1/iqies")
    run = iqies("db", "upgrade", status=1)
    assert "The database cannot be used" in run.stderr
    assert "secret-word" not in run.output


def test_everything_is_encrypted_with_a_new_key(iqies: Invoke, tmp_path: Path, monkeypatch) -> None:
    iqies("db", "upgrade")
    iqies(
        "user",
        "add",
        "test.user",
        "--email",
        "test.user@agency.example",
        "--password-stdin",
        stdin="a phrase here",
    )
    old = tomllib.loads((tmp_path / "instance" / "demo-keys.toml").read_text())["encryption_keys"][0]
    new = Fernet.generate_key().decode()
    monkeypatch.setenv("IQIES_ENCRYPTION_KEYS", f"{new},{old}")
    assert "Values encrypted anew: 1." in iqies("db", "re-encrypt").stdout
    monkeypatch.setenv("IQIES_ENCRYPTION_KEYS", old)
    assert "user_account.email (1)" in iqies("db", "re-encrypt", status=1).stderr
