"""Holds the real server against its own OpenAPI document with Schemathesis: no fault of ours (5xx), no answer that the
document does not describe, no route that forgets who asks.

    scripts/contract/run.py            what `make test` runs: about a minute, the same requests every time
    scripts/contract/run.py --full     what `make soak` runs: random and chained requests for some minutes a role

The Python is target/contract, which `scripts/setup.sh test` makes from requirements.txt. The server is target/debug/qiao or
QIAO_BIN, on a folder and a port of its own that are gone afterwards.
"""

import argparse
import contextlib
import json
import os
import pathlib
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
SEED = "58"
START_S_MAX = 60
# A run that takes longer hangs: the small form takes a minute on two cores.
SMALL_S_MAX = 240
FULL_S_EACH = 600
# What is asked of every answer. Left out, with reason: positive_data_acceptance (rules are stricter than shapes),
# negative_data_rejection (`?limit=` without a number is no limit, on purpose).
CHECKS = [
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_headers_conformance",
    "response_schema_conformance",
    "unsupported_method",
    "missing_required_header",
    "ignored_auth",
    "use_after_free",
]
# A stream that ends with its reader.
ENDLESS = "/api/v1/approvals/events"
# Who asks. The first may do nearly everything, the second reads, the third is nobody.
ASKERS = {
    "everybody at once": [
        "administrator",
        "fundraising_officer",
        "finance_officer",
        "leader",
        "storekeeper",
        "donation_desk",
        "requester",
        "auditor",
    ],
    "an auditor": ["auditor"],
    "nobody": None,
}


class House:
    """A server with a small giving day and one of most things."""

    def __init__(self, binary, folder):
        self.binary, self.data = binary, f"{folder}/data"
        self.init = self.qiao("init", "--unit", "示例市红十字会", "--region", "371300", "--log-fewest", "1")
        self.qiao("simulate", "giving-day", "--gifts", "60", "--sum-yuan", "3000", "--seed", "7")
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        self.base = f"http://127.0.0.1:{port}"
        self.log = open(f"{folder}/log", "w+", encoding="utf-8")
        words = [binary, "--data", self.data, "serve", "--listen", f"127.0.0.1:{port}"]
        self.server = subprocess.Popen(words, stdout=self.log, stderr=self.log)
        self.until_ready()

    def qiao(self, *words):
        out = subprocess.run([self.binary, "--data", self.data, *words, "--json"], capture_output=True, check=False)
        if out.returncode:
            sys.exit(f"contract: qiao {words[0]} failed: {out.stdout.decode()}{out.stderr.decode()}")
        return json.loads(out.stdout)

    def until_ready(self):
        until = time.monotonic() + START_S_MAX
        while True:
            with contextlib.suppress(OSError):
                urllib.request.urlopen(f"{self.base}/ready", timeout=5).close()
                return
            if self.server.poll() is not None or time.monotonic() > until:
                self.stop()
                sys.exit(f"contract: the server did not become ready:\n{self.said()}")
            time.sleep(0.1)

    def said(self):
        self.log.flush()
        self.log.seek(0)
        return self.log.read()[-4_000:]

    def stop(self):
        self.server.terminate()
        try:
            self.server.wait(30)
        except subprocess.TimeoutExpired:
            self.server.kill()

    def ask(self, method, path, body=None):
        data = None if body is None else json.dumps(body).encode()
        headers = {"authorization": f"Bearer {self.init['admin_token']}", "content-type": "application/json"}
        request = urllib.request.Request(self.base + path, data=data, method=method, headers=headers)
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:
                return json.loads(answer.read() or b"null")
        except urllib.error.HTTPError as refused:
            sys.exit(f"contract: {method} {path}: {refused.code} {refused.read().decode()}")

    def token(self, name, roles):
        """The token of a user with these roles in the first unit."""
        body = {"name": name, "kind": "person", "unit": self.init["unit_id"], "roles": roles, "token": {"name": "test"}}
        return self.ask("POST", "/api/v1/users", body)["token"]["token"]

    def names(self):
        """Places in addresses that lead somewhere."""
        unit = self.init["unit_id"]
        goods = f"/api/v1/goods/{unit}"
        place = self.ask("POST", f"{goods}/places", {"code": "A", "name": "一号库"})["id"]
        item = {"code": "1060201", "name": "医用防护口罩", "base_unit": "只", "units": {"箱": 480}}
        item = self.ask("POST", f"{goods}/items", item)["id"]
        lot = {"key": "box", "item": item, "unit_word": "箱", "quantity": 10, "source": "donation", "donor": "示例公司"}
        lot = self.ask("POST", f"{goods}/lots", {**lot, "place": place})["id"]
        project = self.ask("GET", "/api/v1/projects?limit=3")["items"][1]
        team = {"project": project["code"], "title": "示例读书会", "key": "team"}
        team = self.ask("POST", "/api/v1/teams", {**team, "starter": {"name": "李示例", "phone": "13800000003"}})["team"]
        gift = self.ask("GET", "/api/v1/gifts?limit=1")["items"][0]
        user = {"name": "spare", "kind": "person", "unit": unit, "roles": ["auditor"]}
        known = {
            "unit": unit,
            "place": place,
            "item": item,
            "lot": lot,
            "team": team,
            "gift": gift["gift"],
            "certificate": gift["certificate"],
            "project": project["id"],
            "campaign": project["campaign"],
            "user": self.ask("POST", "/api/v1/users", user)["id"],
            "day": "2026-05-08",
            "platform": "tencent-gongyi",
            "permission": "gift_read",
            "kind": "goods_in",
        }
        by_code = {"project": project["code"], "code": project["code"]}
        accounts = {f"/api/v1/books/accounts/{{code}}/{word}": {"code": "1002"} for word in ["entries"]}
        projects = {f"/api/v1/projects/{{{p}}}{word}": by_code for p, word in PROJECTS_BY_CODE}
        return {"*": known, **accounts, **projects}


