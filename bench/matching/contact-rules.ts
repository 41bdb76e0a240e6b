import { Random } from "./random.ts";
import {
  account,
  agentArn,
  agentId,
  customerDomain,
  customerId,
  customerNumber,
  instanceArn,
  queueArn,
  queueId,
  sixDigits,
  THINGS_WITH_RULES,
  templateId,
  username,
} from "./world.ts";

/** An event pattern, before it is written as text. */
type Pattern = Readonly<Record<string, unknown>>;

const CONNECT = { source: ["aws.connect"] };
const CONTACT = { ...CONNECT, "detail-type": ["Amazon Connect Contact Event"] };
const AGENTS = { source: ["contact-centre.agents"] };
const CASES = { source: ["aws.cases"] };
const POST_CONTACT = ["Contact Lens Post Call Rules Matched", "Contact Lens Post Chat Rules Matched"];

/**
 * What an account's operators ask of all events: these make most of the matches, about 1.1 an event together, in every set of 10 rules and
 * more. In the order of the shares below.
 */
const OF_THE_ACCOUNT: readonly Pattern[] = [
  { ...CONTACT, detail: { eventType: ["DISCONNECTED"] } },
  { ...CONTACT, detail: { eventType: [{ prefix: "CONNECTED_" }] } },
  { ...CONNECT, "detail-type": [{ suffix: " Rules Matched" }] },
  { ...CONTACT, detail: { eventType: [{ "anything-but": "CONTACT_DATA_UPDATED" }], channel: ["CHAT"] } },
  {
    ...CONTACT,
    detail: {
      eventType: ["DISCONNECTED"],
      initiationMethod: ["INBOUND", "TRANSFER"],
      queueInfo: { queueArn: [{ exists: true }] },
      agentInfo: { agentArn: [{ exists: false }] },
    },
  },
  { ...CONTACT, detail: { channel: ["VOICE"] } },
  { "detail-type": [{ prefix: "Contact Lens " }] },
  { ...CONTACT, detail: { customerEndpoint: { address: [{ suffix: "0" }] } } },
  { ...CASES, detail: { performedBy: { iamPrincipalArn: [{ "anything-but": { suffix: ":role/back-office" } }] } } },
  {
    ...CONTACT,
    detail: {
      eventType: ["COMPLETED"],
      channel: ["VOICE", "CHAT"],
      segmentAttributes: { tier: { valueString: ["silver", "gold"] } },
      agentInfo: { afterContactWorkDuration: [{ numeric: [">=", 60] }] },
    },
  },
];

type Writer = (random: Random) => Pattern;

/**
 * Rules about one queue, agent, customer, instance, … of the platform, in five equal shares: exact, prefix, suffix, anything-but, several
 * fields. Nearly all of them share `source` with each other and with every event, as they do in life.
 */
