from iqies_flask.identity.models import User


def test_accounts_that_act_in_no_session_are_not_the_same() -> None:
    one, other = User(id=1), User(id=2)
    assert one != other
    assert len({one, other}) == 2
    assert one == one  # noqa: PLR0124 - what is tested
