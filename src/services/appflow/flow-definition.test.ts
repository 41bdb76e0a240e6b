import assert from "node:assert/strict";
import { test } from "node:test";
import type { FlowDefinition } from "@aws-sdk/client-customer-profiles";
import type { Validated } from "../../models/validated.ts";
import { planFlow } from "./flow-definition.ts";

type Definition = Validated<FlowDefinition>;
type DefinedTask = Definition["Tasks"][number];

const PROJECTION: DefinedTask = {
  TaskType: "Filter",
  SourceFields: ["Id", "Name", "Phone", "Age"],
  ConnectorOperator: { Salesforce: "PROJECTION" },
};
const MAP: DefinedTask = {
  TaskType: "Map",
  SourceFields: ["Id"],
  DestinationField: "Id",
  ConnectorOperator: { Salesforce: "NO_OP" },
};

function definition(changes: Partial<Definition> = {}): Definition {
  return {
    FlowName: "contacts",
    KmsArn: "arn:aws:kms:eu-west-1:111122223333:key/1c6ad4b2-0000-4000-8000-5f2b7c9d0001",
    SourceFlowConfig: {
      ConnectorType: "Salesforce",
      ConnectorProfileName: "sf",
      IncrementalPullConfig: { DatetimeTypeFieldName: "SystemModstamp" },
      SourceConnectorProperties: { Salesforce: { Object: "Contact" } },
    },
    Tasks: [PROJECTION, MAP],
    TriggerConfig: { TriggerType: "OnDemand" },
    ...changes,
  };
}

function scheduled(changes: object, source: Partial<Definition["SourceFlowConfig"]> = {}): Definition {
  return definition({
    SourceFlowConfig: { ...definition().SourceFlowConfig, ...source },
    TriggerConfig: {
      TriggerType: "Scheduled",
      TriggerProperties: { Scheduled: { ScheduleExpression: "rate(1hours)", ...changes } },
    },
  });
}

const S3: Definition["SourceFlowConfig"] = {
  ConnectorType: "S3",
  SourceConnectorProperties: { S3: { BucketName: "exports" } },
};

test("a definition is planned with its defaults", () => {
  assert.deepEqual(planFlow(definition({ Description: "all" })), {
    description: "all",
    kmsArn: definition().KmsArn,
    source: {
      connector: "Salesforce",
      profileName: "sf",
      properties: { Object: "Contact" },
      datetimeField: "SystemModstamp",
    },
    tasks: [
      {
        type: "Filter",
        operator: "PROJECTION",
        fields: ["Id", "Name", "Phone", "Age"],
        destination: undefined,
        properties: {},
      },
      { type: "Map", operator: "NO_OP", fields: ["Id"], destination: "Id", properties: {} },
    ],
    trigger: { type: "OnDemand" },
  });
});

test("a schedule pulls what is new where a field tells when that was, and all where none does", () => {
  const modes = [
    scheduled({}),
    scheduled({}, { IncrementalPullConfig: undefined }),
    scheduled({ DataPullMode: "Complete" }),
  ]
    .map((given) => planFlow(given).trigger)
    .map((trigger) => trigger.type === "Scheduled" && trigger.mode);
  assert.deepEqual(modes, ["Incremental", "Complete", "Complete"]);
});

test("S3 pulls what is new without such a field", () => {
  const { trigger } = planFlow({ ...scheduled({ DataPullMode: "Incremental" }, S3), SourceFlowConfig: S3, Tasks: [] });
  assert.equal(trigger.type === "Scheduled" && trigger.mode, "Incremental");
});

test("ServiceNow is one word as a type, and two as a member", () => {
  const plan = planFlow(
    definition({
      SourceFlowConfig: {
        ConnectorType: "Servicenow",
        ConnectorProfileName: "snow",
        SourceConnectorProperties: { ServiceNow: { Object: "incident" } },
      },
      Tasks: [{ TaskType: "Filter", SourceFields: ["number"], ConnectorOperator: { ServiceNow: "PROJECTION" } }],
    }),
  );
  assert.deepEqual([plan.source.properties, plan.tasks[0]?.operator], [{ Object: "incident" }, "PROJECTION"]);
});

test("what Merge and Arithmetic make can be mapped", () => {
  const Tasks: DefinedTask[] = [
    PROJECTION,
    { TaskType: "Merge", SourceFields: ["Id", "Name"], DestinationField: "Id,Name" },
    { ...MAP, SourceFields: ["Id,Name"] },
    { TaskType: "Arithmetic", SourceFields: ["Age", "Id"], ConnectorOperator: { Salesforce: "ADDITION" } },
    { ...MAP, SourceFields: ["Age,Id"], DestinationField: "Sum" },
  ];
  assert.equal(planFlow(definition({ Tasks })).tasks.length, 5);
});

