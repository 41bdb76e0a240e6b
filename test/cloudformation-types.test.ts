/**
 * Every resource type in one stack: made, read back from its service, changed in place, replaced and deleted. A type of the table
 * without a case here fails; so does a column of the guide's table that is not what a stack does.
 */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import * as apigateway from "@aws-sdk/client-api-gateway";
import * as apigatewayv2 from "@aws-sdk/client-apigatewayv2";
import * as cloudformation from "@aws-sdk/client-cloudformation";
import * as logs from "@aws-sdk/client-cloudwatch-logs";
import * as connect from "@aws-sdk/client-connect";
import * as cases from "@aws-sdk/client-connectcases";
import * as profiles from "@aws-sdk/client-customer-profiles";
import * as events from "@aws-sdk/client-eventbridge";
import * as firehose from "@aws-sdk/client-firehose";
import * as iam from "@aws-sdk/client-iam";
import * as kinesis from "@aws-sdk/client-kinesis";
import * as lambda from "@aws-sdk/client-lambda";
import * as s3 from "@aws-sdk/client-s3";
import * as sns from "@aws-sdk/client-sns";
import * as sqs from "@aws-sdk/client-sqs";
import type { Properties } from "../src/services/cloudformation/resource-type.ts";
import { resourceTypes } from "../src/services/cloudformation/resource-types/index.ts";
import {
  descriptionOf,
  listResources,
  type Operation,
  resourceKey,
  STACK_RESOURCES,
  STACKS,
  type StackResource,
} from "../src/services/cloudformation/stack.ts";
import { wakeEngine } from "../src/services/cloudformation/wake.ts";
import { zipOf } from "./lambda-world.ts";
import { call } from "./model-call.ts";
import { startTrunkline } from "./server.ts";

const server = await startTrunkline();
const { client } = server;

// biome-ignore lint/suspicious/noExplicitAny: outputs of operations of sixteen clients, each read where it is asked for.
type Answer = any;

const sdks: Readonly<Record<string, readonly [client: Answer, commands: object]>> = {
  apigateway: [new apigateway.APIGatewayClient(client), apigateway],
  apigatewayv2: [new apigatewayv2.ApiGatewayV2Client(client), apigatewayv2],
  cases: [new cases.ConnectCasesClient(client), cases],
  cloudformation: [new cloudformation.CloudFormationClient(client), cloudformation],
  connect: [new connect.ConnectClient(client), connect],
  events: [new events.EventBridgeClient(client), events],
  firehose: [new firehose.FirehoseClient(client), firehose],
  iam: [new iam.IAMClient(client), iam],
  kinesis: [new kinesis.KinesisClient(client), kinesis],
  lambda: [new lambda.LambdaClient(client), lambda],
  logs: [new logs.CloudWatchLogsClient(client), logs],
  profiles: [new profiles.CustomerProfilesClient(client), profiles],
  s3: [new s3.S3Client({ ...client, forcePathStyle: true }), s3],
  sns: [new sns.SNSClient(client), sns],
  sqs: [new sqs.SQSClient(client), sqs],
};

/** Sends a command by its name, `Command` left out. */
function send(service: string, operation: string, input: object = {}): Promise<Answer> {
  const [sdk, commands] = sdks[service] ?? [];
  const Command = (commands as Record<string, new (input: object) => object>)[`${operation}Command`];
  assert.ok(Command, `${service} has no ${operation}`);
  return sdk.send(new Command(input));
}

interface Made {
  readonly ref: string;
  readonly attributes: Readonly<Record<string, Answer>>;
  readonly properties: Readonly<Record<string, Answer>>;
}

interface Case {
  readonly made: object;
  /** What an update changes in place. Absent where a type has nothing of the sort. */
  readonly changed?: object;
  /** What takes another resource. Absent where a type has nothing of the sort. */
  readonly replaced?: object;
  /** What its service says of it. */
  readonly read: (made: Made) => Promise<unknown>;
  /** What `read` answers when it was made, changed and replaced, as far as the type goes. */
  readonly says: readonly unknown[];
  readonly dependsOn?: readonly string[];
}

const ref = (Ref: string): object => ({ Ref });
const att = (...path: readonly string[]): object => ({ "Fn::GetAtt": path });
const idIn = (arn: string): string => arn.slice(arn.lastIndexOf("/") + 1);
const behind = (mark: string, text: string): string => text.slice(text.indexOf(mark) + mark.length);
const inInstance = ({ properties }: Made): { InstanceId: string } => ({ InstanceId: idIn(properties.InstanceArn) });
const policy = (Action: string, Resource: unknown): object => ({
  Version: "2012-10-17",
  Statement: [{ Effect: "Allow", Action, Resource }],
});
const trust = (Service: string): object => ({
  Version: "2012-10-17",
  Statement: [{ Effect: "Allow", Principal: { Service }, Action: "sts:AssumeRole" }],
});
const sends = (to: unknown, Action = "sqs:SendMessage"): object => ({
  Version: "2012-10-17",
  Statement: [{ Effect: "Allow", Principal: "*", Action, Resource: to }],
});
const firstAction = (text: string): string => JSON.parse(text).Statement[0].Action;
const flowContent = JSON.stringify({
  Version: "2019-10-30",
  StartAction: "end",
  Metadata: {},
  Actions: [{ Identifier: "end", Type: "DisconnectParticipant", Parameters: {}, Transitions: {} }],
});
const moduleContent = JSON.stringify({
  Version: "2019-10-30",
  StartAction: "end",
  Metadata: {},
  Actions: [{ Identifier: "end", Type: "EndFlowModuleExecution", Parameters: {}, Transitions: {} }],
  Settings: {},
});
const monday = [{ Day: "MONDAY", StartTime: { Hours: 8, Minutes: 0 }, EndTime: { Hours: 18, Minutes: 0 } }];
const ofInstance = { InstanceArn: att("BaseInstance", "Arn") };
const ofDomain = { DomainName: ref("BaseDomain") };
const ofCases = { DomainId: att("BaseCases", "DomainId") };
const uriOf = (id: string): object => ({
  "Fn::Sub": `arn:aws:apigateway:\${AWS::Region}:lambda:path/2015-03-31/functions/\${${id}.Arn}/invocations`,
});
const code = (text: string): object => ({ ZipFile: `exports.handler = async () => ${JSON.stringify(text)};` });
const functionProperties = (text: string): object => ({
  Runtime: "nodejs22.x",
  Handler: "index.handler",
  Role: att("BaseRole", "Arn"),
  Code: code(text),
});
const bucketDestination = (Prefix: string): object => ({
  S3DestinationConfiguration: { BucketARN: att("BaseBucket", "Arn"), RoleARN: att("BaseRole", "Arn"), Prefix },
});
const form = (Title: string): object => ({
  Title,
  Items: [
    {
      Section: {
        Title: "All",
        RefId: "s1",
        Weight: 100,
        Items: [{ Question: { Title: "Polite?", RefId: "q1", QuestionType: "TEXT", Weight: 0 } }],
      },
    },
  ],
});
const slowerThan = (seconds: number, what: string): string =>
  JSON.stringify({
    Version: "2022-11-25",
    RuleFunction: {
      Operator: "AND",
      Operands: [{ Operator: "NumberGreaterOrEqualTo", Operands: [seconds], ComparisonValue: `$.ContactLens.${what}` }],
    },
  });
const segmentOf = (Values: readonly string[]): object => ({
  SegmentGroups: {
    Groups: [
      {
        Type: "ALL",
        Dimensions: [{ ProfileAttributes: { LastName: { DimensionType: "INCLUSIVE", Values } } }],
      },
    ],
  },
});
const required = (value: string): object => ({
  Rule: {
    Required: {
      DefaultValue: false,
      Conditions: [
        {
          EqualTo: {
            OperandOne: { FieldId: att("BaseField", "FieldId") },
            OperandTwo: { StringValue: value },
            Result: true,
          },
        },
      ],
    },
  },
});

const orderFields = {
  Fields: [
    {
      Name: "email",
      ObjectTypeField: { Source: "_source.email", Target: "_profile.EmailAddress", ContentType: "EMAIL_ADDRESS" },
    },
    { Name: "id", ObjectTypeField: { Source: "_source.id", ContentType: "STRING" } },
    { Name: "total", ObjectTypeField: { Source: "_source.total", ContentType: "NUMBER" } },
  ],
  Keys: [
    { Name: "email", ObjectTypeKeyList: [{ FieldNames: ["email"], StandardIdentifiers: ["PROFILE"] }] },
    { Name: "id", ObjectTypeKeyList: [{ FieldNames: ["id"], StandardIdentifiers: ["UNIQUE"] }] },
  ],
};

/** Answers custom resources with their properties, and signals at a handle that it is given. */
const answering = `
const { send, SUCCESS } = require("cfn-response");
exports.handler = async (event, context) => {
  const { Signal } = event.ResourceProperties;
  if (Signal && event.RequestType !== "Delete") {
    const body = JSON.stringify({ Status: "SUCCESS", UniqueId: "one", Data: "told", Reason: "" });
    await fetch(Signal, { method: "PUT", body });
  }
  await send(event, context, SUCCESS, event.ResourceProperties, event.PhysicalResourceId);
};`;

