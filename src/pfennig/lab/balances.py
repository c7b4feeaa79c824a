"""/lab/v1/balances: the caller's money. Source: docs/lab.md."""

import falcon

from pfennig.lab.door import caller
from pfennig.operations.core import ledger
from pfennig.operations.core.call import Platform


class BalancesDoor:
    """Shows the available and the pending balance of the caller's own contract."""

    def __init__(self, platform: Platform) -> None:
        self.platform = platform

    def on_get(self, request: falcon.Request, response: falcon.Response) -> None:
        """GET: one entry per currency, in minor units; none before any money came."""
        call = caller(self.platform, request)
        with call.view() as view:
            balances = ledger.balances(view, call.client.contract_id)
        response.media = {
            "data": [
                {
                    "contract": balance.contract_id,
                    "currency": balance.currency,
                    "available": balance.available,
                    "pending": balance.pending,
                }
                for balance in balances
            ]
        }
