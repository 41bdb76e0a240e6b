import type {
  CreateSegmentEstimateRequest,
  CreateSegmentEstimateResponse,
  GetSegmentEstimateRequest,
  GetSegmentEstimateResponse,
  SegmentGroup,
} from "@aws-sdk/client-customer-profiles";
import type { Timer } from "../../../flow/index.ts";
import { ProfileSegment } from "../../../matching/profile-segment.ts";
import { ModeledError } from "../../../models/modeled-error.ts";
import type { Validated } from "../../../models/validated.ts";
import { type Collection, collection, type Unit } from "../../../store/store.ts";
import type { Context, Platform } from "../../service.ts";
import { type Domain, domainKey, domains, getDomain, inDomain } from "../domain.ts";
import { notFound } from "../errors.ts";
import { newId } from "../new-id.ts";
import { checkSegment, classicGroups } from "./create-segment-definition.ts";
import { compiledChain } from "./segment-chains.ts";
import { type ScannedFrom, scanProfiles } from "./segment-scan.ts";

/** How many profiles would belong to a segment: counted in small steps. */
interface SegmentEstimate {
  /** Of its domain. */
  readonly uid: string;
  readonly id: string;
  readonly groups: SegmentGroup;
  readonly status: "RUNNING" | "SUCCEEDED" | "FAILED";
  readonly count?: number;
  readonly message?: string;
}

export const segmentEstimates: Collection<SegmentEstimate> = collection("profiles_segment_estimates");

export function segmentEstimateKey({ uid, id }: Pick<SegmentEstimate, "uid" | "id">): string {
  return inDomain({ uid }, id);
}

/** A timer of this kind counts on, or forgets an estimate. */
const ESTIMATE = "customer-profiles.segment-estimate";

/** An estimate can be asked for so long (our choice). */
const KEPT_MS = 24 * 60 * 60 * 1000;

interface Count {
  readonly owner: Pick<Domain, "account" | "region" | "name" | "uid">;
  readonly id: string;
  readonly from: ScannedFrom | "done";
  readonly count: number;
}

/** Begins to count the profiles that a segment would have. */
export async function createSegmentEstimate(
  input: Validated<CreateSegmentEstimateRequest>,
  context: Context,
): Promise<CreateSegmentEstimateResponse> {
  const groups = classicGroups(input.SegmentQuery, input.SegmentSqlQuery, "SegmentQuery");
  const segment = new ProfileSegment(groups, "SegmentQuery");
  const id = newId(context);
  await context.store.commit(async (unit) => {
    const domain = await getDomain(unit, context, input.DomainName);
    await checkSegment(unit, context, domain, segment);
    const estimate: SegmentEstimate = { uid: domain.uid, id, groups, status: "RUNNING" };
    unit.put(segmentEstimates, segmentEstimateKey(estimate), estimate);
    const { account, region, name, uid } = domain;
    const count: Count = { owner: { account, region, name, uid }, id, from: "beginning", count: 0 };
    context.flow.schedule(unit, countTimer(count, context.clock.now()));
  });
  return { DomainName: input.DomainName, EstimateId: id, StatusCode: 200 };
}

export async function getSegmentEstimate(
  input: Validated<GetSegmentEstimateRequest>,
  context: Context,
): Promise<GetSegmentEstimateResponse> {
  const { uid } = await getDomain(context.store, context, input.DomainName);
  const estimate = await context.store.get(segmentEstimates, segmentEstimateKey({ uid, id: input.EstimateId }));
  if (!estimate) throw notFound(`Segment estimate ${input.EstimateId} does not exist`);
  return {
    DomainName: input.DomainName,
    EstimateId: estimate.id,
    Status: estimate.status,
    Estimate: estimate.count === undefined ? undefined : String(estimate.count),
    Message: estimate.message,
    StatusCode: 200,
  };
}

export function countEstimates(platform: Platform): void {
  platform.flow.onTimer(ESTIMATE, (unit, { payload }) => goOn(unit, platform, payload as Count));
}

function countTimer(count: Count, dueMs: number): Timer {
  return { id: `${ESTIMATE} ${count.owner.uid} ${count.id}`, kind: ESTIMATE, dueMs, payload: count };
}

async function goOn(unit: Unit, platform: Platform, { owner, id, from, count }: Count): Promise<void> {
  const key = segmentEstimateKey({ uid: owner.uid, id });
  const estimate = await unit.get(segmentEstimates, key);
  const domain = await unit.get(domains, domainKey(owner, owner.name));
  if (!estimate || domain?.uid !== owner.uid) return;
  if (from === "done") {
    unit.delete(segmentEstimates, key);
    return;
  }
  const nowMs = platform.clock.now();
  try {
    const chain = await compiledChain(unit, domain, new ProfileSegment(estimate.groups, "SegmentQuery"), "");
    const scanned = await scanProfiles(unit, platform, domain, from, async (_, memberships) =>
      memberships.isInChain(chain),
    );
    const sum = count + scanned.results.filter(Boolean).length;
    if (scanned.next !== undefined) {
      platform.flow.schedule(unit, countTimer({ owner, id, from: scanned.next, count: sum }, nowMs));
      return;
    }
    unit.put(segmentEstimates, key, { ...estimate, status: "SUCCEEDED", count: sum });
  } catch (error) {
    // A segment that it rests on was deleted meanwhile.
    if (!(error instanceof ModeledError)) throw error;
    unit.put(segmentEstimates, key, { ...estimate, status: "FAILED", message: error.message });
  }
  platform.flow.schedule(unit, countTimer({ owner, id, from: "done", count }, nowMs + KEPT_MS));
}
