"""Customers and agents: what they do follows one after the other, and each act is over with all that follows from it."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from .waiting import Duration, wait_for

if TYPE_CHECKING:
    from .centre import Centre
    from .server import Trunkline

# How fast people talk: 150 words a minute.
WORDS_PER_SECOND = 2.5


class Contact:
    """A call, chat, task or e-mail that has arrived."""

    def __init__(self, server: Trunkline, instance_id: str, id: str, channel: str) -> None:
        self.server = server
        self.instance_id = instance_id
        self.id = id
        self.channel = channel

    def says(self, text: str) -> Contact:
        """Says a sentence; in a chat they write it. On a call, with a manual clock, it takes as long as it takes to say."""
        return self.speak("CUSTOMER", text)

    def presses(self, keys: str) -> Contact:
        """Presses keys that the flow waits for."""
        return self.act("input", text=keys)

    def waits(self, duration: Duration) -> Contact:
        """Lets time pass. With a manual clock alone."""
        self.server.clock.advance(duration)
        return self

    def hangs_up(self) -> Contact:
        """Ends it from the customer's side."""
        return self.act("hang-up")

    def view(self) -> dict[str, Any]:
        """How it is now: docs/contact-control.md."""
        view: dict[str, Any] = self.server.connection.ask("GET", f"contacts/{self.instance_id}/{self.id}")
        return view

    def act(self, act: str, **body: Any) -> Contact:
        """One of the acts of docs/contact-control.md."""
        self.server.connection.ask("POST", f"contacts/{self.instance_id}/{self.id}/{act}", body)
        self.server.clock.settle()
        return self

    def speak(self, speaker: str, text: str) -> Contact:
        """Somebody (`CUSTOMER`, `AGENT` or `SYSTEM`) says a sentence."""
        clock = self.server.clock
        takes_time = self.channel == "VOICE" and clock.is_manual
        seconds = max(1, math.ceil(len(text.split()) / WORDS_PER_SECOND)) if takes_time else 0
        self.act("say", speaker=speaker, text=text, seconds=seconds)
        if takes_time:
            clock.advance(f"PT{seconds}S")
        return self

    def __str__(self) -> str:
        return f"{self.channel} contact {self.id}"


class Agent:
    """An agent of a centre. Where no contact is given, the one is meant that they answered last."""

    def __init__(self, centre: Centre, name: str, user_id: str) -> None:
        self._centre = centre
        self._server = centre.server
        self._contact: Contact | None = None
        self.name = name
        self.user_id = user_id

    def signs_in(self, status: str = "Available") -> Agent:
        """Signs in, in a status of the instance."""
        self.act("sign-in")
        return self.becomes(status)

    def becomes(self, status: str) -> Agent:
        """Changes to a status: Available, Offline or one of the instance's own."""
        ids = self._centre.status_ids
        if status not in ids:
            raise ValueError(f"{self.name}: there is no status {status}; there are {', '.join(ids)}")
        return self.act("status", agentStatusId=ids[status])

    def signs_out(self) -> Agent:
        """Ends conversations; what is offered to them goes to the next agent."""
        return self.act("sign-out")

    def answers(self, contact: Contact) -> Agent:
        """Takes a contact that is offered to them. Who accepts by themselves has it already."""
        state = self._offer_of(contact)
        self._contact = contact
        return self if state == "CONNECTED" else self.act("accept", contactId=contact.id)

    def declines(self, contact: Contact) -> Agent:
        """Declines a contact that is offered to them."""
        self._offer_of(contact)
        return self.act("reject", contactId=contact.id)

    def says(self, text: str, contact: Contact | None = None) -> Agent:
        """Says a sentence to the customer; in a chat they write it."""
        self._current(contact).speak("AGENT", text)
        return self

    def holds(self, contact: Contact | None = None) -> Agent:
        """Puts the caller on hold."""
        return self.act("hold", contactId=self._current(contact).id)

    def resumes(self, contact: Contact | None = None) -> Agent:
        """Takes them off."""
        return self.act("resume", contactId=self._current(contact).id)

    def hangs_up(self, contact: Contact | None = None) -> Agent:
        """Ends the conversation; completes a task."""
        return self.act("hang-up", contactId=self._current(contact).id)

    def clears(self, contact: Contact | None = None) -> Agent:
        """Ends after-contact work."""
        return self.act("clear", contactId=self._current(contact).id)

    def transfers_to(
        self,
        contact: Contact | None = None,
        *,
        queue: str | None = None,
        agent: str | None = None,
        number: str | None = None,
    ) -> Agent:
        """To a queue or agent of the centre by name, or to somebody outside."""
        if [queue, agent, number].count(None) != 2:
            raise ValueError("transfers_to takes a queue, an agent or a number")
        if queue is not None:
            to = {"queueId": self._centre.queue_id(queue)}
        elif agent is not None:
            to = {"userId": self._centre.agent(agent).user_id}
        else:
            to = {"number": str(number)}
        return self.act("transfer", contactId=self._current(contact).id, to=to)

    def leaves(self, contact: Contact | None = None) -> Agent:
        """Leaves the customer to whoever they are being transferred to."""
        return self.act("leave", contactId=self._current(contact).id)

    def view(self) -> dict[str, Any] | None:
        """As the control endpoint tells of them; None before they first sign in."""
        answer = self._server.connection.ask("GET", f"agents/{self._centre.instance_id}/{self.user_id}")
        view: dict[str, Any] | None = answer["agent"]
        return view

    def act(self, act: str, **body: Any) -> Agent:
        """One of the acts of docs/contact-control.md."""
        self._server.connection.ask("POST", f"agents/{self._centre.instance_id}/{self.user_id}/{act}", body)
        self._server.clock.settle()
        return self

    def _offer_of(self, contact: Contact) -> str:
        def look() -> str | None:
            held = next((it for it in (self.view() or {"contacts": []})["contacts"] if it["id"] == contact.id), None)
            return str(held["state"]) if held and held["state"] in ("CONNECTING", "INCOMING", "CONNECTED") else None

        state = wait_for(self._server.clock, None, look, lambda found: found is not None)
        if state is not None:
            return state
        view, there = self.view(), contact.view()
        own = "has not signed in" if view is None else f"is {view.get('status', {}).get('name', 'signed out')}"
        elsewhere = there["offeredTo"] or there["agent"]
        where = f", with user {elsewhere}" if elsewhere not in (None, self.user_id) else ""
        raise AssertionError(f"{contact} is not offered to {self.name}: it is {there['state']}{where}, and {self.name} {own}")

    def _current(self, contact: Contact | None) -> Contact:
        current = contact or self._contact
        if current is None:
            raise ValueError(f"{self.name} has answered nothing: name the contact")
        return current
