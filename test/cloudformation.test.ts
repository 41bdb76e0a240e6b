import assert from "node:assert/strict";
import { test } from "node:test";
import {
  CloudFormationClient,
  CreateChangeSetCommand,
  CreateStackCommand,
  DeleteChangeSetCommand,
  DeleteStackCommand,
  DescribeChangeSetCommand,
  DescribeStackEventsCommand,
  DescribeStackResourceCommand,
  DescribeStackResourcesCommand,
  DescribeStacksCommand,
  ExecuteChangeSetCommand,
  GetTemplateCommand,
  GetTemplateSummaryCommand,
  ListChangeSetsCommand,
  ListExportsCommand,
  ListImportsCommand,
  ListStackResourcesCommand,
  ListStacksCommand,
  type Parameter,
  type Stack,
  UpdateStackCommand,
  UpdateTerminationProtectionCommand,
  ValidateTemplateCommand,
} from "@aws-sdk/client-cloudformation";
import { EventBridgeClient, ListTargetsByRuleCommand } from "@aws-sdk/client-eventbridge";
import { GetRolePolicyCommand, IAMClient } from "@aws-sdk/client-iam";
import { InvokeCommand, LambdaClient } from "@aws-sdk/client-lambda";
import { GetBucketTaggingCommand, S3Client } from "@aws-sdk/client-s3";
import { GetQueueAttributesCommand, ListQueuesCommand, ListQueueTagsCommand, SQSClient } from "@aws-sdk/client-sqs";
import { startTrunkline } from "./server.ts";

const server = await startTrunkline();
const { client } = server;
const stacks = new CloudFormationClient(client);
const sqs = new SQSClient(client);

/** Waits until nothing is worked on, and answers with the stack. */
async function settled(StackName: string, of: CloudFormationClient = stacks): Promise<Stack> {
  await server.app.platform().flow.drained(20_000);
  const { Stacks = [] } = await of.send(new DescribeStacksCommand({ StackName }));
  assert.ok(Stacks[0]);
  return Stacks[0];
}

async function created(
  StackName: string,
  template: object | string,
  parameters: Record<string, string> = {},
): Promise<Stack> {
  const { StackId = "" } = await stacks.send(
    new CreateStackCommand({
      StackName,
      TemplateBody: typeof template === "string" ? template : JSON.stringify(template),
      Parameters: given(parameters),
      Capabilities: ["CAPABILITY_IAM"],
    }),
  );
  return settled(StackId);
}

async function updated(
  StackName: string,
  template: object | string,
  parameters: Record<string, string> = {},
): Promise<Stack> {
  await stacks.send(
    new UpdateStackCommand({
      StackName,
      TemplateBody: typeof template === "string" ? template : JSON.stringify(template),
      Parameters: given(parameters),
      Capabilities: ["CAPABILITY_IAM"],
    }),
  );
  return settled(StackName);
}

function given(parameters: Record<string, string>): Parameter[] {
  return Object.entries(parameters).map(([ParameterKey, ParameterValue]) => ({ ParameterKey, ParameterValue }));
}

function outputsOf({ Outputs = [] }: Stack): Record<string, string> {
  return Object.fromEntries(Outputs.map(({ OutputKey = "", OutputValue = "" }) => [OutputKey, OutputValue]));
}

async function queueNames(): Promise<string> {
  const { QueueUrls = [] } = await sqs.send(new ListQueuesCommand({}));
  return QueueUrls.join(" ");
}

