"""Sessions of devices and of users of an app: how they begin, are renewed, and end."""

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import httpx
import pytest
from structlog.testing import capture_logs

from pfennig import application
from pfennig.clock import system_clock
from pfennig.operations.core import validity
from pfennig.operations.core.abilities import Abilities
from pfennig.operations.core.call import Platform
from pfennig.operations.parties import clients, sessions
from pfennig.operations.worlds import logins as world_logins
from pfennig.operations.worlds import world
from pfennig.storage.database import Database
from tests.api.conftest import Everything
from tests.api.test_oauth import is_good
from tests.api.test_races import RUNNERS, together
from tests.conftest import COLLEAGUE, MINE, PUBLIC_URL, SELLER, SMALL_WORLD, STRANGER, Api, Json

TILL = "/vendor/unknown/cashier/7"
PASSWORD = "a long word that Anna knows"
Later = Callable[..., None]


@pytest.fixture
def later(monkeypatch: pytest.MonkeyPatch) -> Later:
    """Lets real time go on by minutes=…, days=… and so on."""

    def later(**by: float) -> None:
        moved = system_clock() + timedelta(**by)
        for module in (clients, sessions, validity):
            monkeypatch.setattr(module, "system_clock", lambda: moved)

    return later


@pytest.fixture
def anna(database: Database) -> None:
    """A user of an app, under my contract."""
    seed(database, PASSWORD)


def seed(database: Database, password: str) -> None:
    """Writes Anna down."""
    wanted = world.read(SMALL_WORLD)
    wanted.merchants[0].contracts[0].users = [world_logins.NewUser("anna@example.net", password)]
    world.seed(database, wanted, update=True)


def ask(http: httpx.Client, grant: str, whose: tuple[str, str] = MINE, **fields: Any) -> httpx.Response:
    """What is answered to a grant."""
    body = {"grant_type": grant, "client_id": whose[0], "client_secret": whose[1], **fields}
    return http.post("/oauth/token", json=body)


def tokens(http: httpx.Client, grant: str, whose: tuple[str, str] = MINE, **fields: Any) -> Json:
    """The tokens that a grant buys."""
    answer = ask(http, grant, whose, **fields)
    assert answer.status_code == 200, answer.text
    found: Json = answer.json()
    return found


def error(answer: httpx.Response) -> tuple[int, str]:
    """Status and word of a refusal in OAuth's shape."""
    assert set(answer.json()) == {"error", "error_description"}
    return answer.status_code, answer.json()["error"]


def confirm(api: Api, user_code: str, **more: str) -> httpx.Response:
    """The merchant lets the device in."""
    return api.http.post("/lab/v1/devices", json={"user_code": user_code, **more}, headers=api.headers)


def till(api: Api, uuid: str = TILL) -> Json:
    """A device of mine with a session; its tokens, with its code."""
    codes = tokens(api.http, "device", uuid=uuid)
    assert confirm(api, codes["user_code"]).status_code == 200
    return codes | tokens(api.http, "device", code=codes["device_code"])


def login(http: httpx.Client, device: str = "phone-1", whose: tuple[str, str] = MINE, **more: Any) -> httpx.Response:
    """Anna logs in."""
    info = {"username": "anna@example.net", "password": PASSWORD, "device": device, "deviceinfo": {"name": "Phone"}}
    return ask(http, "appuser", whose, **(info | more))


def as_device(http: httpx.Client, token: str) -> Api:
    """The API with the token of a device."""
    return Api(http, MINE, {"Authorization": f"Bearer {token}"})


