import type {
  DeleteRuleRequest,
  DescribeRuleRequest,
  DescribeRuleResponse,
  DisableRuleRequest,
  EnableRuleRequest,
  ListRuleNamesByTargetRequest,
  ListRuleNamesByTargetResponse,
  ListRulesRequest,
  ListRulesResponse,
  PutRuleRequest,
  PutRuleResponse,
  Rule,
  RuleState,
} from "@aws-sdk/client-eventbridge";
import { parseEventPattern } from "../../matching/event-pattern.ts";
import type { Validated } from "../../models/validated.ts";
import type { Unit } from "../../store/store.ts";
import { listPage } from "../list-page.ts";
import type { Context, Platform } from "../service.ts";
import { BUSES, type Bus, type BusAddress, busKey, DEFAULT_BUS, getBus, noSuchBus, ownBusAddress } from "./bus.ts";
import { invalidNextToken, limitExceeded, validationError } from "./errors.ts";
import { PAGE_SIZE } from "./limits.ts";
import { openBus } from "./open-bus.ts";
import { routersOf } from "./routers.ts";
import { type BusRule, getRule, RULES, refuseManaged, ruleArn, ruleKey, rulesOfBus } from "./rule.ts";
import { parseSchedule, reschedule, unschedule } from "./schedule.ts";
import { checkedTags } from "./tags.ts";

/** Rules on a bus, from the service quotas. */
export const RULES_PER_BUS_MAX = 300;

/**
 * Creates a rule, or replaces what an existing one says: members that are left out become empty. Targets stay; tags count at creation only.
 */
export async function putRule(input: Validated<PutRuleRequest>, context: Context): Promise<PutRuleResponse> {
  const address = { bus: ownBusAddress(input.EventBusName, context, "PutRule"), name: input.Name };
  if (input.ScheduleExpression) checkSchedule(input.ScheduleExpression, address.bus);
  if (!input.EventPattern && !input.ScheduleExpression) {
    throw validationError("Parameter(s) EventPattern or ScheduleExpression must be specified.");
  }
  if (input.EventPattern) parseEventPattern(input.EventPattern);
  const said = {
    ...address,
    ...(input.EventPattern && { eventPattern: input.EventPattern }),
    ...(input.ScheduleExpression && { scheduleExpression: input.ScheduleExpression }),
    state: input.State ?? "ENABLED",
    ...(input.Description !== undefined && { description: input.Description }),
    ...(input.RoleArn !== undefined && { roleArn: input.RoleArn }),
  };
  const tags = checkedTags([], input.Tags ?? []);

  await context.store.commit(async (unit) => {
    const bus = await openBus(unit, context, address.bus);
    if (bus === undefined) throw noSuchBus(address.bus.name);
    const found = await unit.get(RULES, ruleKey(address));
    if (found) refuseManaged(found);
    if (found === undefined) await checkCount(unit, context, bus);
    const { createdBy, ...kept } = found ?? { createdBy: context.account, tags, targets: [] };
    const rule = { ...said, createdBy, tags: kept.tags, targets: kept.targets };
    writeRule(unit, context, rule);
    reschedule(unit, context, found, rule);
  });
  return { RuleArn: ruleArn(address) };
}

export async function describeRule(
  input: Validated<DescribeRuleRequest>,
  context: Context,
): Promise<DescribeRuleResponse> {
  const bus = ownBusAddress(input.EventBusName, context, "DescribeRule");
  await getBus(context.store, bus);
  const rule = await getRule(context.store, { bus, name: input.Name });
  return { ...shown(rule), CreatedBy: rule.createdBy };
}

export async function listRules(input: Validated<ListRulesRequest>, context: Context): Promise<ListRulesResponse> {
  const bus = ownBusAddress(input.EventBusName, context, "ListRules");
  await getBus(context.store, bus);
  const page = await listPage(
    context.store,
    {
      collection: RULES,
      under: [bus.account, bus.region, bus.name],
      prefix: input.NamePrefix,
      nameOf: ({ name }) => name,
    },
    {
      of: ["ListRules", busKey(bus), input.NamePrefix],
      token: input.NextToken,
      limit: input.Limit ?? PAGE_SIZE,
      refuse: invalidNextToken,
    },
  );
  return { Rules: page.items.map(shown), ...(page.nextToken !== undefined && { NextToken: page.nextToken }) };
}