/** What the cases lean on, the same in all versions of the stack. */
const base: Readonly<Record<string, readonly [type: string, properties: object, dependsOn?: readonly string[]]>> = {
  BaseRole: [
    "AWS::IAM::Role",
    {
      RoleName: "types-role",
      AssumeRolePolicyDocument: {
        Version: "2012-10-17",
        Statement: [
          {
            Effect: "Allow",
            Principal: {
              Service: ["lambda", "firehose", "apigateway", "logs", "events"].map((one) => `${one}.amazonaws.com`),
            },
            Action: "sts:AssumeRole",
          },
        ],
      },
      Policies: [{ PolicyName: "all", PolicyDocument: policy("*", "*") }],
    },
  ],
  BaseOtherRole: [
    "AWS::IAM::Role",
    { RoleName: "types-other", AssumeRolePolicyDocument: trust("apigateway.amazonaws.com") },
  ],
  BaseBucket: ["AWS::S3::Bucket", { BucketName: "types-bucket" }],
  BaseOtherBucket: ["AWS::S3::Bucket", { BucketName: "types-bucket-2" }],
  BaseStream: ["AWS::Kinesis::Stream", { Name: "types-stream" }],
  BaseOtherStream: ["AWS::Kinesis::Stream", { Name: "types-stream-2" }],
  BaseInbox: ["AWS::SQS::Queue", { QueueName: "types-inbox" }],
  BaseOtherInbox: ["AWS::SQS::Queue", { QueueName: "types-inbox-2" }],
  BaseTopic: ["AWS::SNS::Topic", { TopicName: "types-topic" }],
  BaseOtherTopic: ["AWS::SNS::Topic", { TopicName: "types-topic-2" }],
  BaseLogs: ["AWS::Logs::LogGroup", { LogGroupName: "types-logs" }],
  BaseFunction: ["AWS::Lambda::Function", { FunctionName: "types-function", ...functionProperties("base") }],
  BaseOtherFunction: ["AWS::Lambda::Function", { FunctionName: "types-function-2", ...functionProperties("other") }],
  BaseAnswering: ["AWS::Lambda::Function", { ...functionProperties(""), Code: { ZipFile: answering } }],
  BaseHandle: ["AWS::CloudFormation::WaitConditionHandle", {}],
  BaseSignal: ["Custom::Signal", { ServiceToken: att("BaseAnswering", "Arn"), Signal: ref("BaseHandle") }],
  BaseVersion: ["AWS::Lambda::Version", { FunctionName: ref("BaseFunction") }],
  BaseApi: ["AWS::ApiGateway::RestApi", { Name: "types-base" }],
  BaseOtherApi: ["AWS::ApiGateway::RestApi", { Name: "types-base-2" }],
  BasePath: [
    "AWS::ApiGateway::Resource",
    { RestApiId: ref("BaseApi"), ParentId: att("BaseApi", "RootResourceId"), PathPart: "base" },
  ],
  BaseMethod: [
    "AWS::ApiGateway::Method",
    {
      RestApiId: ref("BaseApi"),
      ResourceId: ref("BasePath"),
      HttpMethod: "GET",
      AuthorizationType: "NONE",
      Integration: { Type: "MOCK" },
    },
  ],
  BaseDeployment: ["AWS::ApiGateway::Deployment", { RestApiId: ref("BaseApi") }, ["BaseMethod"]],
  BaseHttpApi: ["AWS::ApiGatewayV2::Api", { Name: "types-base", ProtocolType: "HTTP" }],
  BaseOtherHttpApi: ["AWS::ApiGatewayV2::Api", { Name: "types-base-2", ProtocolType: "HTTP" }],
  BaseBus: ["AWS::Events::EventBus", { Name: "types-bus" }],
  BaseOtherBus: ["AWS::Events::EventBus", { Name: "types-bus-2" }],
  BaseConnection: [
    "AWS::Events::Connection",
    {
      AuthorizationType: "API_KEY",
      AuthParameters: { ApiKeyAuthParameters: { ApiKeyName: "x-key", ApiKeyValue: "secret" } },
    },
  ],
  BaseInstance: [
    "AWS::Connect::Instance",
    {
      InstanceAlias: "types-base",
      IdentityManagementType: "CONNECT_MANAGED",
      Attributes: { InboundCalls: true, OutboundCalls: true },
    },
  ],
  BaseHours: ["AWS::Connect::HoursOfOperation", { ...ofInstance, Name: "Base hours", TimeZone: "UTC", Config: monday }],
  BaseLine: ["AWS::Connect::Queue", { ...ofInstance, Name: "Base queue", HoursOfOperationArn: ref("BaseHours") }],
  BaseRouting: [
    "AWS::Connect::RoutingProfile",
    {
      ...ofInstance,
      Name: "Base routing",
      Description: "Base",
      DefaultOutboundQueueArn: ref("BaseLine"),
      MediaConcurrencies: [{ Channel: "VOICE", Concurrency: 1 }],
    },
  ],
  BaseSecurity: [
    "AWS::Connect::SecurityProfile",
    { ...ofInstance, SecurityProfileName: "Base security", Permissions: ["BasicAgentAccess"] },
  ],
  BaseSkill: [
    "AWS::Connect::PredefinedAttribute",
    { ...ofInstance, Name: "base:Language", Values: { StringList: ["French"] } },
  ],
  BaseTransfer: [
    "AWS::Connect::ContactFlow",
    { ...ofInstance, Name: "Base transfer", Type: "QUEUE_TRANSFER", Content: flowContent },
  ],
  BaseDomain: ["AWS::CustomerProfiles::Domain", { DomainName: "types-base", DefaultExpirationDays: 30 }],
  BaseOrder: [
    "AWS::CustomerProfiles::ObjectType",
    {
      ...ofDomain,
      ObjectTypeName: "Order",
      Description: "An order",
      AllowProfileCreation: true,
      ...orderFields,
    },
  ],
  BaseCases: ["AWS::Cases::Domain", { Name: "types-base" }],
  BaseField: ["AWS::Cases::Field", { ...ofCases, Name: "Colour", Type: "Text" }],
};

const restPart = {
  RestApiId: ref("BaseApi"),
};
const httpPart = { ApiId: ref("BaseHttpApi") };
const otherHttpPart = { ApiId: ref("BaseOtherHttpApi") };