def test_a_device_registers_is_confirmed_and_gets_its_tokens(http: httpx.Client, mine: Api) -> None:
    codes = tokens(http, "device", uuid=TILL)
    device_code, user_code = codes.pop("device_code"), codes.pop("user_code")
    assert re.fullmatch("[0-9a-f]{32}", device_code)
    assert re.fullmatch("[a-z0-9]{8}", user_code)
    assert codes == {"verification_url": PUBLIC_URL, "expires_in": 1200, "interval": 5}
    assert error(ask(http, "device", code=device_code)) == (401, "authorization_pending")
    confirmed = confirm(mine, f" {user_code.upper()} ").json()
    assert confirmed.pop("id").startswith("SES_")
    assert confirmed == {"device": TILL, "merchant": "MRC_MINE", "contract": "GCR_MINE"}
    bought = tokens(http, "device", code=device_code)
    token, refresh = bought.pop("access_token"), bought.pop("refresh_token")
    assert re.fullmatch("[0-9a-f]{40}", refresh)
    assert bought == {"expires_in": 1200, "token_type": "bearer", "scope": None}
    assert as_device(http, token).buy()["contract"]["id"] == "GCR_MINE"


def test_a_refresh_token_buys_the_next_access_token_again_and_again(http: httpx.Client, mine: Api) -> None:
    session = till(mine)
    for _ in range(2):
        bought = tokens(http, "refresh_token", refresh_token=session["refresh_token"])
        token = bought.pop("access_token")
        assert bought == {"expires_in": 1200, "token_type": "bearer", "scope": None}
        assert is_good(http, token)


def test_a_session_has_one_live_token(http: httpx.Client, mine: Api) -> None:
    session, other = till(mine), till(mine, "/vendor/unknown/cashier/8")
    renewed = tokens(http, "refresh_token", refresh_token=session["refresh_token"])
    assert [is_good(http, each["access_token"]) for each in (session, renewed, other)] == [False, True, True]
    opened = tokens(http, "device", code=session["device_code"])
    assert [is_good(http, each["access_token"]) for each in (renewed, opened)] == [False, True]
    old = ask(http, "refresh_token", refresh_token=session["refresh_token"])
    assert error(old) == (400, "invalid_grant"), "the code was used anew, so there is a new refresh token"
    mine.get("Smart/Transactions")


def test_of_refreshes_at_once_one_token_lives(http: httpx.Client, mine: Api, database: Database) -> None:
    refresh = till(mine)["refresh_token"]
    answers = together(*[lambda: ask(http, "refresh_token", refresh_token=refresh) for _ in range(RUNNERS)])
    assert {answer.status_code for answer in answers} == {200}
    assert [is_good(http, answer.json()["access_token"]) for answer in answers].count(True) == 1
    with database.view() as view:
        assert len([token for token in view.tokens.all() if token.session_id]) == 1


def test_of_openings_at_once_one_session_lives(http: httpx.Client, mine: Api) -> None:
    code = till(mine)["device_code"]
    bought = together(*[lambda: tokens(http, "device", code=code) for _ in range(RUNNERS)])
    assert [is_good(http, each["access_token"]) for each in bought].count(True) == 1
    renewed = [ask(http, "refresh_token", refresh_token=each["refresh_token"]) for each in bought]
    assert sorted(answer.status_code for answer in renewed) == [200] + [400] * (RUNNERS - 1)


def test_a_code_that_is_confirmed_twice_at_once_is_confirmed_once(http: httpx.Client, mine: Api) -> None:
    user_code = tokens(http, "device", uuid=TILL)["user_code"]
    answers = together(*[lambda: confirm(mine, user_code).status_code for _ in range(RUNNERS)])
    assert answers.count(200) == 1
    assert set(answers) <= {200, 403, 404}


def test_a_device_that_registers_anew_has_only_the_new_session(http: httpx.Client, mine: Api) -> None:
    first = till(mine)
    waiting = tokens(http, "device", uuid=TILL)
    assert is_good(http, first["access_token"]), "whoever only registers ends nothing"
    confirm(mine, waiting["user_code"])
    assert not is_good(http, first["access_token"])
    assert error(ask(http, "refresh_token", refresh_token=first["refresh_token"])) == (400, "invalid_grant")
    assert is_good(http, tokens(http, "device", code=waiting["device_code"])["access_token"])


