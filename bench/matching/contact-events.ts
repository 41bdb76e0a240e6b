import { Random } from "./random.ts";
import {
  AGENTS_PER_INSTANCE,
  account,
  agentArn,
  CUSTOMERS_PER_INSTANCE,
  customerDomain,
  customerId,
  customerNumber,
  INSTANCES_WITH_EVENTS,
  instanceArn,
  QUEUES_PER_INSTANCE,
  queueArn,
  region,
  sixDigits,
  templateId,
  username,
} from "./world.ts";

/** Who and where: what all parts of one event agree on. */
interface Scene {
  readonly instance: number;
  readonly queue: number;
  readonly agent: number;
  readonly customer: number;
  readonly contactId: string;
  /** When it happens, in milliseconds since 1970. */
  readonly atMs: number;
}

const DAY_START_MS = Date.UTC(2026, 2, 3);
const DAY_MS = 86_400_000;

const RULES_MATCHED = [
  "Contact Lens Realtime Rules Matched",
  "Contact Lens Post Call Rules Matched",
  "Contact Lens Post Chat Rules Matched",
  "Contact Lens Evaluation Rules Matched",
];

/**
 * Events of a day in contact centres, in the shapes that Amazon Connect publishes: contact events, agent events (from their stream, by a
 * pipe, onto the bus), matched Contact Lens rules, changes of cases. About 1.3 KB each; the same for the same seed.
 */
export function* contactEvents(count: number, seed: number): Generator<string> {
  const random = new Random(seed);
  for (let i = 0; i < count; i++) {
    const instance = random.below(INSTANCES_WITH_EVENTS);
    const scene = {
      instance,
      queue: instance * QUEUES_PER_INSTANCE + random.below(QUEUES_PER_INSTANCE),
      agent: instance * AGENTS_PER_INSTANCE + random.below(AGENTS_PER_INSTANCE),
      customer: instance * CUSTOMERS_PER_INSTANCE + random.below(CUSTOMERS_PER_INSTANCE),
      contactId: random.uuid(),
      atMs: DAY_START_MS + Math.floor((i / count) * DAY_MS),
    };
    yield JSON.stringify(anyEvent(scene, random));
  }
}

function anyEvent(scene: Scene, random: Random): object {
  switch (random.weighted({ contact: 60, agent: 8, lens: 14, case: 12, sla: 4, analysis: 2 })) {
    case "contact":
      return contactEvent(scene, random);
    case "agent":
      return agentEvent(scene, random);
    case "lens":
      return rulesMatched(scene, random);
    case "case":
      return caseChange(scene, random);
    case "sla":
      return relatedItemChange(scene, random);
    case "analysis":
      return analysisStateChange(scene, random);
  }
}

function envelope(
  scene: Scene,
  random: Random,
  { source, detailType, resources }: { source: string; detailType: string; resources: readonly string[] },
  detail: object,
): object {
  return {
    version: "0",
    id: random.uuid(),
    "detail-type": detailType,
    source,
    account: account(scene.instance),
    time: `${time(scene.atMs).slice(0, 19)}Z`,
    region: region(scene.instance),
    resources,
    detail,
  };
}

function contactEvent(scene: Scene, random: Random): object {
  const eventType = random.weighted({
    INITIATED: 18,
    CONNECTED_TO_SYSTEM: 10,
    QUEUED: 15,
    CONNECTED_TO_AGENT: 15,
    CONTACT_DATA_UPDATED: 14,
    DISCONNECTED: 15,
    COMPLETED: 13,
  });
  const channel = random.weighted({ VOICE: 60, CHAT: 25, TASK: 8, EMAIL: 7 });
  const abandoned = eventType === "DISCONNECTED" && random.chance(0.2);
  const queued = eventType !== "INITIATED" && eventType !== "CONNECTED_TO_SYSTEM";
  const connected = queued && eventType !== "QUEUED" && !abandoned;
  const ended = eventType === "DISCONNECTED" || eventType === "COMPLETED";
  const contactArn = `${instanceArn(scene.instance)}/contact/${scene.contactId}`;
  const about = {
    source: "aws.connect",
    detailType: "Amazon Connect Contact Event",
    resources: [instanceArn(scene.instance), contactArn],
  };
  return envelope(scene, random, about, {
    eventType,
    contactId: scene.contactId,
    ...(random.chance(0.15) && { previousContactId: random.uuid() }),
    channel,
    instanceArn: instanceArn(scene.instance),
    initiationMethod: initiationMethod(channel, random),
    ...(eventType === "CONTACT_DATA_UPDATED" && { updatedProperties: ["UserDefinedAttributes", "Tags"] }),
    ...(queued && { queueInfo: queueInfo(scene) }),
    ...(connected && { agentInfo: agentInfo(scene, random, eventType === "COMPLETED") }),
    initiationTimestamp: time(scene.atMs - 90_000),
    ...(eventType !== "INITIATED" && { connectedToSystemTimestamp: time(scene.atMs - 89_000) }),
    ...(ended && {
      disconnectTimestamp: time(scene.atMs),
      disconnectReason: random.weighted({
        CUSTOMER_DISCONNECT: 60,
        AGENT_DISCONNECT: 30,
        TELECOM_PROBLEM: 5,
        EXPIRED: 5,
      }),
    }),
    customerId: customerId(scene.customer),
    customerEndpoint: endpoint(channel, scene.customer),
    systemEndpoint: { address: `+4420794${sixDigits(scene.queue)}`, type: "TELEPHONE_NUMBER" },
    segmentAttributes: {
      "connect:Subtype": { valueString: channel === "VOICE" ? "connect:Telephony" : `connect:${channel}` },
      tier: { valueString: random.weighted({ standard: 80, silver: 15, gold: 5 }) },
    },
    tags: {
      costCentre: `CC-${sixDigits(scene.queue)}`,
    },
  });
}

