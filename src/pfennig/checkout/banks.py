"""/pay/bank: the name of a bank for who is typing an IBAN. Source: docs/checkout.md#the-screens."""

import falcon

from pfennig.checkout.visit import enter
from pfennig.domain.iban import bank_name
from pfennig.operations.core.call import Platform

PATH = "/pay/bank"


class BanksDoor:
    """Names banks to pages of payments, by their codes alone: nobody sends an account number here."""

    def __init__(self, platform: Platform) -> None:
        self.platform = platform

    def on_get(self, request: falcon.Request, response: falcon.Response) -> None:
        """The bank's name, null where nobody knows it. Raises DeadLink where there is nothing to pay."""
        enter(self.platform, request)
        code = request.get_param("code") or ""
        response.media = {"name": bank_name(code[:2], code[2:])}
        response.set_header("Cache-Control", "no-store")
        response.set_header("X-Content-Type-Options", "nosniff")
