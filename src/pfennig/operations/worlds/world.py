"""A world file: merchants, contracts, clients, users, customers that somebody wrote down, with ids of their choice.

Described for its authors in docs/world-file.md. Seeding is additive and can be repeated; what differs from what is
stored is shown, and changed only on demand. Nothing is ever deleted.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta, Struct

from pfennig.clock import german_day, system_clock
from pfennig.domain.branding import Branding
from pfennig.domain.contact import Contact, normal_contact
from pfennig.domain.container import WALLETS, account_of_iban
from pfennig.domain.contexts import PaymentContext, is_web_address
from pfennig.domain.email_address import is_address
from pfennig.domain.history import LONGEST_DELAY_SECONDS, RefundPush
from pfennig.domain.methods import METHODS
from pfennig.domain.parties import Contract, Customer, Merchant, Template, by_name
from pfennig.domain.printable import require_printable
from pfennig.domain.sepa import creditor_id
from pfennig.errors import Refusal, Unavailable
from pfennig.money import LARGEST_AMOUNT
from pfennig.operations.core import access, audit
from pfennig.operations.core.abilities import USUAL, Abilities
from pfennig.operations.core.call import Platform
from pfennig.operations.pay import attempts
from pfennig.operations.worlds import accounts
from pfennig.operations.worlds import file as world_file
from pfennig.operations.worlds import payments as world_payments
from pfennig.operations.worlds.faults import explanation
from pfennig.operations.worlds.file import BadContent
from pfennig.operations.worlds.logins import NewClient, NewUser, put_client, put_user, too_short
from pfennig.operations.worlds.payments import BadPayment, Made, NewPayment
from pfennig.operations.worlds.rails import NewRail, flaw, stored_rails
from pfennig.operations.worlds.seeding import Difference, put
from pfennig.operations.worlds.stores import NewStore, put_stores
from pfennig.storage.database import Database, Unfit, insist
from pfennig.storage.unit import Unit

DEMO = Path(__file__).parents[2] / "worlds" / "demo.yaml"
"""The documented demo merchants; seeded in the twin and nowhere else."""


NOUNS = {"MRC": "merchant", "GCR": "contract", "PCU": "customer", "COT": "template", "STO": "store"}
"""The noun that the beginning of an id says; a client's id has none."""


class BadWorld(ValueError):
    """A world file that cannot be used; the text says where and why."""


def identifier(prefix: str) -> Any:
    """The type of an id with that prefix."""
    return Annotated[str, Meta(pattern=rf"^{prefix}_[A-Za-z0-9]{{1,40}}\Z")]


class NewCustomer(Struct, forbid_unknown_fields=True):
    """A customer."""

    id: identifier("PCU")  # type: ignore[valid-type]
    contact: Contact


class NewFee(Struct, forbid_unknown_fields=True):
    """The platform's fee for a payment."""

    basis_points: Annotated[int, Meta(ge=0, le=10_000)] = 0
    fixed: Annotated[int, Meta(ge=0, le=LARGEST_AMOUNT)] = 0
    minimum: Annotated[int, Meta(ge=0, le=LARGEST_AMOUNT)] = 0


class NewNotifications(Struct, forbid_unknown_fields=True):
    """The recipients of mails about payments."""

    customer_order_mail: bool = True
    merchant_order_mail: bool = True


class NewContract(Struct, forbid_unknown_fields=True):
    """A contract of a merchant."""

    id: Annotated[str, Meta(pattern=r"^[GP]CR_[A-Za-z0-9]{1,40}\Z")]
    methods: list[str]
    bank_account: accounts.TransferAccount | None = None
    parent: str | None = None
    payment_context: PaymentContext = msgspec.field(default_factory=PaymentContext)
    fees: dict[str, NewFee] = {}
    mixed_baskets: bool = False
    recurring: bool = False
    ends_retired_methods: bool = False
    payout_account: accounts.PayoutAccount | None = None
    url_push: str | None = None
    push_delay_seconds: Annotated[int, Meta(ge=0, le=LONGEST_DELAY_SECONDS)] | None = None
    refund_push: RefundPush = RefundPush.CONTRACT
    checkout: Branding = Branding()
    wallets: list[Literal["googlepay", "applepay"]] = []
    notifications: NewNotifications = msgspec.field(default_factory=NewNotifications)
    clients: list[NewClient] = []
    users: list[NewUser] = []
    customers: list[NewCustomer] = []
    rails: list[NewRail] = []
    creditor_id: str | None = None
    stores: list[NewStore] = []
    payments: list[NewPayment] = []

    def __post_init__(self) -> None:
        self.id, self.parent = by_name(self.id), self.parent and by_name(self.parent)


