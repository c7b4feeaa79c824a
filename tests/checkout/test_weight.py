"""What a first view weighs on the wire: the page, its styles and scripts."""

import re

import httpx
import pytest

from tests.browser.screens import BASKET, HINT
from tests.checkout.conftest import Payer
from tests.conftest import Api, Dress

SHOP = "https://shop.example.test"
LARGEST_VIEW, LARGEST_SCRIPTS = 45_000, 14_000


@pytest.mark.parametrize("frame", ["", f"&frame={SHOP}"], ids=["window", "frame"])
def test_a_first_view_is_light(mine: Api, payer: Payer, http: httpx.Client, dress: Dress, frame: str) -> None:
    dress(domains=[SHOP], primary_colour="#123456")
    case = mine.buy(application_context={"iframe_opts": HINT, "return_urls": {"url_abort": SHOP}}, **BASKET)
    page = payer.open(case["payment_links"]["general"] + frame).answer
    files = {path: http.get(path) for path in re.findall(r'(?:src|href)="(/pay/static/[^"]+)"', page.text)}
    assert len(files) == (3 if frame else 2)
    sizes = {path: file.num_bytes_downloaded for path, file in files.items()}
    assert len(page.content) + sum(sizes.values()) < LARGEST_VIEW
    assert sum(size for path, size in sizes.items() if path.endswith(".js")) < LARGEST_SCRIPTS
