"""POST /lab/v1/devices: a device is confirmed, as the merchant does it elsewhere. Source: docs/lab.md."""

import falcon
import msgspec

from pfennig.lab.door import body_as, caller
from pfennig.operations.core.call import Platform
from pfennig.operations.parties import sessions
from pfennig.rates import Rates, TooFast

MOST_CODES = 60
"""A minute, for one client: codes can be typed by programs here, and still not be guessed."""


class Confirmation(msgspec.Struct):
    """The code that the device shows, and the contract under which it shall act; none for the caller's."""

    user_code: str
    contract: str | None = None


class DevicesDoor:
    """Confirms devices: /lab/v1/devices."""

    def __init__(self, platform: Platform) -> None:
        self.platform, self.rates = platform, Rates()

    def on_post(self, request: falcon.Request, response: falcon.Response) -> None:
        """The session of the device. Raises TooFast, BrokenBody, UnknownUserCode, NotYours, UnknownId."""
        call = caller(self.platform, request)
        if self.rates.count(call.client.client_id) > MOST_CODES:
            raise TooFast(f"more than {MOST_CODES} codes were tried within a minute")
        said = body_as(request, Confirmation)
        session = call.insist(lambda: sessions.confirm_for(call, said.user_code, said.contract))
        response.media = {
            "id": session.id,
            "device": session.device,
            "merchant": session.merchant_id,
            "contract": session.contract_id,
        }
