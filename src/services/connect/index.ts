import { instanceDirectory } from "../customer-profiles/index.ts";
import { openKeptLog } from "../kept-log.ts";
import type { Handler, Service } from "../service.ts";
import {
  createAgentStatus,
  describeAgentStatus,
  listAgentStatuses,
  searchAgentStatuses,
  updateAgentStatus,
} from "./agent-statuses.ts";
import type { InstanceRef } from "./arns.ts";
import { associateContactWithUser } from "./associate-contact-with-user.ts";
import { batchPutContact } from "./batch-put-contact.ts";
import { stopFeeds } from "./chat-feed.ts";
import { getContactAttributes } from "./contact-attributes.ts";
import { startContactClock } from "./contact-clock.ts";
import { describeContactEvaluation, listContactEvaluations } from "./contact-evaluations.ts";
import {
  associateFlow,
  batchGetFlowAssociation,
  disassociateFlow,
  getFlowAssociation,
  listFlowAssociations,
} from "./contact-flow-associations.ts";
import {
  createContactFlowModuleAlias,
  deleteContactFlowModuleAlias,
  describeContactFlowModuleAlias,
  listContactFlowModuleAliases,
  updateContactFlowModuleAlias,
} from "./contact-flow-module-aliases.ts";
import {
  createContactFlowModuleVersion,
  deleteContactFlowModuleVersion,
  listContactFlowModuleVersions,
} from "./contact-flow-module-versions.ts";
import {
  deleteContactFlowModule,
  describeContactFlowModule,
  listContactFlowModules,
  updateContactFlowModuleMetadata,
} from "./contact-flow-modules.ts";
import { searchContactFlowModules, searchContactFlows } from "./contact-flow-search.ts";
import {
  createContactFlowVersion,
  deleteContactFlowVersion,
  listContactFlowVersions,
} from "./contact-flow-versions.ts";
import {
  deleteContactFlow,
  describeContactFlow,
  listContactFlows,
  updateContactFlowMetadata,
  updateContactFlowName,
} from "./contact-flows.ts";
import { CONTACT_HISTORY } from "./contact-history.ts";
import {
  resumeContactRecording,
  startContactRecording,
  stopContactRecording,
  suspendContactRecording,
} from "./contact-recording.ts";
import { listContactReferences } from "./contact-references.ts";
import { searchContacts } from "./contact-search.ts";
import { tagContact, untagContact } from "./contact-tags.ts";
import { declareConversations } from "./conversation-log.ts";
import { mapOfInstances } from "./map.ts";

export { type HeardCall, sumHeardCall } from "./contact-figures.ts";

