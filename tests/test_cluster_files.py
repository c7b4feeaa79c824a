"""The set-up of five hosts that docs/reliability.md describes, as far as it shows without five hosts."""

import yaml

from cluster.accidents import end_of_silence
from cluster.site import APIS, DATABASES, DEPLOYED, ETCDS, WORK, deployed
from pfennig.settings import from_environment

PATRONI = yaml.safe_load((DEPLOYED / "patroni.yml").read_text())
GOAL_SECONDS = 30


def test_a_new_primary_can_be_there_in_time() -> None:
    times = PATRONI["bootstrap"]["dcs"]
    assert times["ttl"] >= times["loop_wait"] + 2 * times["retry_timeout"]
    assert times["ttl"] + times["loop_wait"] < GOAL_SECONDS
    assert times["synchronous_mode"] is True


def test_every_host_votes_under_its_own_name_and_patroni_knows_who_votes() -> None:
    for name in ETCDS:
        environment = deployed("etcd.env", name)
        assert environment["ETCD_NAME"] == name
        assert f"{name}={environment['ETCD_INITIAL_ADVERTISE_PEER_URLS']}" in environment["ETCD_INITIAL_CLUSTER"]
    assert PATRONI["etcd"]["hosts"] == ",".join(f"{name}:2379" for name in ETCDS)


def test_api_hosts_and_workers_go_to_whichever_database_takes_writes() -> None:
    for name in (*APIS, WORK):
        settings = from_environment(deployed("pfennig.env", name))
        assert f"host={'%2C'.join(DATABASES)}" in settings.database_name
        assert "target_session_attrs=read-write" in settings.database_name
        assert "only-here" not in settings.database_name


def test_the_longest_silence_after_an_accident_counts_and_not_what_was_under_way() -> None:
    assert end_of_silence([1.0, 9.9, 10.1, 10.2, 31.5, 31.6, 33.0], since=10.0) == 31.5