const EVENTS_TO_QUEUE = `
AWSTemplateFormatVersion: "2010-09-09"
Description: Events of a contact centre go to a queue and a function
Parameters:
  Visibility: { Type: Number, Default: 45, MinValue: 1, MaxValue: 43200 }
  Secret: { Type: String, NoEcho: true, Default: s3cret }
  Stage: { Type: String, Default: test, AllowedValues: [test, production] }
Mappings:
  Stages:
    test: { Days: 1 }
    production: { Days: 30 }
Conditions:
  IsProduction: !Equals [!Ref Stage, production]
Resources:
  Queue:
    Type: AWS::SQS::Queue
    Properties:
      VisibilityTimeout: !Ref Visibility
      RedrivePolicy:
        deadLetterTargetArn: !GetAtt DeadLetters.Arn
        maxReceiveCount: 3
      Tags: [{ Key: stage, Value: !Ref Stage }]
  DeadLetters:
    Type: AWS::SQS::Queue
    Condition: Always
    Properties:
      QueueName: !Sub "\${AWS::StackName}-dead"
  Extra:
    Type: AWS::SNS::Topic
    Condition: IsProduction
  Policy:
    Type: AWS::SQS::QueuePolicy
    Properties:
      Queues: [!Ref Queue]
      PolicyDocument:
        Version: "2012-10-17"
        Statement:
          - Effect: Allow
            Principal: { Service: events.amazonaws.com }
            Action: sqs:SendMessage
            Resource: !GetAtt Queue.Arn
  Rule:
    Type: AWS::Events::Rule
    Properties:
      EventPattern: { source: [aws.connect] }
      Targets:
        - { Id: queue, Arn: !GetAtt Queue.Arn }
        - { Id: function, Arn: !GetAtt Function.Arn }
  Allowed:
    Type: AWS::Lambda::Permission
    Properties:
      Action: lambda:InvokeFunction
      FunctionName: !Ref Function
      Principal: events.amazonaws.com
      SourceArn: !GetAtt Rule.Arn
  Role:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument:
        Version: "2012-10-17"
        Statement: [{ Effect: Allow, Principal: { Service: lambda.amazonaws.com }, Action: sts:AssumeRole }]
      Policies:
        - PolicyName: logs
          PolicyDocument:
            Version: "2012-10-17"
            Statement: [{ Effect: Allow, Action: "logs:*", Resource: "*" }]
  Logs:
    Type: AWS::Logs::LogGroup
    Properties:
      LogGroupName: !Join ["/", ["", aws, lambda, !Ref Function]]
      RetentionInDays: !FindInMap [Stages, !Ref Stage, Days]
  Function:
    Type: AWS::Lambda::Function
    Properties:
      Handler: index.handler
      Runtime: nodejs22.x
      Role: !GetAtt Role.Arn
      Code:
        ZipFile: |
          exports.handler = async (event) => ({ hello: event.name, queue: process.env.QUEUE });
      Environment: { Variables: { QUEUE: !Ref Queue, SECRET: !Ref Secret } }
  Files:
    Type: AWS::S3::Bucket
    DeletionPolicy: Delete
    Properties:
      VersioningConfiguration: !If [IsProduction, { Status: Enabled }, !Ref "AWS::NoValue"]
      Tags: [{ Key: of, Value: !Select [0, !Split ["-", !Ref "AWS::StackName"]] }]
Outputs:
  QueueUrl: { Value: !Ref Queue, Export: { Name: !Sub "\${AWS::StackName}:Queue" } }
  QueueArn: { Value: !GetAtt Queue.Arn }
  FunctionName: { Value: !Ref Function }
  RoleName: { Value: !Ref Role }
  RuleName: { Value: !Ref Rule }
  Bucket: { Value: !Ref Files }
`;

const withCondition = EVENTS_TO_QUEUE.replace("Conditions:", "Conditions:\n  Always: !Not [!Condition IsProduction]");

