#!/usr/bin/env python3
"""The reference for reading: json.loads on each line of all *.jsonl files below a folder."""

import json
import pathlib
import sys
import time


def main():
    if len(sys.argv) != 2:
        sys.exit("usage: json_loads.py FOLDER")
    start = time.perf_counter()
    records = size = 0
    for path in sorted(pathlib.Path(sys.argv[1]).rglob("*.jsonl")):
        with open(path, "rb") as file:
            for line in file:
                json.loads(line)
                records += 1
                size += len(line)
    seconds = time.perf_counter() - start
    print(f"{records} records, {size} bytes, {seconds:.3f} s, {size / seconds / 1e6:.1f} MB/s")


if __name__ == "__main__":
    main()
