import type { DeleteInstanceRequest } from "@aws-sdk/client-connect";
import type { Timer } from "../../flow/index.ts";
import type { Validated } from "../../models/validated.ts";
import type { Collection, Unit } from "../../store/store.ts";
import type { Context, Platform } from "../service.ts";
import { deleteConfigurations } from "./agent-configuration.ts";
import { agentStatuses } from "./agent-statuses.ts";
import { agentKey, agents } from "./agents.ts";
import { type InstanceRef, instanceKey, refOf } from "./arns.ts";
import { chatAttachments } from "./chat-attachments.ts";
import { dropFeed } from "./chat-feed.ts";
import { chatItems, itemKey } from "./chat-posts.ts";
import { deleteAttachment } from "./chat-retention.ts";
import { chatKey, chatRef, chats, participantKey, participants } from "./chats.ts";
import { contactAttributes } from "./contact-attributes.ts";
import { contactEvaluations, deleteEvaluationDocuments } from "./contact-evaluations.ts";
import { flowAssociationKey, flowAssociations } from "./contact-flow-association-documents.ts";
import { contactFlowModules, deleteModuleDocuments } from "./contact-flow-modules.ts";
import { aliasKey, deleteVersionDocuments, flowAliases, flowVersions } from "./contact-flow-version-documents.ts";
import { contactFlows, deleteFlowDocuments } from "./contact-flows.ts";
import { utterances } from "./contact-speech.ts";
import { cancelContactTimer, cancelContactTimers } from "./contact-timers.ts";
import { contactKey, contacts } from "./contacts.ts";
import { agentTallies, handleTimes, queueTallies } from "./current-metrics.ts";
import { emailAddresses } from "./email-addresses.ts";
import { emailMessages } from "./email-messages.ts";
import { evaluationForms, evaluationFormVersions, versionKey } from "./evaluation-forms.ts";
import { flowRuns } from "./flow-run/flow-runs.ts";
import { hierarchyStructureKey, hierarchyStructures } from "./hierarchy-levels.ts";
import { hoursOfOperations } from "./hours-of-operation.ts";
import { hoursOfOperationOverrides, overrideKey } from "./hours-of-operation-overrides.ts";
import { type InstanceResource, resourceKey } from "./instance-resources.ts";
import { instanceStorageConfigs } from "./instance-storage-configs.ts";
import { getInstance, instances } from "./instances.ts";
import { integrationAssociations } from "./integration-associations.ts";
import { closeIntegration } from "./integration-events.ts";
import { lambdaAssociationKey, lambdaAssociations } from "./lambda-functions.ts";
import { metricSums, summedDays } from "./metrics.ts";
import { phoneNumberKey, phoneNumbers } from "./phone-numbers.ts";
import { attributeKey, predefinedAttributes } from "./predefined-attributes.ts";
import { queueQuickConnectKey, queueQuickConnects } from "./queue-quick-connects.ts";
import { queues } from "./queues.ts";
import { quickConnects } from "./quick-connects.ts";
import {
  manualAssignmentQueues,
  routingProfileQueueKey,
  routingProfileQueues,
  routingProfiles,
} from "./routing-profiles.ts";
import { rules } from "./rules.ts";
import { securityProfiles } from "./security-profiles.ts";
import { useCases } from "./use-cases.ts";
import { hierarchyGroups } from "./user-hierarchy.ts";
import { userNotificationKey, userNotifications } from "./user-notifications.ts";
import { users } from "./users.ts";

/** A timer of this kind deletes what lay in a deleted instance, a step at a time. */
export const INSTANCE_SWEEP = "connect.instance-sweep";

/** Documents deleted in one unit: few enough that nobody waits for it. */
const SWEPT_PER_STEP = 100;

/** Deletes an instance. What lies in it cannot be reached from then on, and goes in small steps. Its contacts end untold. */
export async function deleteInstance(
  input: Validated<DeleteInstanceRequest>,
  context: Context,
): Promise<Record<string, never>> {
  await context.store.commit(async (unit) => {
    const instance = await getInstance(unit, context, input.InstanceId);
    unit.delete(instances, instanceKey(instance));
    await dropFeed(unit, instance);
    context.flow.schedule(unit, sweepTimer(refOf(instance), context));
  });
  return {};
}

