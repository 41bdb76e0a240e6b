/**
 * What operations need permission for: the actions and the ARNs of the service authorization reference. A policy that names them lets a call
 * through (what it is on need not exist), and one that names another in place of any of them does not.
 * https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html
 */
import assert from "node:assert/strict";
import { before, suite, test } from "node:test";
import { sketchOf } from "./model-call.ts";
import type { Input } from "./model-inputs.ts";
import { allow, createUser, type Keys, setPolicy } from "./principals.ts";
import { startTrunkline } from "./server.ts";
import { sendSigned } from "./signed-request.ts";

const server = await startTrunkline();
const ACCOUNT = "000000000000";
const arn = (service: string, resource: string): string => `arn:aws:${service}:us-east-1:${ACCOUNT}:${resource}`;
const id = (digit: number): string => `${String(digit).repeat(8)}-0000-4000-8000-000000000000`;

interface Expectation {
  readonly operation: string;
  readonly input: Input;
  /** Default: the operation's name behind the service's prefix. */
  readonly action?: string;
  readonly arns: readonly string[];
}

const [InstanceId, QueueId, UserId, ContactId, ContactFlowId, RoutingProfileId, profileId, hoursId, statusId] = [
  1, 2, 3, 4, 5, 6, 7, 8, 9,
].map(id) as [string, string, string, string, string, string, string, string, string];
const instance = arn("connect", `instance/${InstanceId}`);
const queue = `${instance}/queue/${QueueId}`;
const user = `${instance}/agent/${UserId}`;
const contact = `${instance}/contact/${ContactId}`;
const flow = `${instance}/contact-flow/${ContactFlowId}`;
const routingProfile = `${instance}/routing-profile/${RoutingProfileId}`;

const connect: readonly Expectation[] = [
  { operation: "DescribeInstance", input: { InstanceId }, arns: [instance] },
  { operation: "ListUsers", input: { InstanceId }, arns: [instance] },
  { operation: "ListQueues", input: { InstanceId }, arns: [`${instance}/queue/*`] },
  { operation: "ListContactFlows", input: { InstanceId }, arns: [`${instance}/contact-flow/*`] },
  { operation: "DescribeQueue", input: { InstanceId, QueueId }, arns: [queue] },
  {
    operation: "CreateQueue",
    input: { InstanceId, Name: "q", HoursOfOperationId: hoursId },
    arns: [`${instance}/queue/*`, `${instance}/operating-hours/${hoursId}`],
  },
  { operation: "DescribeUser", input: { InstanceId, UserId }, arns: [user] },
  {
    operation: "CreateUser",
    input: { InstanceId, Username: "ann", SecurityProfileIds: [profileId], RoutingProfileId },
    arns: [`${instance}/agent/*`, `${instance}/security-profile/${profileId}`, routingProfile],
  },
  {
    operation: "PutUserStatus",
    input: { InstanceId, UserId, AgentStatusId: statusId },
    arns: [instance, user, `${instance}/agent-state/${statusId}`],
  },
  {
    operation: "UpdateRoutingProfileDefaultOutboundQueue",
    input: { InstanceId, RoutingProfileId, DefaultOutboundQueueId: QueueId },
    arns: [routingProfile, queue],
  },
  {
    operation: "CreateRoutingProfile",
    input: {
      InstanceId,
      Name: "r",
      Description: "r",
      DefaultOutboundQueueId: QueueId,
      MediaConcurrencies: [{ Channel: "VOICE", Concurrency: 1 }],
      QueueConfigs: [{ QueueReference: { QueueId: id(0), Channel: "VOICE" }, Priority: 1, Delay: 0 }],
    },
    arns: [`${instance}/routing-profile/*`, queue, `${instance}/queue/${id(0)}`],
  },
  { operation: "DescribeContact", input: { InstanceId, ContactId }, arns: [contact] },
  { operation: "GetContactAttributes", input: { InstanceId, InitialContactId: ContactId }, arns: [contact] },
  {
    operation: "StartChatContact",
    input: { InstanceId, ContactFlowId, ParticipantDetails: { DisplayName: "Mara" } },
    arns: [flow],
  },
  {
    operation: "TransferContact",
    input: { InstanceId, ContactId, ContactFlowId, QueueId },
    arns: [instance, contact, flow],
  },
  { operation: "DescribeContactFlow", input: { InstanceId, ContactFlowId }, arns: [flow] },
  {
    operation: "GetCurrentMetricData",
    input: { InstanceId, Filters: { Queues: [QueueId] }, CurrentMetrics: [{ Name: "AGENTS_ONLINE", Unit: "COUNT" }] },
    arns: [queue],
  },
  {
    operation: "DescribePhoneNumber",
    input: { PhoneNumberId: id(0) },
    arns: [arn("connect", `phone-number/${id(0)}`)],
  },
  { operation: "ListPhoneNumbersV2", input: {}, arns: [arn("connect", "phone-number/*")] },
  { operation: "TagResource", input: { resourceArn: queue, tags: { team: "a" } }, arns: [queue] },
];

