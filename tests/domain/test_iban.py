"""IBANs as people type them: what is said about a wrong one, and which bank one names."""

import pytest

from pfennig.domain.iban import IbanFault, Mistake, bank_name, fault, plain, sepa_shapes

GOOD = "DE35500105175418493188"
LONGEST = "MT84MALT011000012345MTLCAST001S"


@pytest.mark.parametrize(
    "text", [GOOD, "iban: de35 5001-0517 5418.4931 88 ", "IBAN DE35 5001 0517 5418 4931 88", LONGEST]
)
def test_a_good_iban_has_no_fault_however_it_is_written(text: str) -> None:
    assert fault(text) is None
    assert plain(text) in (GOOD, LONGEST)


@pytest.mark.parametrize(
    ("text", "mistake", "values"),
    [
        ("", Mistake.COUNTRY, {}),
        ("nonsense", Mistake.COUNTRY, {}),
        ("5001 0517 5418", Mistake.COUNTRY, {}),
        ("DE35 5001", Mistake.LENGTH, {"country": "DE", "length": "22", "count": "8"}),
        (GOOD + "1", Mistake.LENGTH, {"country": "DE", "length": "22", "count": "23"}),
        ("AT35 5001 0517 5418 4931 88", Mistake.LENGTH, {"country": "AT", "length": "20", "count": "22"}),
        ("DE35 5001 O517 5418 4931 88", Mistake.GROUP, {"group": "O517", "character": "O"}),
        ("DEE5 5001", Mistake.COUNTRY, {}),
        ("DE", Mistake.COUNTRY, {}),
        ("NL91 ABN4 0417 1643 00", Mistake.GROUP, {"group": "ABN4", "character": "4"}),
        ("DE35 5001 0517 5418 4931 8ß", Mistake.GROUP, {"group": "8SS", "character": "S"}),
        ("DE35 5901 0517 5418 4931 88", Mistake.BANK, {"group": "5901 0517"}),
        ("DE35 5001 0517 5418 4931 89", Mistake.ACCOUNT, {"group": "5418 4931 89"}),
        ("DE53 5001 0517 5418 4931 88", Mistake.CHECK, {"group": "DE53"}),
        ("FR14 2004 1010 0505 0001 3M02 607", Mistake.ACCOUNT, {"group": "0505 0001 3M02 607"}),
    ],
)
def test_a_wrong_iban_is_wrong_in_a_place_that_can_be_named(
    text: str, mistake: Mistake, values: dict[str, str]
) -> None:
    assert fault(text) == IbanFault(mistake, values)


@pytest.mark.parametrize(
    ("country", "code", "name"),
    [
        ("DE", "50010517", "ING-DiBa"),
        ("DE", "5001051", None),
        ("DE", "500105175418493188", None),
        ("DE", "00000000", None),
        ("XX", "50010517", None),
        ("AT", "12000", "UniCredit Bank Austria AG"),
    ],
)
def test_a_bank_is_known_by_its_code_and_by_nothing_longer(country: str, code: str, name: str | None) -> None:
    assert bank_name(country, code) == name


def test_the_shapes_for_a_script_are_few_and_short() -> None:
    shapes = sepa_shapes().split()
    assert {"DE8-18n", "AT5-16n", "NL4-4a10n", "MT4-4a5n18c"} <= {*shapes}
    assert len(sepa_shapes()) < 700