function initiationMethod(channel: string, random: Random): string {
  if (channel === "CHAT" || channel === "TASK") return random.chance(0.9) ? "API" : "TRANSFER";
  return random.weighted({ INBOUND: 70, OUTBOUND: 12, TRANSFER: 12, CALLBACK: 6 });
}

function queueInfo(scene: Scene): object {
  return { queueArn: queueArn(scene.queue), queueType: "STANDARD", enqueueTimestamp: time(scene.atMs - 60_000) };
}

function agentInfo(scene: Scene, random: Random, afterContactWork: boolean): object {
  const workSeconds = random.below(300);
  return {
    agentArn: agentArn(scene.agent),
    connectedToAgentTimestamp: time(scene.atMs - 30_000),
    ...(afterContactWork && {
      afterContactWorkStartTimestamp: time(scene.atMs - workSeconds * 1000),
      afterContactWorkEndTimestamp: time(scene.atMs),
      afterContactWorkDuration: workSeconds,
    }),
  };
}

function endpoint(channel: string, customer: number): object {
  return channel === "EMAIL"
    ? { address: `office@${customerDomain(customer)}`, type: "EMAIL_ADDRESS", displayName: `Customer ${customer}` }
    : { address: customerNumber(customer), type: "TELEPHONE_NUMBER" };
}

function agentEvent(scene: Scene, random: Random): object {
  const instance = instanceArn(scene.instance);
  const status = random.weighted({ Available: 60, Lunch: 15, Training: 10, Offline: 15 });
  const snapshot = {
    AgentStatus: {
      ARN: `${instance}/agent-state/${random.uuid()}`,
      Name: status,
      StartTimestamp: time(scene.atMs),
      Type: status === "Available" ? "ROUTABLE" : "CUSTOM",
    },
    Configuration: {
      AgentHierarchyGroups: null,
      FirstName: "Priya",
      LastName: "Raman",
      Proficiencies: [],
      RoutingProfile: {
        ARN: `${instance}/routing-profile/${random.uuid()}`,
        Concurrency: [{ AvailableSlots: random.below(2), Channel: "VOICE", MaximumSlots: 1 }],
        InboundQueues: [{ ARN: queueArn(scene.queue), Channels: ["VOICE", "CHAT"], Name: "Billing" }],
        Name: "General",
      },
      Username: username(scene.agent),
    },
    Contacts: random.chance(0.5)
      ? [
          {
            Channel: "VOICE",
            ConnectedToAgentTimestamp: time(scene.atMs - 20_000),
            ContactId: scene.contactId,
            InitiationMethod: "INBOUND",
            Queue: { ARN: queueArn(scene.queue), Channels: ["VOICE"], Name: "Billing" },
            State: random.pick(["CONNECTING", "CONNECTED", "CONNECTED_ONHOLD", "ENDED"]),
            StateStartTimestamp: time(scene.atMs),
          },
        ]
      : [],
    NextAgentStatus: null,
  };
  const about = { source: "contact-centre.agents", detailType: "Agent Event", resources: [agentArn(scene.agent)] };
  return envelope(scene, random, about, {
    AWSAccountId: account(scene.instance),
    AgentARN: agentArn(scene.agent),
    CurrentAgentSnapshot: snapshot,
    EventId: random.uuid(),
    EventTimestamp: time(scene.atMs),
    EventType: random.weighted({ STATE_CHANGE: 60, HEART_BEAT: 36, LOGIN: 2, LOGOUT: 2 }),
    InstanceARN: instance,
    PreviousAgentSnapshot: null,
    Version: "2017-10-01",
  });
}

