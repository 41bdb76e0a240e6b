import type { FlowDefinition } from "@aws-sdk/client-customer-profiles";
import type { Validated } from "../../models/validated.ts";
import {
  type ConnectorType,
  FlowDefinitionError,
  type FlowPlan,
  type FlowSource,
  type FlowTask,
  type FlowTrigger,
} from "./flow-plan.ts";
import { compileTasks, projectionOf, temporaryName } from "./record-tasks.ts";
import { checkSchedule } from "./schedule.ts";

/** In `SourceConnectorProperties` and `ConnectorOperator`; as connector types all are one word. */
export const CONNECTOR_MEMBERS = {
  Salesforce: "Salesforce",
  Marketo: "Marketo",
  Zendesk: "Zendesk",
  Servicenow: "ServiceNow",
  S3: "S3",
} as const;

/** Filters of a flow. https://docs.aws.amazon.com/appflow/latest/userguide/service-quotas.html */
const FILTERS_MAX = 10;

/** What a task may do to which fields. The API's model says which operators a connector has at all. */
interface TaskRules {
  readonly operators: readonly string[];
  /** It works on one field. */
  readonly isOfOne?: true;
}

const TASK_RULES: Readonly<Record<FlowTask["type"], TaskRules>> = {
  Arithmetic: { operators: ["ADDITION", "SUBTRACTION", "MULTIPLICATION", "DIVISION"] },
  Filter: {
    operators: [
      "PROJECTION",
      "LESS_THAN",
      "GREATER_THAN",
      "BETWEEN",
      "CONTAINS",
      "LESS_THAN_OR_EQUAL_TO",
      "GREATER_THAN_OR_EQUAL_TO",
      "EQUAL_TO",
      "NOT_EQUAL_TO",
    ],
  },
  Map: { operators: ["NO_OP"], isOfOne: true },
  Mask: { operators: ["MASK_ALL", "MASK_FIRST_N", "MASK_LAST_N"] },
  Merge: { operators: ["NO_OP"] },
  Truncate: { operators: ["NO_OP"] },
  Validate: {
    operators: ["VALIDATE_NON_NULL", "VALIDATE_NON_ZERO", "VALIDATE_NON_NEGATIVE", "VALIDATE_NUMERIC"],
  },
};

/** What a task may be. */
export const TASK_TYPES: ReadonlySet<string> = new Set(Object.keys(TASK_RULES));

/** What a definition says, with its defaults. Throws `FlowDefinitionError`, which begins with the member that is wrong. */
export function planFlow(definition: Validated<FlowDefinition>): FlowPlan {
  const { Description: description, KmsArn: kmsArn, SourceFlowConfig, Tasks, TriggerConfig } = definition;
  const source = sourceOf(SourceFlowConfig);
  const tasks = Tasks.map((task, place) => taskOf(task, place, source));
  checkFilters(tasks);
  checkProjected(tasks);
  checkDestinations(tasks);
  compileTasks(tasks);
  return { description, kmsArn, source, tasks, trigger: triggerOf(TriggerConfig, source) };
}

function sourceOf(config: Validated<FlowDefinition>["SourceFlowConfig"]): FlowSource {
  const { ConnectorType: connector, ConnectorProfileName, IncrementalPullConfig, SourceConnectorProperties } = config;
  const at = "SourceFlowConfig";
  const member = CONNECTOR_MEMBERS[connector];
  refuseOtherMembers(`${at}.SourceConnectorProperties`, SourceConnectorProperties, connector);
  const properties = SourceConnectorProperties[member];
  if (!properties) throw new FlowDefinitionError(`${at}.SourceConnectorProperties: ${member} is needed`);
  if (connector !== "S3" && ConnectorProfileName === undefined) {
    throw new FlowDefinitionError(`${at}.ConnectorProfileName: ${connector} needs one`);
  }
  return {
    connector,
    profileName: ConnectorProfileName,
    properties,
    datetimeField: IncrementalPullConfig?.DatetimeTypeFieldName,
  };
}

/** Of the members that are each for one connector, only its own may be there. */
function refuseOtherMembers(at: string, given: object, connector: ConnectorType): void {
  const members: Readonly<Record<string, unknown>> = { ...given };
  for (const [name, value] of Object.entries(members)) {
    if (value === undefined || name === CONNECTOR_MEMBERS[connector]) continue;
    throw new FlowDefinitionError(`${at}.${name}: the ConnectorType is ${connector}`);
  }
}

