"""A shop that does everything which the API offers, with the bodies that its description shows."""

from collections.abc import Callable
from typing import Any

from tests.api.conftest import transfer
from tests.conftest import Api, Json
from tests.described import known

CARD = {"type": "credit_card", "private": {"owner": "Max", "pan": "411111XXXXXX1111"}}
WALLET = {
    "type": "googlepay",
    "private": {
        "signature": "s",
        "intermediateSigningKey": {"signedKey": "k", "signatures": ["s"]},
        "protocolVersion": "ECv2",
        "signedMessage": "m",
    },
}
CHALLENGED = {"type": "credit_card", "private": {"owner": "Max", "pan": "463544XXXXXX2298"}}
ACCOUNT = {"type": "bank_account", "private": {"owner": "Max", "iban": "DE35500105175418493188"}}
CONTACT = {
    "forename": "Max",
    "surname": "Mustermann",
    "companyname": "Muster GmbH",
    "salutation": "Herr",
    "title": "Dr.",
    "gender": "m",
    "dob": "1965-12-31",
    "birthplace": "Köln",
    "nationality": "DE",
    "email": "max@example.net",
    "phone": "+49 177 5555555",
    "mobile": "+49 177 5555555",
    "fax": "+49 177 5555555",
    "url_website": "https://example.net",
    "picture": "https://example.net/max.png",
    "address": {
        "street": "Kolumbastr.",
        "street_number": "3",
        "additional_address_data": "Hof",
        "postal_code": "50667",
        "city": "Köln",
        "country": "DE",
        "type": "home",
    },
}
ITEM = {
    "id": 1,
    "item_type": "article",
    "desc": "Mug",
    "articleNumber": 3211,
    "ean": 4006381333931,
    "quantity": 2,
    "priceOne": 250,
    "tax": 7.7,
    "group": [{"id": 7, "desc": "Kitchen", "level": 1}],
    "serialNumber": "S-1",
    "reference_id": 1,
}
PART = {
    "item_type": "sub_transaction",
    "sum": 500,
    "contract_id": "GCR_2H69XY35227V2VKP9WRA3SJ0W95RP0",
    "sub_basket": [ITEM],
}
EVERYTHING = {
    "customer": {"contact": CONTACT},
    "shipping_address": {"contact": CONTACT},
    "basket": {"products": [ITEM]},
    "basket_info": {"sum": 500, "currency": "EUR", "gratuity": 50},
    "transactionRef": "Your order 7",
    "merchantRef": "7",
    "tax_amount": 80,
    "tax_rate": 19,
    "market": "North",
    "cashier": "Erika",
    "product": "Mug",
    "idents": [{"type": "card", "value": 9276999999999999}],
    "delivery_options": {"type": "collection", "store_id": "STO_1", "scheduled_slot": {"start_date": "2026-02-05"}},
    "application_context": {
        "language": "en",
        "checkout_template": "COT_WD0DE66HN2XWJHW8JM88003YG0NEA2",
        "return_urls": {"url_success": "https://shop.example.test/thanks"},
        "locks": {"customer": True},
        "iframe_opts": {"payment_hint": [{"type": 7}], "project_title": "Shop", "has_accepted_disclaimer": False},
        "shop_details": {"shop_system": "Shop", "user_agent": "Shop/1"},
    },
    "payment_context": {
        "auto_capture": False,
        "payment_methods": ["creditcard", "debit", "prepaid"],
        "creditcard_schemes": ["visa"],
        "accrual": False,
        "merchant_initiated": False,
        "container_instructions": {"request_token": False, "notification_url": "https://shop.example.test/tokens"},
        "mit_instructions": {
            "type": "cit",
            "standing_instruction": "recurring",
            "recurring_frequency": 30,
            "recurring_expiry": "2030-12-31",
        },
        "dynamic_descriptor": {"merchant_name": "Shop", "merchant_city": "Berlin"},
    },
}
LATER = {"payment_context": {"auto_capture": False}}
LEGACY_ITEM = {
    "article_number": 3211,
    "ean": 4006381333931,
    "quantity": 2,
    "name": "Mug",
    "tax": 7.7,
    "price": 250,
    "reference_id": 1,
}
ORIGINS = {"Secupaycreditcards": CARD, "Secupaydebits": ACCOUNT, "Secupayprepays": None, "Secupaysofort": None}

