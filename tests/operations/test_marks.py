"""Where there are data keys, who only has the database can neither divert money nor say that it may go."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import JSON, Column, Text, delete, insert, select, type_coerce, update

from pfennig import foundation
from pfennig.domain.settlement import mark_of
from pfennig.gateways.notices import WrongSignature
from pfennig.operations import notices
from pfennig.operations.acquiring import contract_rails, creditors
from pfennig.operations.books import remittances, returns, settlement
from pfennig.operations.checks import reconciliation
from pfennig.operations.core import audit, contracts
from pfennig.operations.core.abilities import Abilities
from pfennig.operations.core.call import Call, Platform
from pfennig.operations.pay import accruals
from pfennig.operations.privacy import retention
from pfennig.operations.worlds import seeding
from pfennig.settings import Profile
from pfennig.storage import tables
from pfennig.storage.crypto.encryption import OPEN, Keyring, new_key, use_seal
from pfennig.storage.crypto.marks import MARKED, TERMS, column_of
from pfennig.storage.database import Database
from pfennig.storage.integrity import marking, rotation
from tests import marketplace
from tests.api.conftest import bought, payment_of, prepared, transfer
from tests.api.test_settlement import hold
from tests.banks import ScriptedBank
from tests.conftest import ON_BOTH, Api, Past, StoppedClock
from tests.marketplace import ACCOUNT, PLATFORM
from tests.operations.test_no_money_leaves import THIEF
from tests.tampering import unguarded

KEY, NEWER = new_key(), new_key()


@pytest.fixture
def database(database: Database, clock: StoppedClock, past: Past) -> Iterator[Database]:
    """A database that has a data key, and all of which is marked."""
    use_seal(database.engine, Keyring([KEY]))
    past.relive("marked", database, clock, lambda: keep_keys(database, KEY))
    yield database
    use_seal(database.engine, OPEN)


@pytest.fixture
def operator(platform: Platform) -> Call:
    """Whoever sits at the command line."""
    return Call(replace(platform, can=Abilities()), None, "de", role="operator")


@pytest.fixture
def paid(mine: Api, operator: Call, database: Database, clock: StoppedClock, past: Past) -> str:
    """The id of a payment that is held back, beside others, a bank line that nobody owns, and a transfer."""
    return past.relive("marked and paid", database, clock, lambda: pay(mine, operator, database))


def pay(mine: Api, operator: Call, database: Database) -> str:
    """Lets all of that come about."""
    with database.unit() as unit:
        contract = unit.contracts.get(PLATFORM)
        unit.contracts.change(contract, replace(contract, payout_account=ACCOUNT))
    bought(mine)
    transfer(mine, 50, "thank you", iban=ACCOUNT["iban"], owner="Max")
    settlement.run(operator)
    held: str = payment_of(mine, bought(mine))["id"]
    hold(mine, held)
    return held


def keep_keys(database: Database, *keys: str) -> None:
    """Encrypts and marks everything with the first of these keys."""
    use_seal(database.engine, Keyring(keys))
    list(rotation.rotate(database, Keyring(keys)))


def differences(database: Database) -> list[str]:
    """What the check says."""
    return marketplace.differences(database)


def forge_line(database: Database, object_id: str, noun: str, verb: str) -> None:
    """Adds a line to the audit trail that is like one of ours."""
    with unguarded(database) as unit:
        line = dict(unit.connection.execute(select(tables.audit)).mappings().all()[-1])
        del line["seq"]
        new = {"id": f"AUD_{verb}", "object_id": object_id, "noun": noun, "verb": verb, "by": "operator"}
        unit.connection.execute(insert(tables.audit).values(line | new))


def plainly(database: Database, noun: str, id: str, **values: Any) -> None:
    """Puts values into a row as they are, without any key."""
    table = tables.metadata.tables[noun]
    with unguarded(database) as unit:
        plain = {
            name: type_coerce(value, JSON if isinstance(value, dict) else Text) for name, value in values.items()
        }
        unit.connection.execute(update(table).where(table.c.id == id).values(plain))


@ON_BOTH
def test_what_we_write_bears_its_mark_whatever_becomes_of_it(paid: str, operator: Call, database: Database) -> None:
    assert differences(database) == []
    batch = remittances.new_batch(operator)
    remittances.book(operator, batch)
    remittances.confirm_all(operator, batch.id)
    with database.unit() as unit:
        contract = unit.contracts.get(PLATFORM)
        unit.contracts.change(contract, replace(contract, payout_account=THIEF, url_push=None))
        audit.note(unit, operator, "change", "contract", PLATFORM)
    assert [each for each in differences(database) if "mark" in each] == []
    with database.unit() as unit:
        for contract in unit.contracts.all():
            unit.contracts.change(contract, retention.empty_contract(contract, unit.now))
        for line in unit.receipts.all():
            unit.receipts.change(line, retention.empty_receipt(line, unit.now))
        for sent in unit.remittances.all():
            unit.remittances.change(sent, retention.empty_remittance(sent, unit.now))
    assert [each for each in differences(database) if "mark" in each] == []


def test_a_line_that_lets_money_go_is_none_of_ours(paid: str, database: Database) -> None:
    forge_line(database, paid, "payment", "let go")
    with unguarded(database) as unit:
        unit.connection.execute(update(tables.payments).values(is_held=False))
    [found] = differences(database)
    assert found.startswith("AUD_let go: ")


def test_a_line_that_was_changed_is_none_of_ours_any_more(paid: str, database: Database) -> None:
    with unguarded(database) as unit:
        unit.connection.execute(update(tables.audit).where(tables.audit.c.object_id == paid).values(verb="let go"))
        unit.connection.execute(update(tables.payments).values(is_held=False))
    assert any("mark" in each for each in differences(database))


def test_lines_in_another_order_let_no_money_go(mine: Api, paid: str, operator: Call, database: Database) -> None:
    accruals.hold_back(operator, paid, is_held=False)
    accruals.hold_back(operator, paid, is_held=True)
    assert differences(database) == []
    table = tables.audit
    with unguarded(database) as unit:
        let_go, held = unit.audit.all(object_id=paid)[-2:]
        for seq, other in ((let_go.seq, -1), (held.seq, let_go.seq), (-1, held.seq)):
            unit.connection.execute(update(table).where(table.c.seq == seq).values(seq=other))
        unit.connection.execute(update(tables.payments).values(is_held=False))
    assert any(each.startswith(f"{paid}: ") for each in differences(database))


def test_an_account_that_somebody_else_has_written_is_not_paid_even_before_anybody_has_checked(
    mine: Api, paid: str, operator: Call, database: Database
) -> None:
    bought(mine)
    plainly(database, "contracts", PLATFORM, payout_account=THIEF)
    forge_line(database, PLATFORM, "contract", "change")
    assert {each.partition(":")[0] for each in differences(database)} >= {PLATFORM, "AUD_change"}
    assert not any(result.payout for result in settlement.run(operator))


def test_the_account_and_mark_of_another_contract_are_not_this_ones(paid: str, database: Database) -> None:
    with database.unit() as unit:
        other = next(each for each in unit.contracts.all() if each.id != PLATFORM)
        unit.contracts.change(other, replace(other, payout_account=THIEF))
    raw = type_coerce(tables.contracts.c.payout_account, JSON)
    with unguarded(database) as unit:
        stolen = select(raw, tables.contracts.c.mark).where(tables.contracts.c.id == other.id)
        account, mark = unit.connection.execute(stolen).one()
        values = {"payout_account": type_coerce(account, JSON), "mark": mark}
        unit.connection.execute(update(tables.contracts).where(tables.contracts.c.id == PLATFORM).values(values))
    assert any(each.startswith(f"{PLATFORM}: ") for each in differences(database))


def test_who_changes_something_else_of_a_contract_does_not_vouch_for_its_account(
    paid: str, database: Database, operator: Call
) -> None:
    plainly(database, "contracts", PLATFORM, payout_account=THIEF)
    with database.unit() as unit:
        contract = unit.contracts.get(PLATFORM)
        unit.contracts.change(contract, replace(contract, project="another", mark=None))
    assert any("mark" in each for each in differences(database))
    with database.unit() as unit:
        contract = unit.contracts.get(PLATFORM)
        unit.contracts.change(contract, replace(contract, payout_account=ACCOUNT))
    assert differences(database) == []


RAILS = {"simulator": {"methods": ["creditcard"], "credentials": {"key": "ours"}}}
OTHERS = {"simulator": {"methods": ["creditcard"], "credentials": {"key": "theirs"}}}


def set_rail(operator: Call, key: str) -> None:
    """Gives the platform's contract credentials at its rail."""
    with operator.platform.database.unit() as unit:
        said = {"key": key}
        contract_rails.assign(unit, operator, PLATFORM, "simulator", ["creditcard"], said, operator.platform.rails)


