import type {
  CreateSegmentSnapshotRequest,
  CreateSegmentSnapshotResponse,
  GetSegmentSnapshotRequest,
  GetSegmentSnapshotResponse,
} from "@aws-sdk/client-customer-profiles";
import { ModeledError } from "../../../models/modeled-error.ts";
import type { Validated } from "../../../models/validated.ts";
import type { Unit } from "../../../store/store.ts";
import { guardRange } from "../../range-guard.ts";
import type { Context, Limit, Platform } from "../../service.ts";
import { type Domain, domainKey, domains, getDomain, inDomain } from "../domain.ts";
import { badRequest, notFound } from "../errors.ts";
import { newId } from "../new-id.ts";
import { segmentChain } from "./segment-chains.ts";
import { getSegment } from "./segment-definition.ts";
import { type ScannedFrom, scanProfiles } from "./segment-scan.ts";
import {
  finishSnapshot,
  type SegmentSnapshot,
  SNAPSHOT_TIMER,
  type SnapshotStep,
  segmentSnapshotKey,
  segmentSnapshots,
  snapshotRowKey,
  snapshotRows,
  snapshotTimer,
} from "./segment-snapshot.ts";
import { owePart } from "./segment-snapshot-files.ts";
import { sortedBy, sortKey } from "./segment-sort.ts";

export const SNAPSHOTS_PER_DAY: Limit = {
  name: "customer-profiles.segment-snapshots-per-day",
  default: 200,
  meaning: "Segment snapshots of a domain in 24 hours",
  source: "https://docs.aws.amazon.com/connect/latest/adminguide/amazon-connect-service-limits.html",
};

const DAY_MS = 24 * 60 * 60 * 1000;

/** "A snapshot expires after one year": from then on nobody knows of it. Its files stay. */
const KEPT_MS = 366 * DAY_MS;

const ROWS_PER_STEP = 500;

/**
 * Begins to write the profiles of a segment to a bucket: first they are found, in small steps, each under the place that the segment's order
 * gives it; then they are written in that order, a file after the other.
 */
export async function createSegmentSnapshot(
  input: Validated<CreateSegmentSnapshotRequest>,
  context: Context,
): Promise<CreateSegmentSnapshotResponse> {
  const { DataFormat: format, DestinationUri: uri, SegmentDefinitionName: name } = input;
  if (format === "ORC") throw badRequest("DataFormat: ORC is not built; CSV and JSONL are");
  if (uri === undefined) throw badRequest("DestinationUri: it is needed");
  const { bucket, folder } = placeOf(uri);
  const id = newId(context);
  const nowMs = context.clock.now();
  await context.store.commit(async (unit) => {
    const domain = await getDomain(unit, context, input.DomainName);
    const { sort } = await getSegment(unit, domain, name);
    await requireQuota(unit, context, domain);
    const { account, region, uid } = domain;
    const snapshot: SegmentSnapshot = {
      owner: { account, region, name: domain.name, uid },
      segment: name,
      id,
      format,
      destinationUri: uri,
      bucket,
      prefix: `${folder}${name}/${id}/`,
      roleArn: input.RoleArn,
      encryptionKey: input.EncryptionKey,
      sort,
      status: "IN_PROGRESS",
      found: 0,
      written: 0,
      createdMs: nowMs,
    };
    unit.put(segmentSnapshots, segmentSnapshotKey(snapshot), snapshot);
    context.flow.schedule(unit, snapshotTimer({ uid, id, todo: { find: "beginning" } }, nowMs));
  });
  return { SnapshotId: id };
}

export async function getSegmentSnapshot(
  input: Validated<GetSegmentSnapshotRequest>,
  context: Context,
): Promise<GetSegmentSnapshotResponse> {
  const { SnapshotId, SegmentDefinitionName } = input;
  const domain = await getDomain(context.store, context, input.DomainName);
  const snapshot = await context.store.get(segmentSnapshots, inDomain(domain, SnapshotId));
  if (snapshot?.segment !== SegmentDefinitionName) throw notFound(`Segment snapshot ${SnapshotId} does not exist`);
  return {
    SnapshotId,
    Status: snapshot.status,
    StatusMessage: snapshot.message ?? `${snapshot.found} profiles found, ${snapshot.written} written`,
    DataFormat: snapshot.format,
    EncryptionKey: snapshot.encryptionKey,
    RoleArn: snapshot.roleArn,
    DestinationUri: snapshot.destinationUri,
  };
}

