"""The platform, and one call to it."""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from datetime import time as time_of_day
from typing import Protocol, TypeVar

from pfennig.domain.payment import Payment
from pfennig.domain.retention import periods
from pfennig.domain.smart_transaction import SmartTransaction
from pfennig.errors import Unavailable
from pfennig.gateways import Gateway
from pfennig.once import Once
from pfennig.operations.core import validity
from pfennig.operations.core.abilities import Abilities
from pfennig.operations.core.request_key import RequestKey
from pfennig.storage.bundles import Gathering
from pfennig.storage.database import Collision, Database, repeat
from pfennig.storage.late_units import Proof, late_unit
from pfennig.storage.memory import Snapshot
from pfennig.storage.unit import Unit

T = TypeVar("T")


LAB = "lab"
"""The role of a tester, who has a client's credentials, but acts for the world around it."""

LED_BACK = ("payer", "person")
"""The roles of those who come back to the shop from a page of ours."""


class Follower(Protocol):
    """Follows a move of a Smart Transaction; payment: what moved it, if a payment did."""

    def __call__(self, call: "Call", unit: Unit, stx: SmartTransaction, payment: Payment | None, /) -> None: ...


class RefundFollower(Protocol):
    """Follows a refund that is through; payment: what it goes back of."""

    def __call__(
        self, call: "Call", unit: Unit, stx: SmartTransaction, payment: Payment, refund: Payment, /
    ) -> None: ...


@dataclass(frozen=True)
class MailServer:
    """The server that takes our mails. is_tls: whether it is encrypted from the start. sender: whom they are from."""

    host: str
    port: int
    is_tls: bool
    user: str
    password: str = field(repr=False)
    sender: str


@dataclass(frozen=True)
class Platform:
    """The platform: everything that lasts longer than a call.

    rails: whoever moves money for us, by name.
    followers: what else happens when a Smart Transaction moves, in that order (operations/followers.py).
    refund_followers: the same when a refund is through.
    can: what it can do that not every server can.
    wake: called after each commit that left an event to deliver.
    deliver: delivers what is due at this moment, and answers when that of these merchants, or of all, is done.
    moved: called after each commit that brought a payment into a state, with its method.
    failed: called after each question that a rail did not answer, with the rail, and why as `Failure` says it.
    mail_server: None where no mail is sent.
    retention: for how many days each noun is kept.
    settle_at: when merchants are paid out each day, German time; None where only a person does it.
    fee_tax_percent: the tax in the fees. issuer: who invoices them.
    push_delay_seconds: how long a push waits about what a call or a payer's step has caused.
    creditor_id: under which debits are collected for contracts that have none of their own; None for no debits.
    """

    database: Database
    rails: Mapping[str, Gateway]
    public_url: str
    followers: Sequence[Follower]
    refund_followers: Sequence[RefundFollower]
    can: Abilities = field(default_factory=Abilities)
    wake: Callable[[], None] = field(default=lambda: None)
    deliver: Callable[[set[str] | None], None] = field(default=lambda merchant_ids: None)
    count_move: Callable[[str, str], None] = field(default=lambda method, state: None)
    count_failure: Callable[[str, str], None] = field(default=lambda rail, why: None)
    mail_server: MailServer | None = None
    retention: Mapping[str, int] = field(default_factory=lambda: periods(""))
    settle_at: time_of_day | None = None
    fee_tax_percent: int = 19
    issuer: str = ""
    push_delay_seconds: int = 0
    creditor_id: str | None = None

    @Once
    def signing_key(self) -> bytes:
        """The key that signs the forms of the checkout; all processes share it. Raises DatabaseAway.

        It is read when it is needed first: a process must be able to start while the database is away.
        """
        return bytes.fromhex(self.database.glance(lambda unit: unit.keys.get("forms")).value)

    @property
    def keeps_mails(self) -> bool:
        """True where a mail can be sent, or at least be looked at in the lab."""
        return self.can.shows_mails or self.mail_server is not None

    def url(self, path: str) -> str:
        """An address of ours as others reach it."""
        return self.public_url + path


@dataclass(frozen=True)
class Caller:
    """The caller of the API: the client, its merchant, and the contract it uses when it names none.

    session_id: that of the device that calls with the client's credentials, None for the client itself.
    """

    client_id: str
    merchant_id: str
    contract_id: str
    session_id: str | None = None


class BugInDoor(RuntimeError):
    """A door let somebody through who has no business there."""


@dataclass
class Progress:
    """The progress of a call. is_kept: whether some of its work was committed; only then may a rail be asked.

    unproven: the digest of a token of which the first unit asks whether it is still good; None once that was asked.
    known: reference data as it was when a request began; until it writes something, it sees no other.
    is_insisting: whether its work is done anew after a collision, as long as nothing is kept. trusts: whether there
    was none so far.
    """

    is_kept: bool = False
    unproven: str | None = None
    known: Snapshot | None = None
    is_insisting: bool = False
    trusts: bool = True
    begun: float = field(default_factory=time.monotonic)

    def may_trust(self, is_repeated: bool) -> bool:
        """Whether a unit may trust what is remembered of reference data. is_repeated: if it is repeated by itself."""
        return self.trusts and (is_repeated or (self.is_insisting and not self.is_kept))

    @property
    def seconds(self) -> float:
        """The seconds that the call has taken so far."""
        return time.monotonic() - self.begun


