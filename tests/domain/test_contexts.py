"""What shops say around a payment: addresses, texts, and who starts a series."""

from typing import Any

import msgspec
import pytest
from msgspec import UNSET

from pfennig.domain.contexts import (
    LARGEST_HINT,
    BadUrl,
    ContainerInstructions,
    IframeOpts,
    MitInstructions,
    ReturnUrls,
    is_web_address,
)


@pytest.mark.parametrize(
    "text", ["http://example.net", "https://localhost:8000/a?b#c", "https://[::1]/", "HTTPS://müller.de"]
)
def test_a_web_address_has_a_host(text: str) -> None:
    assert is_web_address(text)


@pytest.mark.parametrize(
    "text",
    [
        *("", "example.net", "ftp://example.net", "https://", "https:///path", "https://a b", "https://a\x07b"),
        *("https://example.net:0", "https://example.net:99999", "javascript:alert(1)", "https://["),
    ],
)
def test_what_has_none_or_would_steer_is_no_web_address(text: str) -> None:
    assert not is_web_address(text)


def test_empty_addresses_say_nothing_and_wrong_ones_are_named() -> None:
    urls = ReturnUrls(url_success="", url_push="https://example.net")
    assert urls.url_success is UNSET
    assert urls.url_push == "https://example.net"
    with pytest.raises(BadUrl) as caught:
        ReturnUrls(url_success="https://example.net", url_abort="example.net")
    assert caught.value.details == "application_context.return_urls.url_abort must be an http or https address"
    with pytest.raises(BadUrl, match=r"payment_context\.container_instructions\.notification_url"):
        ContainerInstructions(notification_url="x")
    assert ContainerInstructions(notification_url="").notification_url is UNSET


def hint(size: int) -> dict[str, Any]:
    """A hint of so many bytes as JSON."""
    return {"payment_hint": [{"t": "x" * (size - len('[{"t":""}]'))}]}


def test_what_is_only_kept_has_a_size() -> None:
    msgspec.convert(hint(LARGEST_HINT), IframeOpts)
    with pytest.raises(msgspec.ValidationError, match="more than 10000 bytes"):
        msgspec.convert(hint(LARGEST_HINT + 1), IframeOpts)


def test_a_series_is_read_as_older_sdks_spell_it() -> None:
    older = MitInstructions(type="mit", standing_instructions="recurring")
    assert (older.standing_instruction, older.standing_instructions) == ("recurring", UNSET)
    both = MitInstructions(standing_instruction="ucof", standing_instructions="recurring")
    assert both.standing_instruction == "ucof"
    assert MitInstructions().standing_instruction is UNSET