const table: Readonly<Record<string, Case>> = {
  "AWS::ApiGateway::Account": {
    made: { CloudWatchRoleArn: att("BaseRole", "Arn") },
    changed: { CloudWatchRoleArn: att("BaseOtherRole", "Arn") },
    read: async () => idIn((await send("apigateway", "GetAccount")).cloudwatchRoleArn),
    says: ["types-role", "types-other"],
  },
  "AWS::ApiGateway::Authorizer": {
    made: {
      ...restPart,
      Name: "one",
      Type: "TOKEN",
      AuthorizerUri: uriOf("BaseFunction"),
      IdentitySource: "method.request.header.Authorization",
    },
    changed: { Name: "two" },
    replaced: { RestApiId: ref("BaseOtherApi") },
    read: async ({ ref: authorizerId, properties: { RestApiId: restApiId } }) =>
      (await send("apigateway", "GetAuthorizer", { restApiId, authorizerId })).name,
    says: ["one", "two", "two"],
  },
  "AWS::ApiGateway::Deployment": {
    made: { ...restPart, Description: "one" },
    changed: { Description: "two" },
    replaced: { StageName: "of-deployment" },
    dependsOn: ["BaseMethod"],
    read: async ({ ref: deploymentId, properties: { RestApiId: restApiId } }) =>
      (await send("apigateway", "GetDeployment", { restApiId, deploymentId })).description,
    says: ["one", "two", "two"],
  },
  "AWS::ApiGateway::Method": {
    made: {
      ...restPart,
      ResourceId: ref("BasePath"),
      HttpMethod: "POST",
      AuthorizationType: "NONE",
      Integration: { Type: "MOCK" },
    },
    changed: { ApiKeyRequired: true },
    replaced: { HttpMethod: "PUT" },
    read: async ({ properties: { RestApiId: restApiId, ResourceId: resourceId, HttpMethod: httpMethod } }) => {
      const answer = await send("apigateway", "GetMethod", { restApiId, resourceId, httpMethod });
      return [answer.httpMethod, answer.apiKeyRequired];
    },
    says: [
      ["POST", false],
      ["POST", true],
      ["PUT", true],
    ],
  },
  "AWS::ApiGateway::Model": {
    made: { ...restPart, Name: "One", ContentType: "application/json", Schema: { type: "object" } },
    changed: { Schema: { type: "array" } },
    replaced: { Name: "Two" },
    read: async ({ ref: modelName, properties: { RestApiId: restApiId } }) => {
      const { name, schema } = await send("apigateway", "GetModel", { restApiId, modelName });
      return [name, JSON.parse(schema).type];
    },
    says: [
      ["One", "object"],
      ["One", "array"],
      ["Two", "array"],
    ],
  },
  "AWS::ApiGateway::RequestValidator": {
    made: { ...restPart, Name: "one", ValidateRequestBody: true },
    changed: { ValidateRequestBody: false },
    replaced: { Name: "two" },
    read: async ({ ref: requestValidatorId, properties: { RestApiId: restApiId } }) => {
      const answer = await send("apigateway", "GetRequestValidator", { restApiId, requestValidatorId });
      return [answer.name, answer.validateRequestBody];
    },
    says: [
      ["one", true],
      ["one", false],
      ["two", false],
    ],
  },
  "AWS::ApiGateway::Resource": {
    made: { ...restPart, ParentId: att("BaseApi", "RootResourceId"), PathPart: "one" },
    replaced: { PathPart: "two" },
    read: async ({ ref: resourceId, properties: { RestApiId: restApiId } }) =>
      (await send("apigateway", "GetResource", { restApiId, resourceId })).path,
    says: ["/one", "/two"],
  },
  "AWS::ApiGateway::RestApi": {
    made: { Name: "one", BinaryMediaTypes: ["image/png"], ApiKeySourceType: "HEADER" },
    changed: {
      Name: "two",
      BinaryMediaTypes: ["image/gif"],
      ApiKeySourceType: "AUTHORIZER",
      MinimumCompressionSize: 10,
    },
    read: async ({ ref: restApiId }) => {
      const answer = await send("apigateway", "GetRestApi", { restApiId });
      return [answer.name, answer.binaryMediaTypes, answer.apiKeySource, answer.minimumCompressionSize];
    },
    says: [
      ["one", ["image/png"], "HEADER", undefined],
      ["two", ["image/gif"], "AUTHORIZER", 10],
    ],
  },
  "AWS::ApiGateway::Stage": {
    made: { ...restPart, DeploymentId: ref("BaseDeployment"), StageName: "one", Variables: { a: "1" } },
    changed: { Variables: { b: "2" } },
    replaced: { StageName: "two" },
    read: async ({ ref: stageName, properties: { RestApiId: restApiId } }) => {
      const answer = await send("apigateway", "GetStage", { restApiId, stageName });
      return [answer.stageName, answer.variables];
    },
    says: [
      ["one", { a: "1" }],
      ["one", { b: "2" }],
      ["two", { b: "2" }],
    ],
  },
  "AWS::ApiGatewayV2::Api": {
    made: { Name: "one", ProtocolType: "HTTP" },
    changed: { Name: "two" },
    replaced: { RouteKey: "GET /quick", Target: "http://127.0.0.1:9/" },
    read: async ({ ref: ApiId }) => {
      const answer = await send("apigatewayv2", "GetApi", { ApiId });
      const { Items } = await send("apigatewayv2", "GetRoutes", { ApiId });
      return [answer.Name, Items.map(({ RouteKey }: Answer) => RouteKey)];
    },
    says: [
      ["one", []],
      ["two", []],
      ["two", ["GET /quick"]],
    ],
  },
  "AWS::ApiGatewayV2::Authorizer": {
    made: {
      ...httpPart,
      Name: "one",
      AuthorizerType: "REQUEST",
      AuthorizerUri: uriOf("BaseFunction"),
      AuthorizerPayloadFormatVersion: "2.0",
      IdentitySource: ["$request.header.Authorization"],
    },
    changed: { Name: "two" },
    replaced: otherHttpPart,
    read: async ({ ref: AuthorizerId, properties: { ApiId } }) =>
      (await send("apigatewayv2", "GetAuthorizer", { ApiId, AuthorizerId })).Name,
    says: ["one", "two", "two"],
  },
  "AWS::ApiGatewayV2::Deployment": {
    made: { ...httpPart, Description: "one" },
    changed: { Description: "two" },
    replaced: otherHttpPart,
    dependsOn: ["ApiGatewayV2Route"],
    read: async ({ ref: DeploymentId, properties: { ApiId } }) =>
      (await send("apigatewayv2", "GetDeployment", { ApiId, DeploymentId })).Description,
    says: ["one", "two", "two"],
  },
  "AWS::ApiGatewayV2::Integration": {
    made: {
      ...httpPart,
      IntegrationType: "HTTP_PROXY",
      IntegrationMethod: "GET",
      IntegrationUri: "http://127.0.0.1:9/",
      PayloadFormatVersion: "1.0",
      Description: "one",
    },
    changed: { Description: "two" },
    replaced: otherHttpPart,
    read: async ({ ref: IntegrationId, properties: { ApiId } }) =>
      (await send("apigatewayv2", "GetIntegration", { ApiId, IntegrationId })).Description,
    says: ["one", "two", "two"],
  },
  "AWS::ApiGatewayV2::Route": {
    made: { ...httpPart, RouteKey: "GET /one" },
    changed: { RouteKey: "GET /two" },
    replaced: otherHttpPart,
    read: async ({ ref: RouteId, properties: { ApiId } }) =>
      (await send("apigatewayv2", "GetRoute", { ApiId, RouteId })).RouteKey,
    says: ["GET /one", "GET /two", "GET /two"],
  },
  "AWS::ApiGatewayV2::Stage": {
    made: { ...httpPart, StageName: "one", Description: "one", AutoDeploy: true },
    changed: { Description: "two" },
    replaced: { StageName: "two" },
    read: async ({ ref: StageName, properties: { ApiId } }) => {
      const answer = await send("apigatewayv2", "GetStage", { ApiId, StageName });
      return [answer.StageName, answer.Description];
    },
    says: [
      ["one", "one"],
      ["one", "two"],
      ["two", "two"],
    ],
  },
  "AWS::AppFlow::Flow": {
    made: {
      FlowName: "types-one",
      Description: "one",
      SourceFlowConfig: {
        ConnectorType: "S3",
        SourceConnectorProperties: { S3: { BucketName: ref("BaseBucket"), BucketPrefix: "in" } },
      },
      DestinationFlowConfigList: [
        {
          ConnectorType: "CustomerProfiles",
          DestinationConnectorProperties: {
            CustomerProfiles: { DomainName: ref("BaseDomain"), ObjectTypeName: "CTR" },
          },
        },
      ],
      Tasks: [
        {
          TaskType: "Map",
          SourceFields: ["id"],
          DestinationField: "id",
          TaskProperties: [{ Key: "DESTINATION_DATA_TYPE", Value: "string" }],
        },
      ],
      TriggerConfig: {
        TriggerType: "Scheduled",
        TriggerProperties: { ScheduleExpression: "rate(1hours)", DataPullMode: "Complete" },
      },
      FlowStatus: "Active",
    },
    changed: { Description: "two", FlowStatus: "Suspended" },
    replaced: { FlowName: "types-two", FlowStatus: "Active" },
    read: async ({ ref: flowName }) => {
      const { description, flowStatus, triggerConfig, tasks } = await call(server.url, "appflow", "DescribeFlow", {
        flowName,
      });
      return [
        description,
        flowStatus,
        triggerConfig.triggerProperties.Scheduled.scheduleExpression,
        tasks[0].taskProperties.DESTINATION_DATA_TYPE,
      ];
    },
    says: [
      ["one", "Active", "rate(1hours)", "string"],
      ["two", "Suspended", "rate(1hours)", "string"],
      ["two", "Active", "rate(1hours)", "string"],
    ],
  },
  "AWS::AppIntegrations::EventIntegration": {
    made: {
      Name: "types-one",
      EventBridgeBus: "default",
      EventFilter: { Source: "aws.partner/a" },
      Description: "one",
    },
    changed: { Description: "two" },
    replaced: { Name: "types-two" },
    read: async ({ ref: Name }) =>
      (await call(server.url, "appintegrations", "GetEventIntegration", { Name })).Description,
    says: ["one", "two", "two"],
  },
  "AWS::CDK::Metadata": {
    made: { Analytics: "v2:deflate64:x" },
    changed: { Analytics: "v2:deflate64:y" },
    read: ({ ref: id }) => Promise.resolve(id.length > 0),
    says: [true, true],
  },
  "AWS::Cases::CaseRule": {
    made: { ...ofCases, Name: "one", ...required("red") },
    changed: { Name: "two" },
    read: async ({ attributes: { CaseRuleId: id }, properties: { DomainId: domainId } }) =>
      (await send("cases", "BatchGetCaseRule", { domainId, caseRules: [{ id }] })).caseRules[0].name,
    says: ["one", "two"],
  },
  "AWS::Cases::Domain": {
    made: { Name: "types-one", Tags: [{ Key: "a", Value: "1" }] },
    changed: { Tags: [{ Key: "b", Value: "2" }] },
    replaced: { Name: "types-two" },
    read: async ({ attributes: { DomainId: domainId } }) => {
      const { name, tags } = await send("cases", "GetDomain", { domainId });
      return [name, tags];
    },
    says: [
      ["types-one", { a: "1" }],
      ["types-one", { b: "2" }],
      ["types-two", { b: "2" }],
    ],
  },
  "AWS::Cases::Field": {
    made: { ...ofCases, Name: "One", Type: "Text" },
    changed: { Name: "Two" },
    replaced: { Name: "Three", Type: "Number" },
    read: async ({ attributes: { FieldId: id }, properties: { DomainId: domainId } }) => {
      const answer = await send("cases", "BatchGetField", { domainId, fields: [{ id }] });
      const { name, type, deleted } = answer.fields[0];
      assert.ok(!deleted);
      return [name, type];
    },
    says: [
      ["One", "Text"],
      ["Two", "Text"],
      ["Three", "Number"],
    ],
  },
  "AWS::Cases::Layout": {
    made: {
      ...ofCases,
      Name: "One",
      Content: {
        Basic: { TopPanel: { Sections: [{ FieldGroup: { Fields: [{ Id: att("BaseField", "FieldId") }] } }] } },
      },
    },
    changed: { Name: "Two" },
    read: async ({ attributes: { LayoutId: layoutId }, properties: { DomainId: domainId } }) =>
      (await send("cases", "GetLayout", { domainId, layoutId })).name,
    says: ["One", "Two"],
  },
  "AWS::Cases::Template": {
    made: { ...ofCases, Name: "One", RequiredFields: [{ FieldId: att("BaseField", "FieldId") }] },
    changed: { Name: "Two", Status: "Inactive" },
    read: async ({ attributes: { TemplateId: templateId }, properties: { DomainId: domainId } }) => {
      const { name, status } = await send("cases", "GetTemplate", { domainId, templateId });
      return [name, status];
    },
    says: [
      ["One", "Active"],
      ["Two", "Inactive"],
    ],
  },
  "AWS::CloudFormation::CustomResource": {
    made: { ServiceToken: att("BaseAnswering", "Arn"), Text: "one" },
    changed: { Text: "two" },
    read: ({ attributes }) => Promise.resolve(attributes.Text),
    says: ["one", "two"],
  },
  "AWS::CloudFormation::Stack": {
    made: { TemplateURL: `${server.url}/types-templates/queue.json`, Parameters: { Delay: 1 } },
    changed: { Parameters: { Delay: 2 } },
    read: async ({ ref: StackName, attributes }) => {
      const { Stacks } = await send("cloudformation", "DescribeStacks", { StackName });
      assert.equal(Stacks[0].ParentId, stackId);
      const QueueUrl = attributes["Outputs.Url"];
      return (await send("sqs", "GetQueueAttributes", { QueueUrl, AttributeNames: ["All"] })).Attributes.DelaySeconds;
    },
    says: ["1", "2"],
  },
  "AWS::CloudFormation::WaitCondition": {
    made: { Handle: ref("BaseHandle"), Timeout: "10" },
    replaced: { Timeout: 20 },
    read: async ({ ref: PhysicalResourceId, attributes: { Data } }) => {
      await send("cloudformation", "DescribeStackResources", { PhysicalResourceId });
      return JSON.parse(Data);
    },
    says: [{ one: "told" }, { one: "told" }],
  },
  "AWS::CloudFormation::WaitConditionHandle": {
    made: {},
    changed: { Any: "thing" },
    read: ({ ref: url }) => Promise.resolve(URL.canParse(url)),
    says: [true, true],
  },
  "AWS::Connect::ContactFlow": {
    made: { ...ofInstance, Name: "One", Type: "CONTACT_FLOW", Content: flowContent },
    changed: { Name: "Two" },
    replaced: { Name: "Three", Type: "CUSTOMER_QUEUE" },
    read: async (made) => {
      const key = { ...inInstance(made), ContactFlowId: idIn(made.ref) };
      const { ContactFlow } = await send("connect", "DescribeContactFlow", key);
      return [ContactFlow.Name, ContactFlow.Type];
    },
    says: [
      ["One", "CONTACT_FLOW"],
      ["Two", "CONTACT_FLOW"],
      ["Three", "CUSTOMER_QUEUE"],
    ],
  },
  "AWS::Connect::ContactFlowModule": {
    made: { ...ofInstance, Name: "One", Content: moduleContent },
    changed: { Description: "two" },
    read: async (made) => {
      const key = { ...inInstance(made), ContactFlowModuleId: idIn(made.ref) };
      return (await send("connect", "DescribeContactFlowModule", key)).ContactFlowModule.Description || undefined;
    },
    says: [undefined, "two"],
  },
  "AWS::Connect::EvaluationForm": {
    made: { ...ofInstance, Status: "DRAFT", ...form("one") },
    changed: { Status: "ACTIVE", ...form("two") },
    read: async (made) => {
      const key = { ...inInstance(made), EvaluationFormId: idIn(made.ref) };
      const { EvaluationForm } = await send("connect", "DescribeEvaluationForm", key);
      return [EvaluationForm.Title, EvaluationForm.Status];
    },
    says: [
      ["one", "DRAFT"],
      ["two", "ACTIVE"],
    ],
  },
  "AWS::Connect::HoursOfOperation": {
    made: { ...ofInstance, Name: "One", TimeZone: "UTC", Config: monday },
    changed: { TimeZone: "Europe/Berlin" },
    read: async (made) => {
      const key = { ...inInstance(made), HoursOfOperationId: idIn(made.ref) };
      return (await send("connect", "DescribeHoursOfOperation", key)).HoursOfOperation.TimeZone;
    },
    says: ["UTC", "Europe/Berlin"],
  },
  "AWS::Connect::Instance": {
    made: {
      InstanceAlias: "types-one",
      IdentityManagementType: "CONNECT_MANAGED",
      Attributes: { InboundCalls: true, OutboundCalls: true, ContactLens: false },
    },
    changed: { Attributes: { InboundCalls: true, OutboundCalls: true, ContactLens: true } },
    replaced: { InstanceAlias: "types-two" },
    read: async ({ ref: arn }) => {
      const InstanceId = idIn(arn);
      const { Attribute } = await send("connect", "DescribeInstanceAttribute", {
        InstanceId,
        AttributeType: "CONTACT_LENS",
      });
      return [(await send("connect", "DescribeInstance", { InstanceId })).Instance.InstanceAlias, Attribute.Value];
    },
    says: [
      ["types-one", "false"],
      ["types-one", "true"],
      ["types-two", "true"],
    ],
  },
  "AWS::Connect::InstanceStorageConfig": {
    made: {
      ...ofInstance,
      ResourceType: "CONTACT_TRACE_RECORDS",
      StorageType: "KINESIS_STREAM",
      KinesisStreamConfig: { StreamArn: att("BaseStream", "Arn") },
    },
    changed: { KinesisStreamConfig: { StreamArn: att("BaseOtherStream", "Arn") } },
    replaced: { ResourceType: "AGENT_EVENTS" },
    read: async (made) => {
      const { ResourceType } = made.properties;
      const key = { ...inInstance(made), ResourceType, AssociationId: made.attributes.AssociationId };
      const { StorageConfig } = await send("connect", "DescribeInstanceStorageConfig", key);
      return [ResourceType, idIn(StorageConfig.KinesisStreamConfig.StreamArn)];
    },
    says: [
      ["CONTACT_TRACE_RECORDS", "types-stream"],
      ["CONTACT_TRACE_RECORDS", "types-stream-2"],
      ["AGENT_EVENTS", "types-stream-2"],
    ],
  },
  "AWS::Connect::IntegrationAssociation": {
    made: {
      InstanceId: att("BaseInstance", "Arn"),
      IntegrationType: "LAMBDA_FUNCTION",
      IntegrationArn: att("BaseFunction", "Arn"),
    },
    replaced: { IntegrationArn: att("BaseOtherFunction", "Arn") },
    read: async ({ properties }) => {
      const { LambdaFunctions } = await send("connect", "ListLambdaFunctions", {
        InstanceId: idIn(properties.InstanceId),
      });
      return LambdaFunctions.map((arn: string) => behind("function:", arn));
    },
    says: [["types-function"], ["types-function-2"]],
  },
  "AWS::Connect::PhoneNumber": {
    made: { TargetArn: att("BaseInstance", "Arn"), Type: "DID", CountryCode: "US", Description: "one" },
    changed: { Description: "two" },
    replaced: { CountryCode: "DE" },
    read: async ({ ref: arn, attributes }) => {
      const { ClaimedPhoneNumberSummary: number } = await send("connect", "DescribePhoneNumber", {
        PhoneNumberId: idIn(arn),
      });
      assert.equal(number.PhoneNumber, attributes.Address);
      return [number.PhoneNumberDescription, number.PhoneNumberCountryCode];
    },
    says: [
      ["one", "US"],
      ["two", "US"],
      ["two", "DE"],
    ],
  },
  "AWS::Connect::PredefinedAttribute": {
    made: { ...ofInstance, Name: "types:One", Values: { StringList: ["a"] } },
    changed: { Values: { StringList: ["b"] } },
    replaced: { Name: "types:Two" },
    read: async (made) => {
      const key = { ...inInstance(made), Name: made.properties.Name };
      const { PredefinedAttribute } = await send("connect", "DescribePredefinedAttribute", key);
      return [PredefinedAttribute.Name, PredefinedAttribute.Values.StringList];
    },
    says: [
      ["types:One", ["a"]],
      ["types:One", ["b"]],
      ["types:Two", ["b"]],
    ],
  },
  "AWS::Connect::Queue": {
    made: {
      ...ofInstance,
      Name: "One",
      HoursOfOperationArn: ref("BaseHours"),
      MaxContacts: 5,
      Tags: [{ Key: "a", Value: "1" }],
    },
    changed: { MaxContacts: 7, Tags: [{ Key: "b", Value: "2" }] },
    read: async (made) => {
      const { Queue } = await send("connect", "DescribeQueue", { ...inInstance(made), QueueId: idIn(made.ref) });
      return [Queue.MaxContacts, Queue.Tags];
    },
    says: [
      [5, { a: "1" }],
      [7, { b: "2" }],
    ],
  },
  "AWS::Connect::QuickConnect": {
    made: {
      ...ofInstance,
      Name: "One",
      QuickConnectConfig: {
        QuickConnectType: "QUEUE",
        QueueConfig: { QueueArn: ref("BaseLine"), ContactFlowArn: ref("BaseTransfer") },
      },
    },
    changed: { QuickConnectConfig: { QuickConnectType: "PHONE_NUMBER", PhoneConfig: { PhoneNumber: "+12065550100" } } },
    read: async (made) => {
      const key = { ...inInstance(made), QuickConnectId: idIn(made.ref) };
      return (await send("connect", "DescribeQuickConnect", key)).QuickConnect.QuickConnectConfig.QuickConnectType;
    },
    says: ["QUEUE", "PHONE_NUMBER"],
  },
  "AWS::Connect::RoutingProfile": {
    made: {
      ...ofInstance,
      Name: "One",
      Description: "one",
      DefaultOutboundQueueArn: ref("BaseLine"),
      MediaConcurrencies: [{ Channel: "VOICE", Concurrency: 1 }],
      QueueConfigs: [{ Delay: 0, Priority: 1, QueueReference: { Channel: "VOICE", QueueArn: ref("BaseLine") } }],
    },
    changed: {
      Description: "two",
      QueueConfigs: [{ Delay: 0, Priority: 2, QueueReference: { Channel: "VOICE", QueueArn: ref("BaseLine") } }],
    },
    read: async (made) => {
      const key = { ...inInstance(made), RoutingProfileId: idIn(made.ref) };
      const { RoutingProfile } = await send("connect", "DescribeRoutingProfile", key);
      const { RoutingProfileQueueConfigSummaryList: queues } = await send("connect", "ListRoutingProfileQueues", key);
      return [RoutingProfile.Description, queues[0].Priority];
    },
    says: [
      ["one", 1],
      ["two", 2],
    ],
  },
  "AWS::Connect::Rule": {
    made: {
      ...ofInstance,
      Name: "One",
      PublishStatus: "DRAFT",
      TriggerEventSource: { EventSourceName: "OnPostCallAnalysisAvailable" },
      Function: slowerThan(10, "PostCall.NonTalkTime.TotalTimeSecs"),
      Actions: { AssignContactCategoryActions: [{}] },
    },
    changed: { PublishStatus: "PUBLISHED" },
    replaced: {
      Name: "Two",
      TriggerEventSource: { EventSourceName: "OnPostChatAnalysisAvailable" },
      Function: slowerThan(10, "PostChat.ResponseTime.Agent.AverageTimeSecs"),
    },
    read: async (made) => {
      const { Rule } = await send("connect", "DescribeRule", { ...inInstance(made), RuleId: idIn(made.ref) });
      return [Rule.Name, Rule.PublishStatus, Rule.TriggerEventSource.EventSourceName];
    },
    says: [
      ["One", "DRAFT", "OnPostCallAnalysisAvailable"],
      ["One", "PUBLISHED", "OnPostCallAnalysisAvailable"],
      ["Two", "PUBLISHED", "OnPostChatAnalysisAvailable"],
    ],
  },
  "AWS::Connect::SecurityProfile": {
    made: { ...ofInstance, SecurityProfileName: "One", Permissions: ["BasicAgentAccess"], Description: "one" },
    changed: { Description: "two" },
    replaced: { SecurityProfileName: "Two" },
    read: async (made) => {
      const key = { ...inInstance(made), SecurityProfileId: idIn(made.ref) };
      const { SecurityProfile } = await send("connect", "DescribeSecurityProfile", key);
      return [SecurityProfile.SecurityProfileName, SecurityProfile.Description];
    },
    says: [
      ["One", "one"],
      ["One", "two"],
      ["Two", "two"],
    ],
  },
  "AWS::Connect::User": {
    made: {
      ...ofInstance,
      Username: "types-one",
      Password: "Passw0rd-of-one",
      IdentityInfo: { FirstName: "Ada", LastName: "Lovelace", Email: "ada@example.com" },
      PhoneConfig: { PhoneType: "SOFT_PHONE" },
      RoutingProfileArn: ref("BaseRouting"),
      SecurityProfileArns: [ref("BaseSecurity")],
      UserProficiencies: [{ AttributeName: "base:Language", AttributeValue: "French", Level: 1 }],
    },
    changed: {
      IdentityInfo: { FirstName: "Ada", LastName: "King", Email: "ada@example.com" },
      Password: "Passw0rd-of-two",
      UserProficiencies: [{ AttributeName: "base:Language", AttributeValue: "French", Level: 3 }],
    },
    replaced: { Username: "types-two" },
    dependsOn: ["BaseSkill"],
    read: async (made) => {
      const key = { ...inInstance(made), UserId: idIn(made.ref) };
      const { User } = await send("connect", "DescribeUser", key);
      const { UserProficiencyList: list } = await send("connect", "ListUserProficiencies", key);
      return [User.Username, User.IdentityInfo.LastName, list[0].Level];
    },
    says: [
      ["types-one", "Lovelace", 1],
      ["types-one", "King", 3],
      ["types-two", "King", 3],
    ],
  },
  "AWS::Connect::UserHierarchyGroup": {
    made: { ...ofInstance, Name: "One" },
    changed: { Name: "Two" },
    dependsOn: ["ConnectUserHierarchyStructure"],
    read: async (made) => {
      const key = { ...inInstance(made), HierarchyGroupId: idIn(made.ref) };
      return (await send("connect", "DescribeUserHierarchyGroup", key)).HierarchyGroup.Name;
    },
    says: ["One", "Two"],
  },
  "AWS::Connect::UserHierarchyStructure": {
    made: { ...ofInstance, UserHierarchyStructure: { LevelOne: { Name: "Site" } } },
    changed: { UserHierarchyStructure: { LevelOne: { Name: "Site" }, LevelTwo: { Name: "Team" } } },
    read: async (made) => {
      const { HierarchyStructure } = await send("connect", "DescribeUserHierarchyStructure", inInstance(made));
      return [HierarchyStructure.LevelOne?.Name, HierarchyStructure.LevelTwo?.Name];
    },
    says: [
      ["Site", undefined],
      ["Site", "Team"],
    ],
  },
  "AWS::CustomerProfiles::CalculatedAttributeDefinition": {
    made: {
      ...ofDomain,
      CalculatedAttributeName: "one",
      DisplayName: "one",
      Statistic: "SUM",
      AttributeDetails: { Attributes: [{ Name: "total" }], Expression: "{Order.total}" },
    },
    changed: { DisplayName: "two" },
    replaced: { CalculatedAttributeName: "two" },
    dependsOn: ["BaseOrder"],
    read: async ({ properties: { DomainName, CalculatedAttributeName } }) => {
      const key = { DomainName, CalculatedAttributeName };
      return (await send("profiles", "GetCalculatedAttributeDefinition", key)).DisplayName;
    },
    says: ["one", "two", "two"],
  },
  "AWS::CustomerProfiles::Domain": {
    made: { DomainName: "types-one", DefaultExpirationDays: 10 },
    changed: { DefaultExpirationDays: 20 },
    replaced: { DomainName: "types-two" },
    read: async ({ ref: DomainName }) => (await send("profiles", "GetDomain", { DomainName })).DefaultExpirationDays,
    says: [10, 20, 20],
  },
  "AWS::CustomerProfiles::EventStream": {
    made: { ...ofDomain, EventStreamName: "one", Uri: att("BaseStream", "Arn"), Tags: [{ Key: "a", Value: "1" }] },
    changed: { Tags: [{ Key: "b", Value: "2" }] },
    read: async ({ properties: { DomainName, EventStreamName } }) =>
      (await send("profiles", "GetEventStream", { DomainName, EventStreamName })).Tags,
    says: [{ a: "1" }, { b: "2" }],
  },
  "AWS::CustomerProfiles::EventTrigger": {
    made: {
      ...ofDomain,
      EventTriggerName: "one",
      ObjectTypeName: "Order",
      Description: "one",
      EventTriggerConditions: [
        {
          EventTriggerDimensions: [
            { ObjectAttributes: [{ FieldName: "id", ComparisonOperator: "INCLUSIVE", Values: ["1"] }] },
          ],
          LogicalOperator: "ANY",
        },
      ],
    },
    changed: { Description: "two" },
    replaced: { EventTriggerName: "two" },
    dependsOn: ["BaseOrder"],
    read: async ({ properties: { DomainName, EventTriggerName } }) =>
      (await send("profiles", "GetEventTrigger", { DomainName, EventTriggerName })).Description,
    says: ["one", "two", "two"],
  },
  "AWS::CustomerProfiles::Integration": {
    made: { ...ofDomain, Uri: att("BaseBucket", "Arn"), ObjectTypeName: "Order", Tags: [{ Key: "a", Value: "1" }] },
    changed: { Tags: [{ Key: "b", Value: "2" }] },
    replaced: { Uri: att("BaseOtherBucket", "Arn") },
    dependsOn: ["BaseOrder"],
    read: async ({ properties: { DomainName, Uri } }) => {
      const answer = await send("profiles", "GetIntegration", { DomainName, Uri });
      return [behind(":::", answer.Uri), answer.Tags];
    },
    says: [
      ["types-bucket", { a: "1" }],
      ["types-bucket", { b: "2" }],
      ["types-bucket-2", { b: "2" }],
    ],
  },
  "AWS::CustomerProfiles::ObjectType": {
    made: {
      ...ofDomain,
      ObjectTypeName: "One",
      Description: "one",
      ...orderFields,
      Tags: [{ Key: "a", Value: "1" }],
    },
    changed: { Description: "two", Tags: [{ Key: "b", Value: "2" }] },
    replaced: { ObjectTypeName: "Two" },
    read: async ({ properties: { DomainName, ObjectTypeName } }) => {
      const answer = await send("profiles", "GetProfileObjectType", { DomainName, ObjectTypeName });
      return [answer.Description, answer.Tags];
    },
    says: [
      ["one", { a: "1" }],
      ["two", { b: "2" }],
      ["two", { b: "2" }],
    ],
  },
  "AWS::CustomerProfiles::SegmentDefinition": {
    made: {
      ...ofDomain,
      SegmentDefinitionName: "one",
      DisplayName: "one",
      ...segmentOf(["King"]),
      Tags: [{ Key: "a", Value: "1" }],
    },
    changed: { Tags: [{ Key: "b", Value: "2" }] },
    replaced: { SegmentDefinitionName: "two" },
    read: async ({ properties: { DomainName, SegmentDefinitionName } }) =>
      (await send("profiles", "GetSegmentDefinition", { DomainName, SegmentDefinitionName })).Tags,
    says: [{ a: "1" }, { b: "2" }, { b: "2" }],
  },
  "AWS::Events::ApiDestination": {
    made: {
      ConnectionArn: att("BaseConnection", "Arn"),
      HttpMethod: "POST",
      InvocationEndpoint: "https://example.com/1",
      Name: "one",
    },
    changed: { InvocationEndpoint: "https://example.com/2" },
    replaced: { Name: "two" },
    read: async ({ ref: Name }) => (await send("events", "DescribeApiDestination", { Name })).InvocationEndpoint,
    says: ["https://example.com/1", "https://example.com/2", "https://example.com/2"],
  },
  "AWS::Events::Archive": {
    made: { SourceArn: att("BaseBus", "Arn"), RetentionDays: 1 },
    changed: { RetentionDays: 2 },
    replaced: { SourceArn: att("BaseOtherBus", "Arn") },
    read: async ({ ref: ArchiveName }) => {
      const answer = await send("events", "DescribeArchive", { ArchiveName });
      return [idIn(answer.EventSourceArn), answer.RetentionDays];
    },
    says: [
      ["types-bus", 1],
      ["types-bus", 2],
      ["types-bus-2", 2],
    ],
  },
  "AWS::Events::Connection": {
    made: {
      Name: "one",
      AuthorizationType: "API_KEY",
      AuthParameters: { ApiKeyAuthParameters: { ApiKeyName: "x-one", ApiKeyValue: "secret" } },
    },
    changed: { AuthParameters: { ApiKeyAuthParameters: { ApiKeyName: "x-two", ApiKeyValue: "secret" } } },
    replaced: { Name: "two" },
    read: async ({ ref: Name }) =>
      (await send("events", "DescribeConnection", { Name })).AuthParameters.ApiKeyAuthParameters.ApiKeyName,
    says: ["x-one", "x-two", "x-two"],
  },
  "AWS::Events::EventBus": {
    made: { Name: "types-one", Description: "one" },
    changed: { Description: "two" },
    replaced: { Name: "types-two" },
    read: async ({ ref: Name }) => (await send("events", "DescribeEventBus", { Name })).Description,
    says: ["one", "two", "two"],
  },
  "AWS::Events::EventBusPolicy": {
    made: { EventBusName: ref("BaseBus"), StatementId: "one", Action: "events:PutEvents", Principal: "111122223333" },
    changed: { Principal: "444455556666" },
    replaced: { StatementId: "two" },
    read: async ({ properties: { EventBusName: Name } }) => {
      const { Policy } = await send("events", "DescribeEventBus", { Name });
      return JSON.parse(Policy).Statement.map((one: Answer) => [
        one.Sid,
        /\d{12}/.exec(JSON.stringify(one.Principal))?.[0],
      ]);
    },
    says: [[["one", "111122223333"]], [["one", "444455556666"]], [["two", "444455556666"]]],
  },
  "AWS::Events::Rule": {
    made: {
      EventBusName: ref("BaseBus"),
      EventPattern: { source: ["a"] },
      Targets: [{ Id: "one", Arn: att("BaseInbox", "Arn") }],
    },
    changed: { Targets: [{ Id: "two", Arn: att("BaseInbox", "Arn") }] },
    replaced: { EventBusName: ref("BaseOtherBus") },
    read: async ({ ref: name, properties: { EventBusName } }) => {
      const key = { Rule: name.split("|")[1], EventBusName };
      return [
        EventBusName,
        (await send("events", "ListTargetsByRule", key)).Targets.map(({ Id }: { Id: string }) => Id),
      ];
    },
    says: [
      ["types-bus", ["one"]],
      ["types-bus", ["two"]],
      ["types-bus-2", ["two"]],
    ],
  },
  "AWS::IAM::ManagedPolicy": {
    made: { PolicyDocument: policy("s3:GetObject", "*"), Roles: [ref("BaseOtherRole")] },
    changed: { PolicyDocument: policy("s3:PutObject", "*") },
    replaced: { Description: "another" },
    read: async ({ ref: PolicyArn, attributes: { DefaultVersionId: VersionId } }) => {
      const { PolicyVersion } = await send("iam", "GetPolicyVersion", { PolicyArn, VersionId });
      return firstAction(decodeURIComponent(PolicyVersion.Document));
    },
    says: ["s3:GetObject", "s3:PutObject", "s3:PutObject"],
  },
  "AWS::IAM::Policy": {
    made: { PolicyName: "one", PolicyDocument: policy("s3:GetObject", "*"), Roles: [ref("BaseOtherRole")] },
    changed: { PolicyName: "two", PolicyDocument: policy("s3:PutObject", "*") },
    read: async ({ properties: { PolicyName } }) => {
      const { PolicyNames } = await send("iam", "ListRolePolicies", { RoleName: "types-other" });
      const answer = await send("iam", "GetRolePolicy", { RoleName: "types-other", PolicyName });
      return [PolicyNames, firstAction(decodeURIComponent(answer.PolicyDocument))];
    },
    says: [
      [["one"], "s3:GetObject"],
      [["two"], "s3:PutObject"],
    ],
  },
  "AWS::IAM::Role": {
    made: {
      AssumeRolePolicyDocument: trust("lambda.amazonaws.com"),
      Description: "one",
      Tags: [{ Key: "a", Value: "1" }],
    },
    changed: { Description: "two", Tags: [{ Key: "b", Value: "2" }] },
    replaced: { Path: "/types/" },
    read: async ({ ref: RoleName }) => {
      const { Role } = await send("iam", "GetRole", { RoleName });
      return [Role.Path, Role.Description, Role.Tags[0].Key];
    },
    says: [
      ["/", "one", "a"],
      ["/", "two", "b"],
      ["/types/", "two", "b"],
    ],
  },
  "AWS::IAM::User": {
    made: { UserName: "types-one", Policies: [{ PolicyName: "one", PolicyDocument: policy("s3:*", "*") }] },
    changed: { Path: "/types/", Policies: [{ PolicyName: "two", PolicyDocument: policy("s3:*", "*") }] },
    replaced: { UserName: "types-two" },
    read: async ({ ref: UserName, attributes: { Arn } }) => {
      const { User } = await send("iam", "GetUser", { UserName });
      assert.equal(User.Arn, Arn);
      return [User.Path, (await send("iam", "ListUserPolicies", { UserName })).PolicyNames];
    },
    says: [
      ["/", ["one"]],
      ["/types/", ["two"]],
      ["/types/", ["two"]],
    ],
  },
  "AWS::Kinesis::Stream": {
    made: { Name: "types-one", RetentionPeriodHours: 48, DesiredShardLevelMetrics: ["IncomingBytes"] },
    changed: { RetentionPeriodHours: 24, DesiredShardLevelMetrics: ["OutgoingBytes"] },
    replaced: { Name: "types-two" },
    read: async ({ ref: StreamName }) => {
      const { StreamDescriptionSummary } = await send("kinesis", "DescribeStreamSummary", { StreamName });
      return [
        StreamDescriptionSummary.RetentionPeriodHours,
        StreamDescriptionSummary.EnhancedMonitoring[0].ShardLevelMetrics,
      ];
    },
    says: [
      [48, ["IncomingBytes"]],
      [24, ["OutgoingBytes"]],
      [24, ["OutgoingBytes"]],
    ],
  },
  "AWS::Kinesis::StreamConsumer": {
    made: { ConsumerName: "one", StreamARN: att("BaseStream", "Arn"), Tags: [{ Key: "a", Value: "1" }] },
    replaced: { ConsumerName: "two" },
    read: async ({ ref: ConsumerARN }) => {
      const { ConsumerDescription } = await send("kinesis", "DescribeStreamConsumer", { ConsumerARN });
      const { Tags } = await send("kinesis", "ListTagsForResource", { ResourceARN: ConsumerARN });
      return [ConsumerDescription.ConsumerName, Tags[0].Key];
    },
    says: [
      ["one", "a"],
      ["two", "a"],
    ],
  },
  "AWS::KinesisFirehose::DeliveryStream": {
    made: { DeliveryStreamName: "types-one", ...bucketDestination("one/"), Tags: [{ Key: "a", Value: "1" }] },
    changed: { ...bucketDestination("two/"), Tags: [{ Key: "b", Value: "2" }] },
    replaced: { DeliveryStreamName: "types-two" },
    read: async ({ ref: DeliveryStreamName }) => {
      const answer = await send("firehose", "DescribeDeliveryStream", { DeliveryStreamName });
      const { Tags } = await send("firehose", "ListTagsForDeliveryStream", { DeliveryStreamName });
      return [answer.DeliveryStreamDescription.Destinations[0].S3DestinationDescription.Prefix, Tags[0].Key];
    },
    says: [
      ["one/", "a"],
      ["two/", "b"],
      ["two/", "b"],
    ],
  },
  "AWS::Lambda::Alias": {
    made: {
      FunctionName: ref("BaseFunction"),
      FunctionVersion: att("BaseVersion", "Version"),
      Name: "one",
      Description: "one",
    },
    changed: { Description: "two" },
    replaced: { Name: "two" },
    read: async ({ properties: { FunctionName, Name } }) =>
      (await send("lambda", "GetAlias", { FunctionName, Name })).Description,
    says: ["one", "two", "two"],
  },
  "AWS::Lambda::EventInvokeConfig": {
    made: { FunctionName: ref("BaseFunction"), Qualifier: "$LATEST", MaximumRetryAttempts: 1 },
    changed: { MaximumRetryAttempts: 0 },
    replaced: { Qualifier: att("BaseVersion", "Version") },
    read: async ({ properties: { FunctionName, Qualifier } }) =>
      (await send("lambda", "GetFunctionEventInvokeConfig", { FunctionName, Qualifier })).MaximumRetryAttempts,
    says: [1, 0, 0],
  },
  "AWS::Lambda::EventSourceMapping": {
    made: {
      FunctionName: ref("BaseFunction"),
      EventSourceArn: att("BaseStream", "Arn"),
      StartingPosition: "LATEST",
      BatchSize: 5,
      Enabled: false,
    },
    changed: { BatchSize: 6 },
    replaced: { EventSourceArn: att("BaseOtherStream", "Arn") },
    read: async ({ ref: UUID }) => {
      const answer = await send("lambda", "GetEventSourceMapping", { UUID });
      return [idIn(answer.EventSourceArn), answer.BatchSize];
    },
    says: [
      ["types-stream", 5],
      ["types-stream", 6],
      ["types-stream-2", 6],
    ],
  },
  "AWS::Lambda::Function": {
    made: { FunctionName: "types-one", ...functionProperties("one"), Timeout: 5, ReservedConcurrentExecutions: 2 },
    changed: { Code: code("two"), Timeout: undefined, ReservedConcurrentExecutions: undefined },
    replaced: { FunctionName: "types-two" },
    read: async ({ ref: FunctionName }) => {
      const { Payload } = await send("lambda", "Invoke", { FunctionName });
      const answer = await send("lambda", "GetFunction", { FunctionName });
      return [
        JSON.parse(Buffer.from(Payload).toString()),
        answer.Configuration.Timeout,
        answer.Concurrency?.ReservedConcurrentExecutions,
      ];
    },
    says: [
      ["one", 5, 2],
      ["two", 3, undefined],
      ["two", 3, undefined],
    ],
  },
  "AWS::Lambda::LayerVersion": {
    made: { LayerName: "types-one", Description: "one", Content: { S3Bucket: "types-templates", S3Key: "layer.zip" } },
    replaced: { Description: "two" },
    read: async ({ ref: arn }) => {
      const [LayerName, version] = arn.split(":").slice(-2);
      return (await send("lambda", "GetLayerVersion", { LayerName, VersionNumber: Number(version) })).Description;
    },
    says: ["one", "two"],
  },
  "AWS::Lambda::Permission": {
    made: { FunctionName: ref("BaseFunction"), Action: "lambda:InvokeFunction", Principal: "events.amazonaws.com" },
    replaced: { Principal: "sns.amazonaws.com" },
    read: async ({ properties: { FunctionName } }) =>
      JSON.parse((await send("lambda", "GetPolicy", { FunctionName })).Policy).Statement.map(
        (one: Answer) => one.Principal.Service,
      ),
    says: [["events.amazonaws.com"], ["sns.amazonaws.com"]],
  },
  "AWS::Lambda::Url": {
    made: { TargetFunctionArn: att("BaseFunction", "Arn"), AuthType: "NONE" },
    changed: { AuthType: "AWS_IAM" },
    replaced: { TargetFunctionArn: att("BaseOtherFunction", "Arn") },
    read: async ({ ref: FunctionName }) => {
      const answer = await send("lambda", "GetFunctionUrlConfig", { FunctionName });
      return [behind("function:", answer.FunctionArn), answer.AuthType];
    },
    says: [
      ["types-function", "NONE"],
      ["types-function", "AWS_IAM"],
      ["types-function-2", "AWS_IAM"],
    ],
  },
  "AWS::Lambda::Version": {
    made: { FunctionName: ref("BaseOtherFunction"), Description: "one" },
    replaced: { Description: "two" },
    read: async ({ ref: FunctionName }) =>
      (await send("lambda", "GetFunctionConfiguration", { FunctionName })).Description,
    says: ["one", "two"],
  },
  "AWS::Logs::LogGroup": {
    made: { RetentionInDays: 1, Tags: [{ Key: "a", Value: "1" }] },
    changed: { RetentionInDays: 3, Tags: [{ Key: "b", Value: "2" }] },
    replaced: { LogGroupName: "types-two" },
    read: async ({ ref: name }) => {
      const { logGroups } = await send("logs", "DescribeLogGroups", { logGroupNamePrefix: name });
      const { tags } = await send("logs", "ListTagsForResource", { resourceArn: logGroups[0].logGroupArn });
      return [logGroups[0].retentionInDays, tags];
    },
    says: [
      [1, { a: "1" }],
      [3, { b: "2" }],
      [3, { b: "2" }],
    ],
  },
  "AWS::Logs::LogStream": {
    made: { LogGroupName: ref("BaseLogs"), LogStreamName: "types-one" },
    replaced: { LogStreamName: "types-two" },
    read: async ({ ref: logStreamNamePrefix, properties: { LogGroupName: logGroupName } }) => {
      const { logStreams } = await send("logs", "DescribeLogStreams", { logGroupName, logStreamNamePrefix });
      return logStreams[0].logStreamName;
    },
    says: ["types-one", "types-two"],
  },
  "AWS::Logs::MetricFilter": {
    made: {
      LogGroupName: ref("BaseLogs"),
      FilterPattern: "one",
      MetricTransformations: [{ MetricName: "Errors", MetricNamespace: "Types", MetricValue: "1" }],
    },
    changed: { FilterPattern: "two" },
    replaced: { FilterName: "types-two" },
    read: async ({ ref: filterNamePrefix, properties: { LogGroupName: logGroupName } }) => {
      const { metricFilters } = await send("logs", "DescribeMetricFilters", { logGroupName, filterNamePrefix });
      return metricFilters[0].filterPattern;
    },
    says: ["one", "two", "two"],
  },
  "AWS::Logs::ResourcePolicy": {
    made: { PolicyName: "types-one", PolicyDocument: JSON.stringify(sends("*", "logs:PutLogEvents")) },
    changed: { PolicyDocument: JSON.stringify(sends("*", "logs:CreateLogStream")) },
    replaced: { PolicyName: "types-two" },
    read: async ({ ref: name }) => {
      const { resourcePolicies } = await send("logs", "DescribeResourcePolicies");
      const found = resourcePolicies.find(({ policyName }: Answer) => policyName === name);
      return firstAction(found.policyDocument);
    },
    says: ["logs:PutLogEvents", "logs:CreateLogStream", "logs:CreateLogStream"],
  },
  "AWS::Logs::SubscriptionFilter": {
    made: {
      LogGroupName: ref("BaseLogs"),
      FilterPattern: "one",
      DestinationArn: att("BaseStream", "Arn"),
      RoleArn: att("BaseRole", "Arn"),
    },
    changed: { FilterPattern: "two" },
    replaced: { FilterName: "types-two" },
    read: async ({ ref: name, properties: { LogGroupName: logGroupName } }) => {
      const { subscriptionFilters } = await send("logs", "DescribeSubscriptionFilters", {
        logGroupName,
        filterNamePrefix: name,
      });
      return subscriptionFilters[0].filterPattern;
    },
    says: ["one", "two", "two"],
  },
  "AWS::S3::Bucket": {
    made: {
      AccessControl: "Private",
      CorsConfiguration: { CorsRules: [{ AllowedMethods: ["GET"], AllowedOrigins: ["*"] }] },
    },
    changed: {
      CorsConfiguration: { CorsRules: [{ AllowedMethods: ["PUT"], AllowedOrigins: ["*"] }] },
      WebsiteConfiguration: { IndexDocument: "index.html" },
    },
    replaced: { BucketName: "types-two" },
    read: async ({ ref: Bucket }) => (await send("s3", "GetBucketCors", { Bucket })).CORSRules[0].AllowedMethods,
    says: [["GET"], ["PUT"], ["PUT"]],
  },
  "AWS::S3::BucketPolicy": {
    made: { Bucket: ref("BaseBucket"), PolicyDocument: sends("arn:aws:s3:::types-bucket/*", "s3:GetObject") },
    changed: { PolicyDocument: sends("arn:aws:s3:::types-bucket/*", "s3:PutObject") },
    replaced: {
      Bucket: ref("BaseOtherBucket"),
      PolicyDocument: sends("arn:aws:s3:::types-bucket-2/*", "s3:PutObject"),
    },
    read: async ({ ref: Bucket }) => firstAction((await send("s3", "GetBucketPolicy", { Bucket })).Policy),
    says: ["s3:GetObject", "s3:PutObject", "s3:PutObject"],
  },
  "AWS::SNS::Subscription": {
    made: { TopicArn: ref("BaseTopic"), Protocol: "sqs", Endpoint: att("BaseInbox", "Arn"), RawMessageDelivery: true },
    changed: { RawMessageDelivery: false },
    replaced: { Endpoint: att("BaseOtherInbox", "Arn") },
    read: async ({ ref: SubscriptionArn }) => {
      const { Attributes } = await send("sns", "GetSubscriptionAttributes", { SubscriptionArn });
      return [Attributes.Endpoint.split(":").at(-1), Attributes.RawMessageDelivery];
    },
    says: [
      ["types-inbox", "true"],
      ["types-inbox", "false"],
      ["types-inbox-2", "false"],
    ],
  },
  "AWS::SNS::Topic": {
    made: { DisplayName: "one" },
    changed: { DisplayName: "two" },
    replaced: { TopicName: "types-two" },
    read: async ({ ref: TopicArn }) => (await send("sns", "GetTopicAttributes", { TopicArn })).Attributes.DisplayName,
    says: ["one", "two", "two"],
  },
  "AWS::SNS::TopicPolicy": {
    made: { Topics: [ref("BaseTopic")], PolicyDocument: sends(ref("BaseTopic"), "sns:Publish") },
    changed: { Topics: [ref("BaseOtherTopic")], PolicyDocument: sends(ref("BaseOtherTopic"), "sns:Publish") },
    read: ({ properties: { Topics } }) =>
      Promise.all(
        ["types-topic", "types-topic-2"].map(async (name) => {
          const TopicArn = String(Topics[0]).replace(/[^:]+$/, name);
          const { Attributes } = await send("sns", "GetTopicAttributes", { TopicArn });
          return firstAction(Attributes.Policy) === "sns:Publish";
        }),
      ),
    says: [
      [true, false],
      [false, true],
    ],
  },
  "AWS::SSM::Parameter": {
    made: { Type: "String", Value: "one", Tags: { a: "1" } },
    changed: { Value: "two", Tags: { b: "2" } },
    replaced: { Name: "/types/two" },
    read: async ({ ref: Name }) => {
      const { Parameter } = await call(server.url, "ssm", "GetParameter", { Name });
      const of = { ResourceType: "Parameter", ResourceId: Name };
      const { TagList } = await call(server.url, "ssm", "ListTagsForResource", of);
      return [Parameter.Value, TagList];
    },
    says: [
      ["one", [{ Key: "a", Value: "1" }]],
      ["two", [{ Key: "b", Value: "2" }]],
      ["two", [{ Key: "b", Value: "2" }]],
    ],
  },
  "AWS::SQS::Queue": {
    made: { VisibilityTimeout: 40, Tags: [{ Key: "a", Value: "1" }] },
    changed: { VisibilityTimeout: undefined, Tags: [{ Key: "b", Value: "2" }] },
    replaced: { QueueName: "types-two" },
    read: async ({ ref: QueueUrl }) => {
      const { Attributes } = await send("sqs", "GetQueueAttributes", { QueueUrl, AttributeNames: ["All"] });
      return [Attributes.VisibilityTimeout, (await send("sqs", "ListQueueTags", { QueueUrl })).Tags];
    },
    says: [
      ["40", { a: "1" }],
      ["30", { b: "2" }],
      ["30", { b: "2" }],
    ],
  },
  "AWS::SQS::QueuePolicy": {
    made: { Queues: [ref("BaseInbox")], PolicyDocument: sends("*") },
    changed: { Queues: [ref("BaseOtherInbox")] },
    read: ({ properties: { Queues } }) =>
      Promise.all(
        ["types-inbox", "types-inbox-2"].map(async (name) => {
          const QueueUrl = String(Queues[0]).replace(/[^/]+$/, name);
          const { Attributes } = await send("sqs", "GetQueueAttributes", { QueueUrl, AttributeNames: ["Policy"] });
          return Attributes?.Policy !== undefined;
        }),
      ),
    says: [
      [true, false],
      [false, true],
    ],
  },
};

