"""Customers and agents: what they do follows one after the other, and each act is over with all that follows from it."""

import math

from .waiting import wait_for

# How fast people talk: 150 words a minute.
WORDS_PER_SECOND = 2.5


class Contact:
    """A call, chat, task or e-mail that has arrived."""

    def __init__(self, server, instance_id, id, channel):
        self.server = server
        self.instance_id = instance_id
        self.id = id
        self.channel = channel

    def says(self, text):
        """Says a sentence; in a chat they write it. On a call, with a manual clock, it takes as long as it takes to say."""
        return self.speak("CUSTOMER", text)

    def presses(self, keys):
        """Presses keys that the flow waits for."""
        return self.act("input", text=keys)

    def waits(self, duration):
        """Lets time pass. With a manual clock alone."""
        self.server.clock.advance(duration)
        return self

    def hangs_up(self):
        return self.act("hang-up")

    def view(self):
        """How it is now: docs/contact-control.md."""
        return self.server.connection.ask("GET", f"contacts/{self.instance_id}/{self.id}")

    def act(self, act, **body):
        """One of the acts of docs/contact-control.md."""
        self.server.connection.ask("POST", f"contacts/{self.instance_id}/{self.id}/{act}", body)
        self.server.clock.settle()
        return self

    def speak(self, speaker, text):
        clock = self.server.clock
        takes_time = self.channel == "VOICE" and clock.is_manual
        seconds = max(1, math.ceil(len(text.split()) / WORDS_PER_SECOND)) if takes_time else 0
        self.act("say", speaker=speaker, text=text, seconds=seconds)
        if takes_time:
            clock.advance(f"PT{seconds}S")
        return self

    def __str__(self):
        return f"{self.channel} contact {self.id}"


class Agent:
    """An agent of a centre. Where no contact is given, the one is meant that they answered last."""

    def __init__(self, centre, name, user_id):
        self._centre = centre
        self._server = centre.server
        self._contact = None
        self.name = name
        self.user_id = user_id

    def signs_in(self, status="Available"):
        """Signs in, in a status of the instance."""
        self.act("sign-in")
        return self.becomes(status)

    def becomes(self, status):
        """Changes to a status: Available, Offline or one of the instance's own."""
        ids = self._centre.status_ids
        if status not in ids:
            raise ValueError(f"{self.name}: there is no status {status}; there are {', '.join(ids)}")
        return self.act("status", agentStatusId=ids[status])

    def signs_out(self):
        return self.act("sign-out")

    def answers(self, contact):
        """Takes a contact that is offered to them. Who accepts by themselves has it already."""
        state = self._offer_of(contact)
        self._contact = contact
        return self if state == "CONNECTED" else self.act("accept", contactId=contact.id)

    def declines(self, contact):
        self._offer_of(contact)
        return self.act("reject", contactId=contact.id)

    def says(self, text, contact=None):
        """Says a sentence to the customer; in a chat they write it."""
        self._current(contact).speak("AGENT", text)
        return self

    def holds(self, contact=None):
        return self.act("hold", contactId=self._current(contact).id)

    def resumes(self, contact=None):
        return self.act("resume", contactId=self._current(contact).id)

    def hangs_up(self, contact=None):
        """Ends the conversation; completes a task."""
        return self.act("hang-up", contactId=self._current(contact).id)

    def clears(self, contact=None):
        """Ends after-contact work."""
        return self.act("clear", contactId=self._current(contact).id)

    def transfers_to(self, contact=None, *, queue=None, agent=None, number=None):
        """To a queue or agent of the centre by name, or to somebody outside."""
        if queue is not None:
            to = {"queueId": self._centre.queue_id(queue)}
        elif agent is not None:
            to = {"userId": self._centre.agent(agent).user_id}
        else:
            to = {"number": number}
        return self.act("transfer", contactId=self._current(contact).id, to=to)

    def leaves(self, contact=None):
        """Leaves the customer to whoever they are being transferred to."""
        return self.act("leave", contactId=self._current(contact).id)

    def view(self):
        """As the control endpoint tells of them; None before they first sign in."""
        return self._server.connection.ask("GET", f"agents/{self._centre.instance_id}/{self.user_id}")["agent"]

    def act(self, act, **body):
        """One of the acts of docs/contact-control.md."""
        self._server.connection.ask("POST", f"agents/{self._centre.instance_id}/{self.user_id}/{act}", body)
        self._server.clock.settle()
        return self

    def _offer_of(self, contact):
        def look():
            held = next((it for it in (self.view() or {"contacts": []})["contacts"] if it["id"] == contact.id), None)
            return held["state"] if held and held["state"] in ("CONNECTING", "INCOMING", "CONNECTED") else None

        state = wait_for(self._server.clock, None, look)
        if state is not None:
            return state
        view, there = self.view(), contact.view()
        own = "has not signed in" if view is None else f"is {view.get('status', {}).get('name', 'signed out')}"
        elsewhere = there["offeredTo"] or there["agent"]
        where = f", with user {elsewhere}" if elsewhere not in (None, self.user_id) else ""
        raise AssertionError(f"{contact} is not offered to {self.name}: it is {there['state']}{where}, and {self.name} {own}")

    def _current(self, contact):
        current = contact or self._contact
        if current is None:
            raise ValueError(f"{self.name} has answered nothing: name the contact")
        return current