@dataclass(frozen=True)
class Call:
    """One request. A call without a caller is the payer's, whose proof is that they know the link.

    address: where a client's request came from; a payer's is nobody's business.
    merchant_id: whose clock such a call goes by. request_key: what makes sure that its work is done only once.
    progress: what it shares with all that is replaced in it.
    """

    platform: Platform
    caller: Caller | None
    language: str
    role: str = "payer"
    address: str = ""
    merchant_id: str | None = None
    request_key: RequestKey | None = None
    progress: Progress = field(default_factory=Progress)

    @property
    def by(self) -> str:
        """The caller as the status history names them."""
        return self.caller.client_id if self.caller else self.role

    @property
    def is_shops(self) -> bool:
        """True for a call of the shop's own, whose answer says what came of it; a tester's in the lab is none."""
        return self.caller is not None and self.role != LAB

    @property
    def is_answered(self) -> bool:
        """True if the shop hears of it in another way, too: by the answer to its call, or as its payer comes back."""
        return self.is_shops or (self.caller is None and self.role in LED_BACK)

    @property
    def client(self) -> Caller:
        """The caller, where only clients can call. Raises BugInDoor."""
        if self.caller is None:
            raise BugInDoor("a payer was let through where only clients may go")
        return self.caller

    @property
    def clock_of(self) -> str | None:
        """The merchant by whose clock this happens."""
        return self.caller.merchant_id if self.caller else self.merchant_id

    def about(self, merchant_id: str) -> "Call":
        """This call by a merchant's clock."""
        return replace(self, merchant_id=merchant_id)

    @contextmanager
    def unit(self, is_repeated: bool = False) -> Iterator[Unit]:
        """A transaction that writes. The first one of a call with an idempotency key writes that.

        is_repeated: whether its work is done anew after a Collision. Raises KeyTaken, BadToken.
        """
        with ExitStack() as both:
            unit = both.enter_context(self.begun_unit(is_repeated))
            if self.request_key and not self.progress.is_kept:
                both.enter_context(self.request_key.take(unit))
            yield unit
        self.progress.is_kept = True

    @contextmanager
    def begun_unit(self, is_repeated: bool) -> Iterator[Unit]:
        """A transaction that writes. Of a call whose token is to be proven yet, it trusts what is remembered.

        Such a call may be repeated (`insist`); the second time its token is proven, and nothing is trusted.
        Raises BadToken.
        """
        digest, database = self.progress.unproven, self.platform.database
        self.progress.known = None
        if digest is None or self.request_key:
            with self.distrust(), database.unit(self.clock_of, self.progress.may_trust(is_repeated)) as unit:
                yield self.with_proof(unit)
            return
        proof = Proof(digest, validity.now, self.hear_proof)
        with self.distrust(), late_unit(database, self.clock_of, proof) as unit:
            yield unit
        self.progress.unproven = None

    @contextmanager
    def distrust(self) -> Iterator[None]:
        """Trusts nothing any more after a collision in the block, whatever has caused it."""
        try:
            yield
        except Collision:
            self.progress.trusts = False
            raise

    @contextmanager
    def view(self, first: Gathering | None = None) -> Iterator[Unit]:
        """A unit that reads. first: what it gathers before anything else. Raises BadToken."""
        with self.platform.database.view(self.clock_of) as view:
            yield self.with_proof(view, first)

    def glance(self, read: Callable[[Unit], T]) -> T:
        """The answer to a single statement, which needs no transaction. Raises BadToken."""
        return self.platform.database.glance(lambda unit: read(self.with_proof(unit)), self.clock_of)

    @contextmanager
    def short_view(self, seconds: float) -> Iterator[Unit]:
        """A transaction that reads, and is ended when it takes longer. Raises TooSlow, BadToken."""
        with self.platform.database.short_view(self.clock_of, seconds) as view:
            yield self.with_proof(view)

    def with_proof(self, unit: Unit, first: Gathering | None = None) -> Unit:
        """The unit, once it has asked whether the token of this call is good, and gathered something with that.

        Raises BadToken.
        """
        unproven = self.progress.unproven
        unit.references.snapshot = self.progress.known
        if first is not None:
            expires = first.read(unit.references, unproven, unit.gathered)
        elif unproven:
            expires = unit.references.check(unproven)
        if unproven:
            self.hear_proof(expires)
        return unit

    def hear_proof(self, expires: datetime | None) -> None:
        """Notes that it was asked when the token expires. Raises BadToken."""
        self.progress.unproven = None
        validity.require_unexpired(expires)

    @contextmanager
    def proof(self) -> Iterator[None]:
        """Lets nothing out, not even a refusal, before the token was asked for. Raises BadToken."""
        try:
            yield
        except Unavailable:
            raise
        except Exception:
            self.prove()
            raise
        self.prove()

    def prove(self) -> None:
        """Asks by itself whether the token is good, where no unit has asked. Raises BadToken."""
        if self.progress.unproven:
            self.platform.database.glance(self.with_proof)

    def insist(self, work: Callable[[], T]) -> T:
        """The result of the work, which is done anew after a collision unless some of it is kept already."""
        self.progress.is_insisting = True
        return repeat(work, lambda: not self.progress.is_kept)