test("a template becomes resources that work together, and its outputs name them", async () => {
  const stack = await created("events-1", withCondition);
  assert.equal(stack.StackStatus, "CREATE_COMPLETE", stack.StackStatusReason);
  const outputs = outputsOf(stack);

  const { Attributes = {} } = await sqs.send(
    new GetQueueAttributesCommand({ QueueUrl: outputs.QueueUrl, AttributeNames: ["All"] }),
  );
  assert.equal(Attributes.VisibilityTimeout, "45");
  assert.match(Attributes.Policy ?? "", /events\.amazonaws\.com/);
  assert.match(Attributes.RedrivePolicy ?? "", /events-1-dead/);
  const { Targets = [] } = await new EventBridgeClient(client).send(
    new ListTargetsByRuleCommand({ Rule: outputs.RuleName }),
  );
  assert.deepEqual(Targets.map(({ Id }) => Id).sort(), ["function", "queue"]);
  const { Payload } = await new LambdaClient(client).send(
    new InvokeCommand({ FunctionName: outputs.FunctionName, Payload: JSON.stringify({ name: "Ada" }) }),
  );
  assert.deepEqual(JSON.parse(Buffer.from(Payload ?? []).toString()), { hello: "Ada", queue: outputs.QueueUrl });
  const policy = new GetRolePolicyCommand({ RoleName: outputs.RoleName, PolicyName: "logs" });
  assert.ok((await new IAMClient(client).send(policy)).PolicyDocument);
  const { TagSet } = await new S3Client({ ...client, forcePathStyle: true }).send(
    new GetBucketTaggingCommand({ Bucket: outputs.Bucket }),
  );
  assert.deepEqual(TagSet, [{ Key: "of", Value: "events" }]);

  const secret = stack.Parameters?.find(({ ParameterKey }) => ParameterKey === "Secret");
  assert.equal(secret?.ParameterValue, "****");
});

test("what a stack is made of can be listed, and what happened to it", async () => {
  const { StackResourceSummaries = [] } = await stacks.send(new ListStackResourcesCommand({ StackName: "events-1" }));
  assert.equal(StackResourceSummaries.length, 9);
  assert.ok(StackResourceSummaries.every(({ ResourceStatus }) => ResourceStatus === "CREATE_COMPLETE"));
  const { StackResources = [] } = await stacks.send(new DescribeStackResourcesCommand({ StackName: "events-1" }));
  assert.equal(StackResources.length, 9);
  const { StackResourceDetail } = await stacks.send(
    new DescribeStackResourceCommand({ StackName: "events-1", LogicalResourceId: "Queue" }),
  );
  assert.equal(StackResourceDetail?.ResourceType, "AWS::SQS::Queue");
  const { StackEvents = [] } = await stacks.send(new DescribeStackEventsCommand({ StackName: "events-1" }));
  assert.equal(StackEvents.at(0)?.ResourceStatus, "CREATE_COMPLETE");
  assert.equal(StackEvents.at(0)?.LogicalResourceId, "events-1");
  assert.equal(StackEvents.at(-1)?.ResourceStatusReason, "User Initiated");
  const order = StackEvents.filter(({ ResourceStatus }) => ResourceStatus === "CREATE_COMPLETE").map(
    ({ LogicalResourceId }) => LogicalResourceId,
  );
  assert.ok(order.indexOf("Queue") < order.indexOf("DeadLetters"), "what another one needs comes first");
  const { TemplateBody } = await stacks.send(new GetTemplateCommand({ StackName: "events-1" }));
  assert.equal(TemplateBody, withCondition);
  const { StackSummaries = [] } = await stacks.send(new ListStacksCommand({ StackStatusFilter: ["CREATE_COMPLETE"] }));
  assert.ok(StackSummaries.some(({ StackName }) => StackName === "events-1"));
});

test("an update changes what differs, and says so where nothing does", async () => {
  await assert.rejects(updated("events-1", withCondition), {
    name: "ValidationError",
    message: "No updates are to be performed.",
  });
  const before = outputsOf(await settled("events-1"));
  const stack = await updated("events-1", withCondition, { Visibility: "60" });
  assert.equal(stack.StackStatus, "UPDATE_COMPLETE", stack.StackStatusReason);
  assert.deepEqual(outputsOf(stack), before);
  const { Attributes = {} } = await sqs.send(
    new GetQueueAttributesCommand({ QueueUrl: before.QueueUrl, AttributeNames: ["VisibilityTimeout"] }),
  );
  assert.equal(Attributes.VisibilityTimeout, "60");
});