const SHARES: readonly (readonly Writer[])[] = [
  [
    (random) => ({ ...CONTACT, detail: { queueInfo: { queueArn: [queueArn(thing(random))] } } }),
    (random) => ({
      ...CONTACT,
      detail: { eventType: ["CONNECTED_TO_AGENT", "COMPLETED"], agentInfo: { agentArn: [agentArn(thing(random))] } },
    }),
    (random) => ({ ...CONNECT, detail: { customerId: [customerId(thing(random))] } }),
    (random) => ({ ...CONNECT, account: [account(thing(random))] }),
    (random) => ({
      ...CONNECT,
      "detail-type": POST_CONTACT,
      detail: { ruleName: [`Team-${sixDigits(thing(random))}-Escalation`] },
    }),
    (random) => ({
      ...CASES,
      detail: { eventType: ["CASE.UPDATED"], case: { templateId: [templateId(thing(random))] } },
    }),
    (random) => ({
      ...CONTACT,
      detail: { eventType: ["QUEUED"], queueInfo: { queueArn: [queueArn(thing(random)), queueArn(thing(random))] } },
    }),
    (random) => ({ detail: { tags: { costCentre: [`CC-${sixDigits(thing(random))}`] } } }),
  ],
  [
    (random) => ({ ...CONNECT, resources: [{ prefix: instanceArn(thing(random)) }] }),
    (random) => ({ ...CONTACT, detail: { customerEndpoint: { address: [{ prefix: numberRange(random) }] } } }),
    (random) => ({ ...CONNECT, detail: { ruleName: [{ prefix: `Team-${sixDigits(thing(random))}-` }] } }),
    (random) => ({
      ...AGENTS,
      detail: {
        CurrentAgentSnapshot: { Configuration: { Username: [{ prefix: username(thing(random)).slice(0, 12) }] } },
      },
    }),
  ],
  [
    (random) => ({
      ...CONTACT,
      detail: { channel: ["EMAIL"], customerEndpoint: { address: [{ suffix: `@${customerDomain(thing(random))}` }] } },
    }),
    (random) => ({ ...CONTACT, detail: { queueInfo: { queueArn: [{ suffix: `/queue/${queueId(thing(random))}` }] } } }),
    (random) => ({ ...AGENTS, detail: { AgentARN: [{ suffix: `/agent/${agentId(thing(random))}` }] } }),
    (random) => ({
      ...CONNECT,
      detail: { systemEndpoint: { address: [{ suffix: `94${sixDigits(thing(random))}` }] } },
    }),
  ],
  [
    (random) => ({
      ...CONTACT,
      detail: {
        eventType: [{ "anything-but": ["CONTACT_DATA_UPDATED"] }],
        queueInfo: { queueArn: [queueArn(thing(random))] },
      },
    }),
    (random) => ({
      ...CONTACT,
      detail: {
        eventType: ["DISCONNECTED"],
        disconnectReason: [{ "anything-but": ["CUSTOMER_DISCONNECT", "AGENT_DISCONNECT"] }],
        agentInfo: { agentArn: [agentArn(thing(random))] },
      },
    }),
    (random) => ({
      ...CONTACT,
      detail: {
        queueInfo: { queueArn: [queueArn(thing(random))] },
        agentInfo: { agentArn: [{ "anything-but": [agentArn(thing(random))] }] },
      },
    }),
    (random) => ({
      ...CASES,
      detail: {
        performedBy: {
          iamPrincipalArn: [
            { "anything-but": { prefix: `arn:aws:iam::${account(thing(random))}:role/aws-service-role/` } },
          ],
        },
        case: { templateId: [templateId(thing(random))] },
      },
    }),
  ],
  [
    (random) => ({
      ...CONTACT,
      detail: {
        eventType: ["DISCONNECTED"],
        initiationMethod: ["INBOUND", "TRANSFER"],
        queueInfo: { queueArn: [queueArn(thing(random))] },
        agentInfo: { agentArn: [{ exists: false }] },
      },
    }),
    (random) => ({
      ...CONTACT,
      detail: {
        eventType: ["COMPLETED"],
        channel: ["VOICE", "CHAT"],
        agentInfo: {
          agentArn: [agentArn(thing(random))],
          afterContactWorkDuration: [{ numeric: [">=", 30 + random.below(200)] }],
        },
      },
    }),
    (random) => ({
      ...CONTACT,
      detail: {
        customerId: [customerId(thing(random))],
        $or: [{ eventType: ["QUEUED"] }, { eventType: ["DISCONNECTED"], agentInfo: { agentArn: [{ exists: false }] } }],
      },
    }),
    (random) => ({
      ...CONNECT,
      "detail-type": POST_CONTACT,
      detail: {
        queueArn: [queueArn(thing(random))],
        agentArn: [{ exists: true }],
        ruleName: [{ prefix: "Team-" }],
      },
    }),
    (random) => ({
      ...CASES,
      detail: {
        eventType: ["RELATED_ITEM.UPDATED"],
        relatedItem: {
          relatedItemType: ["Sla"],
          sla: { slaConfiguration: { name: [`first-answer-${sixDigits(thing(random))}`], status: ["Overdue"] } },
        },
      },
    }),
  ],
];

/** Event patterns, of which every beginning is a rule set with equal shares. */
export function* contactRules(count: number, seed: number): Generator<string> {
  const random = new Random(seed);
  for (let i = 0; i < count; i++) {
    const share = SHARES[i % SHARES.length] as readonly Writer[];
    const write = share[Math.floor(i / SHARES.length) % share.length] as Writer;
    yield JSON.stringify(OF_THE_ACCOUNT[i] ?? write(random));
  }
}

function thing(random: Random): number {
  return random.below(THINGS_WITH_RULES);
}

/** A hundred numbers in a row. */
function numberRange(random: Random): string {
  return customerNumber(thing(random)).slice(0, -2);
}
