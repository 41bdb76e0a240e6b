"""A contact centre for a test, made through the public API."""

from __future__ import annotations

import itertools
import json
import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from .people import Agent, Contact

if TYPE_CHECKING:
    from .server import Trunkline

CHANNELS = ("VOICE", "CHAT", "TASK", "EMAIL")
DAYS = ("MONDAY", "TUESDAY", "WEDNESDAY", "THURSDAY", "FRIDAY", "SATURDAY", "SUNDAY")
MIDNIGHT = {"Hours": 0, "Minutes": 0}


class Centre:
    """An instance of Connect with its queues, people and streams, and callers who call."""

    def __init__(self, server: Trunkline, instance_id: str, instance_arn: str, alias: str) -> None:
        self.server = server
        self.instance_id = instance_id
        self.instance_arn = instance_arn
        self.agent_events = f"{alias}-agent-events"
        self.contact_records = f"{alias}-contact-records"
        self.queue_ids: dict[str, str] = {}
        self.status_ids: dict[str, str] = {}
        self.flow_id: str | None = None
        self._agents: dict[str, Agent] = {}
        self._profile_ids: dict[str, str] = {}
        self._numbers = itertools.count(100)

    def agent(self, name: str) -> Agent:
        """By user name. Raises ValueError for one that there is not."""
        if name not in self._agents:
            raise ValueError(f"There is no agent {name}; there are {', '.join(self._agents)}")
        return self._agents[name]

    def queue_id(self, name: str) -> str:
        """By name. Raises ValueError for one that there is not."""
        if name not in self.queue_ids:
            raise ValueError(f"There is no queue {name}; there are {', '.join(self.queue_ids)}")
        return self.queue_ids[name]

    def call(self, from_: str | None = None, to: str | None = None, queue: str | None = None, **more: Any) -> Contact:
        """Somebody calls. `more` is what else docs/contact-control.md lists of a contact that arrives: attributes, customerId."""
        return self._arrive("VOICE", from_ or f"+1206555{next(self._numbers):04}", to, queue, more)

    def chat(self, queue: str | None = None, **more: Any) -> Contact:
        """Somebody writes."""
        return self._arrive("CHAT", None, None, queue, more)

    def task(self, name: str = "Task", queue: str | None = None, **more: Any) -> Contact:
        """A task is there to be done."""
        return self._arrive("TASK", None, None, queue, {"name": name, **more})

    def email(self, from_: str = "customer@example.com", to: str | None = None, queue: str | None = None, **more: Any) -> Contact:
        """A mail arrives; `subject` and `fromName` may be among `more`."""
        return self._arrive("EMAIL", from_, to, queue, more)

    def _arrive(self, channel: str, from_: str | None, to: str | None, queue: str | None, more: dict[str, Any]) -> Contact:
        queue_id = self.queue_id(queue or next(iter(self.queue_ids)))
        given = {"from": from_, "to": to, "contactFlowId": self.flow_id if to is None else None, **more}
        body = {name: value for name, value in given.items() if value is not None}
        arrived = self.server.connection.ask(
            "POST", f"contacts/{self.instance_id}", {"channel": channel, "queueId": queue_id, **body}
        )
        self.server.clock.settle()
        return Contact(self.server, self.instance_id, arrived["contactId"], channel)

    def _connect(self, operation: str, **members: Any) -> Any:
        return self.server.connection.call("connect", operation, InstanceId=self.instance_id, **members)

    def _create_streams(self) -> None:
        kinesis = self.server.connection
        for kind, name in (("AGENT_EVENTS", self.agent_events), ("CONTACT_TRACE_RECORDS", self.contact_records)):
            kinesis.call("kinesis", "CreateStream", StreamName=name, ShardCount=1)
            told = kinesis.call("kinesis", "DescribeStreamSummary", StreamName=name)
            target = {"StreamArn": told["StreamDescriptionSummary"]["StreamARN"]}
            storage = {"StorageType": "KINESIS_STREAM", "KinesisStreamConfig": target}
            self._connect("AssociateInstanceStorageConfig", ResourceType=kind, StorageConfig=storage)

    def _create_queues(self, names: Sequence[str]) -> None:
        config = [{"Day": day, "StartTime": MIDNIGHT, "EndTime": MIDNIGHT} for day in DAYS]
        hours = self._connect("CreateHoursOfOperation", Name="Always", TimeZone="UTC", Config=config)
        for name in names:
            created = self._connect("CreateQueue", Name=name, HoursOfOperationId=hours["HoursOfOperationId"])
            self.queue_ids[name] = created["QueueId"]

    def _hire(
        self,
        name: str,
        queues: Sequence[str] | None = None,
        auto_accepts: bool = False,
        after_contact_seconds: int = 0,
    ) -> None:
        security = self._connect("ListSecurityProfiles")["SecurityProfileSummaryList"]
        phone = {
            "PhoneType": "SOFT_PHONE",
            "AutoAccept": auto_accepts,
            "AfterContactWorkTimeLimit": after_contact_seconds,
        }
        created = self._connect(
            "CreateUser",
            Username=name,
            IdentityInfo={"FirstName": name, "LastName": "Agent"},
            PhoneConfig=phone,
            SecurityProfileIds=[next(it["Id"] for it in security if it["Name"] == "Agent")],
            RoutingProfileId=self._profile_id(queues),
        )
        self._agents[name] = Agent(self, name, created["UserId"])

    def _profile_id(self, queues: Sequence[str] | None) -> str:
        """Who serves the same queues shares a routing profile."""
        name = "All queues" if queues is None else ", ".join(queues)
        if name not in self._profile_ids:
            ids = [self.queue_id(queue) for queue in (queues or self.queue_ids)]
            configs = [
                {
                    "QueueReference": {"QueueId": id_, "Channel": channel},
                    "Priority": 1 if queues is None else at + 1,
                    "Delay": 0,
                }
                for at, id_ in enumerate(ids)
                for channel in CHANNELS
            ]
            created = self._connect(
                "CreateRoutingProfile",
                Name=name[:127],
                Description=name,
                DefaultOutboundQueueId=ids[0],
                MediaConcurrencies=[{"Channel": it, "Concurrency": 5 if it == "CHAT" else 1} for it in CHANNELS],
                QueueConfigs=configs,
            )
            self._profile_ids[name] = created["RoutingProfileId"]
        return self._profile_ids[name]