import { createContact } from "./create-contact.ts";
import { createContactFlow } from "./create-contact-flow.ts";
import { createContactFlowModule } from "./create-contact-flow-module.ts";
import { createEvaluationForm } from "./create-evaluation-form.ts";
import { createInstance } from "./create-instance.ts";
import { createIntegrationAssociation } from "./create-integration-association.ts";
import { createParticipant } from "./create-participant.ts";
import { createQueue } from "./create-queue.ts";
import { createRoutingProfile } from "./create-routing-profile.ts";
import { createUser } from "./create-user.ts";
import { deleteContactData } from "./delete-contact-data.ts";
import { deleteHoursOfOperation } from "./delete-hours-of-operation.ts";
import { deleteInstance, INSTANCE_SWEEP, sweepInstance } from "./delete-instance.ts";
import { deleteIntegrationAssociation } from "./delete-integration-association.ts";
import { deleteQueue } from "./delete-queue.ts";
import { deleteUser } from "./delete-user.ts";
import { describeContact } from "./describe-contact.ts";
import { dismissUserContact } from "./dismiss-user-contact.ts";
import {
  createEmailAddress,
  deleteEmailAddress,
  describeEmailAddress,
  searchEmailAddresses,
  updateEmailAddressMetadata,
} from "./email-addresses.ts";
import {
  associateSecurityProfiles,
  disassociateSecurityProfiles,
  listEntitySecurityProfiles,
} from "./entity-security-profiles.ts";
import { refusingAsModeled } from "./errors.ts";
import {
  activateEvaluationForm,
  deactivateEvaluationForm,
  deleteEvaluationForm,
  listEvaluationFormVersions,
} from "./evaluation-form-versions.ts";
import { describeEvaluationForm, listEvaluationForms } from "./evaluation-forms.ts";
import { callFunctionsOfFlows } from "./flow-functions.ts";
import { getCurrentMetricData } from "./get-current-metric-data.ts";
import { getCurrentUserData } from "./get-current-user-data.ts";
import { getMetricData } from "./get-metric-data.ts";
import { getMetricDataV2 } from "./get-metric-data-v2.ts";
import { describeUserHierarchyStructure, updateUserHierarchyStructure } from "./hierarchy-structure.ts";
import {
  createHoursOfOperation,
  describeHoursOfOperation,
  listHoursOfOperations,
  searchHoursOfOperations,
  updateHoursOfOperation,
} from "./hours-of-operation.ts";
import { getEffectiveHoursOfOperations } from "./hours-of-operation-effective.ts";
import {
  createHoursOfOperationOverride,
  deleteHoursOfOperationOverride,
  describeHoursOfOperationOverride,
  listHoursOfOperationOverrides,
  searchHoursOfOperationOverrides,
  updateHoursOfOperationOverride,
} from "./hours-of-operation-overrides.ts";
import {
  associateHoursOfOperations,
  disassociateHoursOfOperations,
  listChildHoursOfOperations,
} from "./hours-of-operation-parents.ts";
import { describeInstanceAttribute, listInstanceAttributes, updateInstanceAttribute } from "./instance-attributes.ts";
import {
  associateInstanceStorageConfig,
  describeInstanceStorageConfig,
  disassociateInstanceStorageConfig,
  listInstanceStorageConfigs,
  updateInstanceStorageConfig,
} from "./instance-storage-configs.ts";
import { describeInstance, findInstance, listInstances } from "./instances.ts";
import { listIntegrationAssociations } from "./integration-associations.ts";
import { receiveIntegrationEvents } from "./integration-events.ts";
import { associateLambdaFunction, disassociateLambdaFunction, listLambdaFunctions } from "./lambda-functions.ts";
import { monitorContact } from "./monitor-contact.ts";
import { declareOccasions } from "./occasions.ts";
import { participantOperations } from "./participant-service/operations.ts";
import { pauseContact, resumeContact } from "./pause-contact.ts";
import { createPersistentContactAssociation } from "./persistent-chats.ts";
import {
  associatePhoneNumberContactFlow,
  claimPhoneNumber,
  describePhoneNumber,
  disassociatePhoneNumberContactFlow,
  importPhoneNumber,
  listPhoneNumbers,
  listPhoneNumbersV2,
  searchAvailablePhoneNumbers,
  updatePhoneNumberMetadata,
} from "./phone-numbers.ts";
import {
  createPredefinedAttribute,
  deletePredefinedAttribute,
  describePredefinedAttribute,
  listPredefinedAttributes,
  searchPredefinedAttributes,
  updatePredefinedAttribute,
} from "./predefined-attributes.ts";
import { putUserStatus } from "./put-user-status.ts";
import {
  associateQueueEmailAddresses,
  disassociateQueueEmailAddresses,
  listQueueEmailAddresses,
  updateQueueOutboundEmailConfig,
} from "./queue-email-addresses.ts";
import {
  associateQueueQuickConnects,
  deleteQuickConnect,
  disassociateQueueQuickConnects,
  listQueueQuickConnects,
} from "./queue-quick-connects.ts";
import {
  describeQueue,
  listQueues,
  searchQueues,
  updateQueueHoursOfOperation,
  updateQueueMaxContacts,
  updateQueueName,
  updateQueueOutboundCallerConfig,
  updateQueueStatus,
} from "./queues.ts";
import {
  createQuickConnect,
  describeQuickConnect,
  listQuickConnects,
  searchQuickConnects,
  updateQuickConnectConfig,
  updateQuickConnectName,
} from "./quick-connects.ts";
import { quotaLimits } from "./quotas.ts";
import { rateLimits, throttled } from "./rates.ts";
import { releasePhoneNumber, updatePhoneNumber } from "./release-phone-number.ts";
import { RING_SECONDS } from "./routing.ts";
import {
  associateRoutingProfileQueues,
  disassociateRoutingProfileQueues,
  listRoutingProfileManualAssignmentQueues,
  listRoutingProfileQueues,
  QUEUES_PER_PROFILE,
  updateRoutingProfileQueues,
} from "./routing-profile-queues.ts";
import {
  deleteRoutingProfile,
  describeRoutingProfile,
  listRoutingProfiles,
  searchRoutingProfiles,
  updateRoutingProfileAgentAvailabilityTimer,
  updateRoutingProfileConcurrency,
  updateRoutingProfileDefaultOutboundQueue,
  updateRoutingProfileName,
} from "./routing-profiles.ts";
import { searchContactEvaluations } from "./search-contact-evaluations.ts";
import { searchEvaluationForms } from "./search-evaluation-forms.ts";
import { searchResourceTags } from "./search-resource-tags.ts";
import { searchSecurityProfiles } from "./search-security-profiles.ts";
import { searchUsers } from "./search-users.ts";
import {
  listSecurityProfileAIAgents,
  listSecurityProfileApplications,
  listSecurityProfileFlowModules,
  listSecurityProfilePermissions,
} from "./security-profile-contents.ts";
import {
  createSecurityProfile,
  deleteSecurityProfile,
  describeSecurityProfile,
  listSecurityProfiles,
  updateSecurityProfile,
} from "./security-profiles.ts";
import { startChatContact } from "./start-chat-contact.ts";
import { startContactEvaluation } from "./start-contact-evaluation.ts";
import { startEmailContact } from "./start-email-contact.ts";
import { startOutboundEmailContact } from "./start-outbound-email-contact.ts";
import { startOutboundVoiceContact, UK_MOBILE_CALLS } from "./start-outbound-voice-contact.ts";
import { startTaskContact } from "./start-task-contact.ts";
import { startWebRtcContact } from "./start-webrtc-contact.ts";
import { stopContact } from "./stop-contact.ts";
import { listTagsForResource, tagResource, tagsOf, untagResource } from "./tags.ts";
import { transferContact } from "./transfer-contact.ts";
import { updateContact } from "./update-contact.ts";
import { updateContactAttributes } from "./update-contact-attributes.ts";
import {
  deleteContactEvaluation,
  submitContactEvaluation,
  updateContactEvaluation,
} from "./update-contact-evaluation.ts";
import { updateContactFlowContent } from "./update-contact-flow-content.ts";
import { updateContactFlowModuleContent } from "./update-contact-flow-module-content.ts";
import { updateContactRoutingData } from "./update-contact-routing-data.ts";
import { updateContactSchedule } from "./update-contact-schedule.ts";
import { updateEvaluationForm } from "./update-evaluation-form.ts";
import { updateParticipantRoleConfig } from "./update-participant-role-config.ts";
import {
  updateUserConfig,
  updateUserHierarchy,
  updateUserIdentityInfo,
  updateUserPhoneConfig,
  updateUserRoutingProfile,
  updateUserSecurityProfiles,
} from "./update-user.ts";
import { createUseCase, deleteUseCase, listUseCases } from "./use-cases.ts";
import {
  createUserHierarchyGroup,
  deleteUserHierarchyGroup,
  describeUserHierarchyGroup,
  listUserHierarchyGroups,
  searchUserHierarchyGroups,
  updateUserHierarchyGroupName,
} from "./user-hierarchy.ts";
import { listUserNotifications, updateUserNotificationStatus } from "./user-notifications.ts";
import {
  associateUserProficiencies,
  disassociateUserProficiencies,
  listUserProficiencies,
  updateUserProficiencies,
} from "./user-proficiencies.ts";
import { describeUser, listUsers } from "./users.ts";
import { writeChatTranscripts } from "./write-chat-transcripts.ts";
import { writeEvaluationExports } from "./write-evaluation-exports.ts";