class NewMerchant(Struct, forbid_unknown_fields=True):
    """The merchant: who sells."""

    id: identifier("MRC")  # type: ignore[valid-type]
    companyname: str
    email: str | None = None
    contracts: list[NewContract] = []

    def __post_init__(self) -> None:
        require_printable(companyname=self.companyname)


class NewTemplate(Struct, forbid_unknown_fields=True):
    """A checkout template."""

    id: identifier("COT")  # type: ignore[valid-type]
    title: str

    def __post_init__(self) -> None:
        require_printable(title=self.title)


class World(Struct, forbid_unknown_fields=True):
    """A whole world file."""

    merchants: list[NewMerchant] = []
    checkout_templates: list[NewTemplate] = []


def read(file: Path, can: Abilities = USUAL) -> World:
    """The world in a file. Raises BadWorld.

    can: what its server can do. Where money moves, secrets and passwords must be long, and nobody makes payments or
    bank accounts up.
    """
    try:
        world = msgspec.convert(world_file.content(file.read_text(encoding="utf-8")) or {}, World)
        check(world, file)
    except OSError as error:
        raise BadWorld(f"{file}: cannot be read ({error.strerror})") from None
    except UnicodeDecodeError:
        raise BadWorld(f"{file}: is not YAML") from None
    except msgspec.ValidationError as error:
        raise BadWorld(f"{file}: {explanation(str(error), World)}") from None
    except (BadContent, Refusal) as error:
        raise BadWorld(f"{file}: {error}") from None
    contracts = [contract for merchant in world.merchants for contract in merchant.contracts]
    short = next((said for each in contracts for said in too_short(each.clients, each.users)), None)
    if short and can.moves_money:
        raise BadWorld(f"{file}: {short}")
    if any(contract.payments for contract in contracts) and can.moves_money:
        raise BadWorld(f"{file}: payments are for the twin; outside of it nobody has made them")
    lacking = [contract.id for contract in contracts if contract.bank_account is None]
    if lacking and can.moves_money:
        raise BadWorld(f"{file}: {lacking[0]}: bank_account is missing")
    return world


def check(world: World, file: Path) -> None:
    """Raises BadWorld for ids that come twice, unknown methods, and addresses and days that are none."""
    seen: set[str] = set()
    for id in all_ids(world):
        if id in seen:
            raise BadWorld(f"{file}: {id} is there twice")
        seen.add(id)
    for merchant in world.merchants:
        if merchant.email is not None and not is_address(merchant.email):
            raise BadWorld(f"{file}: {merchant.id}: email must be an e-mail address")
    for contract in (c for merchant in world.merchants for c in merchant.contracts):
        if unknown := (set(contract.methods) | set(contract.fees)) - set(METHODS):
            known = ", ".join(METHODS)
            raise BadWorld(f"{file}: {contract.id}: {', '.join(sorted(unknown))} is no method; there are {known}")
        if wrong := flaw(contract.rails):
            raise BadWorld(f"{file}: {contract.id}: {wrong}")
        if contract.url_push and not is_web_address(contract.url_push):
            raise BadWorld(f"{file}: {contract.id}: url_push must be an http or https address")
        if contract.bank_account and account_of_iban(contract.bank_account.iban) is None:
            raise BadWorld(f"{file}: {contract.id}: the IBAN of bank_account is not valid")
        try:
            accounts.paid_to(contract.payout_account)
        except Refusal as error:
            raise BadWorld(f"{file}: {contract.id}: payout_account: {error}") from None
        try:
            creditor_id(contract.creditor_id) if contract.creditor_id else None
        except Refusal as error:
            raise BadWorld(f"{file}: {contract.id}: creditor_id: {error}") from None
        for customer in contract.customers:
            try:
                normal_contact(customer.contact, german_day(system_clock()))
            except Refusal as error:
                raise BadWorld(f"{file}: {customer.id}: {error}") from None


def all_ids(world: World) -> Iterator[str]:
    """Every id in the file."""
    yield from (template.id for template in world.checkout_templates)
    for merchant in world.merchants:
        yield merchant.id
        for contract in merchant.contracts:
            yield contract.id
            yield from (client.id for client in contract.clients)
            yield from (user.username for user in contract.users)
            yield from (customer.id for customer in contract.customers)
            yield from (store.id for store in contract.stores)
            yield from (payment.hash for payment in contract.payments)


