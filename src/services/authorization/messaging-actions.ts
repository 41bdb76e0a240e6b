/** SQS and SNS. */
import type { ActionTable, Asking, Exception, Input, Need } from "./action-table.ts";

const QUEUE_URL = /(?:^|\/)(\d{12})\/([^/?#]+)\/?$/;

const onQueue = (action: string): Exception => ({
  needs: ({ QueueUrl }: Input, { account, region }: Asking): readonly Need[] => {
    const [, owner = account, name = "*"] = QUEUE_URL.exec(String(QueueUrl)) ?? [];
    return [{ action: `sqs:${action}`, resourceArn: `arn:aws:sqs:${region}:${owner}:${name}` }];
  },
});

const QUEUE_OPERATIONS = [
  "AddPermission",
  "ChangeMessageVisibility",
  "DeleteMessage",
  "DeleteQueue",
  "GetQueueAttributes",
  "ListDeadLetterSourceQueues",
  "ListQueueTags",
  "PurgeQueue",
  "ReceiveMessage",
  "RemovePermission",
  "SendMessage",
  "SetQueueAttributes",
  "TagQueue",
  "UntagQueue",
];

/** https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonsqs.html */
export const sqsActions: ActionTable = {
  prefix: "sqs",
  arn: "arn:aws:sqs:{region}:{account}:",
  oneOf: { QueueName: "{}", SourceArn: "{}" },
  operations: {
    ...Object.fromEntries(QUEUE_OPERATIONS.map((operation) => [operation, onQueue(operation)])),
    // A batch needs what its entries would.
    ChangeMessageVisibilityBatch: onQueue("ChangeMessageVisibility"),
    DeleteMessageBatch: onQueue("DeleteMessage"),
    SendMessageBatch: onQueue("SendMessage"),
  },
};

/** https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonsns.html */
export const snsActions: ActionTable = {
  prefix: "sns",
  arn: "arn:aws:sns:{region}:{account}:",
  oneOf: { TopicArn: "{}", TargetArn: "{}", ResourceArn: "{}", Name: "{}" },
  operations: {
    ...Object.fromEntries(
      ["Unsubscribe", "GetSubscriptionAttributes", "SetSubscriptionAttributes"].map((operation) => [
        operation,
        {
          needs: ({ SubscriptionArn }: Input): readonly Need[] => [
            { action: `sns:${operation}`, resourceArn: String(SubscriptionArn).replace(/:[^:]*$/, "") },
          ],
        },
      ]),
    ),
    // Whoever has the token of a subscription may confirm it.
    ConfirmSubscription: { action: false },
    PublishBatch: { action: "Publish", resources: { TopicArn: "{}" } },
    CreatePlatformApplication: { resources: "*" },
    CreateSMSSandboxPhoneNumber: { resources: "*" },
  },
  conditions: ({ Protocol, Endpoint }) => ({
    ...(typeof Protocol === "string" && { "sns:Protocol": [Protocol] }),
    ...(typeof Endpoint === "string" && { "sns:Endpoint": [Endpoint] }),
  }),
};