def test_of_registrations_of_one_device_confirmed_at_once_one_stays(http: httpx.Client, mine: Api) -> None:
    codes = [tokens(http, "device", uuid=TILL) for _ in range(RUNNERS)]
    together(*[lambda each=each: confirm(mine, each["user_code"]) for each in codes])
    polled = [ask(http, "device", code=each["device_code"]).status_code for each in codes]
    assert sorted(polled) == [200] + [400] * (RUNNERS - 1)


def test_codes_and_sessions_end_in_their_time(http: httpx.Client, mine: Api, later: Later) -> None:
    waiting, session = tokens(http, "device", uuid="slow"), till(mine)
    later(seconds=1201)
    assert error(ask(http, "device", code=waiting["device_code"])) == (400, "invalid_grant")
    assert not is_good(http, session["access_token"])
    token = tokens(http, "refresh_token", refresh_token=session["refresh_token"])["access_token"]
    late = Api(http, MINE)
    assert confirm(late, waiting["user_code"]).json()["code"] == 3081
    assert is_good(http, token)
    later(days=183)
    assert error(ask(http, "refresh_token", refresh_token=session["refresh_token"])) == (400, "invalid_grant")
    assert error(ask(http, "device", code=session["device_code"])) == (400, "invalid_grant")


def test_what_has_ended_is_forgotten_and_the_rest_kept(http: httpx.Client, mine: Api, database: Database) -> None:
    session = till(mine)
    tokens(http, "device", uuid="slow")
    with database.unit() as unit:
        clients.purge_tokens(unit, system_clock() + timedelta(seconds=1300))
        assert [each.device for each in unit.sessions.all()] == [TILL]
    assert tokens(http, "refresh_token", refresh_token=session["refresh_token"])
    with database.unit() as unit:
        clients.purge_tokens(unit, system_clock() + timedelta(days=183))
        assert unit.sessions.all() == []


@pytest.mark.parametrize(
    ("grant", "fields", "expected"),
    [
        ("device", {"code": "0" * 32}, (400, "invalid_grant")),
        ("device", {"uuid": ""}, (400, "invalid_request")),
        ("device", {"uuid": "x" * 256}, (400, "invalid_request")),
        ("device", {"uuid": "zero\0"}, (400, "invalid_request")),
        ("device", {"code": 7}, (400, "invalid_request")),
        ("device", {}, (400, "invalid_request")),
        ("refresh_token", {"refresh_token": "0" * 40}, (400, "invalid_grant")),
        ("refresh_token", {}, (400, "invalid_request")),
        ("appuser", {"username": "nobody", "password": "x", "device": "phone"}, (400, "invalid_grant")),
        ("appuser", {"username": "anna@example.net", "password": "x", "device": "p"}, (400, "invalid_grant")),
        ("appuser", {"username": "anna@example.net", "password": PASSWORD}, (400, "invalid_request")),
        (
            "appuser",
            {"username": "a", "password": "b", "device": "c", "deviceinfo": {"name": 1}},
            (400, "invalid_request"),
        ),
        ("password", {"username": "anna@example.net", "password": PASSWORD}, (400, "unsupported_grant_type")),
        (["device"], {}, (400, "unsupported_grant_type")),
    ],
)
@pytest.mark.usefixtures("anna")
def test_wrong_grants_are_refused_in_the_words_of_oauth(
    http: httpx.Client, everything: Everything, grant: str, fields: Json, expected: tuple[int, str]
) -> None:
    before = everything()
    assert error(ask(http, grant, **fields)) == expected
    assert error(ask(http, grant, (MINE[0], "wrong"), **fields))[0] == 400
    assert everything() == before


