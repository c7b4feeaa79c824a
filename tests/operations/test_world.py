"""World files: what somebody wrote down is there afterwards, and mistakes are told where they are."""

import base64
import itertools
import re
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.exc import DataError, DBAPIError, IntegrityError

from pfennig import passwords
from pfennig.domain.branding import Branding
from pfennig.domain.container import account_of_iban
from pfennig.domain.methods import METHODS
from pfennig.operations.core.call import Platform
from pfennig.operations.parties.clients import issue_token
from pfennig.operations.worlds import world
from pfennig.operations.worlds.logins import SHORTEST_SECRET
from pfennig.operations.worlds.world import BadWorld
from pfennig.passwords import COST  # as it is, before the tests make it small
from pfennig.resources.general.contracts import WALLETS
from pfennig.storage.database import Database, Violation
from pfennig.twin.abilities import TWIN
from tests.conftest import ON_BOTH, SMALL_WORLD

CONTRACT = """
      - id: GCR_NEW
        methods: [prepaid, creditcard]
        bank_account: {owner: O, iban: DE81850400611005523759, bic: B, bankname: N}
"""
NEW = f"""
merchants:
  - id: MRC_NEW
    companyname: Neu & Söhne
    contracts:{CONTRACT}
        clients:
          - {{id: client-new, secret: secret-of-the-new-one}}
        customers:
          - id: PCU_NEW
            contact: {{forename: Ada, surname: Lovelace, phone: "+49 30 1234", dob: "1965-12-31"}}
checkout_templates:
  - {{id: COT_NEW, title: New}}
"""


HUGE = base64.b64encode(b"\x89PNG\r\n\x1a\n" + b"\0" * 24_000).decode()


def looking(line: str) -> str:
    """The new world with a line about the checkout."""
    return NEW.replace("methods:", f"checkout:\n          {line}\n        methods:")


def written(folder: Path, text: str) -> Path:
    """A file with that text."""
    file = folder / "world.yaml"
    file.write_text(text, encoding="utf-8")
    return file


def seed(database: Database, file: Path, update: bool = False) -> list[str]:
    """What seeding the file found to be different, as people read it."""
    return [str(difference) for difference in world.seed(database, world.read(file), update)]


def test_a_world_is_seeded_with_the_ids_of_its_author(database: Database, tmp_path: Path) -> None:
    names = ["COT_NEW", "MRC_NEW", "GCR_NEW", "client-new", "PCU_NEW"]
    assert seed(database, written(tmp_path, NEW)) == [f"{name}: new" for name in names]
    with database.view() as view:
        contract = view.contracts.get("GCR_NEW")
        assert (contract.merchant_id, contract.methods) == ("MRC_NEW", ["prepaid", "creditcard"])
        assert contract.payment_context == {"auto_capture": False}
        assert contract.ends_retired_methods is False
        assert contract.wallets is None
        contact = view.customers.get("PCU_NEW").contact
        assert (contact["name"], contact["phone"]) == ("Ada Lovelace", "+49301234")
        assert contact["dob"] == "1965-12-31T00:00:00+01:00"
        assert view.templates.get("COT_NEW").title == "New"
    assert issue_token(database, "client-new", "secret-of-the-new-one")


def test_a_contract_says_how_its_checkout_looks(database: Database, tmp_path: Path) -> None:
    file = written(tmp_path, looking("{domains: [https://shop.example], primary_colour: '#B3134D'}"))
    seed(database, file)
    with database.view() as view:
        look = view.contracts.get("GCR_NEW").branding
        assert (look.domains, look.primary_colour, look.language) == (["https://shop.example"], "#B3134D", "de")
        assert view.contracts.get("GCR_MINE").branding == Branding()
    assert seed(database, file) == []
    assert seed(database, written(tmp_path, NEW)) == ["GCR_NEW: checkout differs"]


def test_a_contract_without_an_account_gets_one_that_no_bank_has(database: Database, tmp_path: Path) -> None:
    file = written(tmp_path, re.sub(r"\n +bank_account:.*", "", NEW))
    with pytest.raises(BadWorld, match="GCR_NEW: bank_account is missing"):
        world.read(file)
    world.seed(database, world.read(file, TWIN), update=True)
    assert world.seed(database, world.read(file, TWIN), update=True) == []
    with database.view() as view:
        account = view.contracts.get("GCR_NEW").bank_account
    known = account_of_iban(account["iban"])
    assert known
    assert (known.bic, known.bankname, known.iban[4:12]) == ("", "", "99999999")


