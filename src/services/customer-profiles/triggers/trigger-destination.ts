/**
 * Where an event trigger sends: what the `Uri` of its integration names. Documented is an outbound campaign; all others are ours.
 *
 *     arn:aws:connect-campaigns:REGION:ACCOUNT:campaign/ID     arn:aws:sqs:REGION:ACCOUNT:QUEUE
 *     arn:aws:kinesis:REGION:ACCOUNT:stream/NAME               arn:aws:events:REGION:ACCOUNT:event-bus/NAME
 *     https://HOST/PATH                                        http://127.0.0.1:PORT/PATH, on this machine alone
 *
 * A `Uri` belongs to one integration, and an integration carries one trigger. So that several triggers can share a destination, `#` and whatever
 * one likes may stand behind it.
 */
import type { Reader } from "../../../store/store.ts";
import { findCampaignByArn } from "../../connect-campaigns/index.ts";
import { findBus, parseBusArn } from "../../eventbridge/index.ts";
import { hasStream } from "../../kinesis/index.ts";
import { findQueueByArn } from "../../sqs/index.ts";
import { type Domain, domainArn } from "../domain.ts";
import { badRequest } from "../errors.ts";

export interface Destination {
  readonly kind: "campaign" | "stream" | "bus" | "queue" | "webhook";
  /** ARN or URL, without what tells integrations apart. */
  readonly address: string;
}

interface ArnKind {
  readonly kind: Destination["kind"];
  readonly service: string;
  readonly resource: RegExp;
  /** Whether it is there, and of this account and Region. */
  readonly isThere: (reader: Reader, arn: string, domain: Domain) => Promise<boolean>;
}

const ARN_KINDS: readonly ArnKind[] = [
  {
    kind: "campaign",
    service: "connect-campaigns",
    resource: /^campaign\/[^/]+$/,
    isThere: async (reader, arn, domain) => (await findCampaignByArn(reader, arn))?.domainArn === domainArn(domain),
  },
  { kind: "stream", service: "kinesis", resource: /^stream\/[^/]+$/, isThere: hasStream },
  {
    kind: "bus",
    service: "events",
    resource: /^event-bus\/.+$/,
    isThere: async (reader, arn) => {
      const bus = parseBusArn(arn);
      return bus !== undefined && (await findBus(reader, bus)) !== undefined;
    },
  },
  {
    kind: "queue",
    service: "sqs",
    resource: /^[^:]+$/,
    isThere: async (reader, arn) => (await findQueueByArn(reader, arn)) !== undefined,
  },
];

const ARN = /^arn:aws[^:]*:([^:]+):([^:]*):(\d*):(.+)$/s;

/** `undefined`: it names nothing that an event trigger sends to. */
export function parseDestination(uri: string): Destination | undefined {
  const [address = ""] = uri.split("#");
  if (isWebhook(address)) return { kind: "webhook", address };
  const [, service, , , resource = ""] = ARN.exec(address) ?? [];
  const found = ARN_KINDS.find((one) => one.service === service && one.resource.test(resource));
  return found && { kind: found.kind, address };
}

/**
 * Where an integration's trigger sends to.
 *
 * Throws `BadRequestException` for what is not built, by its name, for what belongs to somebody else, and for what is not there.
 */
export async function requireDestination(reader: Reader, domain: Domain, uri: string): Promise<Destination> {
  const destination = parseDestination(uri);
  if (!destination) throw badRequest(`Uri: ${whyNone(uri)}`);
  if (destination.kind === "webhook") return destination;
  const { address, kind } = destination;
  const [, , region, account] = ARN.exec(address) ?? [];
  if (region !== domain.region || account !== domain.account) {
    throw badRequest(`Uri: ${address} is in another account or Region than the domain`);
  }
  const isThere = ARN_KINDS.find((one) => one.kind === kind)?.isThere;
  if (!(await isThere?.(reader, address, domain))) throw badRequest(`Uri: ${address} ${missing(kind, domain)}`);
  return destination;
}

function missing(kind: Destination["kind"], { name }: Domain): string {
  if (kind === "campaign") return `does not exist, or its source is not the event triggers of domain ${name}`;
  return "does not exist";
}

function whyNone(uri: string): string {
  if (ARN.exec(uri)?.[1] === "lambda") return "integrations with AWS Lambda functions are not built yet";
  if (/^http:/.test(uri)) return "a webhook needs https, unless it is on this machine (http://127.0.0.1)";
  return `${uri} is no campaign, Kinesis data stream, event bus, SQS queue or webhook`;
}

/** Only what stays on this machine needs no encryption. */
const LOOPBACK: ReadonlySet<string> = new Set(["127.0.0.1", "localhost", "[::1]"]);

function isWebhook(address: string): boolean {
  const url = URL.canParse(address) ? new URL(address) : undefined;
  if (url?.username !== "" || url.password !== "") return false;
  return url.protocol === "https:" || (url.protocol === "http:" && LOOPBACK.has(url.hostname));
}