test("tags of a stack go to its resources, and leave them with it", async () => {
  const TemplateBody = JSON.stringify({
    Resources: { Queue: { Type: "AWS::SQS::Queue" } },
    Outputs: { Url: { Value: { Ref: "Queue" } } },
  });
  const tags = async (QueueUrl: string | undefined): Promise<unknown> =>
    (await sqs.send(new ListQueueTagsCommand({ QueueUrl }))).Tags;
  const Tags = [{ Key: "team", Value: "sales" }];
  await stacks.send(new CreateStackCommand({ StackName: "tagged", TemplateBody, Tags }));
  const { Url } = outputsOf(await settled("tagged"));
  assert.deepEqual(await tags(Url), { team: "sales" });

  const other = [{ Key: "owner", Value: "ada" }];
  await stacks.send(new UpdateStackCommand({ StackName: "tagged", TemplateBody, Tags: other }));
  await settled("tagged");
  assert.deepEqual(await tags(Url), { owner: "ada" });
});

test("a deletion takes everything away, in reverse", async () => {
  await stacks.send(new DeleteStackCommand({ StackName: "events-1" }));
  const { StackSummaries = [] } = await stacks.send(new ListStacksCommand({}));
  const id = StackSummaries.find(({ StackName }) => StackName === "events-1")?.StackId ?? "";
  const stack = await settled(id);
  assert.equal(stack.StackStatus, "DELETE_COMPLETE", stack.StackStatusReason);
  assert.doesNotMatch(await queueNames(), /events-1/);
  await assert.rejects(stacks.send(new DescribeStacksCommand({ StackName: "events-1" })), {
    message: "Stack with id events-1 does not exist",
  });
});

const queueTemplate = (queues: Record<string, object>, rest: object = {}): object => ({
  Resources: Object.fromEntries(
    Object.entries(queues).map(([id, { DependsOn, ...Properties }]: [string, { DependsOn?: string }]) => [
      id,
      { Type: "AWS::SQS::Queue", ...(DependsOn && { DependsOn }), Properties },
    ]),
  ),
  ...rest,
});

test("a creation that fails is taken back, and its events say why", async () => {
  const stack = await created(
    "fails",
    queueTemplate({ Good: { QueueName: "fails-good" }, Bad: { DelaySeconds: 100_000, DependsOn: "Good" } }),
  );
  assert.equal(stack.StackStatus, "ROLLBACK_COMPLETE");
  assert.doesNotMatch(await queueNames(), /fails-good/);
  const { StackEvents = [] } = await stacks.send(new DescribeStackEventsCommand({ StackName: "fails" }));
  const failure = StackEvents.find(({ ResourceStatus }) => ResourceStatus === "CREATE_FAILED");
  assert.equal(failure?.LogicalResourceId, "Bad");
  assert.match(failure?.ResourceStatusReason ?? "", /DelaySeconds.*sqs.*CreateQueue/);
  await assert.rejects(
    updated("fails", queueTemplate({ Good: {} })),
    /is in ROLLBACK_COMPLETE state and can not be updated/,
  );
});

test("an unsupported property fails its resource, by name", async () => {
  const stack = await created("odd-property", queueTemplate({ Queue: { Colour: "red" } }));
  assert.equal(stack.StackStatus, "ROLLBACK_COMPLETE");
  const { StackEvents = [] } = await stacks.send(new DescribeStackEventsCommand({ StackName: "odd-property" }));
  assert.ok(StackEvents.some(({ ResourceStatusReason: why }) => why === "Encountered unsupported property Colour"));
});

test("a property that cannot be changed makes another resource, and the old one goes afterwards", async () => {
  const outputs = { Outputs: { Url: { Value: { Ref: "Queue" } } } };
  await created("replaces", queueTemplate({ Queue: { QueueName: "replaces-one" } }, outputs));
  const stack = await updated("replaces", queueTemplate({ Queue: { QueueName: "replaces-two" } }, outputs));
  assert.equal(stack.StackStatus, "UPDATE_COMPLETE");
  assert.match(outputsOf(stack).Url ?? "", /replaces-two$/);
  const names = await queueNames();
  assert.match(names, /replaces-two/);
  assert.doesNotMatch(names, /replaces-one/);
});