def test_a_day_may_be_written_without_quotes(database: Database, tmp_path: Path) -> None:
    seed(database, written(tmp_path, NEW.replace('"1965-12-31"', "1965-12-31")))
    with database.view() as view:
        assert view.customers.get("PCU_NEW").contact["dob"] == "1965-12-31T00:00:00+01:00"


def test_seeding_twice_changes_nothing(database: Database, tmp_path: Path) -> None:
    file = written(tmp_path, NEW)
    seed(database, file)
    for update in (False, True):
        assert seed(database, file, update) == []
        assert seed(database, SMALL_WORLD, update) == []


def test_a_changed_file_shows_the_difference_and_changes_only_on_demand(database: Database, tmp_path: Path) -> None:
    file = written(
        tmp_path,
        SMALL_WORLD.read_text(encoding="utf-8")
        .replace("Mein Laden GmbH", "Unser Laden GmbH")
        .replace("mixed_baskets: true", "mixed_baskets: false\n        ends_retired_methods: true")
        .replace("erika@example.net", "erika@elsewhere.example")
        .replace("secret-of-mine-0123456789", "another-secret-of-mine"),
    )
    expected = [
        "MRC_MINE: companyname differs",
        "GCR_MINE: has_mixed_baskets, ends_retired_methods differ",
        "client-mine: secret differs",
        "PCU_KNOWN: contact differs",
    ]
    assert seed(database, file) == expected
    with database.view() as view:
        assert view.merchants.get("MRC_MINE").companyname == "Mein Laden GmbH"
    assert issue_token(database, "client-mine", "secret-of-mine-0123456789")
    changed = [re.sub(r"(.*): (.*) differs?$", r"\1: changed \2", line) for line in expected]
    assert seed(database, file, update=True) == changed
    with database.view() as view:
        assert view.merchants.get("MRC_MINE").companyname == "Unser Laden GmbH"
        contract = view.contracts.get("GCR_MINE")
        assert (contract.has_mixed_baskets, contract.ends_retired_methods) == (False, True)
        assert view.customers.get("PCU_KNOWN").contact["email"] == "erika@elsewhere.example"
    assert issue_token(database, "client-mine", "another-secret-of-mine")
    assert seed(database, file) == []


def test_who_gets_mails_stands_in_the_file(database: Database, tmp_path: Path) -> None:
    seed(database, written(tmp_path, NEW))
    with database.view() as view:
        contract = view.contracts.get("GCR_NEW")
        assert view.merchants.get("MRC_NEW").email is None
        assert (contract.has_customer_mails, contract.has_merchant_mails) == (True, True)
    changed = NEW.replace("id: MRC_NEW", "id: MRC_NEW\n    email: neu@example.net")
    changed = changed.replace("methods:", "notifications: {customer_order_mail: false}\n        methods:")
    differences = ["MRC_NEW: changed email", "GCR_NEW: changed has_customer_mails"]
    assert seed(database, written(tmp_path, changed), update=True) == differences
    with database.view() as view:
        contract = view.contracts.get("GCR_NEW")
        assert view.merchants.get("MRC_NEW").email == "neu@example.net"
        assert (contract.has_customer_mails, contract.has_merchant_mails) == (False, True)


def test_what_a_file_does_not_name_stays(database: Database, tmp_path: Path) -> None:
    assert seed(database, written(tmp_path, "merchants: []"), update=True) == []
    with database.view() as view:
        assert view.merchants.find("MRC_MINE")


def test_secrets_are_not_kept_in_plain_text(database: Database, tmp_path: Path) -> None:
    seed(database, written(tmp_path, NEW))
    with database.view() as view:
        kept = str([*view.secrets.all(), *view.clients.all()])
    assert "secret-of-the-new-one" not in kept


def test_a_world_is_written_whole_or_not_at_all(database: Database, tmp_path: Path) -> None:
    file = written(tmp_path, NEW.replace("GCR_NEW\n", "GCR_NEW\n        parent: GCR_NEW\n"))
    with pytest.raises(BadWorld, match="contract GCR_NEW stands below itself"):
        seed(database, file)
    file = written(tmp_path, NEW.replace("GCR_NEW\n", "GCR_NEW\n        parent: GCR_NOBODY\n"))
    with pytest.raises(BadWorld, match="GCR_NOBODY does not exist; add it to this file, or take `parent` out"):
        seed(database, file)
    with database.view() as view:
        assert view.merchants.find("MRC_NEW") is None


