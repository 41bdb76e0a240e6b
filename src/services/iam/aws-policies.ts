/**
 * AWS's own managed policies: those that people attach to what Trunkline hosts. Their statements are those that AWS publishes, as far as they
 * are about services that Trunkline hosts or that what runs here calls. https://docs.aws.amazon.com/aws-managed-policy/latest/reference/
 */
import { hash } from "node:crypto";
import type { ManagedPolicy } from "./managed-policy.ts";
import { uniqueId } from "./unique-id.ts";

interface Published {
  /** Below `policy`: `/`, `/service-role/`. */
  readonly path?: string;
  readonly description: string;
  readonly statements: readonly object[];
}

const allow = (Action: string | readonly string[], Resource: string | readonly string[] = "*"): object => ({
  Effect: "Allow",
  Action,
  Resource,
});

const WRITE_LOGS = ["logs:CreateLogGroup", "logs:CreateLogStream", "logs:PutLogEvents"];

const passTo = (...services: readonly string[]): object => ({
  ...allow("iam:PassRole"),
  Condition: { StringLike: { "iam:PassedToService": services.length === 1 ? services[0] : services } },
});

/** Services whose data Trunkline has: of what AWS lets its read-only policies read, all that can be asked for here. */
const READABLE =
  "apigateway:GET app-integrations:Get* app-integrations:List* appflow:Describe* appflow:List* cases:BatchGet* cases:Get* cases:List* cases:Search* connect:Batch* connect:Describe* connect:Get* connect:List* connect:Search* connect-campaigns:Describe* connect-campaigns:Get* connect-campaigns:List* events:Describe* events:List* events:Test* firehose:Describe* firehose:List* iam:Generate* iam:Get* iam:List* iam:Simulate* kinesis:Describe* kinesis:Get* kinesis:List* lambda:Get* lambda:List* logs:Describe* logs:FilterLogEvents logs:Get* logs:List* logs:StartQuery logs:StopQuery logs:TestMetricFilter profile:BatchGet* profile:Get* profile:List* profile:Search* s3:Describe* s3:Get* s3:List* sns:Check* sns:Get* sns:List* sqs:Get* sqs:List* sqs:Receive* sts:GetAccessKeyInfo sts:GetCallerIdentity sts:GetSessionToken".split(
    " ",
  );

