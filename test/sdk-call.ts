/** Calls of operations by their names, through the real SDK clients. */
import * as apigateway from "@aws-sdk/client-api-gateway";
import * as apigatewayv2 from "@aws-sdk/client-apigatewayv2";
import * as logs from "@aws-sdk/client-cloudwatch-logs";
import * as connect from "@aws-sdk/client-connect";
import * as connectcampaignsv2 from "@aws-sdk/client-connectcampaignsv2";
import * as connectcases from "@aws-sdk/client-connectcases";
import * as connectparticipant from "@aws-sdk/client-connectparticipant";
import * as customerProfiles from "@aws-sdk/client-customer-profiles";
import * as events from "@aws-sdk/client-eventbridge";
import * as firehose from "@aws-sdk/client-firehose";
import * as kinesis from "@aws-sdk/client-kinesis";
import * as s3 from "@aws-sdk/client-s3";
import * as sns from "@aws-sdk/client-sns";
import * as sqs from "@aws-sdk/client-sqs";
import * as sts from "@aws-sdk/client-sts";
import type { Input } from "./model-inputs.ts";
import type { TestServer } from "./server.ts";

/** By the names of their models. */
const sdks = {
  apigateway: { library: apigateway, client: apigateway.APIGatewayClient },
  apigatewayv2: { library: apigatewayv2, client: apigatewayv2.ApiGatewayV2Client },
  connect: { library: connect, client: connect.ConnectClient },
  connectcampaignsv2: { library: connectcampaignsv2, client: connectcampaignsv2.ConnectCampaignsV2Client },
  connectcases: { library: connectcases, client: connectcases.ConnectCasesClient },
  "customer-profiles": { library: customerProfiles, client: customerProfiles.CustomerProfilesClient },
  connectparticipant: { library: connectparticipant, client: connectparticipant.ConnectParticipantClient },
  events: { library: events, client: events.EventBridgeClient },
  firehose: { library: firehose, client: firehose.FirehoseClient },
  kinesis: { library: kinesis, client: kinesis.KinesisClient },
  logs: { library: logs, client: logs.CloudWatchLogsClient },
  s3: { library: s3, client: s3.S3Client },
  sns: { library: sns, client: sns.SNSClient },
  sqs: { library: sqs, client: sqs.SQSClient },
  sts: { library: sts, client: sts.STSClient },
};

interface Client {
  send(command: unknown): Promise<object>;
}

/** The SDK's clients of one account and Region, each made at its first use. */
export class Sdk {
  readonly #options: TestServer["client"];
  readonly #clients = new Map<string, Client>();

  constructor(options: TestServer["client"]) {
    this.#options = options;
  }

  /** Whether the library that can be had knows an operation. */
  has(model: string, operation: string): boolean {
    return `${operation}Command` in (sdks[model as keyof typeof sdks].library as object);
  }

  async call(model: string, operation: string, input: Input): Promise<object> {
    const { library, client } = sdks[model as keyof typeof sdks];
    const Command = (library as Record<string, unknown>)[`${operation}Command`] as new (input: Input) => unknown;
    let opened = this.#clients.get(model);
    if (opened === undefined) {
      opened = new client(this.#options) as Client;
      this.#clients.set(model, opened);
    }
    return opened.send(new Command(input));
  }

  /** The name of the error that a call is refused with. Throws for a call that succeeds. */
  async refusal(model: string, operation: string, input: Input): Promise<string> {
    const outcome = await this.call(model, operation, input).catch((error: Error) => error);
    if (outcome instanceof Error) return outcome.name;
    throw new Error(`${model} ${operation} ${JSON.stringify(input)} succeeds: ${JSON.stringify(outcome)}`);
  }
}