Do = Callable[..., Any]


def doing(shop: Api) -> Do:
    """Does an operation by its name; what stands in {} comes first, the body is that of the description."""

    def do(operation: str, *words: str, body: Any = None, status: int = 200) -> Any:
        verb, _, path = operation.partition(" ")
        for word in words:
            path = path.replace(path[path.index("{") : path.index("}") + 1], word, 1)
        sent = known().example(operation) if body is None else body
        answer = shop.request(verb, path, **({} if sent is None else {"json": sent}))
        assert answer.status_code == status, (operation, answer.text)
        return answer.json() if answer.content else None

    return do


def play(shop: Api, other: Api, settle: Callable[[], object]) -> None:
    """All of it. shop: that of the guide; other: one with all methods. settle: pays merchants out."""
    let_in(shop)
    do = doing(shop)
    for noun in (cases, payments, containers, customers, subscriptions, documents, idents, contracts, legacy):
        noun(shop, do)
    third_parties(shop, do)
    settle()
    payouts(do)
    doing(other)("POST Smart/Transactions")
    doing(other)("POST Smart/Transactions", body=LATER | {"basket": {"products": [PART]}})
    do("GET Smart/Transactions/{id}", "STX_NONE", status=404)


def let_in(shop: Api) -> None:
    """A till of the shop registers, is confirmed, and gets its tokens."""
    till = dict(zip(("client_id", "client_secret"), shop.credentials, strict=True)) | {"grant_type": "device"}
    codes = shop.http.post("/oauth/token", json=till | {"uuid": "/vendor/unknown/cashier/7"}).json()
    shop.http.post("/lab/v1/devices", json={"user_code": codes["user_code"]}, headers=shop.headers)
    shop.http.post("/oauth/token", json=till | {"code": codes["device_code"]})


def cases(shop: Api, do: Do) -> None:
    """Smart Transactions."""
    at = "Smart/Transactions"
    case = do(f"POST {at}")["id"]
    do(f"PUT {at}/{{id}}", case)
    do(f"POST {at}/{{id}}/prepare/{{method}}", case, "creditcard")
    do(f"POST {at}/{{id}}/setDelivery", do(f"POST {at}/{{id}}/start/{{method}}", ordered(do), "creditcard")["id"])
    do(f"POST {at}/{{id}}/cancel", case)
    do(f"POST {at}/{{id}}/abort", do(f"POST {at}")["id"])
    later = do(f"POST {at}", body=EVERYTHING)["id"]
    do(f"POST {at}/{{id}}/prepare/{{method}}", later, "creditcard", body={"container": CHALLENGED})
    do(f"POST {at}/{{id}}/prepare/{{method}}", later, "debit", body={"container": ACCOUNT})
    do(f"POST {at}/{{id}}/start", later)
    for path in (f"GET {at}", f"GET {at}/{{id}}"):
        do(path, *([case] if "{" in path else []))


def ordered(do: Do) -> str:
    """The id of an order."""
    return str(
        do("POST Smart/Transactions", body={"intent": "order", "basket_info": {"sum": 500, "currency": "EUR"}})["id"]
    )


def paid(do: Do, method: str, body: Json | None = None, **fields: Any) -> Json:
    """A case that was started by a method, or prepared where its money is collected later."""
    case = do("POST Smart/Transactions", body=known().example("POST Smart/Transactions") | fields)["id"]
    step = "prepare" if fields else "start"
    found: Json = do(f"POST Smart/Transactions/{{id}}/{step}/{{method}}", case, method, body=body or {})
    return found


