import assert from "node:assert/strict";
import { test } from "node:test";
import {
  CloudFormationClient,
  CreateStackCommand,
  DeleteStackCommand,
  DescribeStackEventsCommand,
  DescribeStacksCommand,
  UpdateStackCommand,
} from "@aws-sdk/client-cloudformation";
import {
  ConnectClient,
  DescribeQueueCommand,
  DescribeRoutingProfileCommand,
  ListUsersCommand,
} from "@aws-sdk/client-connect";
import { startTrunkline } from "./server.ts";

const server = await startTrunkline();
const stacks = new CloudFormationClient(server.client);

async function settled(
  StackName: string,
): Promise<{ status: string | undefined; outputs: Record<string, string>; why: string }> {
  await server.app.platform().flow.drained(20_000);
  const { Stacks = [] } = await stacks.send(new DescribeStacksCommand({ StackName }));
  const { StackEvents = [] } = await stacks.send(new DescribeStackEventsCommand({ StackName }));
  const failures = StackEvents.filter(({ ResourceStatus }) => ResourceStatus?.endsWith("FAILED"));
  return {
    status: Stacks[0]?.StackStatus,
    outputs: Object.fromEntries(
      (Stacks[0]?.Outputs ?? []).map(({ OutputKey = "", OutputValue = "" }) => [OutputKey, OutputValue]),
    ),
    why: failures
      .map(({ LogicalResourceId, ResourceStatusReason }) => `${LogicalResourceId}: ${ResourceStatusReason}`)
      .join("\n"),
  };
}

const instanceArn = { "Fn::GetAtt": ["Instance", "Arn"] };
const inInstance = (Type: string, Properties: object): object => ({
  Type: `AWS::Connect::${Type}`,
  Properties: { InstanceArn: instanceArn, ...Properties },
});
const flowContent = JSON.stringify({
  Version: "2019-10-30",
  StartAction: "end",
  Metadata: {},
  Actions: [{ Identifier: "end", Type: "DisconnectParticipant", Parameters: {}, Transitions: {} }],
});

function centre(maxContacts: number, channels: readonly string[]): string {
  return JSON.stringify({
    Resources: {
      Instance: {
        Type: "AWS::Connect::Instance",
        Properties: {
          InstanceAlias: "described-centre",
          IdentityManagementType: "CONNECT_MANAGED",
          Attributes: { InboundCalls: true, OutboundCalls: "true", ContactLens: true },
        },
      },
      Hours: inInstance("HoursOfOperation", {
        Name: "Weekdays",
        TimeZone: "Europe/Berlin",
        Config: [{ Day: "MONDAY", StartTime: { Hours: 8, Minutes: 0 }, EndTime: { Hours: 18, Minutes: 0 } }],
      }),
      Queue: inInstance("Queue", {
        Name: "Sales",
        HoursOfOperationArn: { Ref: "Hours" },
        MaxContacts: maxContacts,
        Tags: [{ Key: "team", Value: "sales" }],
      }),
      Profile: inInstance("RoutingProfile", {
        Name: "Sales people",
        Description: "Those who sell",
        DefaultOutboundQueueArn: { Ref: "Queue" },
        MediaConcurrencies: channels.map((Channel) => ({ Channel, Concurrency: 1 })),
        QueueConfigs: channels.map((Channel) => ({
          Delay: 0,
          Priority: 1,
          QueueReference: { Channel, QueueArn: { "Fn::GetAtt": ["Queue", "QueueArn"] } },
        })),
      }),
      Security: inInstance("SecurityProfile", { SecurityProfileName: "Sellers", Permissions: ["BasicAgentAccess"] }),
      Agent: inInstance("User", {
        Username: "ada",
        Password: "Passw0rd-of-Ada",
        IdentityInfo: { FirstName: "Ada", LastName: "Lovelace", Email: "ada@example.com" },
        PhoneConfig: { PhoneType: "SOFT_PHONE" },
        RoutingProfileArn: { Ref: "Profile" },
        SecurityProfileArns: [{ Ref: "Security" }],
      }),
      Flow: inInstance("ContactFlow", { Name: "Greeting", Type: "CONTACT_FLOW", Content: flowContent }),
      ToQueue: inInstance("ContactFlow", { Name: "To a queue", Type: "QUEUE_TRANSFER", Content: flowContent }),
      Shortcut: inInstance("QuickConnect", {
        Name: "Sales desk",
        QuickConnectConfig: {
          QuickConnectType: "QUEUE",
          QueueConfig: { QueueArn: { Ref: "Queue" }, ContactFlowArn: { Ref: "ToQueue" } },
        },
      }),
      Number: {
        Type: "AWS::Connect::PhoneNumber",
        Properties: { TargetArn: instanceArn, Type: "DID", CountryCode: "US" },
      },
      Rule: inInstance("Rule", {
        Name: "Complaints",
        PublishStatus: "PUBLISHED",
        TriggerEventSource: { EventSourceName: "OnPostCallAnalysisAvailable" },
        Function: JSON.stringify({
          Version: "2022-11-25",
          RuleFunction: {
            Operator: "AND",
            Operands: [
              {
                Operator: "NumberGreaterOrEqualTo",
                Operands: [10],
                ComparisonValue: "$.ContactLens.PostCall.NonTalkTime.TotalTimeSecs",
              },
            ],
          },
        }),
        Actions: { AssignContactCategoryActions: [{}] },
      }),
      Stream: { Type: "AWS::Kinesis::Stream", Properties: { ShardCount: 1, RetentionPeriodHours: 48 } },
      Records: inInstance("InstanceStorageConfig", {
        ResourceType: "CONTACT_TRACE_RECORDS",
        StorageType: "KINESIS_STREAM",
        KinesisStreamConfig: { StreamArn: { "Fn::GetAtt": ["Stream", "Arn"] } },
      }),
      Form: inInstance("EvaluationForm", {
        Title: "Manners",
        Status: "ACTIVE",
        Items: [
          {
            Section: {
              Title: "All",
              RefId: "s1",
              Weight: 100,
              Items: [
                {
                  Question: {
                    Title: "Polite?",
                    RefId: "q1",
                    QuestionType: "TEXT",
                    Weight: 0,
                  },
                },
              ],
            },
          },
        ],
      }),
    },
    Outputs: {
      InstanceId: { Value: { "Fn::GetAtt": ["Instance", "Id"] } },
      Queue: { Value: { Ref: "Queue" } },
      Profile: { Value: { Ref: "Profile" } },
      Number: { Value: { "Fn::GetAtt": ["Number", "Address"] } },
    },
  });
}

