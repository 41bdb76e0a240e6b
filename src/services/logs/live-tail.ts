/**
 * Live tail: events of some groups are pushed as they are stored.
 *
 * A session sleeps until events are stored, a second has passed without any (then it says so, as the real service does), its three hours are
 * over, or the caller goes away. It lives in the process that holds its connection. These times are the transport's and so on the wall clock.
 *
 * https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_StartLiveTail.html
 */
import type {
  LiveTailSessionLogEvent,
  StartLiveTailRequest,
  StartLiveTailResponse,
  StartLiveTailResponseStream,
} from "@aws-sdk/client-cloudwatch-logs";
import { Bell } from "../../flow/index.ts";
import { ModeledError } from "../../models/modeled-error.ts";
import type { Validated } from "../../models/validated.ts";
import type { Context } from "../service.ts";
import { logEvents } from "./events.ts";
import type { FilterPattern } from "./filter-pattern/compiled-pattern.ts";
import { compileFilterPattern } from "./filter-pattern/filter-pattern.ts";
import type { LogEvent } from "./log-event.ts";
import { getIdentifiedGroup, groupArn, type LogGroup, refuseFilters } from "./log-group.ts";

/** Pushes what is stored in up to ten groups from now on, and matches. */
export async function startLiveTail(
  input: Validated<StartLiveTailRequest>,
  context: Context,
): Promise<StartLiveTailResponse> {
  const pattern = compileFilterPattern(input.logEventFilterPattern ?? "");
  checkStreams(input);
  const identifiers = [...new Set(input.logGroupIdentifiers)];
  const groups = await Promise.all(identifiers.map((each) => getIdentifiedGroup(context.store, each, context)));
  for (const group of groups) refuseFilters(group);
  return { responseStream: new Session(context, input, groups, pattern).events() };
}

const SESSION_MS = 3 * 3_600_000;
const HEARTBEAT_MS = 1_000;
/** "Up to 500 log events per second": here of one update. */
const UPDATE_EVENTS_MAX = 500;
/** Events that wait for a caller who does not keep up; of what is beyond, nothing is sent. */
const WAITING_MAX = 10_000;

class Session {
  readonly #context: Context;
  readonly #input: Validated<StartLiveTailRequest>;
  readonly #groups: ReadonlyMap<string, LogGroup>;
  readonly #pattern: FilterPattern;
  readonly #bell = new Bell();
  readonly #startedMs: number;
  /** Ids of events that were stored and not looked at yet. */
  readonly #waiting = new Set<string>();
  #isSampled = false;

  constructor(
    context: Context,
    input: Validated<StartLiveTailRequest>,
    groups: readonly LogGroup[],
    pattern: FilterPattern,
  ) {
    this.#context = context;
    this.#input = input;
    this.#groups = new Map(groups.map((group) => [group.id, group]));
    this.#pattern = pattern;
    this.#startedMs = context.wall.monotonicMs();
  }

  async *events(): AsyncGenerator<StartLiveTailResponseStream> {
    const { store, signal, wall } = this.#context;
    const { ring } = this.#bell;
    using _watch = store.watchCollection(logEvents.name, (ids) => this.#note(ids));
    signal.addEventListener("abort", ring);
    try {
      yield { sessionStart: this.#start() };
      while (!signal.aborted) {
        if (wall.monotonicMs() - this.#startedMs >= SESSION_MS) {
          throw new ModeledError("SessionTimeoutException", "The session has timed out.");
        }
        const rung = this.#bell.next();
        const sampled = this.#isSampled;
        const sessionResults = await this.#take();
        // Events are read as committed; nothing leaves the process before it is durable.
        await store.durable();
        if (signal.aborted) return;
        yield { sessionUpdate: { sessionMetadata: { sampled }, sessionResults } };
        if (sampled) this.#isSampled = false;
        if (this.#waiting.size === 0) await this.#sleep(rung);
      }
    } finally {
      signal.removeEventListener("abort", ring);
    }
  }

  #start(): NonNullable<StartLiveTailResponseStream["sessionStart"]> {
    const { logGroupIdentifiers, logStreamNames, logStreamNamePrefixes, logEventFilterPattern } = this.#input;
    return {
      requestId: this.#context.requestId,
      sessionId: this.#context.ids.uuid(),
      logGroupIdentifiers,
      logStreamNames: logStreamNames ?? [],
      logStreamNamePrefixes: logStreamNamePrefixes ?? [],
      logEventFilterPattern: logEventFilterPattern ?? "",
    };
  }

  #note(ids: readonly string[]): void {
    for (const id of ids) {
      if (this.#waiting.size < WAITING_MAX) this.#waiting.add(id);
      else this.#isSampled = true;
    }
    this.#bell.ring();
  }

  /** Looks at what waits, as far as an update can hold it. */
  async #take(): Promise<LiveTailSessionLogEvent[]> {
    const taken: LiveTailSessionLogEvent[] = [];
    for (const id of this.#waiting) {
      if (taken.length === UPDATE_EVENTS_MAX) break;
      this.#waiting.delete(id);
      // Deleted ones are told of too.
      const event = await this.#context.store.get(logEvents, id);
      const group = event && this.#groups.get(event.groupId);
      if (event && group && this.#isWanted(event)) taken.push(shown(event, group));
    }
    return taken;
  }

  #isWanted({ streamName, message }: LogEvent): boolean {
    const { logStreamNames: names, logStreamNamePrefixes: prefixes } = this.#input;
    return (
      (names?.includes(streamName) ?? true) &&
      (prefixes?.some((prefix) => streamName.startsWith(prefix)) ?? true) &&
      this.#pattern.matches(message)
    );
  }

  async #sleep(rung: Promise<void>): Promise<void> {
    using _timer = this.#context.wall.after(HEARTBEAT_MS, this.#bell.ring);
    await rung;
  }
}

function checkStreams({ logGroupIdentifiers, logStreamNames, logStreamNamePrefixes }: Validated<StartLiveTailRequest>) {
  if (logStreamNames === undefined && logStreamNamePrefixes === undefined) return;
  if (logStreamNames !== undefined && logStreamNamePrefixes !== undefined) {
    throw invalid("logStreamNames and logStreamNamePrefixes are mutually exclusive parameters.");
  }
  if (logGroupIdentifiers.length > 1) throw invalid("Log streams can be named for a single log group only.");
}

function invalid(message: string): ModeledError {
  return new ModeledError("InvalidParameterException", message);
}

function shown(event: LogEvent, group: LogGroup): LiveTailSessionLogEvent {
  return {
    logStreamName: event.streamName,
    logGroupIdentifier: groupArn(group).replace(/^arn:aws:logs:[^:]+:(\d+):log-group:/, "$1:"),
    message: event.message,
    timestamp: event.timestampMs,
    ingestionTime: event.ingestedMs,
  };
}
