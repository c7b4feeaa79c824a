"""The fields of the checkout while somebody types, leaves them, and sends the form too early."""

from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import Till
from tests.browser.screens import CHALLENGED
from tests.browser.traces import CODE, REAL

AMERICAN = "378282246310005"
LONGEST = "MT84MALT011000012345MTLCAST001S"


def errors(form: Locator) -> list[str]:
    """The messages below the fields."""
    return form.locator(".error").all_text_contents()


def test_a_card_is_checked_while_it_is_typed_and_nothing_wrong_is_sent(desk: Page, till: Till) -> None:
    sent: list[str] = []
    desk.goto(till.sell()["payment_links"]["creditcard"])
    desk.on("request", lambda request: sent.append(request.url))
    form = desk.locator("form[action^='/pay/creditcard']")
    number, expiry, code = (form.locator(f"[name={name}]") for name in ("number", "expiry", "cvv"))
    brand, hint, pay = form.locator(".brand"), form.locator(".cvv .hint"), form.locator("button.button")

    number.press_sequentially("41-11 1111 1111 1112")
    expect(number).to_have_value("4111 1111 1111 1112")
    expect(brand).to_have_text("Visa")
    expect(hint).to_have_text("3 Ziffern auf der Rückseite der Karte")
    assert errors(form) == [], "nothing is said while somebody types"
    expiry.press_sequentially("1/20")
    assert errors(form) == ["Die Kartennummer ist nicht gültig"]
    expect(expiry).to_have_value("01/20")
    expect(expiry).to_be_focused()
    code.fill("1")
    pay.click()
    expect(number).to_be_focused()
    expect(number).to_have_attribute("aria-invalid", "true")
    assert [text.split()[0] for text in errors(form)] == ["Die", "Diese", "Bitte"], "all is said at once"
    assert form.locator(".wrong a").all_text_contents() == ["Kartennummer", "Gültig bis", "Prüfnummer"]
    assert (number.input_value(), code.input_value()) == ("4111 1111 1111 1112", "1"), "and nothing is emptied"
    form.get_by_role("link", name="Prüfnummer").click()
    expect(code).to_be_focused()

    number.fill(AMERICAN)
    expect(number).to_have_value("3782 822463 10005")
    expect(brand).to_have_text("American Express")
    expect(hint).to_have_text("4 Ziffern auf der Vorderseite der Karte")
    assert "4 Ziffern" in errors(form)[-1], "the code belongs to the network"
    number.fill(REAL)
    pay.click()
    assert "nur Testkarten" in errors(form)[0], "the number of a real card does not leave the browser"
    number.fill(CHALLENGED)
    expiry.fill("")
    expiry.press_sequentially("1239")
    expect(code).to_be_focused()
    assert errors(form) == ["Bitte geben Sie die 3 Ziffern von der Rückseite der Karte ein"]
    assert sent == []
    code.fill(CODE)
    code.press("Tab")
    assert errors(form) == []
    expect(form.locator(".wrong")).to_have_count(0)
    pay.click()
    desk.wait_for_url("**/sim/3ds/*")


def test_an_account_and_its_owner_are_checked_and_the_bank_is_named(desk: Page, till: Till) -> None:
    desk.set_viewport_size({"width": 390, "height": 844})
    desk.goto(till.sell(customer={})["payment_links"]["debit"])
    form = desk.locator("form[action^='/pay/debit']")
    iban, bank, pay = form.locator("[name=iban]"), form.locator(".bank"), form.locator("button.button")
    asked: list[str] = []
    desk.on("request", lambda request: asked.append(request.url))

    iban.press_sequentially(f"IBAN {LONGEST.lower()}")
    expect(iban).to_have_value("MT84 MALT 0110 0001 2345 MTLC AST0 01S")
    assert iban.evaluate("(field) => field.scrollWidth <= field.clientWidth"), "the longest is seen as a whole"
    for typed, said in (
        ("DE36500105175418493188", "Die Prüfziffern in „DE36“ passen nicht zum Rest"),
        ("DE35590105175418493188", "Bitte prüfen Sie „5901 0517“: eine Bank mit dieser Bankleitzahl gibt es nicht"),
        ("DE35 5001", "hat 22 Stellen; hier sind es 8"),
        ("DE35 5001 O517", "Bitte prüfen Sie die Gruppe „O517“"),
        ("5001", "beginnt mit zwei Buchstaben"),
    ):
        iban.fill(typed)
        if "5901" in typed:
            desk.wait_for_load_state("networkidle")
        form.locator("[name=owner]").focus()
        expect(form.locator(".iban .error")).to_contain_text(said)
        expect(desk.locator("#said")).to_contain_text(said)
    iban.fill("DE35 5001 0517 5418 4931 88")
    expect(bank).to_have_text("ING-DiBa")
    expect(form.locator(".error")).to_have_count(0)
    assert [url for url in asked if "5418" in url] == [], "the number of an account is not asked about"

    pay.click()
    expect(form.locator("[name=forename]")).to_be_focused()
    expect(form.locator(".error")).to_have_count(4)
    assert form.locator(".wrong a").all_text_contents() == ["Vorname", "Nachname", "E-Mail", "Kontoinhaber/in"]
    for name, text in {"forename": "Erika", "surname": "Musterfrau", "owner": "Erika", "email": "erika"}.items():
        form.locator(f"[name={name}]").fill(text)
    pay.click()
    expect(form.locator("[name=email]")).to_be_focused()
    expect(form.locator(".error")).to_have_count(1)
    form.locator("[name=email]").fill("erika@example.net")
    pay.click()
    desk.wait_for_url(f"{till.url}/success*")