test("a contact centre is described, changed and taken away as one stack", async () => {
  await stacks.send(new CreateStackCommand({ StackName: "centre", TemplateBody: centre(5, ["VOICE"]) }));
  const created = await settled("centre");
  assert.equal(created.status, "CREATE_COMPLETE", created.why);
  const { InstanceId = "", Queue = "", Profile = "", Number: number = "" } = created.outputs;
  assert.match(number, /^\+1/);
  const connect = new ConnectClient(server.client);
  const users = await connect.send(new ListUsersCommand({ InstanceId }));
  assert.ok(users.UserSummaryList?.some(({ Username }) => Username === "ada"));

  await stacks.send(new UpdateStackCommand({ StackName: "centre", TemplateBody: centre(7, ["VOICE", "CHAT"]) }));
  const updated = await settled("centre");
  assert.equal(updated.status, "UPDATE_COMPLETE", updated.why);
  assert.deepEqual(updated.outputs, created.outputs);
  const queue = await connect.send(new DescribeQueueCommand({ InstanceId, QueueId: Queue.split("/").at(-1) }));
  assert.equal(queue.Queue?.MaxContacts, 7);
  const profile = await connect.send(
    new DescribeRoutingProfileCommand({ InstanceId, RoutingProfileId: Profile.split("/").at(-1) }),
  );
  assert.deepEqual(profile.RoutingProfile?.MediaConcurrencies?.map(({ Channel }) => Channel).sort(), ["CHAT", "VOICE"]);

  const { Stacks: [stack] = [] } = await stacks.send(new DescribeStacksCommand({ StackName: "centre" }));
  await stacks.send(new DeleteStackCommand({ StackName: "centre" }));
  const deleted = await settled(stack?.StackId ?? "");
  assert.equal(deleted.status, "DELETE_COMPLETE", deleted.why);
  await assert.rejects(connect.send(new ListUsersCommand({ InstanceId })), { name: "ResourceNotFoundException" });
});

test("an interface that a stack describes answers", async () => {
  const template = {
    Resources: {
      Api: { Type: "AWS::ApiGateway::RestApi", Properties: { Name: "described" } },
      Path: {
        Type: "AWS::ApiGateway::Resource",
        Properties: {
          RestApiId: { Ref: "Api" },
          ParentId: { "Fn::GetAtt": ["Api", "RootResourceId"] },
          PathPart: "hello",
        },
      },
      Method: {
        Type: "AWS::ApiGateway::Method",
        Properties: {
          RestApiId: { Ref: "Api" },
          ResourceId: { Ref: "Path" },
          HttpMethod: "GET",
          AuthorizationType: "NONE",
          Integration: {
            Type: "MOCK",
            RequestTemplates: { "application/json": '{"statusCode": 200}' },
            IntegrationResponses: [
              { StatusCode: 200, ResponseTemplates: { "application/json": '{"hello": "there"}' } },
            ],
          },
          MethodResponses: [{ StatusCode: 200 }],
        },
      },
      Deployment: {
        Type: "AWS::ApiGateway::Deployment",
        DependsOn: "Method",
        Properties: { RestApiId: { Ref: "Api" } },
      },
      Stage: {
        Type: "AWS::ApiGateway::Stage",
        Properties: { RestApiId: { Ref: "Api" }, DeploymentId: { Ref: "Deployment" }, StageName: "live" },
      },
    },
    Outputs: { Url: { Value: { "Fn::Sub": `${server.url}/_aws/execute-api/\${Api}/live/hello` } } },
  };
  await stacks.send(new CreateStackCommand({ StackName: "data", TemplateBody: JSON.stringify(template) }));
  const { status, why, outputs } = await settled("data");
  assert.equal(status, "CREATE_COMPLETE", why);
  assert.deepEqual(await (await fetch(outputs.Url ?? "")).json(), { hello: "there" });

  const { Stacks: [stack] = [] } = await stacks.send(new DescribeStacksCommand({ StackName: "data" }));
  await stacks.send(new DeleteStackCommand({ StackName: "data" }));
  const deleted = await settled(stack?.StackId ?? "");
  assert.equal(deleted.status, "DELETE_COMPLETE", deleted.why);
});