@pytest.mark.parametrize(
    "values", [{"rails": OTHERS}, {"creditor_id": "DE98ZZZ00000000001"}], ids=["rails", "creditor"]
)
def test_money_is_asked_for_only_with_the_credentials_and_for_the_creditor_that_we_have_written(
    mine: Api, operator: Call, database: Database, bank: ScriptedBank, values: dict[str, Any]
) -> None:
    set_rail(operator, "ours")
    assert prepared(mine)["status"] == "approved"
    plainly(database, "contracts", PLATFORM, **values)
    [found] = differences(database)
    assert found.startswith(f"{PLATFORM}: ")
    bank.asked.clear()
    assert prepared(mine)["status"] == "failed"
    assert bank.asked == []
    with database.unit() as unit:
        contracts.vouch(unit, operator, PLATFORM)
    assert differences(database) == []
    assert prepared(mine)["status"] == "approved"


def test_a_report_proves_nothing_by_a_key_that_somebody_else_has_written(
    mine: Api, operator: Call, database: Database
) -> None:
    set_rail(operator, "ours")
    case = prepared(mine)
    inbox = notices.Inbox(operator.platform, "simulator")
    with database.view() as view:
        [attempt] = view.attempts.all(smart_transaction_id=case["id"])
    assert inbox.account_of(attempt.id).credentials == {"key": "ours"}
    plainly(database, "contracts", PLATFORM, rails=OTHERS)
    with pytest.raises(WrongSignature):
        inbox.account_of(attempt.id)