function taskWith(changes: Partial<DefinedTask>): Definition {
  return definition({ Tasks: [PROJECTION, { ...MAP, ...changes }] });
}

function filterWith(operator: string, properties: object): Definition {
  const ConnectorOperator = { Salesforce: operator } as DefinedTask["ConnectorOperator"];
  return taskWith({ TaskType: "Filter", ConnectorOperator, TaskProperties: properties });
}

const FILTER: DefinedTask = {
  TaskType: "Filter",
  SourceFields: ["Id"],
  ConnectorOperator: { Salesforce: "EQUAL_TO" },
  TaskProperties: { DATA_TYPE: "string", VALUE: "1" },
};

for (const [title, given, message] of [
  [
    "a connector without its properties",
    definition({ SourceFlowConfig: { ...S3, SourceConnectorProperties: {} } }),
    "SourceFlowConfig.SourceConnectorProperties: S3 is needed",
  ],
  [
    "properties of another connector",
    definition({ SourceFlowConfig: { ...S3, SourceConnectorProperties: { Marketo: { Object: "leads" } } } }),
    "SourceFlowConfig.SourceConnectorProperties.Marketo: the ConnectorType is S3",
  ],
  [
    "a connector without a profile",
    definition({ SourceFlowConfig: { ...definition().SourceFlowConfig, ConnectorProfileName: undefined } }),
    "SourceFlowConfig.ConnectorProfileName: Salesforce needs one",
  ],
  [
    "an operator of another connector",
    taskWith({ ConnectorOperator: { Marketo: "NO_OP" } }),
    "Tasks[1].ConnectorOperator.Marketo: the ConnectorType is Salesforce",
  ],
  [
    "operators of two connectors",
    taskWith({ ConnectorOperator: { Salesforce: "NO_OP", ServiceNow: "NO_OP" } }),
    "Tasks[1].ConnectorOperator.ServiceNow: the ConnectorType is Salesforce",
  ],
  [
    "a filter without an operator",
    taskWith({ TaskType: "Validate", ConnectorOperator: undefined }),
    "Tasks[1].ConnectorOperator: a Validate task needs one of VALIDATE_NON_NULL, VALIDATE_NON_ZERO, VALIDATE_NON_NEGATIVE, VALIDATE_NUMERIC",
  ],
  [
    "an operator of another task",
    taskWith({ ConnectorOperator: { Salesforce: "MASK_ALL" } }),
    "Tasks[1].ConnectorOperator: MASK_ALL is no operator of a Map task",
  ],
  [
    "a task without fields",
    taskWith({ SourceFields: [] }),
    "Tasks[1].SourceFields: a Map task needs the names of fields",
  ],
  [
    "a map of two fields",
    taskWith({ SourceFields: ["Id", "Name"] }),
    "Tasks[1].SourceFields: a Map task with NO_OP has one field",
  ],
  ["a map to nowhere", taskWith({ DestinationField: undefined }), "Tasks[1].DestinationField: a Map task needs it"],
  [
    "a map of what is not read",
    taskWith({ SourceFields: ["Fax"] }),
    "Tasks[1].SourceFields: Fax is not among the fields of the PROJECTION",
  ],
  [
    "a destination within another",
    definition({
      Tasks: [
        { ...MAP, DestinationField: "a" },
        { ...MAP, DestinationField: "a.b" },
      ],
    }),
    "Tasks[1].DestinationField: a.b lies within a, which is one too",
  ],
  [
    "two projections",
    definition({ Tasks: [PROJECTION, MAP, PROJECTION] }),
    "Tasks[2]: a flow has one PROJECTION at most",
  ],
  [
    "eleven filters",
    definition({ Tasks: Array.from({ length: 11 }, () => FILTER) }),
    "Tasks: a flow has at most 10 filters",
  ],
  [
    "eleven criteria",
    filterWith("EQUAL_TO", { DATA_TYPE: "string", VALUES: "1,2,3,4,5,6,7,8,9,10,11" }),
    "Tasks[1].TaskProperties.VALUES: a filter has at most 10",
  ],
  [
    "a filter without a value",
    filterWith("EQUAL_TO", { DATA_TYPE: "string" }),
    "Tasks[1].TaskProperties.VALUE: a filter needs it, or VALUES",
  ],
  [
    "a value of another type",
    filterWith("LESS_THAN", { DATA_TYPE: "number", VALUE: "ten" }),
    "Tasks[1].TaskProperties.VALUE: ten is no value of the DATA_TYPE",
  ],
  [
    "a range without an end",
    filterWith("BETWEEN", { DATA_TYPE: "number", LOWER_BOUND: "1" }),
    "Tasks[1].TaskProperties.UPPER_BOUND: it is needed",
  ],
  [
    "a range that ends before it begins",
    filterWith("BETWEEN", { DATA_TYPE: "number", LOWER_BOUND: "10", UPPER_BOUND: "9" }),
    "Tasks[1].TaskProperties.UPPER_BOUND: it is less than LOWER_BOUND",
  ],
  [
    "an unknown action of a validation",
    taskWith({
      TaskType: "Validate",
      ConnectorOperator: { Salesforce: "VALIDATE_NON_NULL" },
      TaskProperties: { VALIDATION_ACTION: "Skip" },
    }),
    "Tasks[1].TaskProperties.VALIDATION_ACTION: Skip is neither DropRecord nor DropDataset",
  ],
  [
    "a mask without a length",
    taskWith({ TaskType: "Mask", ConnectorOperator: { Salesforce: "MASK_LAST_N" } }),
    "Tasks[1].TaskProperties.MASK_LENGTH: it is needed",
  ],
  [
    "a mask of two characters",
    taskWith({ TaskType: "Mask", ConnectorOperator: { Salesforce: "MASK_ALL" }, TaskProperties: { MASK_VALUE: "**" } }),
    "Tasks[1].TaskProperties.MASK_VALUE: it is one character",
  ],
  [
    "a truncation to nothing",
    taskWith({ TaskType: "Truncate", TaskProperties: { TRUNCATE_LENGTH: "0" } }),
    "Tasks[1].TaskProperties.TRUNCATE_LENGTH: 0 is no positive integer",
  ],
  [
    "arithmetic with one field",
    taskWith({ TaskType: "Arithmetic", ConnectorOperator: { Salesforce: "ADDITION" } }),
    "Tasks[1].SourceFields: arithmetic needs two fields",
  ],
  [
    "an order of other fields",
    taskWith({
      TaskType: "Arithmetic",
      SourceFields: ["Id", "Age"],
      ConnectorOperator: { Salesforce: "ADDITION" },
      TaskProperties: { MATH_OPERATION_FIELDS_ORDER: "Id,Name" },
    }),
    "Tasks[1].TaskProperties.MATH_OPERATION_FIELDS_ORDER: it names other fields than SourceFields",
  ],
  [
    "a format with other fields",
    taskWith({ TaskType: "Merge", SourceFields: ["Id", "Age"], TaskProperties: { CONCAT_FORMAT: `\${Name}` } }),
    "Tasks[1].TaskProperties.CONCAT_FORMAT: Name is none of the SourceFields",
  ],
  [
    "an event trigger of a connector that has none",
    definition({ SourceFlowConfig: S3, Tasks: [], TriggerConfig: { TriggerType: "Event" } }),
    "TriggerConfig.TriggerType: S3 has no Event trigger",
  ],
  [
    "a schedule that is not told",
    definition({ TriggerConfig: { TriggerType: "Scheduled" } }),
    "TriggerConfig.TriggerProperties: Scheduled is needed",
  ],
  [
    "an invalid expression",
    scheduled({ ScheduleExpression: "cron(61 * * * ? *)" }),
    "TriggerConfig.TriggerProperties.Scheduled.ScheduleExpression: cron(61 * * * ? *): minute: 61 is not from 0 to 59",
  ],
  [
    "an unknown time zone",
    scheduled({ Timezone: "Europe/Atlantis" }),
    "TriggerConfig.TriggerProperties.Scheduled.Timezone: Europe/Atlantis is not known",
  ],
  [
    "an end before the start",
    scheduled({ ScheduleStartTime: new Date(2000), ScheduleEndTime: new Date(1000) }),
    "TriggerConfig.TriggerProperties.Scheduled.ScheduleEndTime: it is before ScheduleStartTime",
  ],
  [
    "an incremental pull by nothing",
    scheduled({ DataPullMode: "Incremental" }, { IncrementalPullConfig: undefined }),
    "SourceFlowConfig.IncrementalPullConfig: DatetimeTypeFieldName is needed for incremental pulls",
  ],
] as const) {
  test(`${title} is refused, by the member`, () => {
    assert.throws(() => planFlow(given), { name: "FlowDefinitionError", message });
  });
}