/** `AWS::Connect::Queue` is `ConnectQueue`. */
const logicalId = (type: string): string => type.replace(/^AWS/, "").replaceAll("::", "");

/** The stack's template, with what the first `steps` steps do to each type. */
function template(...steps: readonly ("changed" | "replaced")[]): string {
  const declared = Object.entries(table).map(([type, one]) => {
    const properties = Object.assign({}, one.made, ...steps.map((step) => one[step]));
    return [
      logicalId(type),
      { Type: type, Properties: properties, ...(one.dependsOn && { DependsOn: one.dependsOn }) },
    ];
  });
  const needed = Object.entries(base).map(([id, [Type, Properties, DependsOn]]) => [
    id,
    { Type, Properties, ...(DependsOn && { DependsOn }) },
  ]);
  return JSON.stringify({ Resources: Object.fromEntries([...needed, ...declared]) });
}

const StackName = "types";
let stackId = "";

/** Waits until the stack is through, and answers with the cases' resources by type. */
async function settled(wanted: string): Promise<ReadonlyMap<string, StackResource>> {
  await server.app.platform().flow.drained(60_000);
  const { Stacks } = await send("cloudformation", "DescribeStacks", { StackName: stackId });
  const resources = await listResources(server.app.platform().store, stackId);
  const why = resources
    .filter(({ status }) => status.endsWith("FAILED"))
    .map(({ type, reason }) => `${type}: ${reason}`);
  assert.equal(Stacks[0].StackStatus, wanted, `${Stacks[0].StackStatusReason}\n${why.join("\n")}`);
  return new Map(resources.filter(({ logicalId: id }) => !(id in base)).map((one) => [one.type, one]));
}

