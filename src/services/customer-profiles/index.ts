/** Customer Profiles: what is known of customers flows in and becomes one profile each; who wants to know of a change is told. */

import { openKeptLog } from "../kept-log.ts";
import type { Handler, Service } from "../service.ts";
import { batchGetProfile } from "./batch-get-profile.ts";
import { computeHistories } from "./calculated-attributes/attribute-history.ts";
import {
  deleteCalculatedAttributeDefinition,
  getCalculatedAttributeDefinition,
  listCalculatedAttributeDefinitions,
  updateCalculatedAttributeDefinition,
} from "./calculated-attributes/calculated-attribute-definitions.ts";
import {
  batchGetCalculatedAttributeForProfile,
  getCalculatedAttributeForProfile,
  listCalculatedAttributesForProfile,
} from "./calculated-attributes/calculated-attributes-for-profile.ts";
import {
  CALCULATED_ATTRIBUTES,
  createCalculatedAttributeDefinition,
} from "./calculated-attributes/create-calculated-attribute-definition.ts";
import { createProfile } from "./create-profile.ts";
import { deleteProfile } from "./delete-profile.ts";
import { sweepDomains } from "./domain-sweep.ts";
import { createDomain, DOMAINS, deleteDomain, getDomainOperation, listDomains, updateDomain } from "./domains.ts";
import {
  createEventStream,
  deleteEventStream,
  getEventStream,
  listEventStreams,
} from "./event-streams/event-streams.ts";
import { checkEventStreams } from "./event-streams/tell-event-stream.ts";
import { OBJECTS_PER_PROFILE } from "./ingest-object.ts";
import { createIngestSink } from "./integrations/ingest-sink.ts";
import {
  deleteIntegration,
  getIntegrationOperation,
  listAccountIntegrations,
  listIntegrations,
} from "./integrations/integrations.ts";
import { INTEGRATIONS, putIntegration } from "./integrations/put-integration.ts";
import { followWorkflows } from "./integrations/workflow-moves.ts";
import {
  createIntegrationWorkflow,
  deleteWorkflow,
  getWorkflow,
  getWorkflowSteps,
  listWorkflows,
} from "./integrations/workflows.ts";
import { listProfileAttributeValues } from "./list-profile-attribute-values.ts";
import { deleteProfileObject, listProfileObjects } from "./list-profile-objects.ts";
import { mapOfProfiles } from "./map.ts";
import { matchProfiles } from "./matching/match-profiles.ts";
import { getSimilarProfiles, listRuleBasedMatches } from "./matching/similar-profiles.ts";
import { mergeProfiles } from "./merge-profiles.ts";
import { deleteProfileObjectType } from "./object-types/delete-profile-object-type.ts";
import { detectProfileObjectType } from "./object-types/detect-profile-object-type.ts";
import {
  getObjectTypeAttributeStatistics,
  listObjectTypeAttributes,
  listObjectTypeAttributeValues,
} from "./object-types/object-type-attributes.ts";
import { sweepTypes } from "./object-types/object-type-sweep.ts";
import { getProfileObjectTypeTemplate, listProfileObjectTypeTemplates } from "./object-types/object-type-templates.ts";
import { getProfileObjectType, listProfileObjectTypes } from "./object-types/profile-object-types.ts";
import { OBJECT_TYPES, putProfileObjectType } from "./object-types/put-profile-object-type.ts";
import { getProfileHistoryRecord, listProfileHistoryRecords } from "./profile-history.ts";
import { addProfileKey, deleteProfileKey } from "./profile-keys-by-hand.ts";
import { batchPutProfileObject, putProfileObject } from "./put-profile-object.ts";
import { searchProfiles } from "./search-profiles.ts";
import {
  ATTRIBUTES_PER_SEGMENT,
  CALCULATED_PER_SEGMENT,
  createSegmentDefinition,
} from "./segments/create-segment-definition.ts";
import { getSegmentMembership } from "./segments/get-segment-membership.ts";
import {
  deleteSegmentDefinition,
  getSegmentDefinition,
  listSegmentDefinitions,
} from "./segments/segment-definitions.ts";
import { countEstimates, createSegmentEstimate, getSegmentEstimate } from "./segments/segment-estimates.ts";
import { writeSnapshots } from "./segments/segment-snapshot-files.ts";
import {
  createSegmentSnapshot,
  getSegmentSnapshot,
  SNAPSHOTS_PER_DAY,
  takeSnapshots,
} from "./segments/segment-snapshots.ts";
import {
  associateStreamForSegments,
  disassociateStreamForSegments,
  getStreamForSegments,
} from "./segments/segment-streams.ts";
import {
  compareSubscriptions,
  deleteSegmentSubscription,
  getSegmentSubscription,
  listSegmentSubscriptionEvents,
  putSegmentSubscription,
  SUBSCRIPTIONS,
} from "./segments/segment-subscriptions.ts";
import { listTagsForResource, tagResource, untagResource } from "./tags.ts";
import { answerCampaigns } from "./triggers/answer-campaigns.ts";
import {
  createEventTrigger,
  deleteEventTrigger,
  EVENT_TRIGGERS,
  getEventTriggerOperation,
  listEventTriggers,
  updateEventTrigger,
} from "./triggers/event-triggers.ts";
import { INGESTED_LOG } from "./triggers/ingested-log.ts";
import { sendTriggered } from "./triggers/undelivered.ts";
import { updateProfile } from "./update-profile.ts";

