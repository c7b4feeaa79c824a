"""The card form's token for shops: a card number that only this server can read. Twin only.

Source: docs/wire/5-smart-checkout.md#card-form
"""

import base64
from dataclasses import dataclass

from pfennig import ids
from pfennig.domain.parties import Key
from pfennig.errors import Malformed
from pfennig.operations.core.call import Call
from pfennig.storage.unit import Unit

KEY_NAME = "card-form.pem"
"""The key's name on the wire, and its id among the keys."""


class BadCryptogram(Malformed):
    """The encrypted card data cannot be used. Please enter the card again."""

    code = 3037


@dataclass(frozen=True)
class Cryptogram:
    """A sealed card number as it comes back.

    container: base64 of a nonce and the number, encrypted by AES-GCM. session_key: base64 of its key, by RSA-OAEP.
    digest: SHA-256 of `container` in hex. One of the number itself would give it away: too few fit behind a mask.
    """

    container: str
    session_key: str
    digest: str


def find_or_make_public_key(call: Call) -> str:
    """The key to encrypt with, base64 of its DER form (SPKI). It is made when somebody asks for it first."""
    from pfennig.operations.instruments import card_key  # see there

    with call.view() as view:
        kept = view.keys.find(KEY_NAME)
    if kept is None:
        text = card_key.new_key()
        with call.unit() as unit:
            unit.keys.add_if_new(Key(id=KEY_NAME, value=text, created=unit.now))
            kept = unit.keys.get(KEY_NAME)  # another process may have been faster
    return base64.b64encode(card_key.public_key(kept.value)).decode()


def decrypt_number(unit: Unit, cryptogram: Cryptogram) -> str:
    """The card number in a cryptogram. Raises BadCryptogram."""
    kept = unit.keys.find(KEY_NAME)
    if kept is None or not ids.same(ids.digest(cryptogram.container), cryptogram.digest.lower()):
        raise BadCryptogram("container.private.transact_hash does not fit to transact_container")
    from pfennig.operations.instruments import card_key  # see there

    try:
        wrapped, sealed = (
            base64.b64decode(each, validate=True) for each in (cryptogram.session_key, cryptogram.container)
        )
        return card_key.decrypt(kept.value, wrapped, sealed)
    except ValueError:  # from None: nothing of what was in it goes into a log
        raise BadCryptogram("container.private.transact_container cannot be decrypted") from None
