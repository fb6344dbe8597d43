"""A store that speaks S3 and that nobody here wrote (moto), with one bucket that everybody may read.

    target/store/bin/python scripts/store/run.py PORT BUCKET

Says “ready” once the bucket is there, and serves until its standard input ends: so it never outlives the test that began it. The
Python is target/store, which `scripts/setup.sh test` makes from requirements.txt. All keys are taken, none is real; what is
stored lies in memory.
"""

import contextlib
import sys
import time
import urllib.request

from moto.server import ThreadedMotoServer

START_S_MAX = 60


def main():
    port, bucket = int(sys.argv[1]), sys.argv[2]
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=port, verbose=False)
    server.start()
    make = urllib.request.Request(f"http://127.0.0.1:{port}/{bucket}", method="PUT", headers={"x-amz-acl": "public-read"})
    until = time.monotonic() + START_S_MAX
    while True:
        with contextlib.suppress(OSError):
            urllib.request.urlopen(make, timeout=5).close()
            break
        if time.monotonic() > until:
            sys.exit("store: moto does not answer")
        time.sleep(0.05)
    print("ready", flush=True)
    sys.stdin.read()
    server.stop()


if __name__ == "__main__":
    main()
