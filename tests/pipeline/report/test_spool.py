from iqies_flask.pipeline.report import spool
from iqies_flask.pipeline.report.spool import RecordSpool

from .examples import SSN_FINDING, record


def test_records_come_back_in_their_order_as_often_as_wanted() -> None:
    records = [record(1), record(2, SSN_FINDING)]
    with RecordSpool() as spooled:
        for entry in records:
            spooled.append(entry)
        assert list(spooled) == records
        assert list(spooled) == records
        assert len(spooled) == 2


def test_many_records_go_to_a_file(monkeypatch) -> None:
    monkeypatch.setattr(spool, "_MEMORY_BYTES", 1_000)
    with RecordSpool() as spooled:
        for number in range(1, 51):
            spooled.append(record(number, SSN_FINDING))
        assert spooled._file._rolled
        assert [entry.number for entry in spooled] == list(range(1, 51))