def test_who_gives_new_credentials_does_not_vouch_for_the_creditor(operator: Call, database: Database) -> None:
    plainly(database, "contracts", PLATFORM, creditor_id="DE98ZZZ00000000001")
    set_rail(operator, "ours")
    [found] = differences(database)
    assert found.startswith(f"{PLATFORM}: ")


def as_stored(column: Column[Any]) -> Any:
    """The type of what is stored in a column, encrypted or not."""
    return getattr(column.type, "impl", column.type) if "Encrypted" in type(column.type).__name__ else column.type


def test_an_earlier_row_of_a_contract_is_known_by_its_age_though_its_marks_fit(
    paid: str, mine: Api, operator: Call, clock: StoppedClock, database: Database
) -> None:
    columns, is_it = tables.contracts.c, tables.contracts.c.id == PLATFORM
    with database.view() as view:
        query = select(*(type_coerce(each, as_stored(each)).label(each.name) for each in columns)).where(is_it)
        earlier = view.connection.execute(query).mappings().one()
    clock.advance(seconds=1)
    with database.unit() as unit:
        contract = unit.contracts.get(PLATFORM)
        unit.contracts.change(contract, replace(contract, asked_account=THIEF, updated=unit.now))
        contracts.decide_account(unit, operator, PLATFORM, is_taken=True)
    assert differences(database) == []
    with unguarded(database) as unit:
        raw = {name: type_coerce(value, as_stored(columns[name])) for name, value in earlier.items()}
        unit.connection.execute(update(tables.contracts).where(is_it).values(raw))
    [found] = differences(database)
    assert found.startswith(f"{PLATFORM}: ")
    bought(mine)
    assert not any(result.payout for result in settlement.run(operator))


def test_a_clock_that_is_behind_makes_no_contract_older(
    operator: Call, clock: StoppedClock, database: Database
) -> None:
    set_rail(operator, "ours")
    clock.advance(seconds=-1)
    with database.unit() as unit:
        creditors.assign(unit, operator, PLATFORM, None)
    assert differences(database) == []