export { listDeadLetterDomains } from "./dead-letter-queue.ts";
export { eventStreamHealth } from "./event-streams/event-stream-health.ts";
export { instanceDirectory } from "./instance-directory.ts";
export { findDomainOfInstance, ingestContactRecord } from "./integrations/contact-records.ts";
export { knownOfProfile } from "./known-of-profile.ts";
export { listMatches } from "./matching/shown-matches.ts";
export { findProfileByArn, parseProfileArn, profileArn } from "./profile-arn.ts";
export { findProfileOfContact } from "./profile-of-contact.ts";
export { type ExplainedSegment, explainSegment } from "./segments/explain-segment.ts";
export { listSegmentMembers } from "./segments/segment-members.ts";
export {
  countObjectTypes,
  listShownProfiles,
  showProfile,
} from "./shown-profile.ts";
export { backtestTrigger, type TriedTrigger, triggerBacktest } from "./triggers/backtest-trigger.ts";
export type {
  TriggerBacktestLine,
  TriggerBacktestMatch,
  TriggerBacktestResult,
} from "./triggers/backtest-trigger-job.ts";
export { type ExplainedTrigger, explainTrigger, onlyDomainName } from "./triggers/explain-trigger.ts";
export { listDecisionsOfProfile } from "./triggers/shown-decisions.ts";
export { listWebhooks, revealWebhookSecret, rotateWebhookSecret, type ShownWebhook } from "./triggers/webhooks.ts";

