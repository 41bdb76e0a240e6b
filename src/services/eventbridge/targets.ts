import type {
  ListTargetsByRuleRequest,
  ListTargetsByRuleResponse,
  PutTargetsRequest,
  PutTargetsResponse,
  RemoveTargetsRequest,
  RemoveTargetsResponse,
  Target,
} from "@aws-sdk/client-eventbridge";
import type { Validated } from "../../models/validated.ts";
import { isJsonText } from "../json-text.ts";
import { slicePage } from "../list-page.ts";
import type { Context } from "../service.ts";
import { busKey, getBus, ownBusAddress, parseBusArn } from "./bus.ts";
import { invalidNextToken, limitExceeded, validationError } from "./errors.ts";
import { parseEventPath } from "./event-path.ts";
import { compileTransformer } from "./input-transformer.ts";
import { PAGE_SIZE } from "./limits.ts";
import { getRule, type RuleAddress, refuseManaged } from "./rule.ts";
import { writeRule } from "./rules.ts";

/** Targets of a rule, from the service quotas. Held always: it is part of what a rule is. */
export const TARGETS_PER_RULE_MAX = 5;

/** Adds targets to a rule, or replaces those with the same ids. All of them or none. */
export async function putTargets(input: Validated<PutTargetsRequest>, context: Context): Promise<PutTargetsResponse> {
  const address = { bus: ownBusAddress(input.EventBusName, context, "PutTargets"), name: input.Rule };
  for (const target of input.Targets) checkTarget(target, address);

  await context.store.commit(async (unit) => {
    await getBus(unit, address.bus);
    const rule = await getRule(unit, address);
    refuseManaged(rule);
    const byId = new Map([...rule.targets, ...input.Targets].map((target) => [target.Id, target]));
    if (byId.size > context.limits.value("events.targets-per-rule", TARGETS_PER_RULE_MAX)) throw limitExceeded();
    const targets = [...byId.values()].sort((a, b) => (a.Id < b.Id ? -1 : 1));
    writeRule(unit, context, { ...rule, targets });
  });
  return { FailedEntryCount: 0, FailedEntries: [] };
}

/** Ids that the rule does not have are ignored. Of a rule that a service manages they go with `Force` only. */
export async function removeTargets(
  input: Validated<RemoveTargetsRequest>,
  context: Context,
): Promise<RemoveTargetsResponse> {
  const address = { bus: ownBusAddress(input.EventBusName, context, "RemoveTargets"), name: input.Rule };
  const gone = new Set(input.Ids);
  await context.store.commit(async (unit) => {
    await getBus(unit, address.bus);
    const rule = await getRule(unit, address);
    if (!input.Force) refuseManaged(rule);
    writeRule(unit, context, { ...rule, targets: rule.targets.filter(({ Id }) => !gone.has(Id)) });
  });
  return { FailedEntryCount: 0, FailedEntries: [] };
}

export async function listTargetsByRule(
  input: Validated<ListTargetsByRuleRequest>,
  context: Context,
): Promise<ListTargetsByRuleResponse> {
  const bus = ownBusAddress(input.EventBusName, context, "ListTargetsByRule");
  await getBus(context.store, bus);
  const rule = await getRule(context.store, { bus, name: input.Rule });
  const page = slicePage(rule.targets, ({ Id }) => Id, {
    of: ["ListTargetsByRule", busKey(bus), input.Rule],
    token: input.NextToken,
    limit: input.Limit ?? PAGE_SIZE,
    refuse: invalidNextToken,
  });
  return { Targets: [...page.items], ...(page.nextToken !== undefined && { NextToken: page.nextToken }) };
}

/** Texts without a source in the real service's recorded answers follow their neighbours. */
function checkTarget(target: Validated<Target>, rule: RuleAddress): void {
  const { Id, Arn, DeadLetterConfig, KinesisParameters, SqsParameters } = target;
  const [prefix, , service, , account, ...resource] = Arn.split(":");
  if (prefix !== "arn" || !service || account === undefined || !resource.some(Boolean)) {
    throw validationError(`Parameter ${Arn} is not valid. Reason: Provided Arn is not in correct format.`);
  }
  checkInput(target);
  if (service === "sqs" && Arn.endsWith(".fifo") && SqsParameters?.MessageGroupId === undefined) {
    throw validationError(`Parameter(s) SqsParameters must be specified for target: ${Id}.`);
  }
  if (KinesisParameters && parseEventPath(KinesisParameters.PartitionKeyPath) === undefined) {
    throw validationError(`Invalid PartitionKeyPath for target ${Id}: ${KinesisParameters.PartitionKeyPath}.`);
  }
  if (isShaped(target) && parseBusArn(Arn) && account !== rule.bus.account) {
    throw validationError(
      `Input, InputPath and InputTransformer are not supported for target ${Id} in another account.`,
    );
  }
  if (DeadLetterConfig?.Arn !== undefined) checkDeadLetterQueue(DeadLetterConfig.Arn, rule, Id);
}

function checkInput({ Id, Input, InputPath, InputTransformer }: Validated<Target>): void {
  if ([Input, InputPath, InputTransformer].filter((given) => given !== undefined).length > 1) {
    throw validationError(`Only one of Input, InputPath, or InputTransformer must be provided for target ${Id}.`);
  }
  if (Input !== undefined && !isJsonText(Input)) throw validationError(`JSON syntax error in input for target ${Id}.`);
  if (InputPath !== undefined && parseEventPath(InputPath) === undefined) throw invalidInputPath(Id, InputPath);
  if (InputTransformer === undefined) return;
  const compiled = compileTransformer(InputTransformer.InputTemplate, InputTransformer.InputPathsMap ?? {});
  if ("invalidPath" in compiled) throw invalidInputPath(Id, compiled.invalidPath);
  if ("invalidPlaceholder" in compiled) {
    throw validationError(
      `InputTemplate for target ${Id} contains invalid placeholder ${compiled.invalidPlaceholder}.`,
    );
  }
}

function isShaped({ Input, InputPath, InputTransformer }: Validated<Target>): boolean {
  return Input !== undefined || InputPath !== undefined || InputTransformer !== undefined;
}

/** "Only standard queues", in the rule's region: user guide, "Using dead-letter queues". */
function checkDeadLetterQueue(arn: string, rule: RuleAddress, id: string): void {
  const [, , service, region] = arn.split(":");
  if (service === "sqs" && region === rule.bus.region && !arn.endsWith(".fifo")) return;
  throw validationError(
    `Parameter DeadLetterConfig.Arn for target ${id} is not valid. Reason: It must be a standard SQS queue in the Region of the rule.`,
  );
}

function invalidInputPath(id: string, path: string): Error {
  return validationError(`Invalid InputPath for target ${id} : ${path}.`);
}
