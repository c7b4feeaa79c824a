"""To whom can be written, and what of others' texts can stand in a line of ours."""

import pytest

from pfennig.domain.email_address import LONGEST_ADDRESS, deliverable, is_address
from pfennig.domain.mail import one_line


@pytest.mark.parametrize("text", ["max@example.net", "m.a-x+7@mail.example.co.uk", "root@localhost", "o'neil@x.de"])
def test_an_address_is_a_name_at_a_host(text: str) -> None:
    assert is_address(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "max",
        "max@",
        "@example.net",
        "max@example..net",
        "max@example.net.",
        "max mustermann@example.net",
        "Max <max@example.net>",
        "max@example.net, erika@example.net",
        "max@example.net\nBcc: erika@example.net",
        "max@example.net\n",
        "mäx@example.net",
        '"max"@example.net',
        f"{'m' * 65}@example.net",
        f"max@{'example.' * 40}net",
    ],
)
def test_what_not_every_mail_server_understands_is_no_address(text: str) -> None:
    assert not is_address(text)


@pytest.mark.parametrize(
    ("typed", "written"),
    [
        ("max@müller.de", "max@xn--mller-kva.de"),
        ("max@shop.Müller.DE", "max@shop.xn--mller-kva.de"),
        ("anna@straße.de", "anna@xn--strae-oqa.de"),
        ("jan@żółw.pl", "jan@xn--w-uga1v8h.pl"),
        ("max@xn--mller-kva.de", "max@xn--mller-kva.de"),
        ("max@example.net", "max@example.net"),
        ("müller@example.net", None),
        ("max@mül ler.de", None),
        ("max@-ü-.de", None),
        ("max@.ü.de", None),
        ("max@" + "ü" * 70 + ".de", None),
    ],
)
def test_a_domain_with_umlauts_is_written_to_in_letters_of_every_mail_server(typed: str, written: str | None) -> None:
    assert deliverable(typed) == written


def test_an_address_may_be_as_long_as_the_standard_says() -> None:
    host = "@" + ".".join(["x" * 63] * 3)
    assert is_address("m" * (LONGEST_ADDRESS - len(host)) + host)
    assert not is_address("m" * (LONGEST_ADDRESS - len(host) + 1) + host)


def test_a_text_becomes_one_line_of_what_can_be_printed() -> None:
    assert one_line(" Müller \r\n & Söhne\t\x00\u2028\u202eGmbH\u00a0🙂 ") == "Müller & Söhne GmbH 🙂"
