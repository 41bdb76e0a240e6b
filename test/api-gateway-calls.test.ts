import assert from "node:assert/strict";
import { connect } from "node:http2";
import test from "node:test";
import { deployRestApi, mock } from "./deployed-api.ts";
import { startTrunkline } from "./server.ts";

const server = await startTrunkline();
const { port } = new URL(server.url);

test("all ways to write an invoke URL lead to the same method", async () => {
  const url = await deployRestApi(server, {
    methods: { "GET /a/{b}": mock('{"b": "$input.params("b")", "stage": "$context.stage"}') },
  });
  const expected = { b: "x y", stage: "dev" };
  for (const one of [`${url}/a/x%20y`, `${server.url}/restapis/ab12cd34ef/dev/_user_request_/a/x%20y`]) {
    const answer = await fetch(one);
    assert.equal(answer.status, 200, one);
    assert.deepEqual(await answer.json(), expected);
    assert.match(answer.headers.get("x-amzn-requestid") ?? "", /^[0-9a-f-]{36}$/);
    assert.ok(answer.headers.get("x-amz-apigw-id"));
    assert.equal(answer.headers.get("access-control-allow-origin"), null);
    // What shares the console's origin is a page of nobody.
    assert.match(answer.headers.get("content-security-policy") ?? "", /^sandbox (?!.*allow-same-origin)/);
  }
  const overH2 = await h2Get("ab12cd34ef.execute-api.us-east-1.amazonaws.com", "/dev/a/x%20y");
  assert.deepEqual(JSON.parse(overH2), expected);
});

test("a host that is an API's leads nowhere else", async () => {
  const answer = await h2Get("ab12cd34ef.execute-api.localhost:1", "/_trunkline/health");
  assert.deepEqual(JSON.parse(answer), { message: "Forbidden" });
});

test("what is not there is said as the gateway says it", async () => {
  const url = await deployRestApi(server, { methods: { "GET /a": mock("x") } });
  const missing = await fetch(`${url}/b`);
  assert.equal(missing.status, 403);
  assert.equal(missing.headers.get("x-amzn-errortype"), "MissingAuthenticationTokenException");
  assert.deepEqual(await missing.json(), { message: "Missing Authentication Token" });
  const noStage = await fetch(url.replace("/dev", "/prod"));
  assert.equal(noStage.status, 403);
  assert.deepEqual(await noStage.json(), { message: "Forbidden" });
});

function h2Get(authority: string, path: string): Promise<string> {
  const session = connect(`http://127.0.0.1:${port}`);
  const stream = session.request({ ":authority": authority, ":path": path });
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  let body = "";
  stream.setEncoding("utf8");
  stream.on("data", (chunk) => {
    body += chunk;
  });
  stream.on("end", () => resolve(body));
  stream.on("error", reject);
  return promise.finally(() => session.close());
}
