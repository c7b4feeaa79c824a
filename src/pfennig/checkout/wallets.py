"""/pay/wallets: nothing but the buttons of wallets, for a page of the shop.

Source: docs/checkout.md#wallets-in-the-shops-page
"""

import falcon

from pfennig.checkout import offer, pages
from pfennig.checkout.visit import FINISHED, enter
from pfennig.operations.core.call import Platform


class WalletsDoor:
    """Shows by which wallets a payment can be made: to its payer, and not to the page around it."""

    def __init__(self, platform: Platform) -> None:
        self.platform = platform

    def on_get(self, request: falcon.Request, response: falcon.Response) -> None:
        """The buttons; none where no wallet is possible, or nothing can be paid any more."""
        visit = enter(self.platform, request)
        is_open = visit.stx.status not in FINISHED and visit.stx.is_payable
        pages.show(request, response, visit, "wallets.html", wallets=offer.wallet_links(visit) if is_open else [])