/** `s3://bucket`, or with a folder in it: that then ends with a slash. */
function placeOf(uri: string): { readonly bucket: string; readonly folder: string } {
  const [, bucket, path = ""] = /^s3:\/\/([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])(?:\/(.*))?$/s.exec(uri) ?? [];
  if (bucket === undefined) throw badRequest(`DestinationUri: s3://BUCKET/FOLDER is needed, and ${uri} is none`);
  const folder = path.replace(/\/+$/, "");
  return { bucket, folder: folder === "" ? "" : `${folder}/` };
}

async function requireQuota(unit: Unit, { limits, clock }: Context, domain: Domain): Promise<void> {
  if (!limits.enforced) return;
  const most = limits.value(SNAPSHOTS_PER_DAY.name, SNAPSHOTS_PER_DAY.default);
  await guardRange(unit, inDomain(domain, segmentSnapshots.name));
  const { documents } = await unit.list(segmentSnapshots, {
    index: "created",
    prefix: inDomain(domain, ""),
    from: inDomain(domain, Math.max(clock.now() - DAY_MS + 1, 0)),
    limit: most,
  });
  if (documents.length >= most) throw badRequest("Limit exceeded: segment snapshots per day");
}

export function takeSnapshots(platform: Platform): void {
  platform.flow.onTimer(SNAPSHOT_TIMER, async (unit, { payload }) => {
    const step = payload as SnapshotStep;
    const snapshot = await unit.get(segmentSnapshots, inDomain(step, step.id));
    // Its domain is gone, and all in it.
    if (!snapshot) return;
    if (step.todo === "forget") unit.delete(segmentSnapshots, segmentSnapshotKey(snapshot));
    else if (step.todo === "sweep") await sweepRows(unit, platform, snapshot);
    else await find(unit, platform, snapshot, step.todo.find);
  });
}

async function find(unit: Unit, platform: Platform, snapshot: SegmentSnapshot, from: ScannedFrom): Promise<void> {
  const { owner, id, sort } = snapshot;
  const domain = await unit.get(domains, domainKey(owner, owner.name));
  if (domain?.uid !== owner.uid) return;
  try {
    const chain = await segmentChain(platform.store, unit, domain, snapshot.segment);
    const { results, next } = await scanProfiles(unit, platform, domain, from, async (profile, memberships) => {
      if (!(await memberships.isInChain(chain))) return undefined;
      const key = sort ? sortKey(sort, await memberships.documentFor({ calculated: sortedBy(sort) })) : "";
      return { uid: owner.uid, snapshotId: id, sortKey: key, profileId: profile.id };
    });
    const rows = results.filter((row) => row !== undefined);
    for (const row of rows) unit.put(snapshotRows, snapshotRowKey(row), row);
    const found = { ...snapshot, found: snapshot.found + rows.length };
    if (rows.length > 0) unit.put(segmentSnapshots, segmentSnapshotKey(found), found);
    if (next === undefined) await owePart(unit, platform, found, { part: 0 });
    else
      platform.flow.schedule(unit, snapshotTimer({ uid: owner.uid, id, todo: { find: next } }, platform.clock.now()));
  } catch (error) {
    // The segment was deleted meanwhile.
    if (!(error instanceof ModeledError)) throw error;
    finishSnapshot(unit, platform, { ...snapshot, status: "FAILED", message: error.message });
  }
}

async function sweepRows(
  unit: Unit,
  platform: Platform,
  { owner: { uid }, id, createdMs }: SegmentSnapshot,
): Promise<void> {
  const prefix = inDomain({ uid }, id, "");
  const { documents } = await unit.list(snapshotRows, { prefix, limit: ROWS_PER_STEP });
  for (const row of documents) unit.delete(snapshotRows, snapshotRowKey(row));
  const isDone = documents.length < ROWS_PER_STEP;
  const nowMs = platform.clock.now();
  const step: SnapshotStep = { uid, id, todo: isDone ? "forget" : "sweep" };
  platform.flow.schedule(unit, snapshotTimer(step, isDone ? createdMs + KEPT_MS : nowMs));
}
