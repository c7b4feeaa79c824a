"""What is borrowed is paid back, with its interest, in instalments that people can live with."""

import pytest

from pfennig.domain.instalments import MONTHLY_RATE, MONTHS, plan


@pytest.mark.parametrize("months", MONTHS)
@pytest.mark.parametrize("amount", [200_00, 200_01, 1_234_56, 9_999_99, 10_000_00])
def test_all_instalments_pay_back_the_sum_and_its_interest(amount: int, months: int) -> None:
    offer = plan(amount, months)
    assert offer.total == amount + offer.interest == offer.instalment * (months - 1) + offer.last
    assert abs(offer.instalment - offer.last) <= 2 * months
    assert offer.interest == pytest.approx(float(amount * MONTHLY_RATE * (months + 1) / 2), rel=0.07)


def test_whoever_pays_back_faster_pays_less_interest() -> None:
    interest = [plan(1_000_00, months).interest for months in MONTHS]
    assert interest == sorted(set(interest))
    assert plan(1_000_00, 12).on_the_wire == {
        "interest": 54_43,
        "total_value": 1_054_43,
        "number_of_installments": 12,
        "installment": 87_87,
        "last_installment": 87_86,
    }
