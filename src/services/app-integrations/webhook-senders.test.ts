import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { test } from "node:test";
import fc from "fast-check";
import { type Headers, WebhookError } from "./brought-event.ts";
import type { WebhookKind } from "./webhook.ts";
import { WEBHOOK_KINDS, WEBHOOK_SENDERS } from "./webhook-senders.ts";

const SECRET = "hush";
const NOW_MS = Date.parse("2026-03-03T10:00:00Z");
const TIMESTAMP = "2026-03-03T09:59:00Z";

/** Who sends what a kind of webhook takes: with these headers. */
const SIGNED: Readonly<Record<WebhookKind, (body: Buffer, secret: string) => Record<string, string>>> = {
  zendesk: (body, secret) => ({
    "x-zendesk-webhook-signature": createHmac("sha256", secret).update(TIMESTAMP).update(body).digest("base64"),
    "x-zendesk-webhook-signature-timestamp": TIMESTAMP,
  }),
  salesforce: (body, secret) => ({ "x-signature": createHmac("sha256", secret).update(body).digest("base64") }),
  shopify: (body, secret) => ({ "x-shopify-hmac-sha256": createHmac("sha256", secret).update(body).digest("base64") }),
  segment: (body, secret) => ({ "x-signature": createHmac("sha1", secret).update(body).digest("hex") }),
};

function isTaken(kind: WebhookKind, body: Buffer, headers: Headers): boolean {
  try {
    WEBHOOK_SENDERS[kind].check({ headers, body, wallMs: NOW_MS }, SECRET);
    return true;
  } catch (error) {
    assert.ok(error instanceof WebhookError);
    assert.equal(error.status, 401);
    return false;
  }
}

test("signatures are those of the senders' documentation", () => {
  // Computed with `openssl dgst -hmac`, over bytes that are no UTF-8 too.
  const body = Buffer.from('{"id":1,"name":"\\u00fc \xff"}', "latin1");
  assert.ok(isTaken("shopify", body, { "x-shopify-hmac-sha256": "OWasAyKLSmMkAeWZVuTaFocqrwFQKLgnVbFHYLzBmiw=" }));
  assert.ok(isTaken("segment", body, { "x-signature": "94696870b0a901e0625a064addb9f2b491255542" }));
});

test("whoever does not know the secret, or changes a byte of body or signature, is refused", () => {
  const bytes = fc.uint8Array({ minLength: 1, maxLength: 50 }).map((array) => Buffer.from(array));
  const kinds = fc.constantFrom(...WEBHOOK_KINDS);
  fc.assert(
    fc.property(kinds, bytes, fc.nat(), fc.integer({ min: 1, max: 255 }), (kind, body, place, change) => {
      const headers = SIGNED[kind](body, SECRET);
      assert.ok(isTaken(kind, body, headers));
      assert.ok(!isTaken(kind, body, SIGNED[kind](body, `${SECRET}!`)));
      assert.ok(!isTaken(kind, Buffer.concat([body, Buffer.of(0)]), headers));
      const changed = Buffer.from(body);
      changed[place % body.length] = (changed[place % body.length] ?? 0) ^ change;
      assert.ok(!isTaken(kind, changed, headers));
      for (const [name, value] of Object.entries(headers)) {
        for (const other of ["", value.slice(1), `${value}=`, `${value}00`, `${value}, ${value}`]) {
          assert.ok(!isTaken(kind, body, { ...headers, [name]: other }), `${name}: ${other}`);
        }
      }
    }),
  );
});

test("a missing signature is a wrong one, and a batch of Segment is told why", () => {
  for (const kind of WEBHOOK_KINDS) assert.ok(!isTaken(kind, Buffer.from("{}"), {}));
  const first = { type: "track", messageId: "m-1" };
  const headers = SIGNED.segment(Buffer.from(JSON.stringify(first)), SECRET);
  const batch = Buffer.from(JSON.stringify([first, { type: "identify", userId: "somebody else" }]));
  assert.throws(
    () => WEBHOOK_SENDERS.segment.check({ headers, body: batch, wallMs: NOW_MS }, SECRET),
    /switch batching off/,
  );
});