def test_a_file_that_says_the_same_changes_no_mark_and_one_that_says_otherwise_is_a_change_of_ours(
    operator: Call, clock: StoppedClock, database: Database
) -> None:
    with database.unit() as unit:
        same = replace(unit.contracts.get(PLATFORM), created=unit.now, mark=None, terms_mark=None)
        assert list(seeding.put(unit.contracts, same, update=True)) == []
    clock.advance(seconds=1)
    with database.unit() as unit:
        other = replace(same, created=unit.now, payout_account=ACCOUNT)
        assert len(list(seeding.put(unit.contracts, other, update=True))) == 1
        audit.note(unit, operator, "change", "contract", PLATFORM)
    assert differences(database) == []


def test_contracts_from_before_bear_no_mark_of_their_terms_and_are_asked_for_money_until_they_do(
    mine: Api, paid: str, database: Database, operator: Call
) -> None:
    with unguarded(database) as unit:
        unit.keys.remove(id="marks 2")
        unit.connection.execute(update(tables.contracts).values(terms_mark=None))
    [found] = differences(database)
    assert found.startswith("the marks: ")
    assert prepared(mine)["status"] == "approved"
    set_rail(operator, "ours")
    keep_keys(database, KEY)
    assert differences(database) == []
    with database.view() as view:
        assert all(marking.fits(view, TERMS, vars(each)) for each in view.contracts.all())


def test_money_goes_back_only_to_an_account_that_we_have_written(
    paid: str, operator: Call, database: Database
) -> None:
    with database.view() as view:
        [line] = view.receipts.all()
    plainly(database, "receipts", line.id, iban=THIEF["iban"], owner=THIEF["owner"])
    assert any(each.startswith(f"{line.id}: ") for each in differences(database))
    with pytest.raises(returns.NoWayBack):
        returns.send_line_back(operator, line.id)


def test_a_transfer_to_elsewhere_is_found_even_with_a_mark_of_its_account_that_fits(
    paid: str, operator: Call, database: Database
) -> None:
    with database.view() as view:
        [sent] = view.remittances.all()
    mark = mark_of(THIEF, "ab")
    plainly(database, "remittances", sent.id, account=THIEF, salt="ab", account_mark=mark)
    assert any(each.startswith(f"{sent.id}: ") and "our mark" in each for each in differences(database))
    with pytest.raises(remittances.NothingToSend, match=sent.id):
        remittances.new_batch(operator)


def test_a_row_without_a_mark_is_none_of_ours_and_rotation_gives_it_none(paid: str, database: Database) -> None:
    with unguarded(database) as unit:
        for noun in MARKED:
            unit.connection.execute(update(marking.table_of(noun)).values({column_of(noun): None}))
    for _ in range(2):
        found = differences(database)
        for noun in MARKED:
            assert any(f" of {noun} does not bear our mark" in each for each in found), noun
        keep_keys(database, NEWER, KEY)


@ON_BOTH
def test_marks_go_over_to_a_new_key(paid: str, database: Database) -> None:
    keep_keys(database, NEWER, KEY)
    use_seal(database.engine, Keyring([NEWER]))
    assert differences(database) == []
    assert sum(each.changed for each in rotation.rotate(database, Keyring([NEWER]))) == 0


def test_what_says_that_all_is_marked_cannot_be_taken_away_unseen(paid: str, database: Database) -> None:
    with unguarded(database) as unit:
        unit.connection.execute(delete(tables.keys).where(tables.keys.c.id == marking.BEGUN))
        unit.connection.execute(update(tables.receipts).values(mark=None))
    foundation.prepare(database, Profile.OPERATOR)
    [found] = differences(database)
    assert found.startswith("the marks: ")


def test_a_new_database_begins_with_marks(database: Database) -> None:
    with database.unit() as unit:
        for name in marking.BEGINNINGS:
            unit.keys.remove(id=name)
    foundation.prepare(database, Profile.OPERATOR)
    with database.view() as view:
        assert all(marking.is_begun(view, noun) for noun in MARKED)
        assert reconciliation.check_all(view)[1] == []


def test_what_is_marked_is_there() -> None:
    for noun, names in MARKED.items():
        assert {*names, column_of(noun)} <= set(marking.table_of(noun).c.keys())
    assert {noun for nouns in marking.BEGINNINGS.values() for noun in nouns} == {*MARKED}