def test_the_documented_example_can_be_seeded_as_it_is(
    database: Database, platform: Platform, tmp_path: Path
) -> None:
    page = (Path(__file__).parents[2] / "docs" / "world-file.md").read_text(encoding="utf-8")
    file = written(tmp_path, page.partition("```yaml\n")[2].partition("```")[0])
    found = world.seed(database, world.read(file, TWIN), False, platform)
    assert "GCR_MYSHOP: new" in map(str, found)
    assert world.seed(database, world.read(file, TWIN), False, platform) == []


def test_the_documented_demo_merchants_can_be_seeded_beside_others(database: Database) -> None:
    assert seed(database, world.DEMO)
    assert seed(database, world.DEMO) == []
    guide = ("00563697073442633035025909838580", "3382456441636938321687549172178382320163695870914358804052148567")
    assert issue_token(database, *guide)
    with database.view() as view:
        contract = view.contracts.get("GCR_KTSST836QYITQJM1JGYIZ4F4OLKI04")
        assert view.merchants.get(contract.merchant_id).companyname == "Musterhändler GmbH"
        assert contract.payment_context["auto_capture"] is True
        assert contract.wallets == ["googlepay", "applepay"]
        assert view.templates.find("COT_WD0DE66HN2XWJHW8JM88003YG0NEA2")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (
            NEW.replace("companyname", "company"),
            "company is not known here; there are id, companyname, email, contracts",
        ),
        (
            NEW.replace("methods: [prepaid, creditcard]", "recurring: 1"),
            "recurring: must be true or false, not a whole number",
        ),
        (
            NEW.replace("companyname: Neu & Söhne", "companyname: 7"),
            "merchants[0].companyname: must be a text, not a whole number",
        ),
        (NEW.replace("id: MRC_NEW", "id: GCR_NEW2"), "merchants[0].id: must be MRC_ and up to 40 letters and digits"),
        (NEW.replace("id: PCU_NEW", "id: PCU_NEW/../x"), "PCU_"),
        (NEW.replace("prepaid", "barter"), "GCR_NEW: barter is no method"),
        (NEW.replace("COT_NEW, title: New", "COT_NEW, title: [1]"), "title"),
        (NEW + "  - {id: COT_NEW, title: Again}\n", "COT_NEW is there twice"),
        (
            NEW.replace("methods:", "wallets: [wero]\n        methods:"),
            "wallets[0]: must be applepay or googlepay, not 'wero'",
        ),
        (NEW.replace("DE81850400611005523759", "DE82850400611005523759"), "GCR_NEW: the IBAN of bank_account"),
        (NEW.replace("owner: O", f"owner: {'x' * 71}"), "owner"),
        (NEW.replace("methods:", "url_push: ftp://x\n        methods:"), "url_push"),
        (
            NEW.replace("methods:", "push_delay_seconds: 61\n        methods:"),
            "push_delay_seconds: must be a whole number <= 60",
        ),
        (
            NEW.replace("methods:", "refund_push: shop\n        methods:"),
            "refund_push: must be both, contract or nobody, not 'shop'",
        ),
        (NEW.replace("id: MRC_NEW", "id: MRC_NEW\n    email: neu & söhne"), "MRC_NEW: email"),
        (NEW.replace("methods:", "notifications: {order_mail: true}\n        methods:"), "order_mail"),
        (NEW.replace("secret-of-the-new-one", "short"), "secret"),
        (looking("primary_colour: red"), "primary_colour must be a colour"),
        (looking("domains: [https://shop.example/pay]"), "domains: 'https://shop.example/pay' must be an origin"),
        (looking("domains: ['*']"), "domains: '*' must be an origin"),
        (looking("language: es"), "language"),
        (looking("language_formality: rude"), "language_formality"),
        (looking("project_logo: https://shop.example/logo.png"), "project_logo must begin with data:"),
        (looking("project_logo: 'data:image/png;base64,AAAA'"), "project_logo is no image/png"),
        (looking("project_logo: 'data:image/png;base64,A'"), "project_logo is not Base64"),
        (
            looking(f"project_logo: 'data:image/png;base64,{HUGE}'"),
            "project_logo has 24008 bytes; there may be 16384",
        ),
        (looking("background: {enabled: true, image_url: https://shop.example/x}"), "background.image_url"),
        (looking("colour: red"), "colour"),
        (looking("corner_radius: 25"), "corner_radius"),
        (looking("font: comic"), "font"),
        (looking("legal: {imprint: 'http://shop.example'}"), "legal.imprint must be an https address"),
        (looking("support: {phone: none}"), "support.phone must be a telephone number"),
        (
            NEW.replace("clients:", "users: [{username: ada, password: short}]\n        clients:"),
            "ada: password must have",
        ),
        (NEW.replace("MRC_NEW", '"MRC_NEW\\n"'), "merchants[0].id"),
        ("merchants: {", "is not YAML, see line 1"),
        ("merchants:\n\t- x", "is not YAML, see line 2"),
        ("- 1", "must be a group of fields, not a list"),
        ("\0", "is not YAML"),
    ],
    ids=itertools.count(),
)
def test_a_mistake_in_a_file_is_told_where_it_is(tmp_path: Path, text: str, told: str) -> None:
    file = written(tmp_path, text)
    with pytest.raises(BadWorld) as error:
        world.read(file)
    assert str(error.value).startswith(f"{file}: ")
    assert told in str(error.value)
    assert "short" not in str(error.value)  # a secret is not repeated


