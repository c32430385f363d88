"""The example configuration of Alertmanager: routes by amtool, inhibitions by a real Alertmanager
on a free loopback port, which is stopped again."""

import contextlib
import datetime
import json
import shutil
import urllib.request

import yaml

from loopback import free_port, running, wait_until
from rulebook import ALERTS, run

CONFIG = ALERTS / "alertmanager.example.yml"

ROUTES = [
    ("StreamgaugeGroupStalled", "critical", "pager"),
    ("StreamgaugeGroupFallingBehind", "warning", "chat"),
    ("StreamgaugeGroupConsumerLeak", "info", "nobody"),
    ("SomethingElse", "critical", "chat"),
]

GROUP = {"system": "redis", "target": "checkout", "stream": "orders", "group": "billing"}
OTHER_GROUP = {**GROUP, "group": "shipping"}
OTHER_TARGET = {**GROUP, "target": "search"}
OTHER_SYSTEM = {**GROUP, "system": "kafka"}
OTHER_CLUSTER = {**GROUP, "cluster": "west"}
TARGET = {"system": "redis", "target": "checkout"}
STREAM = {**TARGET, "stream": "orders"}
SEARCH = {**TARGET, "target": "search"}
OTHER_STREAM = {**GROUP, "stream": "invoices"}
NONE, SOME = {"agents": "none"}, {"agents": "some", "job": "streamgauge", "instance": "a:9760"}

# (what fires, on what, what fires beside it, on what, whether that is held back, why)
# Names are without Streamgauge.
INHIBITIONS = [
    ("AgentDown", NONE, "GroupStalled", GROUP, True, "nothing is known any more"),
    ("AgentDown", NONE, "TargetUnreachable", TARGET, True, "nobody tries to reach it"),
    ("AgentDown", NONE, "GroupStalled", OTHER_CLUSTER, False, "another cluster has its own agent"),
    ("AgentDown", NONE, "ConfigReloadFailed", SOME, False, "may be why the agent is down"),
    ("AgentDown", SOME, "GroupStalled", GROUP, False, "another shard sees the group"),
    ("TargetUnreachable", TARGET, "GroupStalled", GROUP, True, "no lag alert for it"),
    ("TargetUnreachable", TARGET, "GroupLagUnknown", GROUP, True, "of course it is"),
    ("TargetUnreachable", TARGET, "GroupObjectiveBurnFast", GROUP, True, "no lag alert for it"),
    ("TargetUnreachable", TARGET, "GroupLosingData", GROUP, True, "not known any more"),
    ("TargetUnreachable", TARGET, "StreamGrowing", STREAM, True, "not known any more"),
    ("TargetUnreachable", TARGET, "PartitionOffline", STREAM, True, "one page: the target"),
    ("TargetUnreachable", TARGET, "TransactionHanging", STREAM, True, "not known any more"),
    ("TargetUnreachable", TARGET, "PollStale", TARGET, True, "the same cause"),
    ("TargetUnreachable", TARGET, "ItemsSkipped", TARGET, True, "not known any more"),
    (
        "TargetUnreachable",
        TARGET,
        "TargetUnreachable",
        SEARCH,
        False,
        "another target is another page",
    ),
    ("TargetUnreachable", TARGET, "GroupStalled", OTHER_TARGET, False, "that target is read"),
    ("TargetUnreachable", TARGET, "GroupStalled", OTHER_SYSTEM, False, "same name, other system"),
    ("TargetUnreachable", TARGET, "GroupStalled", OTHER_CLUSTER, False, "same name, other cluster"),
    ("TargetUnreachable", TARGET, "AgentDown", NONE, False, "the agent is the cause"),
    ("PartitionOffline", STREAM, "PartitionUnderReplicated", STREAM, True, "offline says more"),
    ("PartitionOffline", STREAM, "GroupStalled", GROUP, True, "it cannot read"),
    ("PartitionOffline", STREAM, "GroupStalled", OTHER_STREAM, False, "another topic"),
    ("PartitionOffline", STREAM, "GroupLosingData", GROUP, False, "loss has its own urgency"),
    ("GroupLosingData", GROUP, "GroupLostData", GROUP, True, "it is going on"),
    ("GroupLosingData", GROUP, "GroupNoConsumers", GROUP, True, "loss comes first"),
    ("GroupLosingData", GROUP, "GroupLostData", OTHER_GROUP, False, "another group"),
    ("GroupLosingData", GROUP, "GroupPoisonMessage", GROUP, False, "tells why"),
    ("GroupNoConsumers", GROUP, "GroupObjectiveBurnFast", GROUP, True, "the same cause, one page"),
    ("GroupNoConsumers", GROUP, "GroupDeadConsumer", GROUP, True, "the same cause"),
    ("GroupNoConsumers", GROUP, "GroupStalled", OTHER_GROUP, False, "another group"),
    ("GroupStalled", GROUP, "GroupObjectiveBurnFast", GROUP, True, "the same cause, one page"),
    ("GroupStalled", GROUP, "GroupFallingBehind", GROUP, True, "it was, before"),
    ("GroupStalled", GROUP, "GroupFallingBehind", OTHER_GROUP, False, "another group"),
    ("GroupStalled", GROUP, "GroupNoConsumers", GROUP, False, "says more"),
    ("GroupStalled", GROUP, "GroupPoisonMessage", GROUP, False, "tells why"),
    ("GroupStalled", GROUP, "GroupLostData", GROUP, False, "a fact of its own"),
    ("GroupObjectiveBurnFast", GROUP, "GroupObjectiveBurnSlow", GROUP, True, "the same cause"),
    (
        "GroupObjectiveBurnFast",
        GROUP,
        "GroupObjectiveBurnSlow",
        OTHER_GROUP,
        False,
        "another group",
    ),
    ("GroupObjectiveBurnFast", GROUP, "GroupFallingBehind", GROUP, True, "the same cause"),
    ("GroupObjectiveBurnSlow", GROUP, "GroupObjectiveAtRisk", GROUP, True, "the same cause"),
    ("GroupObjectiveBurnSlow", GROUP, "GroupObjectiveAtRisk", OTHER_GROUP, False, "another group"),
    (
        "GroupObjectiveAtRisk",
        GROUP,
        "GroupObjectiveBurnFast",
        GROUP,
        False,
        "the page is the worse",
    ),
    ("GroupDeadConsumer", GROUP, "GroupPendingStuck", GROUP, True, "the same cause"),
    ("GroupDeadConsumer", GROUP, "GroupPendingStuck", OTHER_GROUP, False, "another group"),
]


