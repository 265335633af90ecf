"""The way back: with the turn that the program added, the source's own bytes and that turn."""
import json
import pathlib
import sqlite3

import carryover
from common import ANSWER, PROMPT, Wrong, apart, cut

# What a further message changes in the row of its session.
COUNTERS = {
    "updated_at", "last_user_message_at", "last_message_at", "user_turns", "llm_turns",
    "last_message_count", "message_count", "transcript_rev", "input_tokens", "output_tokens",
    "last_total_tokens",
}


def check(source, program, store, folder, resumed):
    """What is wrong with a store that is converted back, by the identifiers of its source.

    `resumed` maps these to the identifiers in the store.
    """
    report = carryover.convert(store, program.format, folder, source.format)
    results = {s["source"]: s for s in report}
    before = source.listed
    after = carryover.listed(folder, source.format) if folder.exists() else {}
    wrong = {}
    for session, target in resumed.items():
        result = results.get(target)
        try:
            if before[session]["path"].endswith(".json"):
                # A file of the first program is one document, which cannot be continued.
                if "cannot be continued" not in result.get("reason", ""):
                    raise Wrong(f"a document was not refused: {cut(result)}")
                continue
            if result is None or result["status"] != "written":
                raise Wrong(f"did not come back: {cut(result)}")
            if result["target"] != session:
                raise Wrong(f"came back as {result['target']}")
            old, new = before[session]["path"], after[session]["path"]
            if source.format == "term-llm":
                rows(old, new, session, program)
            else:
                files(old, new)
        except (Wrong, KeyError) as problem:
            wrong[session] = Wrong(f"the way back: {problem}")
    return wrong


def files(before, after):
    """Compares files of lines."""
    old, new = pathlib.Path(before).read_bytes(), pathlib.Path(after).read_bytes()
    if not new.startswith(old):
        same = next((n for n, (a, b) in enumerate(zip(old, new)) if a != b), min(len(old), len(new)))
        start = max(0, same - 40)
        raise Wrong(f"byte {same} of {len(old)}: {apart(old[start:start + 160], new[start:start + 160])}")
    added = new[len(old):].decode(errors="replace")
    if PROMPT not in added or ANSWER not in added:
        raise Wrong(f"the new turn is missing: {cut(added)}")


def rows(before, after, session, program):
    """Compares the rows of a session in two databases."""
    old, new = Database(before, session), Database(after, session)
    for table in old.tables:
        if table not in new.tables:
            raise Wrong(f"no table {table}")
        for number, row in enumerate(old.tables[table]):
            if number >= len(new.tables[table]):
                raise Wrong(f"{table}: {len(old.tables[table])} rows, came back {number}")
            came = new.tables[table][number]
            skipped = COUNTERS if table == "sessions" else ()
            for column in row:
                # Without a title before, the new prompt may be the first and give one; and a turn
                # of another model makes it the session's.
                fresh = {
                    "name": PROMPT, "model": program.model,
                    "provider_key": getattr(program, "provider", None),
                }.get(column)
                if table == "sessions" and fresh is not None and came[column] == fresh:
                    continue
                if column not in skipped and row[column] != came.get(column):
                    raise Wrong(
                        f"{table} {number} {column}: {apart(row[column], came.get(column))}")
        extra = new.tables[table][len(old.tables[table]):]
        if extra and table != "messages":
            raise Wrong(f"{table}: rows that were not there: {cut(extra)}")
        if table == "messages":
            added = json.dumps([row["parts"] for row in extra])
            if PROMPT not in added or ANSWER not in added:
                raise Wrong(f"the new turn is missing: {cut(added)}")


class Database:
    """The rows that belong to a session, by table."""

    def __init__(self, path, session):
        self.tables = {}
        with sqlite3.connect(f"file:{path}?mode=ro&immutable=1", uri=True) as database:
            database.row_factory = sqlite3.Row
            names = [row[0] for row in database.execute(
                "SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")]
            for name in names:
                columns = {row["name"] for row in database.execute(f'PRAGMA table_info("{name}")')}
                key = "id" if name == "sessions" else "session_id"
                if key not in columns or name.startswith("carryover_"):
                    continue
                found = database.execute(
                    f'SELECT * FROM "{name}" WHERE "{key}" = ? ORDER BY rowid', (session,))
                self.tables[name] = [dict(row) for row in found]
