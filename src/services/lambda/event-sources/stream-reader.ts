import type { WokenLoop } from "../../../flow/index.ts";
import { ModeledError } from "../../../models/modeled-error.ts";
import {
  findStreamSource,
  type SourceShard,
  STREAM_SOURCE_COLLECTIONS,
  type StreamSource,
} from "../../kinesis/index.ts";
import { functionsOf } from "./functions.ts";
import { type Lane, laneKey, lanePrefix, lanes } from "./lane.ts";
import type { EventSourceMapping } from "./mapping.ts";
import { CANNOT_ASSUME_ROLE, type MappingReader, type ReadingMapping, wakeAt } from "./reading-mapping.ts";
import { type LaneKeeper, ShardLane } from "./shard-lane.ts";
import { findMissingAction } from "./source-access.ts";

/** How long until a stream that cannot be read is looked at again, in the domain's time. A change of the stream is noticed at once. */
const LOOK_AGAIN_MS = 60_000;
const LANES_PER_PAGE = 1_000;

/** Follows a stream: sees which shards there are, and keeps a reader for each of their lanes. */
export class StreamReader implements MappingReader, LaneKeeper {
  readonly mapping: ReadingMapping;
  readonly #loop: WokenLoop;
  readonly #lanes = new Map<string, ShardLane>();
  readonly #watches = new DisposableStack();
  #source: StreamSource | undefined;
  #shards: ReadonlyMap<number, SourceShard> = new Map();

  constructor(mapping: ReadingMapping) {
    this.mapping = mapping;
    const { flow, store } = mapping.platform;
    this.#loop = flow.loop(`Event source mapping ${mapping.key}`, () => this.#follow());
    for (const name of STREAM_SOURCE_COLLECTIONS) {
      // Streams change seldom: no need to know which one it was.
      this.#watches.use(store.watchCollection(name, () => this.#loop.wake()));
    }
  }

  wake(part?: string): void {
    if (part === undefined || part === "") this.#loop.wake();
    else this.#lanes.get(part)?.loop.wake();
  }