def test_codes_and_refresh_tokens_are_good_with_their_own_client_only(http: httpx.Client, mine: Api) -> None:
    session = till(mine)
    for whose in (COLLEAGUE, STRANGER):
        renewal = ask(http, "refresh_token", whose, refresh_token=session["refresh_token"])
        assert error(renewal) == (400, "invalid_grant")
        assert error(ask(http, "device", whose, code=session["device_code"])) == (400, "invalid_grant")
    wrong = ask(http, "refresh_token", (MINE[0], "a guess"), refresh_token=session["refresh_token"])
    assert error(wrong) == (400, "invalid_client")
    assert is_good(http, session["access_token"])


def test_a_device_acts_under_the_contract_for_which_it_was_confirmed(http: httpx.Client, seller: Api) -> None:
    codes = tokens(http, "device", uuid=TILL)
    assert confirm(seller, codes["user_code"]).json()["contract"] == "GCR_SELLER"
    device = as_device(http, tokens(http, "device", code=codes["device_code"])["access_token"])
    case = device.buy()
    assert case["contract"]["id"] == "GCR_SELLER"
    assert seller.get(f"Smart/Transactions/{case['id']}")["id"] == case["id"]
    of_mine = Api(http, MINE).buy()
    assert device.refused("GET", f"Smart/Transactions/{of_mine['id']}")[0] == 404


def test_nobody_confirms_for_a_contract_that_he_or_the_client_may_not_use(
    http: httpx.Client, mine: Api, stranger: Api, seller: Api
) -> None:
    user_code = tokens(http, "device", uuid=TILL)["user_code"]
    foreign, unknown = confirm(stranger, user_code).json(), confirm(stranger, "abcd1234").json()
    assert (foreign["code"], foreign["error_details"]) == (unknown["code"], unknown["error_details"])
    assert confirm(mine, user_code, contract="GCR_STRANGER").status_code == 404
    of_seller = tokens(http, "device", SELLER, uuid=TILL)["user_code"]
    assert confirm(mine, of_seller).status_code == 403
    assert confirm(mine, of_seller, contract="GCR_SELLER").status_code == 200
    assert confirm(mine, user_code, contract="GCR_AUTO").json()["contract"] == "GCR_AUTO"


def test_user_codes_are_not_to_be_guessed(http: httpx.Client, mine: Api) -> None:
    answers = [confirm(mine, f"guess{number}").status_code for number in range(62)]
    assert answers[0] == 404
    assert answers[-1] == 429


def test_a_revoked_client_ends_its_devices(http: httpx.Client, mine: Api, database: Database) -> None:
    session = till(mine)
    with database.unit() as unit:
        clients.revoke(unit, MINE[0])
        assert unit.sessions.all() == []
    assert not is_good(http, session["access_token"])
    assert error(ask(http, "refresh_token", refresh_token=session["refresh_token"])) == (400, "invalid_client")


def test_a_session_can_be_ended_by_itself(http: httpx.Client, mine: Api, database: Database) -> None:
    session, other = till(mine), till(mine, "another")
    with database.unit() as unit:
        sessions.end(unit, unit.sessions.all()[0].id)
    assert [is_good(http, each["access_token"]) for each in (session, other)] == [False, True]
    assert error(ask(http, "device", code=session["device_code"])) == (400, "invalid_grant")
    mine.get("Smart/Transactions")


def test_two_devices_may_use_the_same_idempotency_key(http: httpx.Client, mine: Api) -> None:
    key = {"Idempotency-Key": "1"}
    devices = [as_device(http, till(mine, name)["access_token"]) for name in ("one", "two")]
    for device in devices:
        device.headers |= key
    made = [device.buy()["id"] for device in (*devices, *devices)]
    assert made[:2] == made[2:]
    assert made[0] != made[1]


