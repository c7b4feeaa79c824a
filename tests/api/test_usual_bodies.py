"""Most bodies have nothing empty in them, and no id with anything beside it: they are not walked over for that."""

from typing import Any

import pytest

from pfennig.operations.pay.smart_transactions import StxRequest
from pfennig.resources import empties

USUAL = [
    {},
    {"contract": {"id": "GCR_MINE"}, "basket_info": {"sum": 500}},
    {"merchant_ref": '"id":"x","y"', "customer": {"contact": {"forename": "id"}}},
]

UNUSUAL = [
    {"merchant_ref": "[]"},
    {"basket": []},
    {"idents": [[]]},
    {"contract": {"id": "GCR_MINE", "object": "general.contracts"}},
    {"contract": {"object": "general.contracts", "id": "GCR_MINE"}},
    {"customer": {"id": 'PCU_"', "contact": {"forename": 1}}},
    {"customer": {"id": 7}},
    {"customer": {"id": None, "contact": {}}},
]


@pytest.mark.parametrize("body", [*USUAL, *UNUSUAL])
def test_a_body_says_the_same_whether_or_not_it_is_walked_over(body: Any) -> None:
    assert empties.without_empties(body, StxRequest) == empties.without_empties_of_type(
        body, empties.type_of(StxRequest)
    )


@pytest.mark.parametrize("body", USUAL)
def test_a_usual_body_is_left_as_it_is(body: Any) -> None:
    assert empties.without_empties(body, StxRequest) is body


@pytest.mark.parametrize("body", UNUSUAL)
def test_an_unusual_one_is_walked_over(body: Any) -> None:
    assert empties.without_empties(body, StxRequest) is not body
