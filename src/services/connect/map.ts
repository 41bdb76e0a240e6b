import type { RuleAction } from "@aws-sdk/client-connect";
import { compositeKey, type Reader } from "../../store/store.ts";
import { defaultBusArn, documentsOf, type MapPart, type MapScope, tellsDefaultBus } from "../map-part.ts";
import { type InstanceRef, instanceArn, instanceKey, resourceArn } from "./arns.ts";
import { storageEnd } from "./contact-streams.ts";
import { instanceStorageConfigs } from "./instance-storage-configs.ts";
import { type Instance, instances } from "./instances.ts";
import { integrationAssociations } from "./integration-associations.ts";
import { lambdaAssociations } from "./lambda-functions.ts";
import { type FileKind, fileLane } from "./owed-files.ts";
import { looksEnds, MATCHED_END } from "./rule-ends.ts";
import { type Rule, rules } from "./rules.ts";

/** Instances, where they put what they tell, what they use, and their rules with their actions. */
export async function* mapOfInstances(reader: Reader, scope: MapScope): AsyncGenerator<MapPart> {
  const prefix = compositeKey(scope.account, scope.region, "");
  for await (const instance of documentsOf(reader, instances, { prefix })) {
    yield* partsOfInstance(reader, scope, instance);
  }
}

async function* partsOfInstance(reader: Reader, scope: MapScope, instance: Instance): AsyncGenerator<MapPart> {
  const id = instanceArn(instance);
  const within = { prefix: instanceKey(instance, "") };
  yield { part: "node", id, kind: "instance", name: instance.alias ?? instance.instanceId, of: instance.instanceId };
  yield* tellsDefaultBus(scope, id, "aws.connect", "contact events");
  for await (const { slot, config } of documentsOf(reader, instanceStorageConfigs, within)) {
    const bucket = config.S3Config?.BucketName;
    const to =
      config.KinesisStreamConfig?.StreamArn ??
      config.KinesisFirehoseConfig?.FirehoseArn ??
      (bucket === undefined ? undefined : `arn:aws:s3:::${bucket}`);
    if (to === undefined) continue;
    const label = slot.toLowerCase().replaceAll("_", " ");
    const file = FILES[slot];
    if (bucket === undefined || file === undefined) {
      yield { part: "edge", from: id, to, label, countedFrom: storageEnd(instance, slot) };
    } else yield { part: "edge", from: id, to, label, countedTo: fileLane(instance, file, bucket) };
  }
  for await (const { functionArn } of documentsOf(reader, lambdaAssociations, within)) {
    yield { part: "edge", from: id, to: functionArn, label: "asked by flows" };
  }
  for await (const { type, integrationArn } of documentsOf(reader, integrationAssociations, within)) {
    if (type === "CASES_DOMAIN") yield { part: "edge", from: id, to: integrationArn, label: "cases" };
  }
  for await (const rule of documentsOf(reader, rules, within)) yield* partsOfRule(scope, instance, rule);
}

function* partsOfRule(scope: MapScope, instance: InstanceRef, rule: Rule): Generator<MapPart> {
  const id = resourceArn("rule", instance, rule.id);
  const isOff = rule.status === "DRAFT";
  yield { part: "node", id, kind: "Connect rule", name: rule.name, isOff, of: rule.id };
  const label = rule.source
    .replace(/^On/, "")
    .replace(/([a-z])([A-Z])/g, "$1 $2")
    .toLowerCase();
  // What the others of its source look at, a draft does not.
  const counted = isOff ? {} : looksEnds(instance, rule.source);
  yield { part: "edge", from: instanceArn(instance), to: id, label, isOff, ...counted };
  for (const action of rule.actions) yield* partsOfAction(scope, instance, id, action, isOff);
}

/** What an action makes in the centre itself ends there: drawn back to its instance it would tell nothing. */
function* partsOfAction(
  scope: MapScope,
  { account, region, instanceId }: InstanceRef,
  from: string,
  action: RuleAction,
  isOff: boolean,
): Generator<MapPart> {
  const type = String(action.ActionType);
  // Categories are assigned by whoever evaluates; all else is sent to a place of ours.
  const isSent = type !== "ASSIGN_CONTACT_CATEGORY";
  const countedTo = isSent ? `arn:aws:connect:${region}:${account}:rule-action/${instanceId}/${type}` : MATCHED_END;
  if (type === "GENERATE_EVENTBRIDGE_EVENT") {
    yield { part: "edge", from, to: defaultBusArn(scope), label: "event", isOff, countedTo };
    return;
  }
  const id = `result ${type}`;
  yield { part: "node", id, kind: "result", name: RESULTS[type] ?? type.toLowerCase().replaceAll("_", " ") };
  yield { part: "edge", from, to: id, label: "action", isOff, countedTo };
}

/** Which files are written where a storage configuration says so. */
const FILES: Readonly<Record<string, FileKind | undefined>> = {
  CALL_RECORDINGS: "contact-analysis",
  CHAT_TRANSCRIPTS: "chat-transcript",
  CONTACT_EVALUATIONS: "evaluation",
};

const RESULTS: Readonly<Record<string, string>> = {
  CREATE_TASK: "tasks",
  CREATE_CASE: "new cases",
  UPDATE_CASE: "changes of cases",
  END_ASSOCIATED_TASKS: "ended tasks",
  SEND_NOTIFICATION: "mails",
  ASSIGN_CONTACT_CATEGORY: "categories of contacts",
  SUBMIT_AUTO_EVALUATION: "evaluations",
};
