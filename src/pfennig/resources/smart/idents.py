"""Smart.Idents on the wire: whether cards of customers are valid. Source: docs/wire/15-documents.md#cards."""

from typing import Annotated

from msgspec import Meta, Struct

from pfennig.operations.core.call import Call
from pfennig.resources import references
from pfennig.resources.resource import Asked, BadBody, Json, Post, Resource

Text = Annotated[str, Meta(max_length=80)]

MOST_AT_ONCE = 100
PREFIX_LENGTH = 4


class Ident(Struct):
    """An ident that a customer shows: a card by its number."""

    type: Text
    value: Annotated[int, Meta(ge=0, le=2**63 - 1)] | Text


def validate(call: Call, asked: Asked) -> Json:
    """POST Smart/Idents/notused/validate: each with whether it is valid; no loyalty card is, as there are none."""
    idents = asked.body_as(list[Ident])
    if len(idents) > MOST_AT_ONCE:
        raise BadBody(f"There are more than {MOST_AT_ONCE} idents")
    return [
        {
            **references.reference("smart.idents", "smi_1"),
            "type": ident.type,
            "prefix": str(ident.value)[:PREFIX_LENGTH],
            "length": len(str(ident.value)),
            "value": str(ident.value),
            "valid": False,
        }
        for ident in idents
    ]


idents = Resource(name="Smart.Idents", prefix="smi", actions=(Post("validate", validate, body=list[Ident]),))
