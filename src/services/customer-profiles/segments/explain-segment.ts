import type { Explanation } from "../../../matching/explanation.ts";
import type { Context } from "../../service.ts";
import { getDomain } from "../domain.ts";
import { getProfile } from "../get-profile.ts";
import { segmentChain } from "./segment-chains.ts";
import { segmentArn } from "./segment-definition.ts";
import { Memberships } from "./segment-membership.ts";

export interface SegmentQuestion {
  readonly domain: string;
  /** A segment's name. */
  readonly segment: string;
  readonly profileId: string;
}

export interface ExplainedSegment extends Explanation {
  /** Its ARN. */
  readonly segment: string;
  readonly profile: string;
  /** The segments that it rests on, each after those that it rests on itself. */
  readonly sources: readonly (Explanation & { readonly name: string })[];
}

/**
 * Why a profile belongs to a segment at this moment, or does not.
 *
 * Throws `ResourceNotFoundException` for a domain, a segment or a profile that is not there.
 */
export async function explainSegment(question: SegmentQuestion, context: Context): Promise<ExplainedSegment> {
  const { store, clock } = context;
  const nowMs = clock.now();
  const domain = await getDomain(store, context, question.domain);
  const chain = await segmentChain(store, store, domain, question.segment);
  const profile = await getProfile(store, domain, question.profileId, nowMs);
  const document = await new Memberships(store, context, domain, profile, nowMs).documentFor(chain);
  return {
    segment: segmentArn(domain, question.segment),
    profile: profile.id,
    ...chain.explain(document, nowMs),
    sources: chain.explainSources(document, nowMs).map(([name, explanation]) => ({ name, ...explanation })),
  };
}