def open_centre(
    server: Trunkline,
    *,
    queues: Sequence[str],
    agents: Sequence[str | Mapping[str, Any]],
    flow: str | Mapping[str, Any] | None,
    language: str,
    alias: str,
) -> Centre:
    """See Trunkline.centre."""
    if not queues:
        raise ValueError("A centre has one queue at least")
    listed = server.connection.call("connect", "ListInstances")["InstanceSummaryList"]
    taken = {it.get("InstanceAlias") for it in listed}
    free = next(it for it in itertools.chain([alias], (f"{alias}-{at}" for at in itertools.count(2))) if it not in taken)
    # Its users have no passwords, each of which a server makes as slow as a guess is to be.
    instance = server.connection.call(
        "connect",
        "CreateInstance",
        IdentityManagementType="SAML",
        InstanceAlias=free,
        InboundCallsEnabled=True,
        OutboundCallsEnabled=True,
    )
    centre = Centre(server, instance["Id"], instance["Arn"], free)
    centre._connect("UpdateInstanceAttribute", AttributeType="CONTACT_LENS", Value="true")
    centre._create_streams()
    centre._create_queues(queues)
    content = welcome_flow(language) if flow is None else flow if isinstance(flow, str) else json.dumps(flow)
    content = re.sub(r"\{\{queue:([^}]+)\}\}", lambda found: centre.queue_id(found[1]), content)
    centre.flow_id = centre._connect("CreateContactFlow", Name="Test flow", Type="CONTACT_FLOW", Content=content)["ContactFlowId"]
    statuses = centre._connect("ListAgentStatuses")["AgentStatusSummaryList"]
    centre.status_ids = {it["Name"]: it["Id"] for it in statuses}
    for agent in agents:
        centre._hire(**({"name": agent} if isinstance(agent, str) else agent))
    return centre


def welcome_flow(language: str) -> str:
    """Analytics on, whatever the channel, and on to the contact's queue."""
    analytics = {"Enabled": "True", "AnalyticsLanguage": language, "SentimentConfiguration": {"Enabled": "True"}}
    voice = {
        "VoiceRecordingBehavior": {"RecordedParticipants": ["Agent", "Customer"], "IVRRecordingBehavior": "Enabled"},
        "VoiceAnalyticsBehavior": {**analytics, "AnalyticsModes": ["RealTime", "PostContact"]},
    }
    chat = {"ChatAnalyticsBehavior": {**analytics, "AnalyticsModes": ["ContactLens"]}}
    analyse = "UpdateContactRecordingAndAnalyticsBehavior"

    def action(
        identifier: str, type_: str, parameters: dict[str, Any], following: str, errors: Sequence[str], on_error: str
    ) -> dict[str, Any]:
        transitions = {
            "NextAction": following,
            "Errors": [{"ErrorType": error, "NextAction": on_error} for error in errors],
        }
        return {"Identifier": identifier, "Type": type_, "Parameters": parameters, "Transitions": transitions}

    # What is of another channel goes on without.
    other = ["NoMatchingError", "ChannelMismatch"]
    actions = [
        action("voice", analyse, {"VoiceBehavior": voice}, "chat", other, "chat"),
        action(
            "chat",
            analyse,
            {"ChatBehavior": chat},
            "transfer",
            [*other, "InFlightRedactionConfigurationFailed"],
            "transfer",
        ),
        action("transfer", "TransferContactToQueue", {}, "end", ["NoMatchingError", "QueueAtCapacity"], "end"),
        {"Identifier": "end", "Type": "DisconnectParticipant", "Parameters": {}, "Transitions": {}},
    ]
    return json.dumps({"Version": "2019-10-30", "StartAction": "voice", "Metadata": {}, "Actions": actions})