@pytest.mark.usefixtures("anna")
@pytest.mark.parametrize("kind", ["json", "data"])
def test_a_user_logs_in_to_an_app(http: httpx.Client, database: Database, kind: str) -> None:
    body = {"grant_type": "appuser", "client_id": MINE[0], "client_secret": MINE[1], "device": "phone-1"}
    named = {"deviceinfo": {"name": "Phone"}} if kind == "json" else {"deviceinfo[name]": "Phone"}
    who = {"username": "anna@example.net", "password": PASSWORD}
    bought = http.post("/oauth/token", **{kind: body | who | named}).json()  # type: ignore[arg-type]
    assert set(bought) == {"access_token", "expires_in", "token_type", "scope", "refresh_token"}
    assert as_device(http, bought["access_token"]).buy()["contract"]["id"] == "GCR_MINE"
    assert tokens(http, "refresh_token", refresh_token=bought["refresh_token"])
    with database.view() as view:
        [session] = view.sessions.all()
        assert (session.username, session.device, session.device_name) == ("anna@example.net", "phone-1", "Phone")


@pytest.mark.usefixtures("anna")
def test_a_user_has_one_session_on_each_device(http: httpx.Client) -> None:
    first, other, second = (login(http, device).json() for device in ("phone-1", "phone-2", "phone-1"))
    assert [is_good(http, each["access_token"]) for each in (first, other, second)] == [False, True, True]
    assert error(ask(http, "refresh_token", refresh_token=first["refresh_token"])) == (400, "invalid_grant")


@pytest.mark.usefixtures("anna")
def test_of_logins_at_once_one_session_lives(http: httpx.Client, database: Database) -> None:
    bought = [answer.json() for answer in together(*[lambda: login(http) for _ in range(RUNNERS)])]
    assert [is_good(http, each["access_token"]) for each in bought].count(True) == 1
    with database.view() as view:
        assert len(view.sessions.all()) == 1


@pytest.mark.usefixtures("anna")
def test_a_user_logs_in_with_clients_that_may_use_his_contract(http: httpx.Client) -> None:
    assert login(http, whose=COLLEAGUE).status_code == 200
    for whose in (STRANGER, SELLER):
        assert error(login(http, whose=whose)) == (400, "invalid_grant")


@pytest.mark.usefixtures("anna")
def test_a_new_password_ends_the_sessions_of_a_user(http: httpx.Client, database: Database) -> None:
    session = login(http).json()
    seed(database, PASSWORD)
    assert is_good(http, session["access_token"]), "nothing was changed"
    seed(database, "another long word of hers")
    assert not is_good(http, session["access_token"])
    assert error(ask(http, "refresh_token", refresh_token=session["refresh_token"])) == (400, "invalid_grant")
    assert error(login(http)) == (400, "invalid_grant")
    assert login(http, password="another long word of hers").status_code == 200


@pytest.fixture
def operated(platform: Platform) -> Iterator[httpx.Client]:
    """The application of an operator."""
    app = application.create(replace(platform, can=Abilities()))
    with httpx.Client(transport=httpx.WSGITransport(app), base_url=PUBLIC_URL) as client:
        yield client