const [domainId, caseId, templateId, fieldId] = [id(1), id(2), id(3), id(4)];
const domain = arn("cases", `domain/${domainId}`);
const cases: readonly Expectation[] = [
  { operation: "GetDomain", input: { domainId }, arns: [domain] },
  { operation: "ListTemplates", input: { domainId }, arns: [domain] },
  { operation: "GetTemplate", input: { domainId, templateId }, arns: [domain, `${domain}/template/${templateId}`] },
  {
    operation: "CreateField",
    input: { domainId, name: "n", type: "Text" },
    arns: [domain, `${domain}/field/*`],
  },
  {
    operation: "GetCase",
    input: { domainId, caseId, fields: [{ id: fieldId }] },
    arns: [domain, `${domain}/case/${caseId}`, `${domain}/field/${fieldId}`],
  },
  {
    operation: "CreateCase",
    input: { domainId, templateId, fields: [{ id: fieldId, value: { stringValue: "x" } }] },
    arns: [domain, `${domain}/case/*`, `${domain}/template/${templateId}`, `${domain}/field/${fieldId}`],
  },
  {
    operation: "DeleteRelatedItem",
    input: { domainId, caseId, relatedItemId: id(5) },
    arns: [domain, `${domain}/case/${caseId}`, `${domain}/case/${caseId}/related-item/${id(5)}`],
  },
];

const shop = arn("profile", "domains/shop");
const DomainName = "shop";
const profiles: readonly Expectation[] = [
  { operation: "GetDomain", input: { DomainName }, arns: [shop] },
  {
    operation: "SearchProfiles",
    input: { DomainName, KeyName: "_email", Values: ["ina@example.com"] },
    arns: [shop],
  },
  {
    operation: "PutProfileObject",
    input: { DomainName, ObjectTypeName: "Order", Object: "{}" },
    arns: [shop, `${shop}/object-types/Order`],
  },
  {
    operation: "GetProfileObjectType",
    input: { DomainName, ObjectTypeName: "Order" },
    arns: [shop, `${shop}/object-types/Order`],
  },
  {
    operation: "GetSegmentDefinition",
    input: { DomainName, SegmentDefinitionName: "s" },
    arns: [shop, `${shop}/segment-definitions/s`],
  },
];

const campaigns: readonly Expectation[] = [
  { operation: "DescribeCampaign", input: { id: "c1" }, arns: [arn("connect-campaigns", "campaign/c1")] },
  { operation: "DeleteCampaign", input: { id: "c1" }, arns: [arn("connect-campaigns", "campaign/c1")] },
];

const topic = arn("sns", "news");
const sns: readonly Expectation[] = [
  { operation: "CreateTopic", input: { Name: "news" }, arns: [topic] },
  { operation: "Publish", input: { TopicArn: topic, Message: "x" }, arns: [topic] },
  {
    operation: "PublishBatch",
    input: { TopicArn: topic, PublishBatchRequestEntries: [{ Id: "1", Message: "x" }] },
    action: "sns:Publish",
    arns: [topic],
  },
  {
    operation: "Subscribe",
    input: { TopicArn: topic, Protocol: "sqs", Endpoint: arn("sqs", "jobs") },
    arns: [topic],
  },
  { operation: "Unsubscribe", input: { SubscriptionArn: `${topic}:${id(1)}` }, arns: [topic] },
];

const stream = arn("firehose", "deliverystream/calls");
const firehose: readonly Expectation[] = [
  { operation: "DescribeDeliveryStream", input: { DeliveryStreamName: "calls" }, arns: [stream] },
  {
    operation: "PutRecord",
    input: { DeliveryStreamName: "calls", Record: { Data: Buffer.from("x") } },
    arns: [stream],
  },
];

const fn = arn("lambda", "function:f");
const lambda: readonly Expectation[] = [
  { operation: "GetFunction", input: { FunctionName: "f" }, arns: [fn] },
  { operation: "GetFunction", input: { FunctionName: `${ACCOUNT}:function:f` }, arns: [fn] },
  { operation: "Invoke", input: { FunctionName: fn }, action: "lambda:InvokeFunction", arns: [fn] },
  {
    operation: "Invoke",
    input: { FunctionName: "f", Qualifier: "live" },
    action: "lambda:InvokeFunction",
    arns: [`${fn}:live`],
  },
  { operation: "CreateAlias", input: { FunctionName: "f", Name: "live", FunctionVersion: "1" }, arns: [fn] },
  {
    operation: "DeleteEventSourceMapping",
    input: { UUID: id(1) },
    arns: [arn("lambda", `event-source-mapping:${id(1)}`)],
  },
];

