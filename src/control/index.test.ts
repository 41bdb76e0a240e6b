import assert from "node:assert/strict";
import { test } from "node:test";
import type { PlainRequest } from "../wire/index.ts";
import { CallLog, createControl, createSimulations } from "./index.ts";

const NOT_SIGNED = new Error("not signed");

/** What becomes of a request with these headers: refused for where it comes from, or asked for its signature. */
async function outcome(method: string, headers: PlainRequest["headers"]): Promise<"foreign" | "verified"> {
  const shared = {
    platform: () => assert.fail("not reached"),
    callOperation: () => assert.fail("not reached"),
    findCredential: () => undefined,
  };
  const startPlayThread = () => assert.fail("not reached");
  const findHandler = createControl({
    ...shared,
    version: "1",
    facts: () => ({}),
    callLog: new CallLog(() => 0),
    simulations: createSimulations({ ...shared, startPlayThread }),
    isReady: () => true,
    operatorAccount: () => "000000000000",
    isBuilt: () => assert.fail("not reached"),
    findDenial: () => assert.fail("not reached"),
    accessKeyIds: [],
    isLoopback: true,
    isOwnHost: (hostname) => ["localhost", "127.0.0.1", "::1"].includes(hostname),
  });
  const request: PlainRequest = {
    method,
    path: "/_trunkline/clock",
    query: "",
    headers,
    rawHeaders: [],
    protocol: "HTTP/1.1",
    remoteAddress: "127.0.0.1",
    requestId: "r",
    signal: new AbortController().signal,
    body: async () => Buffer.alloc(0),
    isSigned: true,
    verify: async () => {
      throw NOT_SIGNED;
    },
    signingKeys: async () => {
      throw NOT_SIGNED;
    },
  };
  try {
    const response = await findHandler(request)?.(request);
    assert.equal(response?.status, 403);
    return "foreign";
  } catch (error) {
    assert.equal(error, NOT_SIGNED);
    return "verified";
  }
}

test("what writes takes requests under our own names only", async () => {
  for (const host of ["127.0.0.1:4510", "localhost:4510", "LOCALHOST", "[::1]:4510"]) {
    assert.equal(await outcome("POST", { host }), "verified", host);
    assert.equal(await outcome("POST", { host, origin: `http://${host}` }), "verified", host);
  }
  for (const host of ["evil.example:4510", "127.0.0.1.evil.example", ""]) {
    assert.equal(await outcome("POST", { host }), "foreign", host);
    assert.equal(await outcome("POST", { host, origin: `http://${host}` }), "foreign", host);
  }
});

test("what writes takes no requests of other pages", async () => {
  for (const origin of ["http://evil.example", "null", "http://127.0.0.1:81"]) {
    assert.equal(await outcome("POST", { host: "127.0.0.1:4510", origin }), "foreign", origin);
    assert.equal(await outcome("GET", { host: "127.0.0.1:4510", origin }), "verified", origin);
  }
});