def test_a_day_of_birth_that_is_none_is_told_before_anything_is_written(database: Database, tmp_path: Path) -> None:
    with pytest.raises(BadWorld, match="dob must be a date"):
        seed(database, written(tmp_path, NEW.replace("1965-12-31", "31.12.1965")))
    with database.view() as view:
        assert view.merchants.find("MRC_NEW") is None


@pytest.mark.parametrize("length", [SHORTEST_SECRET - 1, SHORTEST_SECRET])
def test_a_secret_may_be_as_short_as_the_shortest_and_no_shorter(tmp_path: Path, length: int) -> None:
    file = written(tmp_path, NEW.replace("secret-of-the-new-one", "x" * length))
    with nullcontext() if length == SHORTEST_SECRET else pytest.raises(BadWorld):
        world.read(file)


def test_a_file_that_is_missing_or_no_text_is_told(tmp_path: Path) -> None:
    with pytest.raises(BadWorld, match="cannot be read"):
        world.read(tmp_path / "nothing.yaml")
    (tmp_path / "latin.yaml").write_bytes("Straße".encode("latin-1"))
    with pytest.raises(BadWorld, match="is not YAML"):
        world.read(tmp_path / "latin.yaml")


def test_of_a_user_only_a_slow_hash_is_kept(database: Database, tmp_path: Path) -> None:
    password = "a long word of hers"
    with_user = NEW.replace(
        "clients:", f"users:\n          - {{username: ada, password: {password}}}\n        clients:"
    )
    assert "ada: new" in seed(database, written(tmp_path, with_user))
    assert seed(database, written(tmp_path, with_user)) == []
    changed = written(tmp_path, with_user.replace("long", "longer"))
    told = [["ada: password differs"], ["ada: changed password"], []]
    assert [seed(database, changed, update) for update in (False, True, True)] == told
    with database.view() as view:
        kept = view.users.get("ada").password
    assert kept.startswith(f"scrypt:{passwords.COST}:{passwords.BLOCK}:{passwords.TIMES}:")
    assert (COST, passwords.BLOCK, passwords.TIMES) == (16384, 8, 5)
    assert [passwords.fits(text, kept) for text in (password, password.replace("long", "longer"))] == [False, True]


def test_an_empty_file_is_an_empty_world(database: Database, tmp_path: Path) -> None:
    assert seed(database, written(tmp_path, "# nothing yet\n")) == []


def test_a_file_names_stores_legacy_names_and_in_the_twin_short_secrets(database: Database, tmp_path: Path) -> None:
    store = """
        stores:
          - {id: STO_ONE, name: Filiale Köln, address: {city: Köln}}
          - {id: STO_TWO, name: Filiale Bonn}
        users: [{username: anna, password: short}]
"""
    text = NEW.replace("secret-of-the-new-one", "short").replace("GCR_NEW", "PCR_NEW")
    file = tmp_path / "world.yaml"
    file.write_text(text.replace("\ncheckout_templates:", f"{store}checkout_templates:"), encoding="utf-8")
    with pytest.raises(world.BadWorld, match="secret must have at least 16 characters"):
        world.read(file)
    wanted = world.read(file, TWIN)
    world.seed(database, wanted, update=False)
    assert world.seed(database, wanted, update=True) == []
    with database.view() as view:
        [first, second] = view.stores.all(contract_id="GCR_NEW")
    assert (first.id, first.name, first.data, first.is_default) == (
        "STO_ONE",
        "Filiale Köln",
        {"address": {"city": "Köln"}},
        True,
    )
    assert (second.id, second.is_default) == ("STO_TWO", False)
    assert issue_token(database, "client-new", "short")