function taskOf(
  {
    TaskType: type,
    SourceFields: fields,
    DestinationField: destination,
    ConnectorOperator,
    TaskProperties = {},
  }: Validated<FlowDefinition>["Tasks"][number],
  place: number,
  { connector }: FlowSource,
): FlowTask {
  const at = `Tasks[${place}]`;
  refuseOtherMembers(`${at}.ConnectorOperator`, ConnectorOperator ?? {}, connector);
  const { operators, isOfOne } = TASK_RULES[type];
  const told = ConnectorOperator?.[CONNECTOR_MEMBERS[connector]];
  const operator = told ?? (operators.includes("NO_OP") ? "NO_OP" : undefined);
  if (operator === undefined) {
    throw new FlowDefinitionError(`${at}.ConnectorOperator: a ${type} task needs one of ${operators.join(", ")}`);
  }
  if (!operators.includes(operator)) {
    throw new FlowDefinitionError(`${at}.ConnectorOperator: ${operator} is no operator of a ${type} task`);
  }
  if (fields.length === 0 || fields.includes("")) {
    throw new FlowDefinitionError(`${at}.SourceFields: a ${type} task needs the names of fields`);
  }
  const isComparison = type === "Filter" && operator !== "PROJECTION";
  if ((isOfOne || isComparison) && fields.length > 1) {
    throw new FlowDefinitionError(`${at}.SourceFields: a ${type} task with ${operator} has one field`);
  }
  if (type === "Map" && !destination) throw new FlowDefinitionError(`${at}.DestinationField: a Map task needs it`);
  const task = { type, operator, fields, destination, properties: TaskProperties };
  return told === undefined ? { ...task, isOperatorImplied: true } : task;
}

function checkFilters(tasks: readonly FlowTask[]): void {
  const filters = tasks.filter(({ type }) => type === "Filter");
  const projections = filters.filter(({ operator }) => operator === "PROJECTION");
  const [, second] = projections;
  if (second) throw new FlowDefinitionError(`Tasks[${tasks.indexOf(second)}]: a flow has one PROJECTION at most`);
  if (filters.length - projections.length > FILTERS_MAX) {
    throw new FlowDefinitionError(`Tasks: a flow has at most ${FILTERS_MAX} filters`);
  }
}

/** A field that is not read would be missing in every record. Filters are asked of the source, whatever of it is read. */
function checkProjected(tasks: readonly FlowTask[]): void {
  const projected = projectionOf(tasks);
  if (!projected) return;
  const made = tasks.filter(({ type }) => type === "Merge" || type === "Arithmetic").map(temporaryName);
  const known = new Set([...projected, ...made]);
  const isKnown = (field: string): boolean =>
    field.split(".").some((_, count, steps) => known.has(steps.slice(0, count + 1).join(".")));
  for (const [place, { type, fields }] of tasks.entries()) {
    const unknown = type === "Filter" ? undefined : fields.find((field) => !isKnown(field));
    if (unknown === undefined) continue;
    throw new FlowDefinitionError(`Tasks[${place}].SourceFields: ${unknown} is not among the fields of the PROJECTION`);
  }
}

/** Dots lead into objects: what has such a destination within it cannot be a value itself. */
function checkDestinations(tasks: readonly FlowTask[]): void {
  const destinations = tasks.filter(({ type }) => type === "Map").map(({ destination = "" }) => destination);
  const all = new Set(destinations);
  for (const [place, { type, destination = "" }] of tasks.entries()) {
    if (type !== "Map") continue;
    const steps = destination.split(".");
    const outer = steps
      .slice(1)
      .map((_, count) => steps.slice(0, count + 1).join("."))
      .find((name) => all.has(name));
    if (outer === undefined) continue;
    throw new FlowDefinitionError(
      `Tasks[${place}].DestinationField: ${destination} lies within ${outer}, which is one too`,
    );
  }
}

function triggerOf(
  { TriggerType, TriggerProperties }: Validated<FlowDefinition>["TriggerConfig"],
  { connector, datetimeField }: FlowSource,
): FlowTrigger {
  if (TriggerType === "Event" && connector !== "Salesforce") {
    throw new FlowDefinitionError(`TriggerConfig.TriggerType: ${connector} has no Event trigger`);
  }
  if (TriggerType !== "Scheduled") return { type: TriggerType };
  const at = "TriggerConfig.TriggerProperties";
  const scheduled = TriggerProperties?.Scheduled;
  if (!scheduled) throw new FlowDefinitionError(`${at}: Scheduled is needed`);
  const trigger: FlowTrigger = {
    type: "Scheduled",
    expression: scheduled.ScheduleExpression,
    mode: scheduled.DataPullMode ?? (datetimeField === undefined ? "Complete" : "Incremental"),
    startMs: scheduled.ScheduleStartTime?.getTime(),
    endMs: scheduled.ScheduleEndTime?.getTime(),
    timezone: scheduled.Timezone,
    offsetMs: (scheduled.ScheduleOffset ?? 0) * 1000,
    firstFromMs: scheduled.FirstExecutionFrom?.getTime(),
  };
  const { startMs, endMs, mode } = trigger;
  if (startMs !== undefined && endMs !== undefined && endMs < startMs) {
    throw new FlowDefinitionError(`${at}.Scheduled.ScheduleEndTime: it is before ScheduleStartTime`);
  }
  if (mode === "Incremental" && datetimeField === undefined && connector !== "S3") {
    throw new FlowDefinitionError(
      "SourceFlowConfig.IncrementalPullConfig: DatetimeTypeFieldName is needed for incremental pulls",
    );
  }
  try {
    checkSchedule(trigger);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    throw new FlowDefinitionError(`${at}.Scheduled.${error.message}`, { cause: error });
  }
  return trigger;
}
