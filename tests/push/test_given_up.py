"""What was given up is listed, and tried for another day when somebody says so."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from pfennig import cli
from pfennig.clock import system_clock
from pfennig.domain.history import GIVEN_UP_AFTER, Event
from pfennig.domain.mail import Kind, Mail
from pfennig.push.push_worker import Courier
from pfennig.storage.database import Database
from tests.conftest import MORNING, Api, StoppedClock
from tests.push.conftest import Receiver, deliver, outbox, paid, tries

Push = Callable[..., tuple[int, str, str]]


@pytest.fixture
def push(database: Database, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Push:
    """Runs `pfennig push …` on the database; answers its code and what it said."""
    address = database.url.render_as_string(hide_password=False)

    def push(*arguments: str) -> tuple[int, str, str]:
        capsys.readouterr()  # what was said before
        code = cli.main(["push", *arguments, "--database", address])
        return code, *capsys.readouterr()

    return push


@pytest.fixture
def lost(mine: Api, receiver: Receiver, courier: Courier, clock: StoppedClock, database: Database) -> Event:
    """A push that its receiver has refused for a day."""
    receiver.answers = [500] * 100
    clock.now = system_clock() - GIVEN_UP_AFTER  # the command line lives in the present
    paid(mine, receiver.url)
    while outbox(database)[0].is_open:
        deliver(courier)
        clock.now = max(outbox(database)[0].due, clock.now)
    receiver.answers = []
    clock.now = system_clock()
    return outbox(database)[0]


def test_what_was_given_up_is_listed_with_how_it_went(push: Push, lost: Event, receiver: Receiver) -> None:
    code, said, _ = push("list")
    line, total = said.splitlines()
    assert code == 0
    assert line.startswith(lost.id)
    assert line.endswith(f"payment.transactions {lost.object_id}  {receiver.url}  500")
    assert total == "given up: 1 push and 0 mails"


def test_it_is_tried_for_another_day_with_the_same_id(
    push: Push, lost: Event, receiver: Receiver, courier: Courier, clock: StoppedClock, database: Database
) -> None:
    before = len(receiver.pushes)
    receiver.answers = [500]
    assert push("resend", lost.id)[:2] == (0, "1 will be tried for another day\n")
    clock.now = system_clock()
    deliver(courier)
    [again] = outbox(database)
    assert (again.is_open, again.tries) == (True, 1), "one refusal does not end it, however old it is"
    clock.advance(minutes=2)
    deliver(courier)
    assert outbox(database)[0].is_delivered
    assert {sent.event["id"] for sent in receiver.pushes[before:]} == {lost.id}
    assert receiver.pushes[-1].event["created"] == receiver.pushes[0].event["created"]
    assert len(tries(database)) == len(receiver.pushes)
    assert push("list")[1] == "given up: 0 pushes and 0 mails\n"


def test_a_mail_is_tried_again_too(push: Push, database: Database) -> None:
    mail = Mail(
        id="MAI_LOST",
        merchant_id="MRC_MINE",
        smart_transaction_id="STX_ONE",
        payment_id="PCI_ONE",
        kind=Kind.PAYER_CONFIRMATION,
        recipient="max@example.net",
        language="de",
        subject="",
        text="",
        html="",
        tries=9,
        due=MORNING,
        answer="451 try again later",
        is_open=False,
        created=MORNING,
    )
    with database.unit() as unit:
        unit.mails.add(mail)
        unit.mails.add(replace(mail, id="MAI_KEPT", payment_id="PCI_TWO", answer=""))
        unit.mails.add(replace(mail, id="MAI_SENT", payment_id="PCI_THREE", is_sent=True))
    assert push("list")[1].splitlines()[0].endswith("payer_confirmation PCI_ONE  451 try again later")
    assert push("resend", "--all")[:2] == (0, "1 will be tried for another day\n")
    with database.view() as view:
        again = view.mails.get("MAI_LOST")
    assert (again.is_open, again.tries) == (True, 0)
    assert again.due == again.resent != MORNING
    for other in ("MAI_KEPT", "MAI_SENT", "MAI_LOST"):
        code, _, problem = push("resend", other)
        assert (code, problem) == (1, f"pfennig: {other} was not given up\n")


def test_what_is_not_there_cannot_be_tried_again(push: Push, lost: Event, database: Database) -> None:
    code, said, problem = push("resend", lost.id, "evt_none")
    assert (code, said) == (2, "")
    assert "evt_none" in problem
    assert not outbox(database)[0].is_open, "all of them, or none"


def test_everything_that_was_given_up_or_a_name_must_be_said(push: Push) -> None:
    with pytest.raises(SystemExit) as ended:
        push("resend")
    assert ended.value.code == 2