async function whatServicesSay(resources: ReadonlyMap<string, StackResource>): Promise<Record<string, unknown>> {
  const read = Object.entries(table).map(async ([type, one]) => {
    const made = resources.get(type)?.made;
    assert.ok(made, type);
    const { physicalId: ref, attributes, properties } = made;
    return [
      type,
      await one.read({ ref, attributes, properties }).catch((error: Error) => `${error.name}: ${error.message}`),
    ];
  });
  return Object.fromEntries(await Promise.all(read));
}

function expected(step: (one: Case) => number): Record<string, unknown> {
  return Object.fromEntries(Object.entries(table).map(([type, one]) => [type, one.says[step(one)]]));
}

const settings = { StackName, Capabilities: ["CAPABILITY_NAMED_IAM"] };
let before: ReadonlyMap<string, StackResource>;

/** Those whose replacing properties name what they lie in, of which the cases have one. */
const IN_ONE_PLACE = ["InstanceArn", "DomainId", "ParentGroupArn", "DomainName", "EventStreamName", "Uri"];

test("every resource type has a case, with what it can change and replace", () => {
  assert.deepEqual(Object.keys(table).sort(), Object.keys(resourceTypes).sort());
  for (const [type, one] of Object.entries(table)) {
    const { updatable = [], replacing = [], update } = resourceTypes[type] ?? {};
    const canChange = update !== undefined && updatable.length > 0;
    assert.equal(one.changed !== undefined, canChange, `${type}: what changes in place`);
    const isPlaced = replacing.every((name) => IN_ONE_PLACE.includes(name));
    assert.ok(one.replaced !== undefined || isPlaced, `${type}: what replaces`);
    assert.equal(one.says.length, 1 + Number(canChange) + Number(one.replaced !== undefined), type);
  }
});

