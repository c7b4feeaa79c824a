"""Where money goes back to that belongs to no order."""

import pytest

from pfennig.domain.sepa import MOST
from pfennig.operations.books.returns import NoWayBack, account_of
from tests.storage.facts import a_receipt


def test_as_much_goes_back_as_one_transfer_can_be_and_not_one_cent_more() -> None:
    line = a_receipt()
    assert account_of(line, MOST).iban == line.iban
    with pytest.raises(NoWayBack, match="more than one transfer"):
        account_of(line, MOST + 1)
    assert account_of(a_receipt(currency="CHF"), MOST + 1).owner == "Anna"


@pytest.mark.parametrize("fields", [{"iban": ""}, {"iban": "DE00"}, {"owner": ""}, {"owner": "\U0001f389"}])
def test_where_the_bank_did_not_say_whose_money_it_was_nothing_goes_back(fields: dict[str, str]) -> None:
    with pytest.raises(NoWayBack):
        account_of(a_receipt(**fields), 1)