def test_the_contract_of_the_sdk_examples_has_the_methods_of_a_recorded_answer() -> None:
    contracts = [each for merchant in world.read(world.DEMO).merchants for each in merchant.contracts]
    recorded = next(each for each in contracts if each.id == "GCR_2H69XY35227V2VKP9WRA3SJ0W95RP0")
    names = [row.wire.name for word, row in METHODS.items() if word in recorded.methods]
    names += [name for word, name in WALLETS.items() if word in recorded.wallets]
    assert ", ".join(names) == (
        "Creditcard, Debit, easyCredit, eps, Invoice, Paypal, Prepay, Sofort, Applepay, Googlepay"
    )


AT_ACQUIRER = """rails:
          - {rail: acquirer, methods: [creditcard], credentials: {key: hush-hush}}
        methods:"""


def test_a_contract_says_which_rail_serves_what(database: Database, tmp_path: Path) -> None:
    seed(database, written(tmp_path, NEW.replace("methods:", AT_ACQUIRER, 1)))
    with database.view() as view:
        contract = view.contracts.get("GCR_NEW")
    assert (contract.rail_of("creditcard"), contract.rail_of("prepaid")) == ("acquirer", None)
    assert contract.credentials_at("acquirer") == {"key": "hush-hush"}
    changed = seed(database, written(tmp_path, NEW.replace("methods:", AT_ACQUIRER.replace("hush", "hash"), 1)))
    assert changed == ["GCR_NEW: rails differs"]
    assert seed(database, written(tmp_path, NEW), update=True) == []  # a file that says nothing changes nothing
    with database.view() as view:
        assert view.contracts.get("GCR_NEW").credentials_at("acquirer") == {"key": "hush-hush"}


@pytest.mark.parametrize(
    ("lines", "why"),
    [
        ("[{rail: a, methods: [twit]}]", "twit is no method"),
        ("[{rail: a, methods: [prepaid]}, {rail: b, methods: [prepaid]}]", "one rail only"),
        ("[{rail: a, methods: [prepaid]}, {rail: a, methods: [debit]}]", "only once"),
        ("[{rail: A/b, methods: [prepaid]}]", "rail"),
        ("[{rail: a, methods: [prepaid], credentials: {key: 5}}]", "credentials"),
    ],
)
def test_rails_that_cannot_be_are_refused(tmp_path: Path, lines: str, why: str) -> None:
    with pytest.raises(BadWorld, match=why) as error:
        world.read(written(tmp_path, NEW.replace("methods:", f"rails: {lines}\n        methods:", 1)))
    assert "hush" not in str(error.value)


@ON_BOTH
def test_of_several_who_seed_one_file_at_once_all_end_well(database: Database, tmp_path: Path) -> None:
    file = written(tmp_path, NEW)
    with ThreadPoolExecutor(4) as pool:
        found = [each.result() for each in [pool.submit(seed, database, file) for _ in range(4)]]
    assert all(said.endswith(": new") for each in found for said in each)
    assert seed(database, file) == []
    with database.view() as view:
        noted = [each.object_id for each in view.audit.all() if each.object_id in {"MRC_NEW", "GCR_NEW", "PCU_NEW"}]
    assert sorted(noted) == ["GCR_NEW", "MRC_NEW", "PCU_NEW"]


def test_who_is_overtaken_looks_again(database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file, real = written(tmp_path, NEW), world.write_world
    calls = itertools.count()

    def overtaken(*given: Any) -> Any:
        if next(calls) == 0:
            raise IntegrityError(None, None, Violation("merchants_pkey"))
        return real(*given)

    monkeypatch.setattr(world, "write_world", overtaken)
    assert len(seed(database, file)) == 5


@pytest.mark.parametrize("error", [IntegrityError, DataError])
def test_what_the_database_never_takes_is_said(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: type[DBAPIError]
) -> None:
    def refused(*given: Any) -> Any:
        raise error(None, None, Violation("a rule"))

    monkeypatch.setattr(world, "write_world", refused)
    with pytest.raises(BadWorld, match="the database does not take it: "):
        seed(database, written(tmp_path, NEW))


def test_a_part_of_a_file_may_be_used_again(tmp_path: Path) -> None:
    text = """
    checkout_templates:
      - &one {id: COT_ONE, title: One}
      - {<<: *one, id: COT_TWO}
    """
    assert [each.id for each in world.read(written(tmp_path, text)).checkout_templates] == ["COT_ONE", "COT_TWO"]
