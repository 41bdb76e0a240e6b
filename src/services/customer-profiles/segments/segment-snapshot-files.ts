import type { SinkFailure } from "../../../flow/index.ts";
import { ModeledError } from "../../../models/modeled-error.ts";
import type { Unit } from "../../../store/store.ts";
import { OutsideS3Error, storeFile } from "../../s3/index.ts";
import type { Platform } from "../../service.ts";
import { domainArn, inDomain } from "../domain.ts";
import { findProfile } from "../stored-profile.ts";
import {
  finishSnapshot,
  type SegmentSnapshot,
  segmentSnapshotKey,
  segmentSnapshots,
  snapshotRows,
} from "./segment-snapshot.ts";
import { csvHeader, csvRow, jsonRow } from "./segment-snapshot-rows.ts";

/** Nobody but us may order files: a rule's target can have any ARN. */
const PRINCIPAL = "profile.amazonaws.com";

/** Profiles in one file. */
const PROFILES_PER_FILE = 5_000;

/** A bucket outside that does not answer is tried for so long (our choice): who waits for a snapshot is to know soon. */
const TRIED_MS = 5 * 60_000;

/** The next file of a snapshot. */
interface Part {
  /** Counted from 0. */
  readonly part: number;
  /** It begins behind this place among the rows. */
  readonly after?: string | undefined;
}

interface Order extends Part {
  readonly uid: string;
  readonly id: string;
  readonly owedMs: number;
}

/** Owes the next file of a snapshot, in the unit of what comes before it. Written twice it is the same object. */
export async function owePart(
  unit: Unit,
  platform: Platform,
  { owner, id, bucket }: SegmentSnapshot,
  { part, after }: Part,
): Promise<void> {
  const owedMs = platform.clock.now();
  const order: Order = { uid: owner.uid, id, part, after, owedMs };
  const body = JSON.stringify(order);
  const arn = domainArn(owner);
  await platform.flow.send(unit, [
    {
      // A lane for each bucket: one that is not there holds up no other.
      targetArn: `arn:aws:profile:${owner.region}:${owner.account}:segment-snapshot/${bucket}`,
      request: { deliveryId: `${id}-${part}`, body, account: owner.account, principal: PRINCIPAL, sourceArn: arn },
      event: body,
      ruleArn: arn,
      timeMs: owedMs,
    },
  ]);
}

export function writeSnapshots(platform: Platform): void {
  platform.flow.sink("profile", "segment-snapshot/", {
    async attempt(_arn, { principal, body }) {
      if (principal !== PRINCIPAL) return { code: "NO_PERMISSIONS", message: "No target of rules.", retryable: false };
      return writePart(platform, JSON.parse(body) as Order);
    },
  });
}

async function writePart(platform: Platform, order: Order): Promise<SinkFailure | undefined> {
  const { store } = platform;
  const key = inDomain(order, order.id);
  const snapshot = await store.get(segmentSnapshots, key);
  if (snapshot?.status !== "IN_PROGRESS") return undefined;
  const { owner, bucket, prefix, format } = snapshot;
  const file = await fileOf(platform, snapshot, order);
  const name = `${prefix}part-${String(order.part).padStart(5, "0")}.${format.toLowerCase()}`;
  const contentType = format === "CSV" ? "text/csv" : "application/x-ndjson";
  try {
    const { account, region } = owner;
    await storeFile(
      { ...platform, account, region },
      { bucket, key: name, contentType, text: file.text },
      async (unit) => {
        const now = await unit.get(segmentSnapshots, key);
        // Deleted meanwhile with its domain, or the answer to the attempt before was lost.
        if (now?.status !== "IN_PROGRESS" || now.written !== snapshot.written) return;
        const further = { ...now, written: now.written + file.profiles };
        if (file.next === undefined) {
          finishSnapshot(unit, platform, { ...further, status: "COMPLETED" });
          return;
        }
        unit.put(segmentSnapshots, segmentSnapshotKey(further), further);
        await owePart(unit, platform, further, { part: order.part + 1, after: file.next });
      },
    );
    return undefined;
  } catch (error) {
    const failure = failureOf(error);
    if (failure.retryable && platform.clock.now() < order.owedMs + TRIED_MS) return failure;
    const message = `s3://${bucket}/${name} cannot be written: ${failure.message}`.slice(0, 1000);
    await store.commit(async (unit) => {
      const now = await unit.get(segmentSnapshots, key);
      if (now?.status === "IN_PROGRESS") finishSnapshot(unit, platform, { ...now, status: "FAILED", message });
    });
    return { ...failure, retryable: false };
  }
}

interface File {
  readonly text: string;
  readonly profiles: number;
  /** Where the next file begins. */
  readonly next?: string | undefined;
}

/** Profiles are written as they are now; one that is gone since it was found is left out. */
async function fileOf(platform: Platform, { owner, id, format }: SegmentSnapshot, { after }: Part): Promise<File> {
  const { store } = platform;
  const nowMs = platform.clock.now();
  const lines: string[] = format === "CSV" ? [csvHeader()] : [];
  let next = after;
  let profiles = 0;
  do {
    const page = await store.list(snapshotRows, {
      prefix: inDomain(owner, id, ""),
      limit: Math.min(100, PROFILES_PER_FILE - profiles),
      after: next,
    });
    for (const { profileId } of page.documents) {
      const profile = await findProfile(store, owner, profileId, nowMs);
      if (!profile) continue;
      lines.push(format === "CSV" ? csvRow(profile) : jsonRow(profile));
    }
    profiles += page.documents.length;
    next = page.next;
  } while (next !== undefined && profiles < PROFILES_PER_FILE);
  return { text: lines.map((line) => `${line}\n`).join(""), profiles, next };
}

/** A bucket of ours that is not there, or not the caller's, will not be; one outside may be. */
function failureOf(error: unknown): SinkFailure {
  if (error instanceof OutsideS3Error) return error.failure;
  if (!(error instanceof ModeledError)) throw error;
  const code = error.code === "AccessDenied" ? "NO_PERMISSIONS" : "NO_RESOURCE";
  return { code, message: error.message, retryable: false };
}