const path = (text: string): string => `arn:aws:apigateway:us-east-1::${text}`;
const restApis: readonly Expectation[] = [
  {
    operation: "GetRestApi",
    input: { restApiId: "a1" },
    action: "apigateway:GET",
    arns: [path("/restapis/a1")],
  },
  {
    operation: "CreateResource",
    input: { restApiId: "a1", parentId: "p1", pathPart: "calls" },
    action: "apigateway:POST",
    arns: [path("/restapis/a1/resources/p1")],
  },
  {
    operation: "PutMethod",
    input: { restApiId: "a1", resourceId: "r1", httpMethod: "GET", authorizationType: "NONE" },
    action: "apigateway:PUT",
    arns: [path("/restapis/a1/resources/r1/methods/GET")],
  },
  {
    operation: "DeleteStage",
    input: { restApiId: "a1", stageName: "prod" },
    action: "apigateway:DELETE",
    arns: [path("/restapis/a1/stages/prod")],
  },
  { operation: "CreateApiKey", input: { name: "k" }, action: "apigateway:POST", arns: [path("/apikeys")] },
];
const httpApis: readonly Expectation[] = [
  { operation: "GetApi", input: { ApiId: "a1" }, action: "apigateway:GET", arns: [path("/apis/a1")] },
  {
    operation: "CreateRoute",
    input: { ApiId: "a1", RouteKey: "GET /" },
    action: "apigateway:POST",
    arns: [path("/apis/a1/routes")],
  },
];

const events: readonly Expectation[] = [
  {
    operation: "StartReplay",
    input: {
      ReplayName: "r",
      EventSourceArn: arn("events", "archive/a"),
      EventStartTime: new Date(0),
      EventEndTime: new Date(1000),
      Destination: { Arn: arn("events", "event-bus/b") },
    },
    arns: [arn("events", "replay/r"), arn("events", "archive/a"), arn("events", "event-bus/b")],
  },
  {
    operation: "DescribeEventSource",
    input: { Name: "aws.partner/x/y" },
    arns: ["arn:aws:events:us-east-1::event-source/aws.partner/x/y"],
  },
];

const object = "arn:aws:s3:::files/a/1";
const s3: readonly Expectation[] = [
  { operation: "GetObjectTagging", input: { Bucket: "files", Key: "a/1" }, arns: [object] },
  {
    operation: "GetObjectTagging",
    input: { Bucket: "files", Key: "a/1", VersionId: "v" },
    action: "s3:GetObjectVersionTagging",
    arns: [object],
  },
  {
    operation: "GetBucketAccelerateConfiguration",
    input: { Bucket: "files" },
    action: "s3:GetAccelerateConfiguration",
    arns: ["arn:aws:s3:::files"],
  },
];

const tables: Readonly<Record<string, readonly [prefix: string, expectations: readonly Expectation[]]>> = {
  connect: ["connect", connect],
  connectcases: ["cases", cases],
  "customer-profiles": ["profile", profiles],
  connectcampaignsv2: ["connect-campaigns", campaigns],
  sns: ["sns", sns],
  firehose: ["firehose", firehose],
  lambda: ["lambda", lambda],
  apigateway: ["apigateway", restApis],
  apigatewayv2: ["apigateway", httpApis],
  events: ["events", events],
  s3: ["s3", s3],
};

let keys: Keys;
before(async () => {
  keys = await createUser(server.client, "ann");
});

/** Why a call was refused for want of a permission; `undefined` where it came through, whatever became of it then. */
async function refusalOf(model: string, { operation, input }: Expectation): Promise<string | undefined> {
  const { status, body } = await sendSigned(server.url, { ...sketchOf(model, operation, input), ...keys });
  assert.ok(status < 500, `${operation}: ${status} ${body}`);
  return /is not authorized to perform: (\S+ on resource: \S+) because no identity-based/.exec(body.toString())?.[1];
}

for (const [model, [prefix, expectations]] of Object.entries(tables)) {
  suite(model, () => {
    for (const expectation of expectations) {
      const { operation, action = `${prefix}:${operation}`, arns } = expectation;
      test(`${operation} needs ${action} on ${arns.map((one) => one.split(":").slice(5).join(":")).join(", ")}`, async () => {
        await setPolicy(server.client, "ann", allow(action, [...arns]));
        assert.equal(await refusalOf(model, expectation), undefined);
        for (const missing of arns) {
          const others = arns.map((one) => (one === missing ? `${one}/0` : one));
          await setPolicy(server.client, "ann", allow(action, others));
          assert.equal(await refusalOf(model, expectation), `${action} on resource: ${missing}`);
        }
      });
    }
  });
}
