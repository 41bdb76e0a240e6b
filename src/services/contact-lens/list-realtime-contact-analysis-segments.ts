import type {
  ListRealtimeContactAnalysisSegmentsV2Request,
  ListRealtimeContactAnalysisSegmentsV2Response,
  RealTimeContactAnalysisSegmentType,
  RealtimeContactAnalysisSegment as SegmentV2,
} from "@aws-sdk/client-connect";
import type {
  ListRealtimeContactAnalysisSegmentsRequest,
  ListRealtimeContactAnalysisSegmentsResponse,
  RealtimeContactAnalysisSegment,
} from "@aws-sdk/client-connect-contact-lens";
import { ModeledError } from "../../models/modeled-error.ts";
import type { Validated } from "../../models/validated.ts";
import type { Reader } from "../../store/store.ts";
import { getInstance } from "../connect/index.ts";
import { decodePageToken, encodePageToken } from "../page-token.ts";
import type { Context } from "../service.ts";
import {
  type AnalysedContact,
  findAnalysedContact,
  isListed,
  type ListedContact,
  type LiveSegment,
  liveSegmentKey,
  liveSegments,
} from "./analysed-contacts.ts";

/** "Between 1 and 100." */
const PAGE_SIZE = 100;

/** Segments of a call that goes on, or ended less than 24 hours ago. Whoever calls again with the last token gets what came since. */
export async function listRealtimeContactAnalysisSegments(
  input: Validated<ListRealtimeContactAnalysisSegmentsRequest>,
  context: Context,
): Promise<ListRealtimeContactAnalysisSegmentsResponse> {
  refuseFilter(input);
  const live = await getLive(context, input);
  if (live.channel !== "VOICE") throw notAnalysed(input.ContactId);
  const { segments, nextToken } = await listSegments(context, live, {
    input,
    of: [live.id],
    pick: ({ raw }) => raw,
  });
  return { Segments: segments as RealtimeContactAnalysisSegment[], ...(nextToken && { NextToken: nextToken }) };
}

/** The same of a chat, raw or redacted. */
export async function listRealtimeContactAnalysisSegmentsV2(
  input: Validated<ListRealtimeContactAnalysisSegmentsV2Request>,
  context: Context,
): Promise<ListRealtimeContactAnalysisSegmentsV2Response> {
  refuseFilter(input);
  const live = await getLive(context, input);
  if (live.channel !== "CHAT") {
    throw new ModeledError(
      "InvalidRequestException",
      `Contact ${live.id} is no chat: use ListRealtimeContactAnalysisSegments`,
    );
  }
  if (live.outputs !== "RedactedAndRaw" && live.outputs !== input.OutputType) {
    throw new ModeledError(
      "OutputTypeNotFoundException",
      `Contact ${live.id} has no output of type ${input.OutputType}`,
    );
  }
  const { segments, nextToken } = await listSegments(context, live, {
    input,
    of: [live.id, input.OutputType, ...input.SegmentTypes],
    pick: (segment) => {
      const told = input.OutputType === "Raw" ? segment.raw : segment.redacted;
      const [type] = Object.keys(told ?? {});
      return type !== undefined && input.SegmentTypes.includes(type as RealTimeContactAnalysisSegmentType)
        ? told
        : undefined;
    },
  });
  return {
    Channel: "CHAT",
    Status: live.status,
    Segments: segments.map(withTimes),
    ...(nextToken && { NextToken: nextToken }),
  };
}

/** Streams tell times as text, the operation as times. */
function withTimes(segment: object): SegmentV2 {
  const [[type, told]] = Object.entries(segment) as [[string, { readonly Time?: { readonly AbsoluteTime: string } }]];
  if (!told.Time) return segment as SegmentV2;
  return { [type]: { ...told, Time: { AbsoluteTime: new Date(told.Time.AbsoluteTime) } } } as unknown as SegmentV2;
}

async function getLive(
  context: Context,
  { InstanceId, ContactId }: { readonly InstanceId: string; readonly ContactId: string },
): Promise<ListedContact> {
  const instance = await getInstance(context.store, context, InstanceId);
  const live = await findAnalysedContact(context.store, { ...instance, id: ContactId });
  if (!live || !isListed(live, context.clock.now())) throw notAnalysed(ContactId);
  return live;
}

function notAnalysed(contactId: string): ModeledError {
  return new ModeledError(
    "ResourceNotFoundException",
    `Contact ${contactId} does not exist, has no real-time analysis (its flow switches it on, and CONTACT_LENS of the instance allows it), or ended more than 24 hours ago`,
  );
}

interface Asked {
  readonly input: { readonly MaxResults?: number | undefined; readonly NextToken?: string | undefined };
  /** What a token is bound to. */
  readonly of: readonly unknown[];
  readonly pick: (segment: LiveSegment) => Readonly<Record<string, unknown>> | undefined;
}

/**
 * A page of a contact's segments. While the contact goes on there is always a token: more may come. Segments that were not asked for
 * count for the page that they lie in, so that none is read twice.
 */
async function listSegments(
  reader: Context,
  live: AnalysedContact,
  { input, of, pick }: Asked,
): Promise<{ readonly segments: readonly object[]; readonly nextToken: string | undefined }> {
  const bound = [reader.account, reader.region, live.instanceId, ...of];
  const from = firstNumber(input.NextToken, bound);
  const limit = input.MaxResults ?? PAGE_SIZE;
  const found = await read(reader.store, live, from, limit);
  const next = from + found.length;
  const hasMore = next <= live.segmentCount || live.status === "IN_PROGRESS";
  return {
    segments: found.map(pick).filter((segment) => segment !== undefined),
    nextToken: hasMore ? encodePageToken(bound, String(next)) : undefined,
  };
}

function firstNumber(token: string | undefined, bound: readonly unknown[]): number {
  if (token === undefined) return 1;
  const position = decodePageToken(bound, token);
  if (position === undefined)
    throw new ModeledError("InvalidRequestException", "NextToken is not valid for this request");
  return Number(position);
}

async function read(
  reader: Reader,
  live: AnalysedContact,
  from: number,
  limit: number,
): Promise<readonly LiveSegment[]> {
  const found: LiveSegment[] = [];
  let after: string | undefined;
  do {
    const page = await reader.list(liveSegments, {
      from: liveSegmentKey(live, from),
      before: liveSegmentKey(live, from + limit),
      limit,
      after,
    });
    found.push(...page.documents);
    after = page.next;
  } while (after !== undefined);
  return found;
}

/** The clients' types are older than the model, which has it. */
function refuseFilter(input: object): void {
  if ("ListFilter" in input) throw new ModeledError("InvalidRequestException", "ListFilter is not built in Trunkline");
}
