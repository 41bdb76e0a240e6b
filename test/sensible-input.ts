import fc from "fast-check";
import { structureNamed } from "../src/models/shapes.ts";
import type { BuiltOperation } from "./built-operations.ts";
import { type Input, validInput } from "./model-inputs.ts";
import type { KnownValues } from "./populated-account.ts";

/** What an operation requires, naming what is there, so that it would succeed or nearly so, but for `changes`. */
export function sensibleInput(
  { model, operation, definition }: BuiltOperation,
  known: KnownValues,
  changes: Input = {},
): Input {
  if (definition.input === undefined) return changes;
  const shape = structureNamed(model, definition.input);
  const [valid = {}] = fc.sample(validInput(model, definition.input), { numRuns: 1, seed: 1 });
  const members = { ...valid, ...firsts(known[model.name] ?? {}), ...SENSIBLE[`${model.name} ${operation}`] };
  const required = Object.entries(members).filter(([member]) => shape.required?.includes(member));
  return { ...Object.fromEntries(required), ...SENSIBLE[`${model.name} ${operation}`], ...changes };
}

const firsts = (values: Readonly<Record<string, readonly unknown[]>>): Input =>
  Object.fromEntries(Object.entries(values).map(([member, [first]]) => [member, first]));

const SEGMENT_GROUPS = {
  Groups: [
    { Dimensions: [{ ProfileAttributes: { Attributes: { city: { DimensionType: "INCLUSIVE", Values: ["Kiel"] } } } }] },
  ],
};

const FORM_QUESTION = { RefId: "said", Title: "What was said?", QuestionType: "TEXT" };
const FORM_ITEMS = [{ Section: { RefId: "call", Title: "The call", Items: [{ Question: FORM_QUESTION }] } }];

const RULE_CONDITION = {
  Operator: "CONTAINS_ANY",
  Operands: ["late"],
  ComparisonValue: "$.ContactLens.PostCall.ExactMatch.Transcript",
};
const RULE = {
  TriggerEventSource: { EventSourceName: "OnPostCallAnalysisAvailable" },
  Function: JSON.stringify({
    Version: "2022-11-25",
    RuleFunction: { Operator: "AND", Operands: [RULE_CONDITION] },
  }),
  Actions: [{ ActionType: "ASSIGN_CONTACT_CATEGORY", AssignContactCategoryAction: {} }],
  PublishStatus: "PUBLISHED",
};

const CASE_FIELDS = [{ id: "title", value: { stringValue: "A parcel" } }];
const COMMENT = { comment: { body: "Lost", contentType: "Text/Plain" } };

