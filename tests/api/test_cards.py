"""Card numbers are poison: what is no test card leaves no trace."""

from pathlib import Path

import pytest
from structlog.testing import capture_logs

from pfennig.storage.database import Database
from tests.api.conftest import Everything
from tests.conftest import Api

REAL = ("4242424242424242", "5105105105105100", "378734493671000", "6250946000000016")
"""Numbers with a right check digit that are none of the twin's own."""


def wear(number: str, gap: str) -> str:
    """The number in groups of four."""
    return gap.join(number[start : start + 4] for start in range(0, len(number), 4))


@pytest.mark.parametrize("verb", ["prepare", "start"])
def test_a_real_card_number_is_refused_and_leaves_no_trace(
    mine: Api, database: Database, everything: Everything, verb: str, capfd: pytest.CaptureFixture[str]
) -> None:
    path = f"Smart/Transactions/{mine.buy()['id']}/{verb}/creditcard"
    before = everything()
    told = []
    with capture_logs() as log:
        for number in REAL:
            for spelling in (number, wear(number, " "), wear(number, "-"), f" {number} "):
                answer = mine.request("POST", path, json={"container": {"private": {"owner": "M", "pan": spelling}}})
                assert (answer.status_code, answer.json()["code"]) == (403, 4031)
                told.append(answer.text)
            for spelling in (wear(number, "."), wear(number, "/"), f"{number}0", f"X{number}", f"PAN {number}"):
                answer = mine.request("POST", path, json={"container": {"private": {"owner": "M", "pan": spelling}}})
                assert answer.status_code == 400
                told.append(answer.text)
            answer = mine.request("POST", path, json={"container": {"private": {"pan": int(number)}}})
            assert answer.status_code == 400
            told.append(answer.text)
            answer = mine.request("POST", f"{path[:-10]}debit", json={"container": {"private": {"iban": number}}})
            assert answer.status_code == 400
            told.append(answer.text)
    assert everything() == before
    out = capfd.readouterr()
    traces = "".join(told) + str(log) + out.out + out.err + files(database)
    traces = traces.replace(" ", "").replace("-", "").replace(".", "").replace("/", "")
    for number in REAL:
        assert number not in traces
        assert number[6:-4] not in traces


def files(database: Database) -> str:
    """Whatever the embedded database has on disk; text of PostgreSQL is looked at row by row."""
    if not database.is_sqlite:
        return ""
    return "".join(Path(f"{database.url.database}{suffix}").read_bytes().decode("latin-1") for suffix in ("", "-wal"))


def test_of_a_test_card_only_the_mask_is_kept(mine: Api, database: Database, everything: Everything) -> None:
    path = f"Smart/Transactions/{mine.buy()['id']}/start/creditcard"
    full = {"owner": "Max", "pan": "4111 1111 1111 1111", "expiration_date": "2027-03"}
    with capture_logs() as log:
        case = mine.post(path, {"container": {"type": "credit_card", "private": full}})
    assert case["status"] == "ok"
    with database.view() as view:
        [container] = view.containers.all()
    assert container.private == {
        "owner": "Max",
        "pan": "411111XXXXXX1111",
        "expiration_date": "2027-03-01T00:00:00+00:00",
        "issuer": "VISA",
    }
    for trace in (everything(), str(log), files(database)):
        assert "4111111111111111" not in trace.replace(" ", "")


def test_the_cryptograms_of_the_card_form_are_not_kept(mine: Api, everything: Everything) -> None:
    private = {"pan": "411111XXXXXX1111", "transact_container": "c1phert3xt", "cvv": "s3cr3t"}
    case = mine.post(f"Smart/Transactions/{mine.buy()['id']}/start/creditcard", {"container": {"private": private}})
    assert case["status"] == "ok"
    assert "c1phert3xt" not in everything()
    assert "s3cr3t" not in everything()
