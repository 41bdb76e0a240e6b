import type {
  CancelReplayRequest,
  CancelReplayResponse,
  DescribeReplayRequest,
  DescribeReplayResponse,
  ListReplaysRequest,
  ListReplaysResponse,
  Replay as ShownReplay,
  StartReplayRequest,
  StartReplayResponse,
} from "@aws-sdk/client-eventbridge";
import { ModeledError } from "../../../models/modeled-error.ts";
import type { Validated } from "../../../models/validated.ts";
import { compositeKey, type Reader, type Unit } from "../../../store/store.ts";
import { listPage } from "../../list-page.ts";
import { guardRange } from "../../range-guard.ts";
import type { Context } from "../../service.ts";
import { busArn, busKey, parseBusArn } from "../bus.ts";
import { invalidNextToken, limitExceeded, validationError } from "../errors.ts";
import { PAGE_SIZE } from "../limits.ts";
import { parseRuleArn } from "../rule.ts";
import { ARCHIVES, type Archive, archiveKey, parseArchiveArn } from "./archive.ts";
import { getReplay, isActive, REPLAYS, type Replay, type ReplayAddress, replayArn, replayKey } from "./replay.ts";
import { declareReplayLog, putActive } from "./run-replay.ts";

/** Replays of an account in a Region that run at a time, from the service quotas. */
export const ACTIVE_REPLAYS_MAX = 10;

/**
 * Has the events of an archive that are from between two times, both included, come to their bus again: to all its rules, or to some.
 *
 * The name of a replay is taken for ever.
 */
export async function startReplay(
  input: Validated<StartReplayRequest>,
  context: Context,
): Promise<StartReplayResponse> {
  const { account, region } = context;
  const address = { account, region, name: input.ReplayName };
  const nowMs = context.clock.now();
  const replay = await context.store.commit(async (unit) => {
    if (await unit.get(REPLAYS, replayKey(address))) {
      throw new ModeledError("ResourceAlreadyExistsException", `Replay ${input.ReplayName} already exists.`);
    }
    checkTimes(input);
    const archive = await findSource(unit, input, context);
    checkDestination(input, archive);
    await checkCount(unit, context);
    const started: Replay = {
      ...address,
      ...(input.Description !== undefined && { description: input.Description }),
      archiveArn: input.EventSourceArn,
      archiveId: archive.id,
      destination: input.Destination,
      startMs: input.EventStartTime.getTime(),
      endMs: input.EventEndTime.getTime(),
      state: "STARTING",
      startedMs: nowMs,
    };
    declareReplayLog(unit, context, archive.bus);
    putActive(unit, context, started);
    return started;
  });
  return { ReplayArn: replayArn(replay), State: replay.state, ReplayStartTime: new Date(nowMs) };
}

export async function describeReplay(
  input: Validated<DescribeReplayRequest>,
  context: Context,
): Promise<DescribeReplayResponse> {
  const replay = await getReplay(context.store, ownAddress(input.ReplayName, context));
  return {
    ...shown(replay),
    ReplayArn: replayArn(replay),
    Destination: replay.destination,
    ...(replay.description !== undefined && { Description: replay.description }),
  };
}

/** The caller's replays, by name. */
export async function listReplays(
  input: Validated<ListReplaysRequest>,
  context: Context,
): Promise<ListReplaysResponse> {
  const filters = [input.NamePrefix, input.EventSourceArn, input.State].filter((filter) => filter !== undefined);
  if (filters.length > 1) throw validationError(ONE_FILTER);
  const { account, region, store } = context;
  const page = await listPage(
    store,
    {
      collection: REPLAYS,
      under: [account, region],
      prefix: input.NamePrefix,
      nameOf: ({ name }) => name,
      keep: ({ state, archiveArn }) =>
        (input.State === undefined || state === input.State) &&
        (input.EventSourceArn === undefined || archiveArn === input.EventSourceArn),
    },
    {
      of: ["ListReplays", account, region, input.NamePrefix, input.EventSourceArn, input.State],
      token: input.NextToken,
      limit: input.Limit ?? PAGE_SIZE,
      refuse: invalidNextToken,
    },
  );
  return { Replays: page.items.map(shown), ...(page.nextToken !== undefined && { NextToken: page.nextToken }) };
}