test("a stack makes every type, as its service says", async () => {
  const nested = {
    Parameters: { Delay: { Type: "Number" } },
    Resources: { Queue: { Type: "AWS::SQS::Queue", Properties: { DelaySeconds: ref("Delay") } } },
    Outputs: { Url: { Value: ref("Queue") } },
  };
  await send("s3", "CreateBucket", { Bucket: "types-templates" });
  await send("s3", "PutObject", { Bucket: "types-templates", Key: "queue.json", Body: JSON.stringify(nested) });
  const layer = zipOf({ "nodejs/shared.js": "exports.shared = 1;" });
  await send("s3", "PutObject", { Bucket: "types-templates", Key: "layer.zip", Body: await layer });
  ({ StackId: stackId } = await send("cloudformation", "CreateStack", {
    ...settings,
    TemplateBody: template(),
    DisableRollback: true,
  }));
  before = await settled("CREATE_COMPLETE");
  assert.deepEqual(
    await whatServicesSay(before),
    expected(() => 0),
  );
});

test("a creation that was cut short finds what it has made, of every type", async () => {
  const { store } = server.app.platform();
  const resources = await listResources(store, stackId);
  const ids = new Map(resources.map(({ logicalId: id, made }) => [id, made?.physicalId]));
  await store.commit(async (unit) => {
    const stack = await unit.get(STACKS, stackId);
    assert.ok(stack);
    const { account, region } = stack;
    const operation: Operation = {
      ...descriptionOf(stack),
      id: "again",
      kind: "create",
      phase: "apply",
      onFailure: "DO_NOTHING",
      caller: { account, region, accessKeyId: "test", principalArn: `arn:aws:iam::${account}:root` },
    };
    for (const { made, ...resource } of resources.filter(({ type }) => !ASKS_AGAIN.test(type))) {
      assert.ok(made);
      // As if the process had ended between the answer and its being noted: all others of the type were there before.
      const others = resources.flatMap((one) =>
        one.type === resource.type && one.logicalId !== resource.logicalId ? (one.made?.physicalId ?? []) : [],
      );
      unit.put(STACK_RESOURCES, resourceKey(resource), {
        ...resource,
        status: "CREATE_IN_PROGRESS",
        operationId: operation.id,
        started: {
          name: nameOf(resource.type, made),
          token: `again-${resource.logicalId}`,
          properties: made.properties,
          others,
        },
      });
    }
    unit.put(STACKS, stackId, { ...stack, status: "CREATE_IN_PROGRESS", operation });
    wakeEngine(unit, server.app.platform());
  });
  const after = await settled("CREATE_COMPLETE");
  for (const { logicalId: id, made } of await listResources(store, stackId)) {
    assert.equal(made?.physicalId, ids.get(id), id);
  }
  assert.deepEqual(
    await whatServicesSay(after),
    expected(() => 0),
  );
  before = after;
});

