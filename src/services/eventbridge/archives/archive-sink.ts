import type { Target } from "@aws-sdk/client-eventbridge";
import type { Sink, SinkFailure, SinkOutcome, SinkRequest } from "../../../flow/index.ts";
import type { Validated } from "../../../models/validated.ts";
import type { Platform } from "../../service.ts";
import type { BusEvent } from "../event.ts";
import {
  ARCHIVES,
  type Archive,
  type ArchiveAddress,
  appendArchived,
  archiveArn,
  archiveKey,
  parseArchiveArn,
} from "./archive.ts";

/**
 * What the managed rule of an archive sends to, and what it sends, as `ListTargetsByRule` shows it in the real service. The ARN names no
 * resource: which archive it is stands in the input.
 */
export function archiveTarget(address: ArchiveAddress): Validated<Target> {
  return {
    Id: managedRuleName(address.name),
    Arn: `arn:aws:events:${address.region}:::`,
    InputTransformer: {
      InputPathsMap: {},
      InputTemplate: `${HEAD}${archiveArn(address)}${EVENT}<aws.events.event.json>${TIME}<aws.events.event.ingestion-time>}`,
    },
  };
}

const HEAD = '{"archive-arn": "';
const EVENT = '", "event": ';
const TIME = ', "ingestion-time": ';

export function managedRuleName(archive: string): string {
  return `Events-Archive-${archive}`;
}

/** Takes the inputs of the managed rules of archives, in the unit that routes the events. */
export function createArchiveSink(platform: Platform): Sink {
  return {
    async append(unit, _arn, requests) {
      const outcomes: SinkOutcome[] = [];
      const taken = new Map<string, { readonly archive: Archive; readonly events: ArchivedInput[] }>();
      for (const request of requests) {
        const input = parseInput(request);
        const key = input && archiveKey(input.address);
        const archive = key === undefined ? undefined : (taken.get(key)?.archive ?? (await unit.get(ARCHIVES, key)));
        outcomes.push(archive === undefined ? NO_ARCHIVE : undefined);
        if (input === undefined || key === undefined || archive === undefined) continue;
        if (!taken.has(key)) taken.set(key, { archive, events: [] });
        taken.get(key)?.events.push(input.event);
      }
      for (const { archive, events } of taken.values()) await appendArchived(unit, platform, archive, events);
      return outcomes;
    },
  };
}

const NO_ARCHIVE: SinkFailure = { code: "NO_RESOURCE", message: "The archive does not exist.", retryable: false };

interface ArchivedInput {
  readonly timeMs: number;
  readonly eventId: string;
  readonly text: string;
}

/** The event is cut out as it was written: parsing it and writing it anew would change numbers that a double cannot hold. */
function parseInput({ body, account }: SinkRequest): { address: ArchiveAddress; event: ArchivedInput } | undefined {
  const arnEnd = body.indexOf(EVENT);
  const address = parseArchiveArn(body.slice(HEAD.length, arnEnd));
  if (address?.account !== account) return undefined;
  const text = body.slice(arnEnd + EVENT.length, body.lastIndexOf(TIME));
  const event = JSON.parse(text) as BusEvent;
  return { address, event: { timeMs: Date.parse(event.time), eventId: event.id, text } };
}
