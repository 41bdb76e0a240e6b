import type { Timer } from "../../flow/index.ts";
import type { Collection, Unit } from "../../store/store.ts";
import type { Platform } from "../service.ts";
import {
  attributePageKey,
  attributePages,
  attributeValues,
  attributeValuesKey,
} from "./calculated-attributes/attribute-says.ts";
import { calculatedAttributeKey, calculatedAttributes } from "./calculated-attributes/calculated-attribute.ts";
import { type Domain, inDomain } from "./domain.ts";
import { countsKey, domainCounts } from "./domain-stats.ts";
import { eventStreamKey, eventStreams } from "./event-streams/event-stream.ts";
import { keptRecordKey, keptRecords } from "./event-streams/tell-event-stream.ts";
import { historyKey, historyRecords } from "./history-record.ts";
import { endIntegrations } from "./integrations/end-integrations.ts";
import { seenEventKey, seenEvents } from "./integrations/seen-events.ts";
import { stepKey, workflowKey, workflowSteps, workflows } from "./integrations/workflow.ts";
import { matches, matchId, matchKeyId, storedMatchKeys } from "./matching/match-profiles.ts";
import { objectKeyId, objectKeys } from "./object-keys.ts";
import { keyNameKey, keyNames } from "./object-types/key-names.ts";
import { objectTypeKey, objectTypes } from "./object-types/object-type.ts";
import { sweptTypeKey, sweptTypes } from "./object-types/swept-type.ts";
import { profileKeyId, profileKeys } from "./profile-keys.ts";
import { membershipEventKey, membershipEvents } from "./segments/membership-event.ts";
import { segmentKey, segments } from "./segments/segment-definition.ts";
import { segmentEstimateKey, segmentEstimates } from "./segments/segment-estimates.ts";
import { segmentSnapshotKey, segmentSnapshots, snapshotRowKey, snapshotRows } from "./segments/segment-snapshot.ts";
import { segmentStreamKey, segmentStreams } from "./segments/segment-stream.ts";
import {
  segmentMemberKey,
  segmentMembers,
  segmentSubscriptionKey,
  segmentSubscriptions,
} from "./segments/segment-subscription.ts";
import { objectKey, objects } from "./stored-object.ts";
import { profileKey, profiles } from "./stored-profile.ts";
import { eventTriggerKey, eventTriggers } from "./triggers/event-trigger.ts";
import {
  replacedTriggerKey,
  replacedTriggers,
  revisionKey,
  triggerRevisions,
} from "./triggers/event-trigger-versions.ts";
import { triggerCountKey, triggerCounts } from "./triggers/trigger-counts.ts";
import { decisionKey, triggerDecisions } from "./triggers/trigger-decisions.ts";
import { webhookSecretKey, webhookSecrets } from "./triggers/webhook-secret.ts";

/** A timer of this kind deletes what lay in a deleted domain, a step at a time. */
const DOMAIN_SWEEP = "customer-profiles.domain-sweep";

/** Documents deleted in one unit: few enough that nobody waits for it. */
const SWEPT_PER_STEP = 100;

type Swept = Pick<Domain, "uid">;

/** Deletes some of what lies in a domain; answers whether there was any. */
type Sweep = (unit: Unit, domain: Swept, platform: Platform) => Promise<boolean>;

/** What comes from outside ends first; then every collection whose documents lie in domains. */
const SWEEPS: readonly Sweep[] = [
  (unit, domain, platform) => endIntegrations(unit, platform, domain),
  sweepOf(segments, segmentKey),
  sweepOf(segmentSubscriptions, segmentSubscriptionKey),
  sweepOf(segmentStreams, segmentStreamKey),
  sweepOf(segmentEstimates, segmentEstimateKey),
  sweepOf(segmentSnapshots, segmentSnapshotKey),
  sweepOf(snapshotRows, snapshotRowKey),
  sweepOf(segmentMembers, segmentMemberKey),
  sweepOf(membershipEvents, membershipEventKey),
  sweepOf(calculatedAttributes, calculatedAttributeKey),
  sweepOf(attributeValues, attributeValuesKey),
  sweepOf(attributePages, attributePageKey),
  sweepOf(profileKeys, profileKeyId),
  sweepOf(objectKeys, objectKeyId),
  sweepOf(objects, objectKey),
  sweepOf(profiles, profileKey),
  sweepOf(objectTypes, objectTypeKey),
  sweepOf(eventStreams, eventStreamKey),
  sweepOf(keptRecords, keptRecordKey),
  sweepOf(keyNames, keyNameKey),
  sweepOf(sweptTypes, sweptTypeKey),
  sweepOf(historyRecords, historyKey),
  sweepOf(storedMatchKeys, matchKeyId),
  sweepOf(matches, matchId),
  sweepOf(domainCounts, countsKey),
  sweepOf(eventTriggers, eventTriggerKey),
  sweepOf(replacedTriggers, replacedTriggerKey),
  sweepOf(triggerRevisions, revisionKey),
  sweepOf(triggerCounts, triggerCountKey),
  sweepOf(triggerDecisions, decisionKey),
  sweepOf(seenEvents, seenEventKey),
  sweepOf(workflowSteps, stepKey),
  sweepOf(workflows, workflowKey),
  sweepOf(webhookSecrets, webhookSecretKey),
];

export function sweepDomainTimer({ uid }: Swept, nowMs: number): Timer {
  return { id: `${DOMAIN_SWEEP} ${uid}`, kind: DOMAIN_SWEEP, dueMs: nowMs, payload: { uid } };
}

export function sweepDomains(platform: Platform): void {
  const { flow, clock } = platform;
  flow.onTimer(DOMAIN_SWEEP, async (unit, { payload }) => {
    const domain = payload as Swept;
    for (const sweep of SWEEPS) {
      if (!(await sweep(unit, domain, platform))) continue;
      flow.schedule(unit, sweepDomainTimer(domain, clock.now()));
      return;
    }
  });
}

/** `keyOf`: the key of a document, which begins with its domain's `uid`. */
function sweepOf<T>(from: Collection<T>, keyOf: (document: T) => string): Sweep {
  return async (unit, domain) => {
    const { documents } = await unit.list(from, { prefix: inDomain(domain, ""), limit: SWEPT_PER_STEP });
    for (const document of documents) unit.delete(from, keyOf(document));
    return documents.length > 0;
  };
}