/** Whoever makes these is asked again, nothing is made, or a client token says that it was made, which is another one here. */
const ASKS_AGAIN =
  /^(Custom::.*|AWS::CloudFormation::.*|AWS::Connect::(EvaluationForm|Instance|InstanceStorageConfig|Rule))$/;

/** The name that a resource was made with: the template's, or what stands last in its id. */
function nameOf(type: string, { physicalId, properties }: NonNullable<StackResource["made"]>): string {
  const given = (properties as Properties)[resourceTypes[type]?.name?.property ?? ""];
  return typeof given === "string" ? given : (/[^/:|]*$/.exec(physicalId)?.[0] ?? "");
}

test("an update changes in place what can be changed so", async () => {
  await send("cloudformation", "UpdateStack", {
    ...settings,
    TemplateBody: template("changed"),
    DisableRollback: true,
  });
  const after = await settled("UPDATE_COMPLETE");
  assert.deepEqual(
    await whatServicesSay(after),
    expected(({ changed }) => (changed ? 1 : 0)),
  );
  for (const [type, { made }] of after) assert.equal(made?.physicalId, before.get(type)?.made?.physicalId, type);
  before = after;
});

test("an update makes another resource where it must, and takes the old one away", async () => {
  await send("cloudformation", "UpdateStack", {
    ...settings,
    TemplateBody: template("changed", "replaced"),
    DisableRollback: true,
  });
  const after = await settled("UPDATE_COMPLETE");
  assert.deepEqual(
    await whatServicesSay(after),
    expected(({ says }) => says.length - 1),
  );
  for (const [type, one] of Object.entries(table)) {
    const [now, then] = [after, before].map((of) => of.get(type)?.made?.physicalId);
    assert.equal(now !== then, one.replaced !== undefined, type);
  }
  const gone = [...before].filter(([type]) => table[type]?.replaced !== undefined);
  for (const [type, { made }] of gone) {
    assert.ok(made);
    const { physicalId: ref, attributes, properties } = made;
    const still = await table[type]?.read({ ref, attributes, properties }).catch(() => undefined);
    assert.notDeepEqual(still, table[type]?.says.at(-2), `${type} is still there`);
  }
  before = after;
});

