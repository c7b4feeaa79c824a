"""Who types an IBAN is told the bank's name, by the code of the bank alone."""

import pytest

from pfennig.checkout.limits import SENT_PER_TRANSACTION
from tests.checkout.conftest import Payer
from tests.conftest import Api


@pytest.mark.parametrize(
    ("code", "name"), [("DE50010517", '"ING-DiBa"'), ("DE35500105175418493188", "null"), ("DE", "null"), ("", "null")]
)
def test_a_bank_is_named_by_its_code_and_by_nothing_longer(mine: Api, payer: Payer, code: str, name: str) -> None:
    payer.open(f"/pay/bank?stx={mine.buy()['id']}&code={code}")
    assert (payer.status, payer.page) == (200, f'{{"name": {name}}}')


def test_banks_are_named_to_payers_only_and_not_without_end(
    mine: Api, payer: Payer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pfennig.rates.WINDOW_SECONDS", 10**9)  # no minute ends during the test
    path = "/pay/bank?code=DE50010517&stx="
    assert payer.open(f"{path}STX_NOTHING").status == 404
    path += mine.buy()["id"]
    assert [payer.open(path).status for _ in range(SENT_PER_TRANSACTION)] == [200] * SENT_PER_TRANSACTION
    assert payer.open(path).status == 429
