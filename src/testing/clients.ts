/** Clients of the AWS SDK, made when they are first asked for, of the packages that the project under test has installed. */
import { createRequire } from "node:module";
import { join } from "node:path";

/** What the constructor of every SDK client takes. */
export interface ClientSettings {
  readonly endpoint: string;
  readonly region: string;
  readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string };
  readonly maxAttempts: number;
  /** S3 by path: no name of a bucket leads to this machine. */
  readonly forcePathStyle: true;
}

/** Their types are those of the installed packages; of one that is not installed, `any`. */
export interface Clients {
  /** @ts-ignore: its package need not be there. */
  readonly apiGateway: import("@aws-sdk/client-api-gateway").APIGatewayClient;
  /** @ts-ignore: its package need not be there. */
  readonly apiGatewayV2: import("@aws-sdk/client-apigatewayv2").ApiGatewayV2Client;
  /** @ts-ignore: its package need not be there. */
  readonly appFlow: import("@aws-sdk/client-appflow").AppflowClient;
  /** @ts-ignore: its package need not be there. */
  readonly cases: import("@aws-sdk/client-connectcases").ConnectCasesClient;
  /** @ts-ignore: its package need not be there. */
  readonly cloudFormation: import("@aws-sdk/client-cloudformation").CloudFormationClient;
  /** @ts-ignore: its package need not be there. */
  readonly connect: import("@aws-sdk/client-connect").ConnectClient;
  /** @ts-ignore: its package need not be there. */
  readonly contactLens: import("@aws-sdk/client-connect-contact-lens").ConnectContactLensClient;
  /** @ts-ignore: its package need not be there. */
  readonly customerProfiles: import("@aws-sdk/client-customer-profiles").CustomerProfilesClient;
  /** @ts-ignore: its package need not be there. */
  readonly eventBridge: import("@aws-sdk/client-eventbridge").EventBridgeClient;
  /** @ts-ignore: its package need not be there. */
  readonly firehose: import("@aws-sdk/client-firehose").FirehoseClient;
  /** @ts-ignore: its package need not be there. */
  readonly iam: import("@aws-sdk/client-iam").IAMClient;
  /** @ts-ignore: its package need not be there. */
  readonly kinesis: import("@aws-sdk/client-kinesis").KinesisClient;
  /** @ts-ignore: its package need not be there. */
  readonly lambda: import("@aws-sdk/client-lambda").LambdaClient;
  /** @ts-ignore: its package need not be there. */
  readonly logs: import("@aws-sdk/client-cloudwatch-logs").CloudWatchLogsClient;
  /** @ts-ignore: its package need not be there. */
  readonly participant: import("@aws-sdk/client-connectparticipant").ConnectParticipantClient;
  /** @ts-ignore: its package need not be there. */
  readonly s3: import("@aws-sdk/client-s3").S3Client;
  /** @ts-ignore: its package need not be there. */
  readonly sns: import("@aws-sdk/client-sns").SNSClient;
  /** @ts-ignore: its package need not be there. */
  readonly sqs: import("@aws-sdk/client-sqs").SQSClient;
  /** @ts-ignore: its package need not be there. */
  readonly sts: import("@aws-sdk/client-sts").STSClient;
}

const PACKAGES: { readonly [name in keyof Clients]: readonly [name: string, client: string] } = {
  apiGateway: ["api-gateway", "APIGatewayClient"],
  apiGatewayV2: ["apigatewayv2", "ApiGatewayV2Client"],
  appFlow: ["appflow", "AppflowClient"],
  cases: ["connectcases", "ConnectCasesClient"],
  cloudFormation: ["cloudformation", "CloudFormationClient"],
  connect: ["connect", "ConnectClient"],
  contactLens: ["connect-contact-lens", "ConnectContactLensClient"],
  customerProfiles: ["customer-profiles", "CustomerProfilesClient"],
  eventBridge: ["eventbridge", "EventBridgeClient"],
  firehose: ["firehose", "FirehoseClient"],
  iam: ["iam", "IAMClient"],
  kinesis: ["kinesis", "KinesisClient"],
  lambda: ["lambda", "LambdaClient"],
  logs: ["cloudwatch-logs", "CloudWatchLogsClient"],
  participant: ["connectparticipant", "ConnectParticipantClient"],
  s3: ["s3", "S3Client"],
  sns: ["sns", "SNSClient"],
  sqs: ["sqs", "SQSClient"],
  sts: ["sts", "STSClient"],
};

interface Client {
  destroy(): void;
}

/** `close` ends the connections of those that were made. */
export function clientsWith(settings: ClientSettings): { readonly clients: Clients; close(): void } {
  const made = new Map<string, Client>();
  const clients = {};
  for (const [name, [service, client]] of Object.entries(PACKAGES)) {
    const get = (): Client => {
      const found = made.get(name) ?? new (load(name, service, client))(settings);
      made.set(name, found);
      return found;
    };
    Object.defineProperty(clients, name, { get, enumerable: true });
  }
  return {
    clients: clients as Clients,
    close: () => {
      for (const client of made.values()) client.destroy();
    },
  };
}

/** As the project finds it, and else as this package does. Throws for one that is not installed. */
function load(name: string, service: string, client: string): new (settings: ClientSettings) => Client {
  const packageName = `@aws-sdk/client-${service}`;
  for (const require of [createRequire(join(process.cwd(), "package.json")), createRequire(import.meta.url)]) {
    try {
      return require(packageName)[client];
    } catch (error) {
      const { code, message } = error as NodeJS.ErrnoException;
      if (code !== "MODULE_NOT_FOUND" || !message.includes(packageName)) throw error;
    }
  }
  throw new Error(`clients.${name} needs the package ${packageName}: npm install --save-dev ${packageName}`);
}
