"""The API says of itself what it is, to programs and to people. Whether it is true: test_wire.py and test_fuzz.py."""

import base64
import hashlib
import html
import json
import re
import shlex
from dataclasses import replace

import httpx
import msgspec
import pytest
import schemathesis

from pfennig import application
from pfennig.api import description
from pfennig.api.reference import BASE, references
from pfennig.operations.core.abilities import Abilities
from pfennig.operations.core.call import Platform
from pfennig.resources import RESOURCES
from tests.conftest import PUBLIC_URL, Api
from tests.described import described, known, models, operations

GUIDE_SECRET = "3382456441636938321687549172178382320163695870914358804052148567"

each_page = pytest.mark.parametrize("path", ["/openapi.json", "/docs"])


def test_a_program_reads_the_description_of_this_server(http: httpx.Client) -> None:
    answer = http.get("/openapi.json")
    assert answer.json() == description.describe(PUBLIC_URL)
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert answer.json()["servers"] == [{"url": PUBLIC_URL}]
    schemathesis.openapi.from_dict(answer.json()).validate()
    assert set(references(answer.json())) <= set(models()) | set(re.findall(r'#/components/[pr][^"]+', answer.text))


def test_every_operation_is_described_with_every_status_and_a_name_of_its_own() -> None:
    offers = [each for path in described()["paths"].values() for each in path.values()]
    assert len(offers) == len(operations()) + 1
    assert len({each["operationId"] for each in offers}) == len(offers)
    assert all(re.fullmatch(r"\d{3}", status) for each in offers for status in each["responses"])
    assert all({"400", "500", "503"} < each["responses"].keys() for each in offers)


def test_every_parameter_of_lists_is_described() -> None:
    known_ones = {ref["$ref"].rpartition("/")[2] for ref in known().names["GET Smart/Transactions"]["parameters"]}
    said = {one["name"] for one in described()["paths"][f"{BASE}Smart/Transactions"]["get"]["parameters"]}
    assert known_ones == said


def test_every_word_in_an_address_is_explained() -> None:
    words = {word for noun, action in operations() for word in re.findall(r"{(\w+)}", action.path)}
    assert words == set(description.WORDS)


def test_without_a_token_there_is_only_what_is_said_to_need_none(mine: Api) -> None:
    for path, offers in described()["paths"].items():
        for verb, said in offers.items() if path.startswith(BASE) else ():
            answer = mine.http.request(verb.upper(), path)
            if said.get("security") == []:
                assert answer.status_code == 200
            else:
                assert (answer.status_code, answer.json()["error"]) == (401, "ProductSecurityException")


def test_every_model_of_ours_has_a_name_of_its_own() -> None:
    read = [action.body for _, action in operations() if action.body]
    _, ours = msgspec.json.schema_components(read)
    _, said = description.body_schemas(RESOURCES)
    assert len(said) == len(ours)
    assert set(said) & set(known().models) == set()


@each_page
def test_what_a_browser_has_already_is_not_sent_again(http: httpx.Client, path: str) -> None:
    first = http.get(path, headers={"Accept-Encoding": "identity"})
    packed = http.get(path, headers={"Accept-Encoding": "gzip"})
    again = http.get(path, headers={"If-None-Match": f'"other", {first.headers["ETag"]}'})
    changed = http.get(path, headers={"If-None-Match": '"other"'})
    assert (packed.headers["Content-Encoding"], packed.text) == ("gzip", first.text)
    assert int(packed.headers["Content-Length"]) < len(first.content) / 5
    assert (again.status_code, again.content, again.headers["ETag"]) == (304, b"", first.headers["ETag"])
    assert (changed.status_code, changed.text) == (200, first.text)


def test_the_page_may_run_and_show_what_is_its_own_and_nothing_else(http: httpx.Client) -> None:
    page = http.get("/docs")
    policy = page.headers["Content-Security-Policy"]
    for tag, directive in (("style", "style-src"), ("script", "script-src")):
        [own] = re.findall(f"<{tag}>(.*?)</{tag}>", page.text, re.DOTALL)
        digest = base64.b64encode(hashlib.sha256(own.encode()).digest()).decode()
        assert f"{directive} 'sha256-{digest}'" in policy
    assert policy.startswith("default-src 'none'; ")
    assert not re.search(r"""(src|href)=["'](https?:)?//""", page.text)


def test_the_page_has_every_operation_and_each_link_leads_somewhere(http: httpx.Client) -> None:
    page = http.get("/docs").text
    ids = re.findall(r'\bid="([^"]+)"', page)
    assert len(ids) == len(set(ids))
    assert {each["operationId"] for path in described()["paths"].values() for each in path.values()} < set(ids)
    assert set(re.findall(r'href="#([^"]+)"', page)) <= set(ids)
    assert "`" not in re.sub("<(pre|script)>.*?</\\1>", "", page, flags=re.DOTALL)


def test_examples_are_commands_of_a_shell(http: httpx.Client) -> None:
    examples = re.findall("<pre><code>(.*?)</code>", http.get("/docs").text, re.DOTALL)
    assert len(examples) == len(operations()) + 2
    for example in examples[1:]:  # the first is in two parts
        command, *words = shlex.split(html.unescape(example))
        assert command == "curl"
        if "-d" in words:
            json.loads(words[words.index("-d") + 1])


def test_only_the_twin_shows_credentials(http: httpx.Client, platform: Platform) -> None:
    assert GUIDE_SECRET in http.get("/docs").text
    operator = application.create(replace(platform, can=Abilities()))
    with httpx.Client(transport=httpx.WSGITransport(operator), base_url=PUBLIC_URL) as client:
        page = client.get("/docs").text
    assert GUIDE_SECRET not in page
    assert "$CLIENT_SECRET" in page
