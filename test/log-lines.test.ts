/** What the log and the metrics say of requests that are for no operation. */
import assert from "node:assert/strict";
import { after, test } from "node:test";
import { pino } from "pino";
import { startApp } from "../src/app.ts";
import { readConfig } from "../src/config.ts";
import { sendSigned } from "./signed-request.ts";

type Line = Record<string, unknown>;

const lines: Line[] = [];
const config = readConfig(["--port", "0", "--data", ":memory:", "--clock", "manual"], {});
const app = await startApp(config, {
  log: pino({ level: "debug" }, { write: (text) => lines.push(JSON.parse(text)) }),
});
after(() => app.close());

/** The line of the request that has just been answered, by its id. */
function lineOf(headers: Readonly<Record<string, unknown>>): Line {
  const line = lines.find(({ requestId }) => requestId === headers["x-amzn-requestid"]);
  assert.ok(line);
  return line;
}

test("what finds no operation is logged with its method and path, without the query", async () => {
  const unsigned = await fetch(`${app.url}/some/path?token=secret`, { method: "PUT" });
  const { service, method, path, errorCode } = lineOf(Object.fromEntries(unsigned.headers));
  assert.deepEqual(
    { service, method, path, errorCode },
    { service: "none", method: "PUT", path: "/some/path", errorCode: "MissingAuthenticationTokenException" },
  );
  const unknown = await sendSigned(app.url, { service: "connect", method: "GET", path: "/nothing/of/this" });
  assert.equal(lineOf(unknown.headers).path, "/nothing/of/this");
  assert.doesNotMatch(JSON.stringify(lines), /secret/);
});

test("what finds an operation is told by that", async () => {
  const found = await sendSigned(app.url, { service: "connect", method: "GET", path: "/instance" });
  const { service, operation, path } = lineOf(found.headers);
  assert.deepEqual({ service, operation, path }, { service: "connect", operation: "ListInstances", path: undefined });
});

test("Trunkline's own endpoints are a service in log and metrics, and say why they refuse", async () => {
  const refused = await sendSigned(app.url, {
    service: "trunkline",
    path: "/_trunkline/clock",
    body: '{"advance":"x"}',
  });
  const { service, method, path, refusal } = lineOf(refused.headers);
  assert.deepEqual(
    { service, method, path, refusal },
    {
      service: "trunkline",
      method: "POST",
      path: "/_trunkline/clock",
      refusal: '"advance" is not an ISO 8601 duration',
    },
  );
  const metrics = await sendSigned(app.url, { service: "trunkline", method: "GET", path: "/_trunkline/metrics" });
  assert.match(
    metrics.body.toString(),
    /trunkline_requests_total\{operation="none",service="trunkline",status="400"\} 1/,
  );
});
