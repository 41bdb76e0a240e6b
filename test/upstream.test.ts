/** Services that Trunkline does not host, behind the same endpoint. */
import assert from "node:assert/strict";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { after, test } from "node:test";
import { readConfig } from "../src/config.ts";
import { allow, createUser } from "./principals.ts";
import { startTrunkline } from "./server.ts";
import { sendSigned } from "./signed-request.ts";

/** Stands in for DynamoDB. */
const seen: {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingMessage["headers"];
  readonly body: string;
}[] = [];
let answer = (response: ServerResponse): void => void response.end('{"TableNames":[]}');
async function take(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  const { method = "", url = "", headers } = request;
  seen.push({ method, url, headers, body: Buffer.concat(chunks).toString() });
  answer(response);
}
const standIn = createServer((request, response) => void take(request, response));
await new Promise<void>((resolve) => standIn.listen(0, "127.0.0.1", resolve));
after(() => void standIn.close());
const upstream = `http://127.0.0.1:${(standIn.address() as AddressInfo).port}`;
const server = await startTrunkline(
  "--upstream",
  `dynamodb=${upstream}`,
  "--upstream",
  `Other_2020=${upstream}`,
  "--upstream",
  "gone=http://127.0.0.1:1",
);

const listTables = {
  service: "dynamodb",
  headers: { "x-amz-target": "DynamoDB_20120810.ListTables", "content-type": "application/x-amz-json-1.0" },
  method: "POST",
  query: "a=1",
  body: '{"Limit":1}',
};

test("a request goes on as it came, and the answer comes back as it is", async () => {
  answer = (response) => {
    response.writeHead(400, {
      "x-amz-crc32": "7",
      "content-type": "application/x-amz-json-1.0",
      "x-amzn-requestid": "theirs",
    });
    response.write('{"__type":');
    response.end('"X"}');
  };
  const { status, headers, body } = await sendSigned(server.url, listTables);
  assert.deepEqual([status, body.toString()], [400, '{"__type":"X"}']);
  assert.deepEqual([headers["x-amz-crc32"], headers["x-amzn-requestid"]], ["7", "theirs"]);
  const { method, url, headers: sent, body: passed } = seen.at(-1) ?? assert.fail();
  assert.deepEqual([method, url, passed], ["POST", "/?a=1", '{"Limit":1}']);
  assert.equal(sent["x-amz-target"], "DynamoDB_20120810.ListTables");
  assert.match(String(sent.authorization), /\/dynamodb\/aws4_request/);
  answer = (response) => void response.end("{}");
});

test("a service is known by its target too", async () => {
  const headers = { "x-amz-target": "Other_2020.Do" };
  assert.equal((await sendSigned(server.url, { ...listTables, service: "other", headers })).status, 200);
});

test("who signs wrongly, or may not, does not get there", async () => {
  const before = seen.length;
  assert.equal((await sendSigned(server.url, { ...listTables, secretAccessKey: "wrong" })).status, 403);
  const keys = await createUser(server.client, "reader", allow("dynamodb:GetItem"));
  const refused = await sendSigned(server.url, { ...listTables, ...keys });
  assert.equal(refused.status, 403);
  assert.match(refused.body.toString(), /is not authorized to perform: dynamodb:ListTables/);
  assert.equal(seen.length, before);
  const headers = { ...listTables.headers, "x-amz-target": "DynamoDB_20120810.GetItem" };
  assert.equal((await sendSigned(server.url, { ...listTables, ...keys, headers })).status, 200);
});

test("an endpoint that is not there is told of by name", async () => {
  const { status, code, body } = await sendSigned(server.url, { service: "gone" });
  assert.deepEqual([status, code], [502, "UpstreamFailure"]);
  assert.match(body.toString(), /The upstream of gone, http:\/\/127\.0\.0\.1:1, cannot be reached: ECONNREFUSED/);
});

test("an answer that breaks off breaks off for the client", async () => {
  answer = (response) => {
    response.writeHead(200, { "content-length": "100" });
    response.write("x", () => response.destroy());
  };
  await assert.rejects(sendSigned(server.url, listTables));
});

test("what Trunkline hosts, and what is no address, cannot be named", () => {
  for (const [value, why] of [
    ["kinesis=http://localhost:1", /Trunkline hosts kinesis itself/],
    ["AmazonSQS=http://localhost:1", /Trunkline hosts AmazonSQS itself/],
    ["dynamodb", /is not SERVICE=URL/],
    ["dynamodb=ftp://localhost", /is not SERVICE=URL/],
    ["dynamodb=http://localhost/path", /is not SERVICE=URL/],
  ] as const) {
    assert.throws(() => readConfig(["--upstream", value], {}), why);
  }
});