/** Ends a replay that is not over; what has come by then has come. */
export async function cancelReplay(
  input: Validated<CancelReplayRequest>,
  context: Context,
): Promise<CancelReplayResponse> {
  const replay = await context.store.commit(async (unit) => {
    const found = await getReplay(unit, ownAddress(input.ReplayName, context));
    if (found.state !== "STARTING" && found.state !== "RUNNING") {
      throw new ModeledError(
        "IllegalStatusException",
        `Replay ${input.ReplayName} is not in a valid state for this operation.`,
      );
    }
    const cancelled: Replay = { ...found, state: "CANCELLING" };
    putActive(unit, context, cancelled);
    return cancelled;
  });
  return { ReplayArn: replayArn(replay), State: replay.state };
}

const ONE_FILTER = "At most one filter is allowed for ListReplays. Use either : State, EventSourceArn, or NamePrefix.";

function checkTimes({ EventStartTime, EventEndTime }: Validated<StartReplayRequest>): void {
  if (EventStartTime.getTime() < EventEndTime.getTime()) return;
  throw validationError("Parameter EventEndTime is not valid. Reason: EventStartTime must be before EventEndTime.");
}

/** An archive of another account or Region is one that the caller does not have. */
async function findSource(
  reader: Reader,
  { EventSourceArn }: Validated<StartReplayRequest>,
  { account, region }: Context,
): Promise<Archive> {
  const address = parseArchiveArn(EventSourceArn);
  const isOwn = address?.account === account && address.region === region;
  const archive = isOwn ? await reader.get(ARCHIVES, archiveKey(address)) : undefined;
  if (archive !== undefined) return archive;
  const name = address?.name ?? EventSourceArn;
  throw validationError(`Parameter EventSourceArn is not valid. Reason: Archive ${name} does not exist.`);
}

function checkDestination({ Destination }: Validated<StartReplayRequest>, { bus }: Archive): void {
  const destination = parseBusArn(Destination.Arn);
  if (destination === undefined || busKey(destination) !== busKey(bus)) {
    throw validationError("Parameter Destination.Arn is not valid. Reason: Cross event bus replay is not permitted.");
  }
  const isRuleOfBus = (arn: string): boolean => {
    const rule = parseRuleArn(arn);
    return rule !== undefined && busKey(rule.bus) === busKey(bus);
  };
  const other = Destination.FilterArns?.find((arn) => !isRuleOfBus(arn));
  if (other === undefined) return;
  throw validationError(
    `Parameter Destination.FilterArns is not valid. Reason: ${other} is no rule of ${busArn(bus)}.`,
  );
}

async function checkCount(unit: Unit, { account, region, limits }: Context): Promise<void> {
  if (!limits.enforced) return;
  const most = limits.value("events.concurrent-replays", ACTIVE_REPLAYS_MAX);
  await guardRange(unit, compositeKey(account, region, REPLAYS.name));
  const range = { index: "active", prefix: compositeKey(account, region, ""), limit: most };
  const { documents } = await unit.list(REPLAYS, range);
  if (documents.filter(isActive).length >= most) throw limitExceeded();
}

function ownAddress(name: string, { account, region }: Context): ReplayAddress {
  return { account, region, name };
}

function shown(replay: Replay): ShownReplay {
  return {
    ReplayName: replay.name,
    EventSourceArn: replay.archiveArn,
    State: replay.state,
    ...(replay.stateReason !== undefined && { StateReason: replay.stateReason }),
    EventStartTime: new Date(replay.startMs),
    EventEndTime: new Date(replay.endMs),
    ...(replay.lastEventMs !== undefined && { EventLastReplayedTime: new Date(replay.lastEventMs) }),
    ReplayStartTime: new Date(replay.startedMs),
    ...(replay.endedMs !== undefined && { ReplayEndTime: new Date(replay.endedMs) }),
  };
}
