"""Followers of a Smart Transaction's move, in order: its subscription, mails about it, a token of the card.

What moves it knows none of them (`transactions.move`). They write in the same unit, so all of it holds or nothing.
"""

from pfennig.operations.core.call import Follower, RefundFollower
from pfennig.operations.instruments import network_tokens
from pfennig.operations.notifications import mails
from pfennig.operations.recurring import subscriptions

FOLLOWERS: tuple[Follower, ...] = (subscriptions.follow, mails.follow, network_tokens.follow)
"""Mails come after the subscription, for they say where it stands."""

REFUND_FOLLOWERS: tuple[RefundFollower, ...] = (mails.write_refund,)
"""Followers of a refund that is through, which may move no Smart Transaction."""
