/** What policies cost: PutRecord by a user whose policies are asked, against the same by an account's root, whom nobody asks about. */
import { SignatureV4 } from "@smithy/signature-v4";
import { Sha256 } from "../src/models/sha256.ts";
import { median, printTable, rounds, SECONDS, type Side, spread } from "./measure.ts";
import { call, load, type SignedRequest } from "./sides/load.ts";
import { startProcess, withDataFolder } from "./sides/processes.ts";

const CONNECTIONS = 64;
const record = {
  StreamName: "bench",
  PartitionKey: "contact-42",
  Data: Buffer.alloc(1024, "event ").toString("base64"),
};
const STATEMENTS = [
  { Effect: "Allow", Action: ["s3:*", "sqs:SendMessage", "kinesis:List*"], Resource: "*" },
  { Effect: "Deny", Action: "kinesis:*", Resource: "arn:aws:kinesis:*:*:stream/other-*" },
  {
    Effect: "Allow",
    Action: "kinesis:Put*",
    Resource: "arn:aws:kinesis:us-east-1:*:stream/bench",
    Condition: { StringEquals: { "aws:RequestedRegion": "us-east-1" }, IpAddress: { "aws:SourceIp": "127.0.0.0/8" } },
  },
];

export async function run(): Promise<void> {
  const side = (name: string, keysOf: (url: string) => Promise<Keys>): Side => ({
    name,
    run: () =>
      withDataFolder(async (folder) => {
        const server = await startProcess("trunkline", ["--data", folder]);
        await createStream(server.url);
        const headers = { "content-type": "application/x-amz-json-1.1", "x-amz-target": "Kinesis_20131202.PutRecord" };
        const request = await signedAs(
          await keysOf(server.url),
          server.url,
          "kinesis",
          headers,
          JSON.stringify(record),
        );
        const figures = await load(server.url, request, { connections: CONNECTIONS, seconds: SECONDS });
        await server.stop();
        return figures;
      }),
  });
  const figures = await rounds([side("root", async () => ROOT), side("a user with policies", createUser)]);
  const floor = median(figures.get("root"), "perSecond");
  printTable(`PutRecord, 1 KB, ${CONNECTIONS} connections`, [
    ["", "requests/s", "of root", "p50 ms", "p99 ms"],
    ...[...figures].map(([name, found]) => [
      name,
      spread(found, "perSecond"),
      (median(found, "perSecond") / floor).toFixed(2),
      spread(found, "p50Ms", 1),
      spread(found, "p99Ms", 1),
    ]),
  ]);
}

interface Keys {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

const ROOT: Keys = { accessKeyId: "test", secretAccessKey: "test" };

async function createUser(url: string): Promise<Keys> {
  const document = JSON.stringify({ Version: "2012-10-17", Statement: STATEMENTS });
  await iam(url, { Action: "CreateUser", UserName: "bench" });
  await iam(url, { Action: "PutUserPolicy", UserName: "bench", PolicyName: "p", PolicyDocument: document });
  const answer = await iam(url, { Action: "CreateAccessKey", UserName: "bench" });
  const [, accessKeyId = ""] = /<AccessKeyId>(.*?)</.exec(answer) ?? [];
  const [, secretAccessKey = ""] = /<SecretAccessKey>(.*?)</.exec(answer) ?? [];
  return { accessKeyId, secretAccessKey };
}

async function iam(url: string, parameters: Readonly<Record<string, string>>): Promise<string> {
  const form = new URLSearchParams({ ...parameters, Version: "2010-05-08" }).toString();
  const headers = { "content-type": "application/x-www-form-urlencoded" };
  const { headers: signed, body } = await signedAs(ROOT, url, "iam", headers, form);
  const { host: _, ...sent } = signed;
  const response = await fetch(url, { method: "POST", headers: sent, body: new Uint8Array(body) });
  const text = await response.text();
  if (response.status !== 200) throw new Error(`${parameters.Action}: ${response.status} ${text}`);
  return text;
}

async function signedAs(
  credentials: Keys,
  url: string,
  service: string,
  given: Record<string, string>,
  text: string,
): Promise<SignedRequest> {
  const { host, hostname } = new URL(url);
  const body = Buffer.from(text);
  const signer = new SignatureV4({ service, region: "us-east-1", credentials, sha256: Sha256 });
  const headers = { host, ...given };
  const sent = await signer.sign({ method: "POST", protocol: "http:", hostname, path: "/", query: {}, headers, body });
  return { method: "POST", path: "/", headers: sent.headers, body };
}

async function createStream(url: string): Promise<void> {
  await call(url, "kinesis", "Kinesis_20131202.CreateStream", { StreamName: "bench", ShardCount: 4 });
  for (;;) {
    const { StreamDescription } = await call(url, "kinesis", "Kinesis_20131202.DescribeStream", {
      StreamName: "bench",
    });
    if (StreamDescription.StreamStatus === "ACTIVE") return;
  }
}