def check_routes(results):
    passed, output = run("amtool", "check-config", str(CONFIG))
    results.add("alertmanager", "amtool check-config", None if passed else output)
    for alert, severity, receiver in ROUTES:
        passed, output = run(
            "amtool",
            "config",
            "routes",
            "test",
            f"--config.file={CONFIG}",
            f"--verify.receivers={receiver}",
            f"alertname={alert}",
            f"severity={severity}",
            "system=redis",
            "target=checkout",
        )
        results.add(
            "alertmanager", f"{alert}, {severity}, goes to {receiver}", None if passed else output
        )


@contextlib.contextmanager
def alertmanager(folder):
    """Starts Alertmanager with the example's inhibitions, telling nobody; gives its address."""
    program = shutil.which("prometheus-alertmanager") or shutil.which("alertmanager")
    if not program:
        raise FileNotFoundError(
            "neither prometheus-alertmanager nor alertmanager is here: tools/setup.sh test"
        )
    config = yaml.safe_load(CONFIG.read_text())
    for receiver in config["receivers"]:
        receiver.pop("webhook_configs", None)
    folder.mkdir()
    (folder / "alertmanager.yml").write_text(yaml.safe_dump(config))
    address = f"127.0.0.1:{free_port()}"
    command = [
        program,
        f"--config.file={folder}/alertmanager.yml",
        f"--storage.path={folder}/data",
        f"--web.listen-address={address}",
        "--cluster.listen-address=",
    ]
    with running(command, folder / "log"):
        yield f"http://{address}/api/v2"


def ask(url, body=None):
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(url, data, {"Content-Type": "application/json"})
    with urllib.request.urlopen(request, timeout=5) as reply:
        return json.loads(reply.read() or "null")


def labelled(name, labels, case):
    # Each case has alerts of its own: its number is part of what must be equal for all of them.
    mark = {"cluster": f"{labels.get('cluster', 'east')}-{case}"}
    return {**labels, **mark, "alertname": "Streamgauge" + name}


def key_of(labels):
    return json.dumps(labels, sort_keys=True)


def states(api):
    """Labels -> whether Alertmanager holds the alert back."""
    alerts = ask(f"{api}/alerts")
    return {key_of(alert["labels"]): bool(alert["status"]["inhibitedBy"]) for alert in alerts}


def check_inhibitions(results, api):
    if not wait_until(lambda: ask(f"{api}/status")["config"]):
        results.add("alertmanager", "starts", "it did not within its time")
        return
    sources = [labelled(row[0], row[1], case) for case, row in enumerate(INHIBITIONS)]
    targets = [labelled(row[2], row[3], case) for case, row in enumerate(INHIBITIONS)]
    now = datetime.datetime.now(datetime.timezone.utc)
    times = {"startsAt": now.isoformat(), "endsAt": (now + datetime.timedelta(hours=1)).isoformat()}
    ask(f"{api}/alerts", [{**times, "labels": labels} for labels in sources + targets])

    # Alerts and their sources arrive in any order: those that must be held back are waited for, and
    # by then the others would be as well.
    expected = {key_of(labels): row[4] for labels, row in zip(targets, INHIBITIONS)}
    held_back = {key for key, held in expected.items() if held}
    wait_until(lambda: held_back <= {key for key, held in states(api).items() if held})
    seen = states(api)
    for (key, held), (source, _, name, _, _, why) in zip(expected.items(), INHIBITIONS):
        wrong = None
        if seen.get(key) != held:
            wrong = "it is held back" if seen.get(key) else "it is not held back, or not there"
        verb = "holds back" if held else "leaves alone"
        results.add("alertmanager", f"{source} {verb} {name}: {why}", wrong)


def check(results, folder):
    check_routes(results)
    with alertmanager(folder / "alertmanager") as api:
        check_inhibitions(results, api)