function rulesMatched(scene: Scene, random: Random): object {
  const instance = instanceArn(scene.instance);
  const detailType = random.pick(RULES_MATCHED);
  return envelope(
    scene,
    random,
    { source: "aws.connect", detailType, resources: [instance] },
    {
      version: "1.0",
      ruleName: `Team-${sixDigits(scene.queue)}-${random.pick(["BillingComplaint", "Escalation", "Cancellation"])}`,
      actionName: random.pick(["ALERT_FLOOR_LEAD", "OPEN_CASE", "QUALITY_REVIEW"]),
      instanceArn: instance,
      contactArn: `${instance}/contact/${scene.contactId}`,
      agentArn: agentArn(scene.agent),
      queueArn: queueArn(scene.queue),
    },
  );
}

function analysisStateChange(scene: Scene, random: Random): object {
  const instance = instanceArn(scene.instance);
  const contact = `${instance}/contact/${scene.contactId}`;
  const detailType = "Contact Lens Analysis State Change";
  return envelope(
    scene,
    random,
    { source: "aws.connect", detailType, resources: [instance, contact] },
    {
      instance,
      contact,
      channel: random.pick(["VOICE", "CHAT"]),
      state: "FAILED",
      reasonCode: random.pick(["RECORDING_FILE_EMPTY", "RECORDING_FILE_TOO_SMALL", "UNSUPPORTED_LANGUAGE"]),
    },
  );
}

function caseChange(scene: Scene, random: Random): object {
  const caseId = random.uuid();
  return envelope(scene, random, caseAbout(scene, `case/${caseId}`), {
    version: "0",
    eventType: random.weighted({ "CASE.CREATED": 30, "CASE.UPDATED": 68, "CASE.DELETED": 2 }),
    approximateChangeTime: time(scene.atMs),
    changedFieldIds: ["status", random.uuid(), "last_updated_datetime"],
    performedBy: {
      user: { userArn: agentArn(scene.agent) },
      iamPrincipalArn: `arn:aws:iam::${account(scene.instance)}:role/back-office`,
    },
    case: {
      caseId,
      templateId: templateId(scene.queue),
      createdDateTime: time(scene.atMs - 3_600_000),
      fields: {
        title: { value: { stringValue: "Kettle arrived cracked" } },
        status: { value: { stringValue: random.pick(["open", "waiting_courier", "closed"]) } },
        customer_id: { value: { stringValue: customerId(scene.customer) } },
        [random.uuid()]: { value: { doubleValue: random.below(1000) } },
      },
    },
  });
}

function relatedItemChange(scene: Scene, random: Random): object {
  const [caseId, relatedItemId] = [random.uuid(), random.uuid()];
  const role = "aws-service-role/connect.amazonaws.com/AWSServiceRoleForAmazonConnect_trunkline";
  return envelope(scene, random, caseAbout(scene, `case/${caseId}/related-item/${relatedItemId}`), {
    version: "0",
    eventType: "RELATED_ITEM.UPDATED",
    approximateChangeTime: time(scene.atMs),
    changedAttributes: ["sla.slaConfiguration.status"],
    performedBy: { iamPrincipalArn: `arn:aws:iam::${account(scene.instance)}:role/${role}` },
    relatedItem: {
      relatedItemType: "Sla",
      relatedItemId,
      caseId,
      createdDateTime: time(scene.atMs - 3_600_000),
      sla: {
        slaConfiguration: {
          name: `first-answer-${sixDigits(scene.queue)}`,
          type: "CaseField",
          status: random.pick(["Overdue", "Met", "NotMet"]),
          fieldId: "status",
          targetFieldValues: [{ stringValue: "waiting_courier" }],
          targetTime: time(scene.atMs),
        },
      },
    },
  });
}

function caseAbout(scene: Scene, what: string): { source: string; detailType: string; resources: string[] } {
  const domain = `arn:aws:cases:${region(scene.instance)}:${account(scene.instance)}:domain/${templateId(-scene.instance)}`;
  return { source: "aws.cases", detailType: "Amazon Connect Cases Change", resources: [domain, `${domain}/${what}`] };
}

function time(atMs: number): string {
  return new Date(atMs).toISOString();
}