const PUBLISHED: Readonly<Record<string, Published>> = {
  AdministratorAccess: {
    description: "Provides full access to AWS services and resources.",
    statements: [allow("*")],
  },
  PowerUserAccess: {
    description:
      "Provides full access to AWS services and resources, but does not allow management of Users and groups.",
    statements: [
      { Effect: "Allow", NotAction: ["iam:*", "organizations:*", "account:*"], Resource: "*" },
      allow(["iam:CreateServiceLinkedRole", "iam:DeleteServiceLinkedRole", "iam:ListRoles"]),
    ],
  },
  ReadOnlyAccess: {
    description: "Provides read-only access to AWS services and resources.",
    statements: [allow(READABLE)],
  },
  IAMFullAccess: { description: "Provides full access to IAM.", statements: [allow("iam:*")] },
  IAMReadOnlyAccess: {
    description: "Provides read only access to IAM.",
    statements: [
      allow([
        "iam:GenerateCredentialReport",
        "iam:GenerateServiceLastAccessedDetails",
        "iam:Get*",
        "iam:List*",
        "iam:SimulateCustomPolicy",
        "iam:SimulatePrincipalPolicy",
      ]),
    ],
  },
  AmazonS3FullAccess: {
    description: "Provides full access to all buckets.",
    statements: [allow(["s3:*", "s3-object-lambda:*"])],
  },
  AmazonS3ReadOnlyAccess: {
    description: "Provides read only access to all buckets.",
    statements: [allow(["s3:Get*", "s3:List*", "s3:Describe*", "s3-object-lambda:Get*", "s3-object-lambda:List*"])],
  },
  AmazonSQSFullAccess: { description: "Provides full access to Amazon SQS.", statements: [allow("sqs:*")] },
  AmazonSQSReadOnlyAccess: {
    description: "Provides read only access to Amazon SQS.",
    statements: [
      allow([
        "sqs:GetQueueAttributes",
        "sqs:GetQueueUrl",
        "sqs:ListDeadLetterSourceQueues",
        "sqs:ListQueues",
        "sqs:ListMessageMoveTasks",
        "sqs:ListQueueTags",
      ]),
    ],
  },
  AmazonSNSFullAccess: { description: "Provides full access to Amazon SNS.", statements: [allow("sns:*")] },
  AmazonSNSReadOnlyAccess: {
    description: "Provides read only access to Amazon SNS.",
    statements: [allow(["sns:GetTopicAttributes", "sns:List*", "sns:CheckIfPhoneNumberIsOptedOut", "sns:Get*"])],
  },
  AmazonKinesisFullAccess: { description: "Provides full access to all streams.", statements: [allow("kinesis:*")] },
  AmazonKinesisReadOnlyAccess: {
    description: "Provides read only access to all streams.",
    statements: [allow(["kinesis:Get*", "kinesis:List*", "kinesis:Describe*"])],
  },
  AmazonKinesisFirehoseFullAccess: {
    description: "Provides full access to all delivery streams.",
    statements: [allow("firehose:*")],
  },
  AmazonKinesisFirehoseReadOnlyAccess: {
    description: "Provides read only access to all delivery streams.",
    statements: [allow(["firehose:Describe*", "firehose:List*"])],
  },
  CloudWatchLogsFullAccess: {
    description: "Provides full access to CloudWatch Logs.",
    statements: [allow(["logs:*", "cloudwatch:GenerateQuery"])],
  },
  CloudWatchLogsReadOnlyAccess: {
    description: "Provides read only access to CloudWatch Logs.",
    statements: [
      allow([
        "logs:Describe*",
        "logs:Get*",
        "logs:List*",
        "logs:StartQuery",
        "logs:StopQuery",
        "logs:TestMetricFilter",
        "logs:FilterLogEvents",
        "logs:StartLiveTail",
        "logs:StopLiveTail",
        "cloudwatch:GenerateQuery",
      ]),
    ],
  },
  AmazonAPIGatewayAdministrator: {
    description: "Provides full access to create/edit/delete APIs in Amazon API Gateway.",
    statements: [allow("apigateway:*", "arn:aws:apigateway:*::/*")],
  },
  AmazonAPIGatewayInvokeFullAccess: {
    description: "Provides full access to invoke APIs in Amazon API Gateway.",
    statements: [allow(["execute-api:Invoke", "execute-api:ManageConnections"], "arn:aws:execute-api:*:*:*")],
  },
  AmazonAPIGatewayPushToCloudWatchLogs: {
    path: "/service-role/",
    description: "Allows API Gateway to push logs to user's account.",
    statements: [
      allow([
        ...WRITE_LOGS,
        "logs:DescribeLogGroups",
        "logs:DescribeLogStreams",
        "logs:GetLogEvents",
        "logs:FilterLogEvents",
      ]),
    ],
  },
  AmazonEventBridgeFullAccess: {
    description: "Provides full access to Amazon EventBridge.",
    statements: [
      allow(["events:*", "schemas:*", "scheduler:*", "pipes:*"]),
      passTo("events.amazonaws.com", "scheduler.amazonaws.com", "pipes.amazonaws.com"),
    ],
  },
  AmazonEventBridgeReadOnlyAccess: {
    description: "Provides read only access to Amazon EventBridge.",
    statements: [allow(["events:Describe*", "events:List*", "events:TestEventPattern"])],
  },
  AWSLambda_FullAccess: {
    description:
      "Grants full access to AWS Lambda service, AWS Lambda console features, and other related AWS services.",
    statements: [
      allow([
        "iam:GetPolicy",
        "iam:GetPolicyVersion",
        "iam:GetRole",
        "iam:GetRolePolicy",
        "iam:ListAttachedRolePolicies",
        "iam:ListRolePolicies",
        "iam:ListRoles",
        "lambda:*",
        "logs:DescribeLogGroups",
      ]),
      passTo("lambda.amazonaws.com"),
      allow(
        ["logs:DescribeLogStreams", "logs:GetLogEvents", "logs:FilterLogEvents"],
        "arn:aws:logs:*:*:log-group:/aws/lambda/*",
      ),
    ],
  },
  AWSLambda_ReadOnlyAccess: {
    description: "Grants read-only access to AWS Lambda service and related ones.",
    statements: [
      allow([
        "iam:GetPolicy",
        "iam:GetPolicyVersion",
        "iam:GetRole",
        "iam:GetRolePolicy",
        "iam:ListAttachedRolePolicies",
        "iam:ListRolePolicies",
        "iam:ListRoles",
        "logs:DescribeLogGroups",
        "lambda:Get*",
        "lambda:List*",
      ]),
    ],
  },
  AWSLambdaRole: {
    path: "/service-role/",
    description: "Default policy for AWS Lambda service role.",
    statements: [allow(["lambda:InvokeFunction"])],
  },
  AWSLambdaBasicExecutionRole: {
    path: "/service-role/",
    description: "Provides write permissions to CloudWatch Logs.",
    statements: [allow(WRITE_LOGS)],
  },
  AWSLambdaKinesisExecutionRole: {
    path: "/service-role/",
    description: "Provides list and read access to Kinesis streams and write permissions to CloudWatch Logs.",
    statements: [
      allow([
        "kinesis:DescribeStream",
        "kinesis:DescribeStreamSummary",
        "kinesis:GetRecords",
        "kinesis:GetShardIterator",
        "kinesis:ListShards",
        "kinesis:ListStreams",
        "kinesis:SubscribeToShard",
        ...WRITE_LOGS,
      ]),
    ],
  },
  AWSLambdaSQSQueueExecutionRole: {
    path: "/service-role/",
    description:
      "Provides receive message, delete message, and read attribute access to SQS queues, and write permissions to CloudWatch logs.",
    statements: [allow(["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes", ...WRITE_LOGS])],
  },
  AWSLambdaDynamoDBExecutionRole: {
    path: "/service-role/",
    description: "Provides list and read access to DynamoDB streams and write permissions to CloudWatch logs.",
    statements: [
      allow([
        "dynamodb:DescribeStream",
        "dynamodb:GetRecords",
        "dynamodb:GetShardIterator",
        "dynamodb:ListStreams",
        ...WRITE_LOGS,
      ]),
    ],
  },
  AWSLambdaVPCAccessExecutionRole: {
    path: "/service-role/",
    description:
      "Provides minimum permissions for a Lambda function to execute while accessing a resource within a VPC.",
    statements: [
      allow([
        ...WRITE_LOGS,
        "ec2:CreateNetworkInterface",
        "ec2:DescribeNetworkInterfaces",
        "ec2:DescribeSubnets",
        "ec2:DeleteNetworkInterface",
        "ec2:AssignPrivateIpAddresses",
        "ec2:UnassignPrivateIpAddresses",
      ]),
    ],
  },
  AWSXRayDaemonWriteAccess: {
    description: "Allow the AWS X-Ray Daemon to relay raw trace segments data to the service's API.",
    statements: [
      allow([
        "xray:PutTraceSegments",
        "xray:PutTelemetryRecords",
        "xray:GetSamplingRules",
        "xray:GetSamplingTargets",
        "xray:GetSamplingStatisticSummaries",
      ]),
    ],
  },
  AmazonConnect_FullAccess: {
    description: "Grants full access to Amazon Connect.",
    statements: [
      allow([
        "connect:*",
        "ds:CreateAlias",
        "ds:AuthorizeApplication",
        "ds:CreateIdentityPoolDirectory",
        "ds:DeleteDirectory",
        "ds:DescribeDirectories",
        "ds:UnauthorizeApplication",
        "firehose:DescribeDeliveryStream",
        "firehose:ListDeliveryStreams",
        "kinesis:DescribeStream",
        "kinesis:ListStreams",
        "kms:DescribeKey",
        "kms:ListAliases",
        "lex:GetBots",
        "lex:ListBots",
        "lex:ListBotAliases",
        "logs:CreateLogGroup",
        "s3:GetBucketLocation",
        "s3:ListAllMyBuckets",
        "lambda:ListFunctions",
        "profile:ListAccountIntegrations",
        "profile:CreateDomain",
        "profile:GetDomain",
      ]),
      allow(
        [
          "profile:AddProfileKey",
          "profile:CreateProfile",
          "profile:DeleteProfileKey",
          "profile:DeleteProfileObject",
          "profile:GetProfileObjectType",
          "profile:ListProfileObjects",
          "profile:ListProfileObjectTypes",
          "profile:PutProfileObject",
          "profile:PutProfileObjectType",
          "profile:SearchProfiles",
          "profile:UpdateProfile",
        ],
        "arn:aws:profile:*:*:domains/amazon-connect-*",
      ),
      allow(["s3:CreateBucket", "s3:GetBucketAcl"], "arn:aws:s3:::amazon-connect-*"),
      allow(["servicequotas:GetServiceQuota"], "arn:aws:servicequotas:*:*:connect/*"),
      {
        ...allow("iam:CreateServiceLinkedRole"),
        Condition: { StringEquals: { "iam:AWSServiceName": "connect.amazonaws.com" } },
      },
      allow(
        "iam:DeleteServiceLinkedRole",
        "arn:aws:iam::*:role/aws-service-role/connect.amazonaws.com/AWSServiceRoleForAmazonConnect*",
      ),
    ],
  },
  AmazonConnectReadOnlyAccess: {
    description: "Grants permission to view the Amazon Connect instances in your AWS account.",
    statements: [
      allow(["connect:Get*", "connect:Describe*", "connect:List*", "ds:DescribeDirectories"]),
      { Effect: "Deny", Action: "connect:GetFederationTokens", Resource: "*" },
    ],
  },
  AmazonAppFlowFullAccess: {
    description: "Provides full access to Amazon AppFlow.",
    statements: [allow(["appflow:*", "s3:ListAllMyBuckets", "s3:GetBucketLocation"])],
  },
  AmazonAppFlowReadOnlyAccess: {
    description: "Provides read only access to Amazon AppFlow flows.",
    statements: [allow(["appflow:Describe*", "appflow:List*"])],
  },
};

/** When all of them came to be, as far as anybody can tell here. */
const PUBLISHED_MS = Date.UTC(2015, 1, 6, 18, 39, 46);

const policies: ReadonlyMap<string, ManagedPolicy> = new Map(
  Object.entries(PUBLISHED).map(([name, { path = "/", description, statements }]) => {
    const arn = `arn:aws:iam::aws:policy${path}${name}`;
    const document = JSON.stringify({ Version: "2012-10-17", Statement: statements });
    return [
      arn,
      {
        account: "aws",
        name,
        path,
        id: uniqueId("ANPA", { bytes: (length) => hash("sha256", name, "buffer").subarray(0, length) }),
        arn,
        description,
        createdMs: PUBLISHED_MS,
        updatedMs: PUBLISHED_MS,
        versions: [{ id: "v1", document, createdMs: PUBLISHED_MS }],
        defaultVersion: "v1",
        nextVersion: 2,
        tags: [],
      },
    ];
  }),
);

export function awsPolicy(arn: string): ManagedPolicy | undefined {
  return policies.get(arn);
}

/** In the order of their names. */
export const awsPolicies: readonly ManagedPolicy[] = [...policies.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
