import type { DataFormat } from "@aws-sdk/client-customer-profiles";
import type { Timer } from "../../../flow/index.ts";
import { type Collection, collection, type Unit } from "../../../store/store.ts";
import type { Platform } from "../../service.ts";
import { type Domain, inDomain } from "../domain.ts";
import type { ScannedFrom } from "./segment-scan.ts";
import type { SegmentSort } from "./segment-sort.ts";

/** The profiles of a segment at one time, written to a bucket. */
export interface SegmentSnapshot {
  readonly owner: Pick<Domain, "account" | "region" | "name" | "uid">;
  readonly segment: string;
  readonly id: string;
  readonly format: DataFormat;
  readonly destinationUri: string;
  readonly bucket: string;
  /** Begins the keys of its files; ends with a slash. */
  readonly prefix: string;
  readonly roleArn?: string | undefined;
  readonly encryptionKey?: string | undefined;
  readonly sort?: SegmentSort | undefined;
  readonly status: "IN_PROGRESS" | "COMPLETED" | "FAILED";
  readonly message?: string | undefined;
  /** Profiles that were found, and those of them that were written. */
  readonly found: number;
  readonly written: number;
  readonly createdMs: number;
}

export const segmentSnapshots: Collection<SegmentSnapshot> = collection("profiles_segment_snapshots", {
  created: { type: "text", value: ({ owner, createdMs }) => inDomain(owner, createdMs) },
});

export function segmentSnapshotKey({ owner: { uid }, id }: SegmentSnapshot): string {
  return inDomain({ uid }, id);
}

/** A profile of a snapshot that is not finished yet, by the place that it has in it. */
export interface SnapshotRow {
  readonly uid: string;
  readonly snapshotId: string;
  readonly sortKey: string;
  readonly profileId: string;
}

export const snapshotRows: Collection<SnapshotRow> = collection("profiles_segment_snapshot_rows");

export function snapshotRowKey({ uid, snapshotId, sortKey, profileId }: SnapshotRow): string {
  return inDomain({ uid }, snapshotId, sortKey, profileId);
}

/** A timer of this kind goes on with a snapshot: finds its profiles, or takes away what it needs no more. */
export const SNAPSHOT_TIMER = "customer-profiles.segment-snapshot";

export interface SnapshotStep {
  readonly uid: string;
  readonly id: string;
  readonly todo: { readonly find: ScannedFrom } | "sweep" | "forget";
}

export function snapshotTimer(step: SnapshotStep, dueMs: number): Timer {
  return { id: `${SNAPSHOT_TIMER} ${step.uid} ${step.id}`, kind: SNAPSHOT_TIMER, dueMs, payload: step };
}

/** A snapshot is written, or cannot be: what is left to do is to take away its rows, and one day to forget it. */
export function finishSnapshot(unit: Unit, platform: Platform, snapshot: SegmentSnapshot): void {
  unit.put(segmentSnapshots, segmentSnapshotKey(snapshot), snapshot);
  const { owner, id } = snapshot;
  platform.flow.schedule(unit, snapshotTimer({ uid: owner.uid, id, todo: "sweep" }, platform.clock.now()));
}