test("an update that fails goes back to what was there", async () => {
  await created("goes-back", queueTemplate({ One: { QueueName: "goes-back-1", VisibilityTimeout: 11 } }));
  const stack = await updated(
    "goes-back",
    queueTemplate({
      One: { QueueName: "goes-back-new", VisibilityTimeout: 12 },
      Two: { QueueName: "goes-back-2" },
      Bad: { DelaySeconds: -1, DependsOn: "One" },
    }),
  );
  assert.equal(stack.StackStatus, "UPDATE_ROLLBACK_COMPLETE", stack.StackStatusReason);
  const names = await queueNames();
  assert.match(names, /goes-back-1/);
  assert.doesNotMatch(names, /goes-back-new|goes-back-2/);
  const { Attributes } = await sqs.send(
    new GetQueueAttributesCommand({
      QueueUrl: `${server.url}/000000000000/goes-back-1`,
      AttributeNames: ["VisibilityTimeout"],
    }),
  );
  assert.equal(Attributes?.VisibilityTimeout, "11");
});

test("a deletion policy keeps a resource when its stack goes", async () => {
  const template = {
    Resources: { Kept: { Type: "AWS::SQS::Queue", DeletionPolicy: "Retain", Properties: { QueueName: "kept" } } },
  };
  const { StackId = "" } = await created("keeps", template);
  await stacks.send(new DeleteStackCommand({ StackName: "keeps" }));
  assert.equal((await settled(StackId)).StackStatus, "DELETE_COMPLETE");
  assert.match(await queueNames(), /\/kept/);
});

test("an export in use can neither be deleted nor changed", async () => {
  await created(
    "exporter",
    queueTemplate({ Queue: {} }, { Outputs: { Url: { Value: { Ref: "Queue" }, Export: { Name: "the-url" } } } }),
  );
  const importing = queueTemplate({ Mine: { Tags: [{ Key: "of", Value: { "Fn::ImportValue": "the-url" } }] } });
  assert.equal((await created("importer", importing)).StackStatus, "CREATE_COMPLETE");
  const { Exports = [] } = await stacks.send(new ListExportsCommand({}));
  assert.ok(Exports.some(({ Name }) => Name === "the-url"));
  assert.deepEqual((await stacks.send(new ListImportsCommand({ ExportName: "the-url" }))).Imports, ["importer"]);

  await stacks.send(new DeleteStackCommand({ StackName: "exporter" }));
  const stack = await settled("exporter");
  assert.equal(stack.StackStatus, "DELETE_FAILED");
  assert.equal(stack.StackStatusReason, "Export the-url cannot be deleted as it is in use by importer");
  const missing = await created(
    "missing-import",
    queueTemplate({ Q: { QueueName: { "Fn::ImportValue": "no-such" } } }),
  );
  assert.equal(missing.StackStatus, "ROLLBACK_COMPLETE");

  const { StackId: importerId = "" } = await settled("importer");
  await stacks.send(new DeleteStackCommand({ StackName: "importer" }));
  assert.equal((await settled(importerId)).StackStatus, "DELETE_COMPLETE");
  await stacks.send(new DeleteStackCommand({ StackName: "exporter" }));
  assert.equal((await settled(stack.StackId ?? "")).StackStatus, "DELETE_COMPLETE");
});