const operations: Readonly<Record<string, Handler>> = {
  CreateDomain: createDomain,
  GetDomain: getDomainOperation,
  UpdateDomain: updateDomain,
  DeleteDomain: deleteDomain,
  ListDomains: listDomains,
  CreateProfile: createProfile,
  UpdateProfile: updateProfile,
  DeleteProfile: deleteProfile,
  BatchGetProfile: batchGetProfile,
  SearchProfiles: searchProfiles,
  MergeProfiles: mergeProfiles,
  ListProfileHistoryRecords: listProfileHistoryRecords,
  GetProfileHistoryRecord: getProfileHistoryRecord,
  GetSimilarProfiles: getSimilarProfiles,
  ListRuleBasedMatches: listRuleBasedMatches,
  AddProfileKey: addProfileKey,
  DeleteProfileKey: deleteProfileKey,
  PutProfileObjectType: putProfileObjectType,
  GetProfileObjectType: getProfileObjectType,
  ListProfileObjectTypes: listProfileObjectTypes,
  DeleteProfileObjectType: deleteProfileObjectType,
  GetProfileObjectTypeTemplate: getProfileObjectTypeTemplate,
  ListProfileObjectTypeTemplates: listProfileObjectTypeTemplates,
  DetectProfileObjectType: detectProfileObjectType,
  ListObjectTypeAttributes: listObjectTypeAttributes,
  ListObjectTypeAttributeValues: listObjectTypeAttributeValues,
  GetObjectTypeAttributeStatistics: getObjectTypeAttributeStatistics,
  ListProfileAttributeValues: listProfileAttributeValues,
  PutProfileObject: putProfileObject,
  BatchPutProfileObject: batchPutProfileObject,
  ListProfileObjects: listProfileObjects,
  DeleteProfileObject: deleteProfileObject,
  CreateEventStream: createEventStream,
  GetEventStream: getEventStream,
  ListEventStreams: listEventStreams,
  DeleteEventStream: deleteEventStream,
  CreateSegmentDefinition: createSegmentDefinition,
  GetSegmentDefinition: getSegmentDefinition,
  ListSegmentDefinitions: listSegmentDefinitions,
  DeleteSegmentDefinition: deleteSegmentDefinition,
  CreateSegmentEstimate: createSegmentEstimate,
  GetSegmentEstimate: getSegmentEstimate,
  GetSegmentMembership: getSegmentMembership,
  CreateSegmentSnapshot: createSegmentSnapshot,
  GetSegmentSnapshot: getSegmentSnapshot,
  AssociateStreamForSegments: associateStreamForSegments,
  GetStreamForSegments: getStreamForSegments,
  DisassociateStreamForSegments: disassociateStreamForSegments,
  PutSegmentSubscription: putSegmentSubscription,
  GetSegmentSubscription: getSegmentSubscription,
  DeleteSegmentSubscription: deleteSegmentSubscription,
  ListSegmentSubscriptionEvents: listSegmentSubscriptionEvents,
  CreateCalculatedAttributeDefinition: createCalculatedAttributeDefinition,
  GetCalculatedAttributeDefinition: getCalculatedAttributeDefinition,
  UpdateCalculatedAttributeDefinition: updateCalculatedAttributeDefinition,
  ListCalculatedAttributeDefinitions: listCalculatedAttributeDefinitions,
  DeleteCalculatedAttributeDefinition: deleteCalculatedAttributeDefinition,
  GetCalculatedAttributeForProfile: getCalculatedAttributeForProfile,
  ListCalculatedAttributesForProfile: listCalculatedAttributesForProfile,
  BatchGetCalculatedAttributeForProfile: batchGetCalculatedAttributeForProfile,
  TagResource: tagResource,
  UntagResource: untagResource,
  ListTagsForResource: listTagsForResource,
  CreateEventTrigger: createEventTrigger,
  GetEventTrigger: getEventTriggerOperation,
  UpdateEventTrigger: updateEventTrigger,
  ListEventTriggers: listEventTriggers,
  DeleteEventTrigger: deleteEventTrigger,
  PutIntegration: putIntegration,
  GetIntegration: getIntegrationOperation,
  ListIntegrations: listIntegrations,
  ListAccountIntegrations: listAccountIntegrations,
  DeleteIntegration: deleteIntegration,
  CreateIntegrationWorkflow: createIntegrationWorkflow,
  GetWorkflow: getWorkflow,
  GetWorkflowSteps: getWorkflowSteps,
  ListWorkflows: listWorkflows,
  DeleteWorkflow: deleteWorkflow,
};

export const customerProfiles: Service = {
  map: mapOfProfiles,
  operations: { "customer-profiles": operations },
  limits: [
    DOMAINS,
    OBJECT_TYPES,
    OBJECTS_PER_PROFILE,
    EVENT_TRIGGERS,
    INTEGRATIONS,
    CALCULATED_ATTRIBUTES,
    ATTRIBUTES_PER_SEGMENT,
    CALCULATED_PER_SEGMENT,
    SNAPSHOTS_PER_DAY,
    SUBSCRIPTIONS,
  ],

  async start(platform) {
    platform.flow.sink("profile", "ingest/", createIngestSink(platform));
    followWorkflows(platform);
    sweepDomains(platform);
    sweepTypes(platform);
    checkEventStreams(platform);
    computeHistories(platform);
    await matchProfiles(platform);
    await openKeptLog(platform.store, INGESTED_LOG);
    sendTriggered(platform);
    answerCampaigns(platform);
    countEstimates(platform);
    takeSnapshots(platform);
    writeSnapshots(platform);
    compareSubscriptions(platform);
  },
};
