"""Incidents: opened once, reminded by schedule, closed with a message; the outbox forgets nothing, alike on both databases."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy.engine import Engine

from archive import incidents
from archive.incidents import Happened, IncidentStore, Letter, Trouble, What
from tests.archive.builder import START, Clock

KINDS = {"blocked", "partial"}


class Office:
    def __init__(self, engine: Engine) -> None:
        self.clock = Clock()
        self.store = IncidentStore(engine, self.clock)

    def sync(self, *keys: str, kind: str = "blocked", kinds=KINDS, **given) -> list[tuple[str, str]]:
        troubles = [
            Trouble(kind=kind, portal_key=key, since=START, **{"count": 3, "detail": "拒绝", **given})
            for key in keys
        ]
        happened = self.store.sync(
            troubles, kinds=kinds, remind=timedelta(days=7), compose=self.compose, targets=("mail", "chat")
        )
        return [(one.what.value, one.incident.portal_key) for one in happened]

    @staticmethod
    def compose(happened: list[Happened]) -> Letter:
        marks = "/".join(f"{one.incident.id}{one.what.name}{one.incident.reminders}" for one in happened)
        return Letter(key=marks, title="title", body=f"{len(happened)} things")


@pytest.fixture
def office(engine: Engine) -> Office:
    return Office(engine)


def test_opened_once_reminded_ever_more_rarely_closed_once(office: Office) -> None:
    assert office.sync("dongli") == [("opened", "dongli")]
    told = {}
    for day in range(1, 60):
        office.clock.pass_time(days=1)
        for what, _ in office.sync("dongli"):
            told[day] = what
    assert told == {7: "still open", 21: "still open", 49: "still open"}
    assert office.sync() == [("closed", "dongli")]
    assert office.sync() == []
    assert office.store.open_incidents() == []
    assert office.sync("dongli") == [("opened", "dongli")]
    one, two = office.store.incidents_since(START)
    assert one.closed is not None
    assert (two.closed, two.id > one.id) == (None, True)


def test_what_was_not_looked_for_stays_open(office: Office) -> None:
    office.sync("dongli")
    assert office.sync(kinds={"partial"}) == []
    assert office.sync("dongli", kind="partial", kinds={"partial"}) == [("opened", "dongli")]
    assert [(one.kind, one.portal_key) for one in office.store.open_incidents()] == [
        ("blocked", "dongli"),
        ("partial", "dongli"),
    ]


def test_an_open_incident_takes_over_new_words_without_telling(office: Office) -> None:
    office.sync("dongli")
    assert office.sync("dongli", count=4, detail="still") == []
    (one,) = office.store.open_incidents()
    assert (one.count, one.detail, one.since) == (4, "still", START)
    office.clock.pass_time(days=1)
    office.sync("dongli", count=4, detail="still")
    assert office.store.open_incidents() == [one]  # nothing new: nothing is written


def test_what_happens_and_the_message_are_one_transaction(office: Office, monkeypatch) -> None:
    def broken(*_: object) -> int:
        raise RuntimeError("killed before the message")

    with monkeypatch.context() as patched:
        patched.setattr(incidents, "_post", broken)
        with pytest.raises(RuntimeError):
            office.sync("dongli")
    assert office.store.open_incidents() == []
    assert office.sync("dongli") == [("opened", "dongli")]
    assert [message.target for message in office.store.undelivered()] == ["chat", "mail"]


def test_two_that_sweep_at_once_tell_once(office: Office, engine: Engine) -> None:
    other = Office(engine)
    assert office.sync("dongli") == [("opened", "dongli")]
    assert other.sync("dongli") == []
    assert len(office.store.undelivered()) == 2


def test_a_message_is_sent_once_to_each_target(office: Office) -> None:
    letter = Letter(key="weekly:2027-01-04", title="周报", body="text", html="<p>text</p>")
    assert not office.store.posted(letter.key)
    assert office.store.post(letter, ["mail"]) == 1
    assert office.store.post(letter, ["mail", "chat"]) == 1
    assert office.store.post(letter, ["mail", "chat"]) == 0
    assert office.store.posted(letter.key)
    first = office.store.undelivered()[0]
    assert (first.target, first.title, first.html) == ("mail", "周报", "<p>text</p>")


def test_a_failed_message_waits_and_a_given_up_one_is_kept(office: Office) -> None:
    office.store.post(Letter(key="k", title="t", body="b"), ["mail"])
    (message,) = office.store.undelivered()
    office.store.failed(message.id, "no answer", next_try=office.clock() + timedelta(hours=1))
    assert office.store.undelivered() == []
    office.clock.pass_time(hours=2)
    (again,) = office.store.undelivered()
    assert (again.attempts, again.last_error) == (1, "no answer")
    office.store.failed(message.id, "no answer", next_try=None)
    assert office.store.undelivered() == []
    assert [one.next_try for one in office.store.outbox()] == [None]
    office.store.delivered(message.id)
    assert office.store.outbox() == []
    assert What.CLOSED.value == "closed"
