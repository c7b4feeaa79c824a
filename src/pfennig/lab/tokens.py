"""/lab/v1/tokens: a tester answers for a card network. Source: docs/lab.md."""

from typing import Annotated

import falcon
from msgspec import Meta, Struct

from pfennig.domain.token import TokenStatus
from pfennig.lab.door import body_as, caller
from pfennig.operations.core.call import Platform
from pfennig.operations.instruments import network_tokens


class TokenAnswer(Struct):
    """The status that the token of a container shall get."""

    container: Annotated[str, Meta(max_length=80)]
    status: TokenStatus


class TokensDoor:
    """Tokens that stay where they are until somebody plays the card network."""

    def __init__(self, platform: Platform) -> None:
        self.platform = platform

    def on_post(self, request: falcon.Request, response: falcon.Response) -> None:
        """POST {"container": …, "status": …}: the token afterwards. Raises WrongState, UnknownId."""
        asked, call = body_as(request, TokenAnswer), caller(self.platform, request)
        container = call.insist(lambda: network_tokens.play(call, asked.container, asked.status))
        response.media = {"container": container.id, "token_status": container.token}