test("a change set says what it would do, and does it when it is told to", async () => {
  const order = { StackName: "changes", ChangeSetName: "first", Parameters: [] };
  const TemplateBody = JSON.stringify(queueTemplate({ Queue: { DelaySeconds: 1 } }));
  await stacks.send(new CreateChangeSetCommand({ ...order, ChangeSetType: "CREATE", TemplateBody }));
  assert.equal((await settled("changes")).StackStatus, "REVIEW_IN_PROGRESS");
  const planned = await stacks.send(new DescribeChangeSetCommand(order));
  assert.deepEqual(
    planned.Changes?.map(({ ResourceChange: change }) => change?.Action),
    ["Add"],
  );
  await stacks.send(new ExecuteChangeSetCommand(order));
  assert.equal((await settled("changes")).StackStatus, "CREATE_COMPLETE");

  await stacks.send(new CreateChangeSetCommand({ ...order, ChangeSetName: "same", TemplateBody }));
  const same = await stacks.send(new DescribeChangeSetCommand({ ...order, ChangeSetName: "same" }));
  assert.equal(same.Status, "FAILED");
  assert.match(same.StatusReason ?? "", /didn't contain changes/);
  await stacks.send(new DeleteChangeSetCommand({ ...order, ChangeSetName: "same" }));
  assert.deepEqual((await stacks.send(new ListChangeSetsCommand(order))).Summaries, []);

  const other = JSON.stringify(queueTemplate({ Queue: { DelaySeconds: 2 }, More: {} }));
  await stacks.send(new CreateChangeSetCommand({ ...order, ChangeSetName: "second", TemplateBody: other }));
  const { Changes = [] } = await stacks.send(new DescribeChangeSetCommand({ ...order, ChangeSetName: "second" }));
  assert.deepEqual(
    Changes.map(({ ResourceChange: change }) => [change?.LogicalResourceId, change?.Action, change?.Replacement]),
    [
      ["Queue", "Modify", "False"],
      ["More", "Add", undefined],
    ],
  );
  await stacks.send(new ExecuteChangeSetCommand({ ...order, ChangeSetName: "second" }));
  assert.equal((await settled("changes")).StackStatus, "UPDATE_COMPLETE");
});

test("a stack that is protected is not deleted", async () => {
  await created("protected", queueTemplate({ Queue: {} }));
  const protect = (on: boolean) =>
    stacks.send(new UpdateTerminationProtectionCommand({ StackName: "protected", EnableTerminationProtection: on }));
  await protect(true);
  await assert.rejects(stacks.send(new DeleteStackCommand({ StackName: "protected" })), /TerminationProtection/);
  await protect(false);
});

test("another account sees nothing of a stack", async () => {
  const { StackId = "" } = await created("private", queueTemplate({ Queue: {} }));
  const other = new CloudFormationClient(server.clientOf("other"));
  for (const StackName of ["private", StackId]) {
    await assert.rejects(other.send(new DescribeStacksCommand({ StackName })), /does not exist/);
    await assert.rejects(other.send(new GetTemplateCommand({ StackName })), /does not exist/);
    await other.send(new DeleteStackCommand({ StackName }));
  }
  assert.equal((await settled("private")).StackStatus, "CREATE_COMPLETE");
  assert.deepEqual((await other.send(new ListStacksCommand({}))).StackSummaries, []);
});

test("templates are looked at without a stack", async () => {
  const valid = await stacks.send(new ValidateTemplateCommand({ TemplateBody: withCondition }));
  assert.deepEqual(valid.Capabilities, ["CAPABILITY_IAM"]);
  const summary = await stacks.send(new GetTemplateSummaryCommand({ TemplateBody: withCondition }));
  assert.deepEqual(
    summary.Parameters?.map(({ ParameterKey }) => ParameterKey),
    ["Visibility", "Secret", "Stage"],
  );
});

test("what every object has is no attribute of a resource", async () => {
  const Name = { "Fn::GetAtt": ["A", "constructor"] };
  const stack = await created("inherits", queueTemplate({ A: {}, B: { QueueName: Name } }));
  assert.equal(stack.StackStatus, "ROLLBACK_COMPLETE");
  const { StackEvents = [] } = await stacks.send(new DescribeStackEventsCommand({ StackName: "inherits" }));
  const reasons = StackEvents.map(({ ResourceStatusReason = "" }) => ResourceStatusReason).join();
  assert.match(reasons, /does not support attribute type constructor/);
});

test("a small stack is through when what was asked for is answered", async () => {
  const status = async (StackName: string): Promise<string | undefined> =>
    (await stacks.send(new DescribeStacksCommand({ StackName }))).Stacks?.[0]?.StackStatus;
  const template = (DelaySeconds: number): string => JSON.stringify(queueTemplate({ Queue: { DelaySeconds } }));
  const order = { StackName: "at-once", TemplateBody: template(1) };
  const { StackId = "" } = await stacks.send(new CreateStackCommand(order));
  assert.equal(await status(StackId), "CREATE_COMPLETE");
  await stacks.send(new UpdateStackCommand({ ...order, TemplateBody: template(2) }));
  assert.equal(await status(StackId), "UPDATE_COMPLETE");
  const set = { StackName: "at-once", ChangeSetName: "third" };
  await stacks.send(new CreateChangeSetCommand({ ...set, TemplateBody: template(3) }));
  await stacks.send(new ExecuteChangeSetCommand(set));
  assert.equal(await status(StackId), "UPDATE_COMPLETE");
  await stacks.send(new DeleteStackCommand({ StackName: "at-once" }));
  assert.equal(await status(StackId), "DELETE_COMPLETE");
});

test("rules of a template refuse values before anything is made", async () => {
  const template = {
    Parameters: { Stage: { Type: "String" }, Size: { Type: "String", Default: "small" } },
    Rules: {
      Large: {
        RuleCondition: { "Fn::Equals": [{ Ref: "Stage" }, "production"] },
        Assertions: [
          { Assert: { "Fn::Contains": [["large"], { Ref: "Size" }] }, AssertDescription: "Production is large." },
        ],
      },
    },
    ...queueTemplate({ Queue: {} }),
  };
  await assert.rejects(created("ruled", template, { Stage: "production" }), {
    name: "ValidationError",
    message: "Template failed validation: Production is large.",
  });
  assert.equal((await created("ruled", template, { Stage: "test" })).StackStatus, "CREATE_COMPLETE");
  await assert.rejects(updated("ruled", template, { Stage: "production" }), /Production is large/);
});

const refused: readonly (readonly [string, object | string, RegExp])[] = [
  ["no JSON and no YAML", "{", /Template format error/],
  ["no template", "[]", /unsupported structure/],
  ["no resources", { Resources: {} }, /At least one Resources member must be defined/],
  ["a resource without a type", { Resources: { A: {} } }, /must contain a Type/],
  [
    "an unknown type",
    { Resources: { A: { Type: "AWS::EC2::Instance" } } },
    /Unrecognized resource types: \[AWS::EC2::Instance\]/,
  ],
  [
    "an unknown section",
    { Resources: { A: { Type: "AWS::SQS::Queue" } }, Stuff: {} },
    /Invalid template property or properties \[Stuff\]/,
  ],
  ["an unknown reference", queueTemplate({ A: { QueueName: { Ref: "B" } } }), /Unresolved resource dependencies \[B\]/],
  [
    "an unknown attribute's resource",
    queueTemplate({ A: { QueueName: { "Fn::GetAtt": ["B", "Arn"] } } }),
    /undefined resource B/,
  ],
  [
    "a circle",
    queueTemplate({ A: { QueueName: { Ref: "B" } }, B: { QueueName: { Ref: "A" } } }),
    /Circular dependency between resources: \[A, B\]/,
  ],
  [
    "a parameter without a value",
    queueTemplate({ A: {} }, { Parameters: { P: { Type: "String" } } }),
    /Parameters: \[P\] must have values/,
  ],
  [
    "a parameter whose value in SSM is not there",
    queueTemplate({ A: {} }, { Parameters: { P: { Type: "AWS::SSM::Parameter::Value<String>", Default: "/x" } } }),
    /Unable to fetch parameters \[\/x\] from parameter store/,
  ],
  [
    "a transform",
    { Transform: "AWS::Serverless-2016-10-31", Resources: { A: { Type: "AWS::SQS::Queue" } } },
    /Transforms .* are not built/,
  ],
  ["an alias of YAML", "Resources:\n  A: &a { Type: AWS::SQS::Queue }\n  B: *a\n", /YAML aliases are not allowed/],
];

for (const [what, template, message] of refused) {
  test(`${what} is refused before anything is made`, async () => {
    await assert.rejects(created("refused", template), (error: Error) => {
      assert.equal(error.name, "ValidationError");
      assert.match(error.message, message);
      return true;
    });
    await assert.rejects(stacks.send(new DescribeStacksCommand({ StackName: "refused" })), /does not exist/);
  });
}

test("roles need an acknowledgement", async () => {
  const TemplateBody = withCondition;
  await assert.rejects(stacks.send(new CreateStackCommand({ StackName: "roles", TemplateBody })), {
    name: "InsufficientCapabilitiesException",
    message: "Requires capabilities : [CAPABILITY_IAM]",
  });
});