/** One step of the sweep; sets the timer of the next one until nothing is left. */
export async function sweepInstance(unit: Unit, platform: Platform, instance: InstanceRef): Promise<void> {
  const sweeps = [
    sweepOf(agentStatuses, deleteFrom(agentStatuses)),
    sweepOf(users, deleteFrom(users)),
    sweepOf(userNotifications, (told) => unit.delete(userNotifications, userNotificationKey(told))),
    sweepOf(hierarchyGroups, deleteFrom(hierarchyGroups)),
    sweepOf(hierarchyStructures, (structure) => unit.delete(hierarchyStructures, hierarchyStructureKey(structure))),
    sweepOf(predefinedAttributes, (attribute) =>
      unit.delete(predefinedAttributes, attributeKey(attribute, attribute.name)),
    ),
    sweepOf(instanceStorageConfigs, ({ slot }) => unit.delete(instanceStorageConfigs, instanceKey(instance, slot))),
    sweepOf(phoneNumbers, (number) => unit.delete(phoneNumbers, phoneNumberKey(number)), "instance"),
    sweepOf(securityProfiles, deleteFrom(securityProfiles)),
    sweepOf(routingProfiles, deleteFrom(routingProfiles)),
    sweepOf(routingProfileQueues, (served) => unit.delete(routingProfileQueues, routingProfileQueueKey(served))),
    sweepOf(manualAssignmentQueues, (picked) => unit.delete(manualAssignmentQueues, routingProfileQueueKey(picked))),
    sweepOf(queues, deleteFrom(queues)),
    sweepOf(rules, deleteFrom(rules)),
    sweepOf(quickConnects, deleteFrom(quickConnects)),
    sweepOf(emailAddresses, deleteFrom(emailAddresses)),
    sweepOf(flowAssociations, (association) => unit.delete(flowAssociations, flowAssociationKey(association))),
    sweepOf(queueQuickConnects, (offered) => unit.delete(queueQuickConnects, queueQuickConnectKey(offered))),
    sweepOf(hoursOfOperations, deleteFrom(hoursOfOperations)),
    sweepOf(hoursOfOperationOverrides, (override) => unit.delete(hoursOfOperationOverrides, overrideKey(override))),
    sweepOf(integrationAssociations, async (association) => {
      unit.delete(integrationAssociations, resourceKey(association));
      await closeIntegration(unit, platform, association);
    }),
    sweepOf(lambdaAssociations, (association) => unit.delete(lambdaAssociations, lambdaAssociationKey(association))),
    sweepOf(useCases, (useCase) => unit.delete(useCases, resourceKey(useCase))),
    sweepOf(evaluationForms, (form) => unit.delete(evaluationForms, resourceKey(form))),
    sweepOf(evaluationFormVersions, (version) => unit.delete(evaluationFormVersions, versionKey(version))),
    sweepOf(contactEvaluations, (evaluation) => deleteEvaluationDocuments(unit, evaluation)),
    sweepOf(contactFlows, (flow) => deleteFlowDocuments(unit, flow)),
    sweepOf(contactFlowModules, (module) => deleteModuleDocuments(unit, module)),
    sweepOf(flowVersions, (version) => deleteVersionDocuments(unit, version)),
    sweepOf(flowAliases, (alias) => unit.delete(flowAliases, aliasKey(alias))),
    sweepOf(contactAttributes, ({ key }) => unit.delete(contactAttributes, key)),
    sweepOf(utterances, ({ key }) => unit.delete(utterances, key)),
    sweepOf(chats, (chat) => {
      const contact = { ...instance, id: chat.contactId };
      cancelContactTimer(unit, platform.flow, "connect.chat-arrival", contact);
      cancelContactTimer(unit, platform.flow, "connect.chat-idle", contact);
      unit.delete(chats, chatKey(chatRef(chat)));
    }),
    sweepOf(participants, (participant) => unit.delete(participants, participantKey(participant, participant.id))),
    sweepOf(chatItems, (item) => unit.delete(chatItems, itemKey(item))),
    sweepOf(chatAttachments, (attachment) => deleteAttachment(unit, platform, attachment)),
    sweepOf(emailMessages, ({ key }) => unit.delete(emailMessages, key)),
    sweepOf(agents, (agent) => {
      deleteConfigurations(unit, agent);
      unit.delete(agents, agentKey(agent));
    }),
    sweepOf(contacts, (contact) => {
      cancelContactTimers(unit, platform.flow, contact);
      unit.delete(flowRuns, contactKey(contact));
      unit.delete(contacts, contactKey(contact));
    }),
    sweepOf(agentTallies, ({ key }) => unit.delete(agentTallies, key)),
    sweepOf(queueTallies, ({ key }) => unit.delete(queueTallies, key)),
    sweepOf(handleTimes, ({ key }) => unit.delete(handleTimes, key)),
    sweepOf(metricSums, ({ key }) => unit.delete(metricSums, key)),
  ];
  unit.delete(summedDays, instanceKey(instance));
  let left = SWEPT_PER_STEP;
  for (const sweep of sweeps) if (left > 0) left -= await sweep(left);
  if (left === 0) platform.flow.schedule(unit, sweepTimer(instance, platform));

  function deleteFrom<T extends InstanceResource>(from: Collection<T>): (resource: T) => void {
    return (resource) => unit.delete(from, resourceKey(resource));
  }

  /** What lies in the instance by its ids, or by an index. */
  function sweepOf<T>(
    from: Collection<T>,
    remove: (document: T) => void | Promise<void>,
    index?: string,
  ): (limit: number) => Promise<number> {
    return async (limit) => {
      const { documents } = await unit.list(from, {
        ...(index && { index }),
        prefix: instanceKey(instance, ""),
        limit,
      });
      for (const document of documents) await remove(document);
      return documents.length;
    };
  }
}

function sweepTimer(instance: InstanceRef, platform: Platform): Timer {
  const id = `${INSTANCE_SWEEP}:${instanceKey(instance)}`;
  return { id, kind: INSTANCE_SWEEP, dueMs: platform.clock.now(), payload: instance };
}