def payments(shop: Api, do: Do) -> None:
    """Payment.Transactions."""
    at = "Payment/Transactions"
    reserved = paid(do, "creditcard", {"container": CARD}, **LATER)["transactions"][0]["id"]
    do(f"POST {at}/{{id}}/capture", reserved)
    do(f"POST {at}/{{id}}/cancel", reserved)
    do(f"POST {at}/{{id}}/cancel", reserved, body={"reduce_amount_by": 100, "return_old_format": True})
    do(f"POST {at}/{{id}}/revokeAccrual", reserved)
    waiting = paid(do, "prepaid")
    number = waiting["transactions"][0]["id"]
    do(f"POST {at}/{{id}}/IncreaseAmount", number)
    do(f"POST {at}/{{id}}/getPaymentInstructions", number)
    do(f"POST {at}/{{id}}/getPaymentInstructions/{{transaction}}", "me", waiting["id"])
    line = transfer(shop, 1700, "thank you", iban="DE35500105175418493188", owner="Max")
    do(f"POST {at}/{{id}}/assignPayment/{{line}}", number, line["id"])
    transfer(shop, 3, f"TA {waiting['trans_id']}", iban="DE35500105175418493188", owner="Max")
    do(f"POST {at}/{{id}}/returnPayment", number)
    taken = do(f"POST {at}/{{id}}/unassignPayment", number)["transfers"][0]
    do(f"POST {at}/{{id}}/returnTransfer/{{line}}", "me", taken["accounting_id"])
    do(f"POST {at}/{{id}}/getRefundBankAccount", "me", body={"trans_id": waiting["trans_id"]})
    invoice = paid(do, "invoice")["transactions"][0]["id"]
    do(f"PUT {at}/{{id}}/ShippingInformation", invoice)
    for payment in do(f"GET {at}")["data"]:
        for path in ("", "/checkStatus", "/OldFormat"):
            do(f"GET {at}/{{id}}{path}", payment["id"])


def containers(shop: Api, do: Do) -> None:
    """Payment.Containers."""
    at = "Payment/Containers"
    kept = do(f"POST {at}")["id"]
    customer = do("POST Payment/Customers")["id"]
    do(f"PUT {at}/{{id}}", kept)
    do(f"POST {at}/{{id}}/assign/{{customer}}", kept, customer)
    do(f"GET {at}/{{id}}", kept)
    do(f"DELETE {at}/{{id}}/assign/{{customer}}", kept, customer)
    for path in ("mandate", "Uploadmandate"):
        do(f"POST {at}/{{id}}/{path}", kept, status=403)
    do(f"POST {at}/{{id}}/validateSingleIban", "me")
    wallet = {"type": "paypal", "private": {"email": "max@example.net", "payer_id": "QQQQ1234"}}
    do(f"PUT {at}/{{id}}/archive", do(f"POST {at}", body=wallet)["id"])
    do(f"GET {at}")
    do(f"DELETE {at}/{{id}}", kept)


def customers(shop: Api, do: Do) -> None:
    """Payment.Customers and Payment.Mandates."""
    at = "Payment/Customers"
    customer = do(f"POST {at}", body={"contact": CONTACT})["id"]
    do(f"PUT {at}/{{id}}", customer)
    do(f"GET {at}")
    do(f"GET {at}/{{id}}", customer)
    do(f"DELETE {at}/{{id}}", customer)
    mandate = do("POST Payment/Mandates")["id"]
    do("POST Payment/Mandates/{id}/bulk", "me", status=204)
    do("GET Payment/Mandates")
    do("GET Payment/Mandates/{id}", mandate)


def documents(shop: Api, do: Do) -> None:
    """Document.Uploads, and what files are handed in for."""
    at = "Document/Uploads"
    file = do(f"POST {at}")["id"]
    for path in ("", "/Download"):
        assert shop.request("GET", f"{at}/{file}{path}").status_code == 200
    for origin in (*ORIGINS, "Secupayinvoices"):
        payment = do(f"POST Payment/{origin}")["id"]
        do(f"POST Payment/{origin}/{{id}}/assignExternalInvoicePdf/{{document}}", payment, file)
        do("GET Payment/Transactions")