  async stop(): Promise<void> {
    this.#watches.dispose();
    await Promise.all([this.#loop.stop(), ...[...this.#lanes.values()].map((lane) => lane.stop())]);
  }

  shard(index: number): SourceShard | undefined {
    return this.#shards.get(index);
  }

  get source(): StreamSource | undefined {
    return this.#source;
  }

  areParentsDone({ parents }: SourceShard): boolean {
    return [...this.#lanes.values()].every((lane) => lane.isDrained || !parents.includes(lane.shardIndex));
  }

  onDrained(): void {
    for (const { loop } of this.#lanes.values()) loop.wake();
  }

  async #follow(): Promise<boolean> {
    const current = await this.mapping.current();
    if (current === undefined) return this.#pause();
    const { mapping, function: target } = current;
    if (target === undefined) return this.#cannotRead("PROBLEM: Function not found");
    const source = await this.#findSource(mapping, target.roleArn);
    if (typeof source === "string") return this.#cannotRead(`PROBLEM: ${source}`);

    this.#source = source;
    this.#shards = new Map(source.shards.map((shard) => [shard.index, shard]));
    await this.#keepLanes(mapping, source);
    for (const { loop } of this.#lanes.values()) loop.wake();
    return false;
  }

  /** The stream, or why it cannot be read. */
  async #findSource(mapping: EventSourceMapping, roleArn: string): Promise<StreamSource | string> {
    const { platform } = this.mapping;
    const caller = await functionsOf(platform.store).actAs(platform, mapping, roleArn);
    if (caller === undefined) return CANNOT_ASSUME_ROLE;
    try {
      const source = await findStreamSource(platform, mapping.sourceArn, caller);
      return (await findMissingAction(platform, mapping, caller, source.policy))?.message ?? source;
    } catch (error) {
      if (!(error instanceof ModeledError)) throw error;
      return error.message;
    }
  }

  #pause(): false {
    this.#source = undefined;
    this.#shards = new Map();
    return false;
  }

  async #cannotRead(result: string): Promise<false> {
    const { platform, key } = this.mapping;
    await platform.store.commitUnsynced(async (unit) => {
      if (!(await this.mapping.isThere(unit))) return;
      await this.mapping.tell(unit, result);
      wakeAt(unit, platform, { mapping: key, part: "" }, platform.clock.now() + LOOK_AGAIN_MS);
    });
    return this.#pause();
  }

  /** Makes the lanes of shards that have none yet, and starts and stops readers. */
  async #keepLanes(mapping: EventSourceMapping, source: StreamSource): Promise<void> {
    const { store } = this.mapping.platform;
    const created = await createLanes(this.mapping, mapping, source);
    const wanted = new Map(created.map((lane) => [laneKey(mapping, lane), lane]));
    for (const [key, reader] of this.#lanes) {
      if (wanted.get(key)?.lanes === reader.lanes) continue;
      this.#lanes.delete(key);
      await reader.stop();
    }
    for (const [key, lane] of wanted) {
      if (this.#lanes.has(key)) continue;
      const shard = this.#shards.get(lane.shardIndex);
      if (shard === undefined) continue;
      const reader = new ShardLane(this, key, lane);
      this.#lanes.set(key, reader);
      reader.watch(store.watchLog(shard.log, () => reader.loop.wake()));
    }
  }
}

/** All lanes of the shards that there are, those of new shards made now: from their beginning on, since nobody has read them yet. */
async function createLanes(
  reading: ReadingMapping,
  mapping: EventSourceMapping,
  source: StreamSource,
): Promise<readonly Lane[]> {
  const { store } = reading.platform;
  const kept = await listLanes(reading, mapping);
  const known = kept.filter(({ streamId }) => streamId === source.streamId);
  const newest = Math.max(-1, ...known.map(({ shardIndex }) => shardIndex));
  const isFirst = known.length === 0;
  const missing = isFirst
    ? await initialLanes(mapping, source, kept.length === 0 ? undefined : "TRIM_HORIZON")
    : lanesFrom(
        mapping,
        source,
        source.shards.filter(({ index }) => index > newest).map((shard) => ({ shard, next: 1 })),
      );
  const live = new Set(source.shards.map(({ index }) => index));
  const over = kept.filter(({ streamId, shardIndex }) => streamId !== source.streamId || !live.has(shardIndex));
  if (missing.length > 0 || over.length > 0) {
    await store.commitUnsynced(async (unit) => {
      if (!(await reading.isThere(unit))) return;
      for (const lane of missing) unit.put(lanes, laneKey(mapping, lane), lane);
      for (const lane of over) unit.delete(lanes, laneKey(mapping, lane));
    });
  }
  return [...known.filter(({ shardIndex }) => live.has(shardIndex)), ...missing];
}

async function listLanes(reading: ReadingMapping, mapping: EventSourceMapping): Promise<readonly Lane[]> {
  const found: Lane[] = [];
  let after: string | undefined;
  do {
    const page = await reading.platform.store.list(lanes, {
      prefix: lanePrefix(mapping),
      limit: LANES_PER_PAGE,
      after,
    });
    found.push(...page.documents);
    after = page.next;
  } while (after !== undefined);
  return found;
}

/**
 * The lanes that a mapping begins with. From LATEST, shards that were closed before have nothing to give.
 *
 * `from` where the stream is another one of the same name than the mapping was created for: then nothing of it was there before.
 */
export async function initialLanes(
  mapping: EventSourceMapping,
  source: StreamSource,
  from?: "TRIM_HORIZON",
): Promise<readonly Lane[]> {
  const { StartingPosition, startingTimestampMs } = mapping.settings;
  const type = from ?? StartingPosition ?? "TRIM_HORIZON";
  const timestamp = startingTimestampMs === undefined ? undefined : new Date(startingTimestampMs);
  const shards = source.shards.filter(({ isOpen }) => isOpen || type !== "LATEST");
  const starts = await Promise.all(
    shards.map(async (shard) => ({ shard, next: await shard.startAt({ type, timestamp }) })),
  );
  return lanesFrom(mapping, source, starts);
}

function lanesFrom(
  mapping: EventSourceMapping,
  { streamId }: StreamSource,
  starts: readonly { readonly shard: SourceShard; readonly next: number }[],
): readonly Lane[] {
  const count = mapping.settings.ParallelizationFactor ?? 1;
  return starts.flatMap(({ shard, next }) =>
    Array.from({ length: count }, (_, lane) => ({
      mapping: mapping.uuid,
      streamId,
      shardIndex: shard.index,
      lane,
      lanes: count,
      next,
    })),
  );
}