def test_passwords_are_not_to_be_guessed(operated: httpx.Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pfennig.rates.WINDOW_SECONDS", 10**9)
    monkeypatch.setattr("pfennig.passwords.fits", lambda password, stored: False)
    answers = [login(operated, password=f"guess {number}").status_code for number in range(21)]
    assert answers == [400] * 20 + [429]
    assert operated.post("/lab/v1/devices").status_code == 404


def from_elsewhere(operated: httpx.Client, address: str, whose: tuple[str, str] = MINE, **fields: str) -> int:
    """The status of Anna's login from another address."""
    operated._transport.remote_addr = address  # type: ignore[attr-defined]
    return login(operated, whose=whose, **fields).status_code


@pytest.mark.usefixtures("anna")
def test_nobody_locks_others_out(operated: httpx.Client, monkeypatch: pytest.MonkeyPatch) -> None:
    """Not by clients that do not exist, nor by wrong secrets, nor from another address, nor with another client."""
    monkeypatch.setattr("pfennig.rates.WINDOW_SECONDS", 10**9)
    for number in range(30):
        assert from_elsewhere(operated, "192.0.2.1", (f"nobody-{number}", "a guess"), password="x") == 400
        assert from_elsewhere(operated, "192.0.2.1", (MINE[0], "a guess"), password="x") == 400
    monkeypatch.setattr("pfennig.passwords.fits", lambda password, stored: password == PASSWORD)
    for _ in range(21):
        from_elsewhere(operated, "192.0.2.9", password="x")
        from_elsewhere(operated, "192.0.2.1", COLLEAGUE, password="x")
    assert from_elsewhere(operated, "192.0.2.9") == 429
    assert from_elsewhere(operated, "192.0.2.1", COLLEAGUE) == 429
    assert from_elsewhere(operated, "192.0.2.1") == 200


@pytest.mark.usefixtures("anna")
def test_only_mistakes_count(operated: httpx.Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pfennig.rates.WINDOW_SECONDS", 10**9)
    monkeypatch.setattr("pfennig.passwords.fits", lambda password, stored: password == PASSWORD)
    assert {login(operated).status_code for _ in range(25)} == {200}
    assert {login(operated, password="x").status_code for _ in range(20)} == {400}
    assert login(operated).status_code == 429


def test_who_tries_many_names_is_slowed_down(operated: httpx.Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pfennig.rates.WINDOW_SECONDS", 10**9)
    monkeypatch.setattr("pfennig.passwords.fits", lambda password, stored: False)
    answers = [login(operated, username=f"user-{number}").status_code for number in range(302)]
    assert answers == [400] * 300 + [429] * 2


def test_neither_codes_nor_passwords_are_kept_or_logged(
    http: httpx.Client, mine: Api, anna: None, everything: Everything
) -> None:
    with capture_logs() as log:
        waiting, session, user = tokens(http, "device", uuid="waits"), till(mine), login(http).json()
        login(http, password="a password with a typo")
    told = everything() + str(log)
    secret = (*(waiting[name] for name in ("device_code", "user_code")), session["refresh_token"])
    for word in (*secret, user["refresh_token"], session["access_token"], PASSWORD, "a password with a typo"):
        assert word not in told


def test_a_refresh_token_ends_with_the_secret_that_bought_it(
    http: httpx.Client, mine: Api, database: Database
) -> None:
    session = till(mine)
    with database.unit() as unit:
        new = (MINE[0], clients.rotate(unit, MINE[0], timedelta()))
    assert not is_good(http, session["access_token"])
    assert error(ask(http, "refresh_token", refresh_token=session["refresh_token"])) == (400, "invalid_client")
    renewal = ask(http, "refresh_token", new, refresh_token=session["refresh_token"])
    assert error(renewal) == (400, "invalid_grant")
    assert error(ask(http, "device", new, code=session["device_code"])) == (400, "invalid_grant")


def test_a_session_lives_on_with_the_secret_that_it_was_opened_with_anew(
    http: httpx.Client, mine: Api, database: Database, later: Later
) -> None:
    session = till(mine)
    with database.unit() as unit:
        new = (MINE[0], clients.rotate(unit, MINE[0], timedelta(hours=24)))
    anew = tokens(http, "device", new, code=session["device_code"])
    later(hours=25)
    assert "access_token" in tokens(http, "refresh_token", new, refresh_token=anew["refresh_token"])
    assert error(ask(http, "refresh_token", new, refresh_token=session["refresh_token"])) == (400, "invalid_grant")


def test_a_code_is_good_for_one_confirmation_in_its_time(http: httpx.Client, mine: Api, later: Later) -> None:
    first, second = (tokens(http, "device", uuid=uuid) for uuid in ("till-1", "till-2"))
    assert confirm(mine, first["user_code"]).status_code == 200
    assert confirm(mine, first["user_code"]).status_code == 404
    later(seconds=1200)
    assert confirm(Api(http, MINE), second["user_code"]).status_code == 404
    assert error(ask(http, "device", code=second["device_code"])) == (400, "invalid_grant")
    assert error(ask(http, "device", code=first["device_code"])) == (400, "invalid_grant"), "nobody asked in time"