export { type AgentAct, actAsAgent, chatConnection, viewAgent } from "./agent-control.ts";
export { listAgentHistory } from "./agent-history.ts";
export { type AgentsNow, agentsNow } from "./agents-now.ts";
export { type InstanceRef, instanceArn, instanceKey, refOf, resourceArn } from "./arns.ts";
export { evaluateAutomatically } from "./automated-evaluation.ts";
export { casesDirectory } from "./cases-directory.ts";
export { readAttachment, storeAttachment } from "./chat-attachments.ts";
export { openChatSocket } from "./chat-sockets.ts";
export { claimClientToken, forgetClientToken } from "./client-tokens.ts";
export { type Attributes, attributesOf } from "./contact-attributes.ts";
export { askForCallback, contactArrives, hangUp, input, moveToQueue, say, viewContact } from "./contact-control.ts";
export { hasContactFlow } from "./contact-flows.ts";
export { type ContactStep, contactHistory } from "./contact-history.ts";
export { CONTACT_OUTCOMES, CONTACT_STAGES, listContacts } from "./contact-list.ts";
export { contactRecord } from "./contact-records.ts";
export { type ContactStages, type StagePicture, watchContactStages } from "./contact-stages.ts";
export { findRecordStream, putRecord } from "./contact-streams.ts";
export { transcriptOf } from "./contact-transcript.ts";
export { disconnectContact } from "./contact-transitions.ts";
export {
  type Analytics,
  type Contact,
  contactQueueArn,
  contactTags,
  findContact,
  findContactByArn,
  getContact,
} from "./contacts.ts";
export { conversationFiles } from "./conversation-files.ts";
export {
  CONVERSATIONS,
  type ConversationContact,
  type ConversationEntry,
  type SaidTurn,
} from "./conversation-log.ts";
export { findEmailMessage } from "./email-messages.ts";
export { invalidRequest, notFound, refusingAsModeled } from "./errors.ts";
export type { Answers } from "./evaluation-answers.ts";
export { type FormContent, type Question, questionsOf } from "./evaluation-form-content.ts";
export type { EvaluationSubmission } from "./evaluation-submissions.ts";
export { findUserByArn, findUsers } from "./find-users.ts";
export { timelineOf as flowTimelineOf } from "./flow-run/timeline.ts";
export { happeningsOf, type InstanceHappenings } from "./happenings.ts";
export { getResource, resourceKey } from "./instance-resources.ts";
export { findInstance, getInstance, onlyInstanceId } from "./instances.ts";
export {
  casesDomainOfInstance,
  getIntegrationAssociation,
  hasEventSource,
  instanceOfCasesDomain,
} from "./integration-associations.ts";
export { INTEGRATION_EVENTS, type IntegrationEvent } from "./integration-events.ts";
export { KEPT_MS as SUMS_KEPT_MS } from "./metrics.ts";
export { OCCASIONS, type Occasion } from "./occasions.ts";
export { dayFolder, oweFile, writeFilesBy } from "./owed-files.ts";
export { SOCKET_PATH as CHAT_SOCKET_PATH } from "./participant-service/create-participant-connection.ts";
export { type Quota, quotaOf, quotaReached } from "./quotas.ts";
export { rateLimits, throttled } from "./rates.ts";
export { relatedContacts } from "./related-contacts.ts";
export { type Resource, ResourceMetrics } from "./resource-metrics.ts";
export { looksEnds, matchedEnds } from "./rule-ends.ts";
export { type Rule, ruleAge, rules } from "./rules.ts";
export { attributeMatch, criteriaMatch, searchResources, stringLeaf } from "./search.ts";
export { startTask } from "./start-task-contact.ts";
export { hasUseCase } from "./use-cases.ts";
export { notifyUsers } from "./user-notifications.ts";
export type { User } from "./users.ts";

