"""Reasons why a database is away, in the driver's words, without passwords and stack traces."""

import re

FROM_SERVER = re.compile(r"FATAL: +(.+)")
"""Codes of PostgreSQL's own answers: there is no such database or user, or the password is wrong."""

REASONS = (
    (re.compile(r"[Cc]onnection refused|No such file or directory"), "nobody listens there"),
    (re.compile(r"time(d )?out|timeout"), "it did not answer in time"),
    (re.compile(r"resolve|translate host name|Name or service|nodename"), "nobody knows its host"),
    (re.compile(r"unable to open database file"), "the file cannot be opened"),
    (re.compile(r"not a database|malformed"), "the file is no SQLite database"),
    (re.compile(r"read-?only"), "it can only be read"),
    (re.compile(r"locked"), "another program is writing to it"),
    (re.compile(r"flushed to the disk|flush has failed"), "its disk did not keep what was written"),
    (re.compile(r"disk is full|No space left"), "the disk is full"),
)


def reason(error: BaseException) -> str:
    """The reason of a failure, from an error and what caused it, in a few words."""
    said: BaseException | None = error
    while said is not None:
        text = str(getattr(said, "orig", said))
        if found := FROM_SERVER.search(text):
            return found[1].strip().rstrip(".")
        for pattern, words in REASONS:
            if pattern.search(text):
                return words
        said = said.__cause__
    return "it does not answer"