def idents(shop: Api, do: Do) -> None:
    """Identification: somebody who is identified at the second try, and papers that are handed in."""
    at, cases = "Services/Identrequests", "Services/Identcases/{id}"
    file = do("POST Document/Uploads")["id"]
    do(f"POST {at}")
    request = do(f"POST {at}", body={"provider": "idnow", "person": [{"contact": CONTACT}]})
    case, task = request["identcase"]["id"], request["person"][0]["transaction_id"]
    do(f"POST {cases}/start", case)
    do(f"PUT {cases}/task/{{task}}", case, task, body={"assign": [{"id": file}]})
    shop.http.post(f"/lab/v1/idents/{request['id']}", json={"status": "failed"}, headers=shop.headers)
    do(f"POST {cases}/reset", case)
    shop.http.post(f"/lab/v1/idents/{request['id']}", json={"status": "ok"}, headers=shop.headers)
    do(f"POST {cases}/close", case)
    for noun in (at, "Services/Identresults"):
        for each in do(f"GET {noun}")["data"]:
            do(f"GET {noun}/{{id}}", each["id"])
    do("POST Services/Uploadidents", body={"contract_id": "me", "document_ids": [file]})
    do("POST Smart/Idents/{id}/validate", "notused")


def subscriptions(shop: Api, do: Do) -> None:
    """Payment.Plans and Payment.Subscriptions."""
    at = "Payment/Plans"
    plan = do(f"POST {at}")["id"]
    item = {"item_type": "subscription", "desc": "Coffee", "quantity": 1, "priceOne": 500, "plan_id": plan}
    look = {"checkout_template": "COT_QV85D3F542XWFFJYCSWG00W400YWAT"}
    wish = {"basket": {"products": [item | {"start_at": "2026-02-05T00:00:00+01:00"}]}, "application_context": look}
    case = do("POST Smart/Transactions", body=EVERYTHING | {"basket_info": {"sum": 500}} | wish)["id"]
    do("POST Smart/Transactions/{id}/start/{method}", case, "creditcard", body={"container": CARD})
    begun = do("GET Smart/Transactions/{id}", case)["subscription"]["id"]
    do("POST Smart/Transactions/{id}/updatePaymentContainer", begun)
    do("GET Payment/Subscriptions")
    do("GET Payment/Subscriptions/{id}", begun)
    for verb in ("suspend", "activate", "cancel"):
        do(f"POST Payment/Subscriptions/{{id}}/{verb}", begun)
    for path in (f"GET {at}", f"PUT {at}/{{id}}", f"PATCH {at}/{{id}}", f"GET {at}/{{id}}"):
        do(path, *([plan] if "{" in path else []))


def contracts(shop: Api, do: Do) -> None:
    """General.Contracts, General.Merchants and Payment.Contracts."""
    at = "General/Contracts"
    do(f"GET {at}")
    for path in ("", "/AvailableCurrencies", "/IframeOptions"):
        do(f"GET {at}/{{id}}{path}", "me")
    for verb in ("PUT", "PATCH"):
        do(f"{verb} {at}/{{id}}", "me")
    for path in ("/IframeOptions", "/getAvailablePaymentMethods", "/savePaymentLinkConfiguration"):
        do(f"POST {at}/{{id}}{path}", "me")
    case = do("POST Smart/Transactions")["id"]
    do(f"POST {at}/{{id}}/getAvailablePaymentMethods/{{transaction}}", "me", case)
    do(f"POST {at}/{{id}}/revokeAccrual", "me", status=204)
    do(f"POST {at}/{{id}}/updateBankAccount", "me")
    for verb in ("GET", "POST", "PUT", "PATCH"):
        do(f"{verb} {at}/{{id}}/ThirdPartyConfiguration", "me")
    do(f"DELETE {at}/{{id}}/ThirdPartyConfiguration/{{service}}", "me", "paypal")
    onboarding(shop, do)
    merchants(shop, do)


def onboarding(shop: Api, do: Do) -> None:
    """Payment.Contracts: somebody is let in below the shop's contract, and leaves again."""
    at = "Payment/Contracts"
    asked = do(f"POST {at}/{{id}}/requestId", "me")
    without = known().example(f"POST {at}/{{id}}/requestId") | {"project": "Teewerk", "payin_account": False}
    do(f"POST {at}/{{id}}/requestId", "me", body=without)
    do(f"POST {at}/{{id}}/clone", "me")
    do(f"GET {at}")
    new = asked["contract"]["id"]
    do(f"GET {at}/{{id}}", new)
    do(f"GET {at}/{{id}}/paymentMethods", "me")
    do(f"POST {at}/{{id}}/revokeAccrual", new, status=204)
    do(f"POST {at}/{{id}}/updateBankAccount", new)
    shop.http.post(f"/lab/v1/contracts/{new}/activate", headers=shop.headers)
    do("POST General/Contracts/{id}/terminate", new)