def seed(database: Database, world: World, update: bool, platform: Platform | None = None) -> list[Difference]:
    """Adds what is missing; with `update` also changes what differs. Answers what was not the same before.

    platform: on which the payments of the file are made; without one none are.
    Raises BadWorld, and then nothing was written.
    """
    try:
        differences, new = insist(lambda: write_world(database, world, update, platform))
    except Unfit as error:
        raise BadWorld(f"the database does not take it: {error}") from None
    except Unavailable:
        raise
    except Refusal as error:
        raise BadWorld(error.details) from None
    for payment in new:
        attempts.carry_out(payment.call, payment.requests)
    return [*differences, *(Difference(payment.hash, ()) for payment in new)]


def write_world(
    database: Database, world: World, update: bool, platform: Platform | None
) -> tuple[list[Difference], list[Made]]:
    """Writes what is missing, or differs, at once. Answers that, and the payments whose rails are to be asked.

    Raises BadWorld.
    """
    with database.unit() as unit:
        parents = {c.parent for merchant in world.merchants for c in merchant.contracts if c.parent}
        differences = [*put_templates(unit, world, update), *put_merchants(unit, world, update)]
        if missing := parents - set(unit.contracts.by_id(parents)):
            names = ", ".join(sorted(missing))
            raise BadWorld(f"parent contract {names} does not exist; add it to this file, or take `parent` out")
        above = {id: access.contracts_above(unit, contract) for id, contract in unit.contracts.by_id(parents).items()}
        if circle := [id for id in above if id in above[id]]:
            raise BadWorld(f"contract {', '.join(sorted(circle))} stands below itself")
        for one in differences:
            if update or not one.fields:
                noun = NOUNS.get(one.id[:3], "client")
                audit.note(unit, audit.OPERATOR, "change" if one.fields else "create", noun, one.id)
        return differences, [*put_payments(unit, world, platform)] if platform else []


def put_templates(unit: Unit, world: World, update: bool) -> Iterator[Difference]:
    """Seeds the checkout templates."""
    for new in world.checkout_templates:
        yield from put(unit.templates, Template(id=new.id, title=new.title, created=unit.now), update)


def put_merchants(unit: Unit, world: World, update: bool) -> Iterator[Difference]:
    """Seeds the merchants with all they have."""
    for new in world.merchants:
        merchant = Merchant(id=new.id, companyname=new.companyname, email=new.email, created=unit.now)
        yield from put(unit.merchants, merchant, update)
        for contract in new.contracts:
            yield from put(unit.contracts, contract_fact(unit, new, contract), update)
            for client in contract.clients:
                yield from put_client(unit, new.id, contract.id, client, update)
            for user in contract.users:
                yield from put_user(unit, new.id, contract.id, user, update)
            for customer in contract.customers:
                yield from put(unit.customers, customer_fact(unit, new, contract, customer), update)
            yield from put_stores(unit, new.id, contract.id, contract.stores, update)


def put_payments(unit: Unit, world: World, platform: Platform) -> Iterator[Made]:
    """Makes the payments of all contracts. Raises BadWorld."""
    try:
        for merchant in world.merchants:
            for contract in merchant.contracts:
                yield from world_payments.make(unit, platform, contract.id, contract.payments)
    except BadPayment as error:
        raise BadWorld(str(error)) from None


def contract_fact(unit: Unit, merchant: NewMerchant, new: NewContract) -> Contract:
    """The contract as it is stored."""
    return Contract(
        id=new.id,
        merchant_id=merchant.id,
        parent_id=new.parent,
        methods=[*dict.fromkeys(new.methods)],
        wallets=[wallet for wallet in WALLETS if wallet in new.wallets] or None,
        payment_context={"auto_capture": False} | msgspec.to_builtins(new.payment_context),
        fees=msgspec.to_builtins(new.fees),
        has_mixed_baskets=new.mixed_baskets,
        has_recurring=new.recurring,
        ends_retired_methods=new.ends_retired_methods,
        bank_account=msgspec.to_builtins(new.bank_account or accounts.play_account(merchant.companyname, new.id)),
        payout_account=accounts.paid_to(new.payout_account),
        rails=stored_rails(new.rails),
        creditor_id=creditor_id(new.creditor_id) if new.creditor_id else None,
        url_push=new.url_push,
        push_delay_seconds=new.push_delay_seconds,
        refund_push=new.refund_push,
        checkout=msgspec.to_builtins(new.checkout) or None,
        has_customer_mails=new.notifications.customer_order_mail,
        has_merchant_mails=new.notifications.merchant_order_mail,
        created=unit.now,
    )


def customer_fact(unit: Unit, merchant: NewMerchant, contract: NewContract, new: NewCustomer) -> Customer:
    """The customer as it is stored."""
    return Customer(
        id=new.id,
        merchant_id=merchant.id,
        contract_id=contract.id,
        contact=msgspec.to_builtins(normal_contact(new.contact, german_day(system_clock()))),
        created=unit.now,
    )