const operations: Readonly<Record<string, Handler>> = {
  CreateInstance: createInstance,
  DescribeInstance: describeInstance,
  ListInstances: listInstances,
  DeleteInstance: deleteInstance,
  DescribeInstanceAttribute: describeInstanceAttribute,
  UpdateInstanceAttribute: updateInstanceAttribute,
  ListInstanceAttributes: listInstanceAttributes,
  AssociateLambdaFunction: associateLambdaFunction,
  DisassociateLambdaFunction: disassociateLambdaFunction,
  ListLambdaFunctions: listLambdaFunctions,
  AssociateInstanceStorageConfig: associateInstanceStorageConfig,
  DescribeInstanceStorageConfig: describeInstanceStorageConfig,
  ListInstanceStorageConfigs: listInstanceStorageConfigs,
  UpdateInstanceStorageConfig: updateInstanceStorageConfig,
  DisassociateInstanceStorageConfig: disassociateInstanceStorageConfig,
  CreateHoursOfOperation: createHoursOfOperation,
  DescribeHoursOfOperation: describeHoursOfOperation,
  UpdateHoursOfOperation: updateHoursOfOperation,
  DeleteHoursOfOperation: deleteHoursOfOperation,
  ListHoursOfOperations: listHoursOfOperations,
  SearchHoursOfOperations: searchHoursOfOperations,
  AssociateHoursOfOperations: associateHoursOfOperations,
  DisassociateHoursOfOperations: disassociateHoursOfOperations,
  ListChildHoursOfOperations: listChildHoursOfOperations,
  GetEffectiveHoursOfOperations: getEffectiveHoursOfOperations,
  CreateHoursOfOperationOverride: createHoursOfOperationOverride,
  DescribeHoursOfOperationOverride: describeHoursOfOperationOverride,
  UpdateHoursOfOperationOverride: updateHoursOfOperationOverride,
  DeleteHoursOfOperationOverride: deleteHoursOfOperationOverride,
  ListHoursOfOperationOverrides: listHoursOfOperationOverrides,
  SearchHoursOfOperationOverrides: searchHoursOfOperationOverrides,
  CreateContactFlow: createContactFlow,
  DescribeContactFlow: describeContactFlow,
  UpdateContactFlowContent: updateContactFlowContent,
  UpdateContactFlowMetadata: updateContactFlowMetadata,
  UpdateContactFlowName: updateContactFlowName,
  DeleteContactFlow: deleteContactFlow,
  ListContactFlows: listContactFlows,
  SearchContactFlows: searchContactFlows,
  CreateContactFlowVersion: createContactFlowVersion,
  ListContactFlowVersions: listContactFlowVersions,
  DeleteContactFlowVersion: deleteContactFlowVersion,
  CreateContactFlowModule: createContactFlowModule,
  DescribeContactFlowModule: describeContactFlowModule,
  ListContactFlowModules: listContactFlowModules,
  SearchContactFlowModules: searchContactFlowModules,
  UpdateContactFlowModuleContent: updateContactFlowModuleContent,
  UpdateContactFlowModuleMetadata: updateContactFlowModuleMetadata,
  DeleteContactFlowModule: deleteContactFlowModule,
  CreateContactFlowModuleVersion: createContactFlowModuleVersion,
  ListContactFlowModuleVersions: listContactFlowModuleVersions,
  DeleteContactFlowModuleVersion: deleteContactFlowModuleVersion,
  CreateContactFlowModuleAlias: createContactFlowModuleAlias,
  DescribeContactFlowModuleAlias: describeContactFlowModuleAlias,
  ListContactFlowModuleAliases: listContactFlowModuleAliases,
  UpdateContactFlowModuleAlias: updateContactFlowModuleAlias,
  DeleteContactFlowModuleAlias: deleteContactFlowModuleAlias,
  SearchAvailablePhoneNumbers: searchAvailablePhoneNumbers,
  ClaimPhoneNumber: claimPhoneNumber,
  DescribePhoneNumber: describePhoneNumber,
  ListPhoneNumbers: listPhoneNumbers,
  ListPhoneNumbersV2: listPhoneNumbersV2,
  UpdatePhoneNumber: updatePhoneNumber,
  UpdatePhoneNumberMetadata: updatePhoneNumberMetadata,
  ReleasePhoneNumber: releasePhoneNumber,
  AssociatePhoneNumberContactFlow: associatePhoneNumberContactFlow,
  DisassociatePhoneNumberContactFlow: disassociatePhoneNumberContactFlow,
  ImportPhoneNumber: importPhoneNumber,
  AssociateFlow: associateFlow,
  GetFlowAssociation: getFlowAssociation,
  DisassociateFlow: disassociateFlow,
  ListFlowAssociations: listFlowAssociations,
  BatchGetFlowAssociation: batchGetFlowAssociation,
  CreateQueue: createQueue,
  DescribeQueue: describeQueue,
  ListQueues: listQueues,
  SearchQueues: searchQueues,
  UpdateQueueName: updateQueueName,
  UpdateQueueStatus: updateQueueStatus,
  UpdateQueueMaxContacts: updateQueueMaxContacts,
  UpdateQueueHoursOfOperation: updateQueueHoursOfOperation,
  UpdateQueueOutboundCallerConfig: updateQueueOutboundCallerConfig,
  DeleteQueue: deleteQueue,
  UpdateQueueOutboundEmailConfig: updateQueueOutboundEmailConfig,
  AssociateQueueEmailAddresses: associateQueueEmailAddresses,
  DisassociateQueueEmailAddresses: disassociateQueueEmailAddresses,
  ListQueueEmailAddresses: listQueueEmailAddresses,
  CreateEmailAddress: createEmailAddress,
  DescribeEmailAddress: describeEmailAddress,
  SearchEmailAddresses: searchEmailAddresses,
  UpdateEmailAddressMetadata: updateEmailAddressMetadata,
  DeleteEmailAddress: deleteEmailAddress,
  AssociateQueueQuickConnects: associateQueueQuickConnects,
  DisassociateQueueQuickConnects: disassociateQueueQuickConnects,
  ListQueueQuickConnects: listQueueQuickConnects,
  CreateQuickConnect: createQuickConnect,
  DescribeQuickConnect: describeQuickConnect,
  ListQuickConnects: listQuickConnects,
  SearchQuickConnects: searchQuickConnects,
  UpdateQuickConnectName: updateQuickConnectName,
  UpdateQuickConnectConfig: updateQuickConnectConfig,
  DeleteQuickConnect: deleteQuickConnect,
  CreateRoutingProfile: createRoutingProfile,
  DescribeRoutingProfile: describeRoutingProfile,
  ListRoutingProfiles: listRoutingProfiles,
  SearchRoutingProfiles: searchRoutingProfiles,
  UpdateRoutingProfileName: updateRoutingProfileName,
  UpdateRoutingProfileConcurrency: updateRoutingProfileConcurrency,
  UpdateRoutingProfileDefaultOutboundQueue: updateRoutingProfileDefaultOutboundQueue,
  UpdateRoutingProfileAgentAvailabilityTimer: updateRoutingProfileAgentAvailabilityTimer,
  DeleteRoutingProfile: deleteRoutingProfile,
  AssociateRoutingProfileQueues: associateRoutingProfileQueues,
  DisassociateRoutingProfileQueues: disassociateRoutingProfileQueues,
  UpdateRoutingProfileQueues: updateRoutingProfileQueues,
  ListRoutingProfileQueues: listRoutingProfileQueues,
  ListRoutingProfileManualAssignmentQueues: listRoutingProfileManualAssignmentQueues,
  CreateAgentStatus: createAgentStatus,
  DescribeAgentStatus: describeAgentStatus,
  ListAgentStatuses: listAgentStatuses,
  SearchAgentStatuses: searchAgentStatuses,
  UpdateAgentStatus: updateAgentStatus,
  StartOutboundVoiceContact: startOutboundVoiceContact,
  BatchPutContact: batchPutContact,
  StartWebRTCContact: startWebRtcContact,
  StartTaskContact: startTaskContact,
  StartChatContact: startChatContact,
  CreateParticipant: createParticipant,
  UpdateParticipantRoleConfig: updateParticipantRoleConfig,
  CreatePersistentContactAssociation: createPersistentContactAssociation,
  StartEmailContact: startEmailContact,
  StartOutboundEmailContact: startOutboundEmailContact,
  CreateContact: createContact,
  DescribeContact: describeContact,
  SearchContacts: searchContacts,
  ListContactReferences: listContactReferences,
  TransferContact: transferContact,
  StartContactRecording: startContactRecording,
  StopContactRecording: stopContactRecording,
  SuspendContactRecording: suspendContactRecording,
  ResumeContactRecording: resumeContactRecording,
  PauseContact: pauseContact,
  ResumeContact: resumeContact,
  UpdateContactSchedule: updateContactSchedule,
  UpdateContactRoutingData: updateContactRoutingData,
  AssociateContactWithUser: associateContactWithUser,
  DismissUserContact: dismissUserContact,
  PutUserStatus: putUserStatus,
  MonitorContact: monitorContact,
  DeleteContactData: deleteContactData,
  UpdateContact: updateContact,
  UpdateContactAttributes: updateContactAttributes,
  GetContactAttributes: getContactAttributes,
  TagContact: tagContact,
  UntagContact: untagContact,
  StopContact: stopContact,
  GetCurrentMetricData: getCurrentMetricData,
  GetCurrentUserData: getCurrentUserData,
  GetMetricData: getMetricData,
  GetMetricDataV2: getMetricDataV2,
  CreateUser: createUser,
  DescribeUser: describeUser,
  ListUsers: listUsers,
  SearchUsers: searchUsers,
  UpdateUserConfig: updateUserConfig,
  UpdateUserHierarchy: updateUserHierarchy,
  UpdateUserIdentityInfo: updateUserIdentityInfo,
  UpdateUserPhoneConfig: updateUserPhoneConfig,
  UpdateUserRoutingProfile: updateUserRoutingProfile,
  UpdateUserSecurityProfiles: updateUserSecurityProfiles,
  AssociateSecurityProfiles: associateSecurityProfiles,
  DisassociateSecurityProfiles: disassociateSecurityProfiles,
  ListEntitySecurityProfiles: listEntitySecurityProfiles,
  DeleteUser: deleteUser,
  ListUserNotifications: listUserNotifications,
  UpdateUserNotificationStatus: updateUserNotificationStatus,
  AssociateUserProficiencies: associateUserProficiencies,
  DisassociateUserProficiencies: disassociateUserProficiencies,
  ListUserProficiencies: listUserProficiencies,
  UpdateUserProficiencies: updateUserProficiencies,
  DescribeUserHierarchyStructure: describeUserHierarchyStructure,
  UpdateUserHierarchyStructure: updateUserHierarchyStructure,
  CreateUserHierarchyGroup: createUserHierarchyGroup,
  DeleteUserHierarchyGroup: deleteUserHierarchyGroup,
  DescribeUserHierarchyGroup: describeUserHierarchyGroup,
  ListUserHierarchyGroups: listUserHierarchyGroups,
  SearchUserHierarchyGroups: searchUserHierarchyGroups,
  UpdateUserHierarchyGroupName: updateUserHierarchyGroupName,
  CreateSecurityProfile: createSecurityProfile,
  DeleteSecurityProfile: deleteSecurityProfile,
  DescribeSecurityProfile: describeSecurityProfile,
  ListSecurityProfiles: listSecurityProfiles,
  UpdateSecurityProfile: updateSecurityProfile,
  SearchSecurityProfiles: searchSecurityProfiles,
  ListSecurityProfileAIAgents: listSecurityProfileAIAgents,
  ListSecurityProfileApplications: listSecurityProfileApplications,
  ListSecurityProfileFlowModules: listSecurityProfileFlowModules,
  ListSecurityProfilePermissions: listSecurityProfilePermissions,
  CreatePredefinedAttribute: createPredefinedAttribute,
  DeletePredefinedAttribute: deletePredefinedAttribute,
  DescribePredefinedAttribute: describePredefinedAttribute,
  ListPredefinedAttributes: listPredefinedAttributes,
  SearchPredefinedAttributes: searchPredefinedAttributes,
  UpdatePredefinedAttribute: updatePredefinedAttribute,
  CreateIntegrationAssociation: createIntegrationAssociation,
  ListIntegrationAssociations: listIntegrationAssociations,
  DeleteIntegrationAssociation: deleteIntegrationAssociation,
  CreateUseCase: createUseCase,
  ListUseCases: listUseCases,
  DeleteUseCase: deleteUseCase,
  CreateEvaluationForm: createEvaluationForm,
  DescribeEvaluationForm: describeEvaluationForm,
  ListEvaluationForms: listEvaluationForms,
  SearchEvaluationForms: searchEvaluationForms,
  UpdateEvaluationForm: updateEvaluationForm,
  ListEvaluationFormVersions: listEvaluationFormVersions,
  ActivateEvaluationForm: activateEvaluationForm,
  DeactivateEvaluationForm: deactivateEvaluationForm,
  DeleteEvaluationForm: deleteEvaluationForm,
  StartContactEvaluation: startContactEvaluation,
  DescribeContactEvaluation: describeContactEvaluation,
  ListContactEvaluations: listContactEvaluations,
  SearchContactEvaluations: searchContactEvaluations,
  UpdateContactEvaluation: updateContactEvaluation,
  SubmitContactEvaluation: submitContactEvaluation,
  DeleteContactEvaluation: deleteContactEvaluation,
  TagResource: tagResource,
  UntagResource: untagResource,
  ListTagsForResource: listTagsForResource,
  SearchResourceTags: searchResourceTags,
};

/** Amazon Connect: instances and what is configured in them, contacts, and the carrier on whose lines they live. */
export const connect: Service = {
  map: mapOfInstances,
  operations: {
    connect: throttled(refusingAsModeled(operations)),
    connectparticipant: participantOperations,
  },
  tags: { connect: tagsOf },
  limits: [
    ...quotaLimits,
    RING_SECONDS,
    UK_MOBILE_CALLS,
    QUEUES_PER_PROFILE,
    ...rateLimits([...Object.keys(operations), ...Object.keys(participantOperations)]),
  ],

  async start(platform) {
    instanceDirectory(platform.store).hasInstance = async (reader, ref) =>
      (await findInstance(reader, ref)) !== undefined;
    await openKeptLog(platform.store, CONTACT_HISTORY);
    await declareConversations(platform);
    await declareOccasions(platform);
    await receiveIntegrationEvents(platform);
    startContactClock(platform);
    callFunctionsOfFlows(platform);
    writeChatTranscripts(platform);
    writeEvaluationExports(platform);
    platform.flow.onTimer(INSTANCE_SWEEP, (unit, timer) => sweepInstance(unit, platform, timer.payload as InstanceRef));
  },

  stop: stopFeeds,
};