export async function listRuleNamesByTarget(
  input: Validated<ListRuleNamesByTargetRequest>,
  context: Context,
): Promise<ListRuleNamesByTargetResponse> {
  const bus = ownBusAddress(input.EventBusName, context, "ListRuleNamesByTarget");
  await getBus(context.store, bus);
  const page = await listPage(
    context.store,
    {
      collection: RULES,
      under: [bus.account, bus.region, bus.name],
      nameOf: ({ name }) => name,
      keep: ({ targets }) => targets.some(({ Arn }) => Arn === input.TargetArn),
    },
    {
      of: ["ListRuleNamesByTarget", busKey(bus), input.TargetArn],
      token: input.NextToken,
      limit: input.Limit ?? PAGE_SIZE,
      refuse: invalidNextToken,
    },
  );
  const names = page.items.map(({ name }) => name);
  return { RuleNames: names, ...(page.nextToken !== undefined && { NextToken: page.nextToken }) };
}

export async function enableRule(input: Validated<EnableRuleRequest>, context: Context): Promise<void> {
  await setState(input, "ENABLED", "EnableRule", context);
}

export async function disableRule(input: Validated<DisableRuleRequest>, context: Context): Promise<void> {
  await setState(input, "DISABLED", "DisableRule", context);
}

/** Succeeds for a rule that is not there. One that a service manages goes with `Force` only. */
export async function deleteRule(input: Validated<DeleteRuleRequest>, context: Context): Promise<void> {
  const address = { bus: ownBusAddress(input.EventBusName, context, "DeleteRule"), name: input.Name };
  await context.store.commit(async (unit) => {
    await getBus(unit, address.bus);
    const rule = await unit.get(RULES, ruleKey(address));
    if (rule === undefined) return;
    if (!input.Force) refuseManaged(rule);
    if (rule.targets.length > 0) throw validationError("Rule can't be deleted since it has targets.");
    unit.delete(RULES, ruleKey(address));
    unschedule(unit, context, address);
    unit.afterCommit(() => routersOf(context).ruleDeleted(address));
  });
}

/** Writes a rule and lets the bus's router know. */
export function writeRule(unit: Unit, context: Platform, rule: BusRule): void {
  unit.put(RULES, ruleKey(rule), rule);
  unit.afterCommit(() => routersOf(context).ruleWritten(rule));
}

async function setState(
  input: Validated<EnableRuleRequest>,
  state: RuleState,
  operation: string,
  context: Context,
): Promise<void> {
  const bus = ownBusAddress(input.EventBusName, context, operation);
  await context.store.commit(async (unit) => {
    await getBus(unit, bus);
    const rule = await getRule(unit, { bus, name: input.Name });
    refuseManaged(rule);
    const changed = { ...rule, state };
    writeRule(unit, context, changed);
    reschedule(unit, context, rule, changed);
  });
}

function checkSchedule(expression: string, bus: BusAddress): void {
  if (bus.name !== DEFAULT_BUS) throw validationError("ScheduleExpression is supported only on the default event bus.");
  if (parseSchedule(expression) === undefined) throw validationError("Parameter ScheduleExpression is not valid.");
}

/**
 * A new rule also writes its bus: two decisions that rest on which rules a bus has (how many there may be, whether the bus
 * may go) then cannot both be made on the same state.
 */
async function checkCount(unit: Unit, { limits }: Context, bus: Bus): Promise<void> {
  unit.put(BUSES, busKey(bus), bus);
  if (!limits.enforced) return;
  const most = limits.value("events.rules-per-bus", RULES_PER_BUS_MAX);
  let count = 0;
  let after: string | undefined;
  do {
    const page = await unit.list(RULES, { prefix: rulesOfBus(bus), limit: most, after });
    count += page.documents.length;
    after = page.next;
  } while (after !== undefined && count < most);
  if (count >= most) throw limitExceeded();
}

function shown(rule: BusRule): Rule {
  return {
    Name: rule.name,
    Arn: ruleArn(rule),
    ...(rule.eventPattern !== undefined && { EventPattern: rule.eventPattern }),
    ...(rule.scheduleExpression !== undefined && { ScheduleExpression: rule.scheduleExpression }),
    State: rule.state,
    ...(rule.description !== undefined && { Description: rule.description }),
    ...(rule.roleArn !== undefined && { RoleArn: rule.roleArn }),
    ...(rule.managedBy !== undefined && { ManagedBy: rule.managedBy }),
    EventBusName: rule.bus.name,
  };
}