# Routes of projects that are addressed by their code.
PROJECTS_BY_CODE = [
    ("code", ""),
    ("project", "/fund"),
    ("project", "/monthly"),
    ("project", "/plans"),
    ("project", "/news"),
    ("project", "/totals"),
]


def hold(house, names, asker, options):
    """One run of Schemathesis; its exit code."""
    roles, full = ASKERS[asker], options.full
    words = [sys.executable, "-m", "schemathesis.cli", "--no-color", "run"]
    words += [options.document or f"{house.base}/api/openapi.json", "--url", house.base]
    words += ["--checks", ",".join(CHECKS), "--exclude-path", ENDLESS, "--seed", SEED, "--workers", "1"]
    words += ["--generation-database", "none", "--request-timeout", "20", "--continue-on-failure", "--warnings", "off"]
    words += ["--suppress-health-check", "all"]
    if full:
        words += ["--phases", "examples,coverage,fuzzing,stateful", "-n", "40", "--max-time", str(FULL_S_EACH)]
    else:
        words += ["--phases", "examples,coverage"]
    if roles is not None:
        words += ["--header", f"Authorization: Bearer {house.token(asker, roles)}"]
        # A guard looks at nothing of what a reader wants to write: those refusals are all alike.
        words += ["--include-method", "GET"] if roles == ["auditor"] else []
    else:
        # Refused everywhere: only the public routes tell something new.
        words += ["--exclude-by", "/x-access != public"]
    env = {**os.environ, "SCHEMATHESIS_HOOKS": "hooks", "PYTHONPATH": str(HERE), "CONTRACT_NAMES": json.dumps(names)}
    env |= {"PYTHONDONTWRITEBYTECODE": "1"}
    longest = FULL_S_EACH * 3 if full else SMALL_S_MAX
    with tempfile.TemporaryDirectory() as folder:
        run = subprocess.run(words, env=env, cwd=folder, capture_output=True, timeout=longest, check=False)
    said = run.stdout.decode() + run.stderr.decode()
    if run.returncode:
        print(said)
    counted = [line.strip() for line in said.splitlines() if "generated" in line]
    print(f"contract: {asker}: {'; '.join(counted) or 'nothing counted'}", flush=True)
    # A run that asked nothing proves nothing.
    return run.returncode or (0 if counted else 1)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--full", action="store_true", help="also random and chained requests")
    parser.add_argument("--document", metavar="FILE", help="another document than the one the server gives")
    options = parser.parse_args()
    binary = os.environ.get("QIAO_BIN", str(ROOT / "target/debug/qiao"))
    if not os.path.exists(binary):
        sys.exit(f"contract: {binary} is not there: run `cargo build -p qiao` first")
    with tempfile.TemporaryDirectory(prefix="shanqiao-contract-") as folder:
        house = House(binary, folder)
        try:
            names = house.names()
            codes = [hold(house, names, asker, options) for asker in ASKERS]
            if any(codes):
                print(f"contract: the server’s last words:\n{house.said()}")
        finally:
            house.stop()
    return max(codes)


if __name__ == "__main__":
    sys.exit(main())