/** Where the model alone says too little. */
const SENSIBLE: Readonly<Record<string, Input>> = {
  "kinesis AddTagsToStream": { Tags: { a: "b" } },
  "kinesis TagResource": { Tags: { a: "b" } },
  "kinesis DeregisterStreamConsumer": { ConsumerName: "orders-reader" },
  "kinesis DescribeStreamConsumer": { ConsumerName: "orders-reader" },
  "kinesis GetShardIterator": { ShardIteratorType: "TRIM_HORIZON" },
  "kinesis PutRecord": { Data: Buffer.from("x"), PartitionKey: "key" },
  "kinesis PutRecords": { Records: [{ Data: Buffer.from("x"), PartitionKey: "key" }] },
  "kinesis PutResourcePolicy": {
    Policy: JSON.stringify({
      Version: "2012-10-17",
      Statement: [{ Effect: "Allow", Principal: "*", Action: "kinesis:DescribeStream", Resource: "*" }],
    }),
  },
  "kinesis StartStreamEncryption": { EncryptionType: "KMS", KeyId: "alias/aws/kinesis" },
  "kinesis StopStreamEncryption": { EncryptionType: "KMS", KeyId: "alias/aws/kinesis" },
  "firehose CreateDeliveryStream": { DeliveryStreamName: "another" },
  "firehose PutRecord": { Record: { Data: Buffer.from("x") } },
  "firehose PutRecordBatch": { Records: [{ Data: Buffer.from("x") }] },
  "firehose TagDeliveryStream": { Tags: [{ Key: "a", Value: "b" }] },
  "sqs ChangeMessageVisibilityBatch": { Entries: [{ Id: "a", ReceiptHandle: "x", VisibilityTimeout: 1 }] },
  "sqs DeleteMessageBatch": { Entries: [{ Id: "a", ReceiptHandle: "x" }] },
  "sqs SendMessageBatch": { Entries: [{ Id: "a", MessageBody: "x" }] },
  "logs PutLogEvents": { logEvents: [{ timestamp: Date.now(), message: "x" }] },
  "logs PutRetentionPolicy": { retentionInDays: 30 },
  "logs PutSubscriptionFilter": {
    filterPattern: "",
    destinationArn: "arn:aws:kinesis:us-east-1:000000000000:stream/orders",
    roleArn: "arn:aws:iam::000000000000:role/logs",
  },
  "events PutRule": { EventPattern: '{"source":["shop"]}' },
  "events PutTargets": { Targets: [{ Id: "a", Arn: "arn:aws:sqs:us-east-1:000000000000:orders" }] },
  "customer-profiles PutProfileObjectType": { TemplateId: "CTR" },
  "customer-profiles CreateSegmentDefinition": { SegmentGroups: SEGMENT_GROUPS },
  "customer-profiles CreateSegmentEstimate": { SegmentQuery: SEGMENT_GROUPS },
  "customer-profiles CreateSegmentSnapshot": { DataFormat: "JSONL", DestinationUri: "s3://orders-test-us-east-1/x/" },
  "customer-profiles PutIntegration": {
    EventTriggerNames: ["noted"],
    RoleArn: "arn:aws:iam::000000000000:role/profiles",
    Uri: "arn:aws:sqs:us-east-1:000000000000:orders",
  },
  "connectcases CreateDomain": { name: "sensible" },
  "connectcases CreateField": { name: "sensible", type: "Text" },
  "connectcases CreateTemplate": { name: "sensible" },
  "connectcases UpdateTemplate": { status: "Active" },
  "connectcases CreateLayout": { name: "sensible" },
  "connectcases CreateCaseRule": { name: "sensible", rule: { required: { defaultValue: false, conditions: [] } } },
  "connectcases CreateCase": { fields: CASE_FIELDS },
  "connectcases UpdateCase": { fields: CASE_FIELDS },
  "connectcases CreateRelatedItem": { type: "Comment", content: COMMENT },
  "connectcases UpdateRelatedItem": { content: COMMENT },
  "connectcases GetCase": { fields: [{ id: "title" }] },
  "connectcases BatchGetField": { fields: [{ id: "title" }] },
  "connect CreateRule": RULE,
  "connect UpdateRule": { Function: RULE.Function, Actions: RULE.Actions, PublishStatus: RULE.PublishStatus },
  "connect UpdateInstanceAttribute": { AttributeType: "INBOUND_CALLS", Value: "true" },
  "connect AssociateInstanceStorageConfig": {
    ResourceType: "CALL_RECORDINGS",
    StorageConfig: { StorageType: "S3", S3Config: { BucketName: "calls", BucketPrefix: "x" } },
  },
  "connect UpdateInstanceStorageConfig": {
    ResourceType: "CHAT_TRANSCRIPTS",
    StorageConfig: { StorageType: "S3", S3Config: { BucketName: "chats", BucketPrefix: "x" } },
  },
  "connect UpdateContactFlowModuleContent": { Settings: "{}" },
  "connect CreateHoursOfOperation": {
    TimeZone: "UTC",
    Config: [{ Day: "MONDAY", StartTime: { Hours: 8, Minutes: 0 }, EndTime: { Hours: 17, Minutes: 0 } }],
  },
  "connect StartOutboundVoiceContact": { SourcePhoneNumber: "+12065550000" },
  "connect StartTaskContact": { ContactFlowId: "00000000-0000-4000-8000-000000000000" },
  "connect AssociateSecurityProfiles": { SecurityProfiles: [{ Id: "00000000-0000-4000-8000-000000000000" }] },
  "connect DisassociateSecurityProfiles": { SecurityProfiles: [{ Id: "00000000-0000-4000-8000-000000000000" }] },
  "connect ImportPhoneNumber": {
    SourcePhoneNumberArn: "arn:aws:sms-voice:us-east-1:000000000000:phone-number/phone-1",
  },
  "connect StartEmailContact": {
    EmailMessage: {
      MessageSourceType: "RAW",
      RawMessage: { Subject: "x", Body: "x", ContentType: "text/plain" },
    },
  },
  "connect StartOutboundEmailContact": {
    EmailMessage: {
      MessageSourceType: "RAW",
      RawMessage: { Subject: "x", Body: "x", ContentType: "text/plain" },
    },
  },
  "connect CreateContact": { Channel: "TASK", InitiationMethod: "API", InitiateAs: "COMPLETED" },
  "connect UpdateContact": { Name: "x" },
  "connect AssociateLambdaFunction": { FunctionArn: "arn:aws:lambda:us-east-1:000000000000:function:orders" },
  "connect CreateIntegrationAssociation": {
    IntegrationType: "APPLICATION",
    IntegrationArn: "arn:aws:app-integrations:us-east-1:000000000000:application/desk",
  },
  "connect CreateEvaluationForm": { Title: "Form", Items: FORM_ITEMS },
  "connect UpdateEvaluationForm": { Title: "Form", Items: FORM_ITEMS },
  "connect UpdateUserHierarchyStructure": { HierarchyStructure: { LevelOne: { Name: "Region" } } },
  "connect AssociateUserProficiencies": {
    UserProficiencies: [{ AttributeName: "x", AttributeValue: "y", Level: 1 }],
  },
  "connect UpdateUserProficiencies": { UserProficiencies: [{ AttributeName: "x", AttributeValue: "y", Level: 1 }] },
};
