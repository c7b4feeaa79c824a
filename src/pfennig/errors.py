"""What we refuse, sorted by kind. A door turns the kind into a status; see docs/wire/2-errors.md.

A refusal is a class beside the function that raises it. Its docstring is the text for people, and the key of
its translation; `details` is technical and stays English. Neither may hold a secret, an IBAN or a card number.
"""

UNKNOWN = "An unknown error has occurred (code {code})."


class Refusal(Exception):
    """Something that we will not do, said to the one who asked."""

    code = 1001

    def __init__(self, details: str = "") -> None:
        super().__init__(details)
        self.details = details or self.user_text

    @property
    def user_text(self) -> str:
        """The message for people, in English. Classes that say nothing of their own get the API's standard text."""
        text = type(self).__dict__.get("__doc__")
        return " ".join(text.split()) if text else UNKNOWN


class Unauthorised(Refusal):
    """The caller did not say who they are."""


class NotAllowed(Refusal):
    """The caller may not do this, or not now."""


class Conflict(Refusal):
    """This is there already, or on its way."""


class Duplicate(Refusal):
    """Something else has this name already."""


class Unprocessable(Refusal):
    """This contradicts what was said before."""


class NotFound(Refusal):
    """There is no such thing."""


class WrongVerb(Refusal):
    """The address exists, but not with this verb."""


class Malformed(Refusal):
    """What was sent cannot be understood."""


class TooLarge(Malformed):
    """What was sent is larger than we read."""


class TooSlow(Refusal):
    """What was sent did not come in time."""


class TooMany(Refusal):
    """This is asked for too often."""


class Unavailable(Refusal):
    """We cannot do this at the moment; asking again later may help."""
