"""The page after paying in a real browser: it looks again by itself, and shows no code to the phone that holds it."""

from playwright.sync_api import Page, expect

from tests.browser.conftest import Till


def transfer_page(page: Page, till: Till, server: str) -> str:
    """Opens the page of a payment whose transfer is still to be made. Answers the purpose of that."""
    case = till.http.post(f"/api/v2/Smart/Transactions/{till.sell()['id']}/start/prepaid").json()
    page.goto(f"{server}/pay/result?stx={case['id']}&lang=en")
    return str(case["payment_instructions"]["purpose"])


def test_a_page_that_waits_shows_by_itself_that_the_money_has_come(desk: Page, till: Till, server: str) -> None:
    purpose = transfer_page(desk, till, server)
    expect(desk.locator("#code")).to_be_visible()
    till.http.post("/lab/v1/bank/transfers", json={"amount": 500, "purpose": purpose}).raise_for_status()
    expect(desk.locator(".outcome.paid")).to_be_visible()
    expect(desk.locator("#print")).to_be_visible()


def test_a_phone_shows_no_code_to_itself(desk: Page, till: Till, server: str) -> None:
    devices = desk.context.new_cdp_session(desk)
    devices.send("Emulation.setTouchEmulationEnabled", {"enabled": True})
    phone = {"width": 390, "height": 844, "deviceScaleFactor": 2, "mobile": True}
    devices.send("Emulation.setDeviceMetricsOverride", phone)
    transfer_page(desk, till, server)
    expect(desk.locator("#copy-iban")).to_be_visible()
    expect(desk.locator("#code")).to_be_hidden()