/** Attributes that whoever writes the template names. */
const GIVEN_NAMES: Readonly<Record<string, readonly string[]>> = {
  "AWS::CloudFormation::CustomResource": ["members of `Data`"],
  "AWS::CloudFormation::Stack": ["Outputs.NAME"],
};

test("the guide says what Ref and Fn::GetAtt answer, and what an update does", () => {
  const guide = readFileSync(new URL("../docs/infrastructure-as-code.md", import.meta.url), "utf8");
  const rows = [...guide.matchAll(/^\| `(AWS::\w+::\w+)` \| (.+) \| (.*) \| (.*) \| (.*) \|$/gm)];
  const said = rows.map(([, type, , ...rest]) => [type, ...rest]);
  const wanted = Object.keys(resourceTypes)
    .sort()
    .map((type) => {
      const { updatable = [], replacing = [] } = resourceTypes[type] ?? {};
      const attributes = GIVEN_NAMES[type] ?? Object.keys(before.get(type)?.made?.attributes ?? {}).sort();
      return [type, ...[attributes, updatable, replacing].map((names) => names.join(", "))];
    });
  assert.deepEqual(said, wanted);
  for (const [type, { made }] of before) {
    for (const [name, value] of Object.entries(made?.attributes ?? {})) {
      assert.ok(["string", "number", "boolean"].includes(typeof value), `${type} ${name} is ${JSON.stringify(value)}`);
    }
  }
});

test("a deletion takes all of them away", async () => {
  await send("cloudformation", "DeleteStack", { StackName });
  const after = await settled("DELETE_COMPLETE");
  assert.deepEqual(new Set([...after.values()].map(({ status }) => status)), new Set(["DELETE_COMPLETE"]));
});