def merchants(shop: Api, do: Do) -> None:
    """General.Merchants, General.Stores and Public.Website."""
    at = "General/Merchants"
    do(f"PUT {at}/{{id}}", "me")
    do(f"GET {at}")
    own = do(f"GET {at}/{{id}}", "me")["id"]
    do(f"GET {at}/{{id}}/MerchantCategories", "me")
    do(f"POST {at}/{{id}}/getPublicData/{{contract}}", own, do("GET General/Contracts/{id}", "me")["id"])
    at = "General/Stores"
    store = do(f"POST {at}")["id"]
    do(f"PUT {at}/{{id}}", store)
    do(f"GET {at}")
    do(f"GET {at}/{{id}}", store)
    do(f"POST {at}/{{id}}/setDefault", store)
    do("GET Public/Website/{id}/availableCountries", "me")


def third_parties(shop: Api, do: Do) -> None:
    """Payment.Secupaypayout, and the balance that can pay for it."""
    at = "Payment/Secupaypayout"
    debited = paid(do, "debit", {"container": ACCOUNT})["transactions"][0]["id"]
    lines = [{"name": "Max", "total": 350, "transaction_id": debited, "reference_id": "1"}]
    body = known().example(f"POST {at}") | {"transaction_list": lines}
    payout = do(f"POST {at}", body=body)
    do(f"POST {at}/{{id}}/PayoutWithoutCustomer", "me")
    do(f"POST {at}/{{id}}/assignExternalInvoicePdf/{{document}}", payout["id"], do("POST Document/Uploads")["id"])
    do(f"GET {at}/{{id}}", payout["id"])
    transfer(shop, 500, "in advance")
    do("GET General/Contracts/{id}/transferBalance", "me")
    do("POST Payment/Transactions/{id}/assignTransferBalance", payout["payment_id"])
    do(f"POST {at}/{{id}}/cancel", do(f"POST {at}", body=body)["id"])


def payouts(do: Do) -> None:
    """Payment.Payouts and Payment.Invoices, what a project has brought in, and terminals, of which there are none."""
    do("GET Payment/Transactions/{id}/CrowdFundingData/{merchant}", "me", "me")
    for noun in ("Transactions", "Invoices"):
        do(f"GET Cardprocessing/{noun}")
        do(f"GET Cardprocessing/{noun}/{{id}}", "CPT_NONE", status=404)
    for noun in ("Payouts", "Invoices"):
        for each in do(f"GET Payment/{noun}")["data"]:
            do(f"GET Payment/{noun}/{{id}}", each["id"])


def legacy(shop: Api, do: Do) -> None:
    """The legacy endpoints. What is done with a payment is the same for all of them."""
    agreed: Json = {"amount": 500, "opt_data": {"has_accepted_disclaimer": True}, "customer": {"contact": CONTACT}}
    do("POST Payment/Secupaycreditcards", body=agreed | {"container": WALLET})
    for origin, instrument in {**ORIGINS, "Secupayinvoices": None}.items():
        at = f"Payment/{origin}"
        do(f"GET {at}/{{id}}", do(f"POST {at}")["id"])
        do(f"PUT {at}/{{id}}/basket", do(f"POST {at}")["id"])
        waiting = do("POST Payment/Secupayprepays", body=agreed | {"basket": [LEGACY_ITEM | {"total": 500}]})["id"]
        do(f"PUT {at}/{{id}}/accrual", waiting)
        do(f"POST {at}/{{id}}/TestChangedPaymentStatus", waiting)
        do(f"POST {at}/{{id}}/cancel", waiting)
        do(f"POST {at}/{{id}}/cancel", do(f"POST {at}")["id"], body={})
        invoice = do("POST Payment/Secupayinvoices", body=agreed)["id"]
        do(f"PUT {at}/{{id}}/shippingInformation", invoice)
        if instrument:
            do(f"POST {at}", body=agreed | {"container": instrument, "payment_action": "authorization"})
        reserved = agreed | {"container": ACCOUNT, "payment_action": "authorization"}
        do(f"POST {at}/{{id}}/capture", do("POST Payment/Secupaydebits", body=reserved)["id"])
