/** What tests of flows share: domains with a type and a dead-letter queue, buckets, and flows that bring guests. */
import assert from "node:assert/strict";
import {
  AppflowClient,
  DescribeFlowCommand,
  DescribeFlowExecutionRecordsCommand,
  type ExecutionRecord,
} from "@aws-sdk/client-appflow";
import {
  CreateDomainCommand,
  CustomerProfilesClient,
  type FlowDefinition,
  GetDomainCommand,
  ListProfileObjectsCommand,
  PutIntegrationCommand,
  PutProfileObjectTypeCommand,
  SearchProfilesCommand,
  type Task,
} from "@aws-sdk/client-customer-profiles";
import { CreateBucketCommand, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { CreateQueueCommand, ReceiveMessageCommand, SQSClient } from "@aws-sdk/client-sqs";
import type { TestServer } from "./server.ts";

export interface Rejected {
  readonly DomainName: string;
  readonly ObjectTypeName: string;
  readonly ErrorMessage: string;
  readonly Object: string;
}

/** Reads `in/` of the bucket `guests`, on demand, all of it. */
export function flowNamed(FlowName: string, more: Partial<FlowDefinition> = {}): FlowDefinition {
  return {
    FlowName,
    KmsArn: "arn:aws:kms:us-east-1:000000000000:key/1c6ad4b2-0000-4000-8000-5f2b7c9d0001",
    SourceFlowConfig: {
      ConnectorType: "S3",
      SourceConnectorProperties: { S3: { BucketName: "guests", BucketPrefix: "in/" } },
    },
    Tasks: [],
    TriggerConfig: { TriggerType: "OnDemand" },
    ...more,
  };
}

export function scheduled(ScheduleExpression: string, more: object = {}): Pick<FlowDefinition, "TriggerConfig"> {
  return {
    TriggerConfig: {
      TriggerType: "Scheduled",
      TriggerProperties: { Scheduled: { ScheduleExpression, ...more } },
    },
  };
}

export const mapped = (field: string, destination: string = field): Task => ({
  TaskType: "Map",
  SourceFields: [field],
  DestinationField: destination,
  ConnectorOperator: { S3: "NO_OP" },
});

export class FlowWorld {
  readonly profiles: CustomerProfilesClient;
  readonly appflow: AppflowClient;
  readonly s3: S3Client;
  readonly #sqs: SQSClient;
  readonly #url: string;

  constructor({ client, url }: Pick<TestServer, "client" | "url">) {
    this.profiles = new CustomerProfilesClient(client);
    this.appflow = new AppflowClient(client);
    this.s3 = new S3Client({ ...client, forcePathStyle: true });
    this.#sqs = new SQSClient(client);
    this.#url = url;
  }

  async openBucket(Bucket: string): Promise<void> {
    await this.s3.send(new CreateBucketCommand({ Bucket }));
  }

  async putFile(Key: string, Body: string | Uint8Array, Bucket: string = "guests"): Promise<void> {
    await this.s3.send(new PutObjectCommand({ Bucket, Key, Body }));
  }

  /** A domain with the type `Guest`, and the queue for what it cannot take. */
  async openDomain(DomainName: string): Promise<void> {
    const { QueueUrl = "" } = await this.#sqs.send(new CreateQueueCommand({ QueueName: `${DomainName}-rejected` }));
    await this.profiles.send(
      new CreateDomainCommand({ DomainName, DefaultExpirationDays: 30, DeadLetterQueueUrl: QueueUrl }),
    );
    await this.profiles.send(
      new PutProfileObjectTypeCommand({
        DomainName,
        ObjectTypeName: "Guest",
        Description: "Guests of the house",
        AllowProfileCreation: true,
        Fields: {
          id: { Source: "_source.id" },
          mail: { Source: "_source.mail", Target: "_profile.EmailAddress", ContentType: "EMAIL_ADDRESS" },
          name: { Source: "_source.name", Target: "_profile.FirstName" },
        },
        Keys: { guestKey: [{ StandardIdentifiers: ["UNIQUE", "PROFILE"], FieldNames: ["id"] }] },
      }),
    );
  }

  async putFlow(DomainName: string, FlowDefinition: FlowDefinition): Promise<string> {
    const put = new PutIntegrationCommand({ DomainName, ObjectTypeName: "Guest", FlowDefinition });
    return (await this.profiles.send(put)).Uri ?? "";
  }

  async profileCount(DomainName: string): Promise<number> {
    return (await this.profiles.send(new GetDomainCommand({ DomainName }))).Stats?.ProfileCount ?? 0;
  }

  /** The object of a guest, as it was ingested last. */
  async guest(DomainName: string, id: string): Promise<Record<string, unknown> | undefined> {
    const { Items = [] } = await this.profiles.send(
      new SearchProfilesCommand({ DomainName, KeyName: "guestKey", Values: [id] }),
    );
    const [profile] = Items;
    if (!profile) return undefined;
    const listed = await this.profiles.send(
      new ListProfileObjectsCommand({ DomainName, ProfileId: profile.ProfileId, ObjectTypeName: "Guest" }),
    );
    assert.equal(listed.Items?.length, 1);
    return JSON.parse(listed.Items?.[0]?.Object ?? "");
  }

  async rejected(DomainName: string): Promise<readonly Rejected[]> {
    const QueueUrl = `${this.#url}/000000000000/${DomainName}-rejected`;
    const receive = new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10, VisibilityTimeout: 0 });
    const { Messages = [] } = await this.#sqs.send(receive);
    return Messages.map(({ Body = "" }) => JSON.parse(Body));
  }

  async status(flowName: string): Promise<string | undefined> {
    return (await this.appflow.send(new DescribeFlowCommand({ flowName }))).flowStatus;
  }

  /** The newest first. */
  async runs(flowName: string): Promise<readonly ExecutionRecord[]> {
    const { flowExecutions = [] } = await this.appflow.send(new DescribeFlowExecutionRecordsCommand({ flowName }));
    return flowExecutions;
  }

  /** Of each run what it read, the newest first. */
  async recordsRead(flowName: string): Promise<readonly (number | undefined)[]> {
    return (await this.runs(flowName)).map(({ executionResult }) => executionResult?.recordsProcessed);
  }
}
