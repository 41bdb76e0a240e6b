import type { Collection, Reader } from "../store/store.ts";

/**
 * What of a service's configuration the map shows: things, and what connects them. Each service tells of its own things and of where they
 * send, and knows nothing of the others: a connection whose end nobody tells of leads nowhere, and is shown as broken.
 */
export type MapPart = MapNode | MapEdge;

/** The order is that of the map, from where things come to where they end. */
export type NodeKind =
  | "instance"
  | "profiles domain"
  | "cases domain"
  | "partner source"
  | "schedule"
  | "API"
  | "flow"
  | "event source"
  | "bus"
  | "archive"
  | "rule"
  | "Connect rule"
  | "event trigger"
  | "stream"
  | "delivery stream"
  | "topic"
  | "queue"
  | "log group"
  | "bucket"
  | "API destination"
  | "function"
  | "campaign"
  | "result"
  | "outside";

export interface MapNode {
  readonly part: "node";
  /** Its ARN, or what else names it in all of an account. */
  readonly id: string;
  readonly kind: NodeKind;
  readonly name: string;
  /** It is there and does nothing: disabled, stopped, a draft. */
  readonly isOff?: boolean;
  /** What its page is found by, beside its name. */
  readonly of?: string;
}

export interface MapEdge {
  readonly part: "edge";
  readonly from: string;
  readonly to: string;
  /** What goes over it, in words: `contact events`, `dead letters`. */
  readonly label: string;
  readonly isOff?: boolean;
  /** Where its counter has other ends than these. */
  readonly countedFrom?: string;
  readonly countedTo?: string;
}

/** Whose configuration. */
export interface MapScope {
  readonly account: string;
  readonly region: string;
}

/** Documents that a service has in a scope, in pages: whoever has seen enough stops. */
export async function* documentsOf<T>(
  reader: Reader,
  from: Collection<T>,
  range: { readonly prefix: string; readonly index?: string },
): AsyncGenerator<T> {
  let after: string | undefined;
  do {
    const page = await reader.list(from, { ...range, limit: READ_SIZE, after });
    yield* page.documents;
    after = page.next;
  } while (after !== undefined);
}

const READ_SIZE = 200;

/** Where events of a source come to a bus. */
export function eventSourceId(busArn: string, source: string): string {
  return `source ${busArn} ${source}`;
}

/** The account's own bus, which services tell of what happens. */
export function defaultBusArn({ account, region }: MapScope): string {
  return `arn:aws:events:${region}:${account}:event-bus/default`;
}

/** What a service of ours tells on the default bus: its things, the source, the bus. */
export function tellsDefaultBus(scope: MapScope, from: string, source: string, label: string): MapPart[] {
  const bus = defaultBusArn(scope);
  const id = eventSourceId(bus, source);
  return [
    { part: "node", id, kind: "event source", name: source },
    { part: "edge", from, to: id, label },
    { part: "edge", from: id, to: bus, label: "events" },
  ];
}

/** Something that lies elsewhere, such as an address on the Internet. */
export function outside(id: string, name: string): MapNode {
  return { part: "node", id, kind: "outside", name };
}
