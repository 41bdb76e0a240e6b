/** Mails of rules to SMTP servers that speak TLS, from the first byte or by STARTTLS, and want a login. */
import assert from "node:assert/strict";
import { after, test } from "node:test";
import { getCACertificates, setDefaultCACertificates } from "node:tls";
import type { RuleAction } from "@aws-sdk/client-connect";
import { allOf, openRuleWorld, type RuleWorld } from "./rule-world.ts";
import { startTrunklineIn } from "./server.ts";
import { newCertificate, startSmtpServer } from "./smtp-server.ts";

const NO_OPENSSL = "skipped: mails under TLS (needs openssl, which makes the server's certificate)";
const [trusted, unknown] = [newCertificate(), newCertificate()];
if (trusted) setDefaultCACertificates([...getCACertificates(), trusted.cert]);

const LOGIN = { user: "ülrike", password: "s3cr\u00e9t : =" };
const KEYS = { TRUNKLINE_SMTP_USER: LOGIN.user, TRUNKLINE_SMTP_PASSWORD: LOGIN.password };

/** A contact centre one of whose calls has just made a rule send a mail, and tried again as often as it ever does. */
async function mailed(smtp: { readonly address: string }, environment: Readonly<Record<string, string>>) {
  const server = await startTrunklineIn({ TRUNKLINE_SMTP_SERVER: smtp.address, ...environment });
  const world = await openRuleWorld(server);
  after(() => world.connect.destroy());
  const mail: RuleAction = {
    ActionType: "SEND_NOTIFICATION",
    SendNotificationAction: {
      DeliveryMethod: "EMAIL",
      Content: "A complaint.",
      ContentType: "PLAIN_TEXT",
      Recipient: { UserIds: [world.agentId] },
    },
  };
  const complaint = allOf("PostCall", ["ExactMatch.Transcript", "CONTAINS_ANY", ["complaint"]]);
  const category: RuleAction = { ActionType: "ASSIGN_CONTACT_CATEGORY", AssignContactCategoryAction: {} };
  await world.rule("OnPostCallAnalysisAvailable", "complaints", complaint, { Actions: [category, mail] });
  await world.talk("VOICE", [["CUSTOMER", "A complaint."]]);
  await server.advance("PT1M");
  return failuresOf(world);
}

async function failuresOf(world: RuleWorld): Promise<(readonly [code: string, text: string])[]> {
  return (await world.streams()).contactEvents
    .filter((one) => one["detail-type"] === "Amazon Connect Rules Action Execution Failed")
    .map(({ detail }) => detail as unknown as Record<string, string>)
    .map(({ reasonCode = "", error = "" }) => [reasonCode, error]);
}

for (const [from, tls] of [
  ["STARTTLS", undefined],
  ["STARTTLS", "offered"],
  ["first byte", "implicit"],
] as const) {
  test(`a mail goes out under TLS (${from}, ${tls ?? "by default"}) after a login`, async (t) => {
    if (!trusted) return t.skip(NO_OPENSSL);
    const smtp = await startSmtpServer({ tls: { ...trusted, from }, login: LOGIN });
    assert.deepEqual(await mailed(smtp, { ...KEYS, ...(tls && { TRUNKLINE_SMTP_TLS: tls }) }), []);
    assert.deepEqual(
      smtp.mails.map(({ to, isEncrypted, user, body }) => [to, isEncrypted, user, body]),
      [[["vera@example.com"], true, LOGIN.user, "A complaint.\r\n"]],
    );
  });
}

test("a server that offers STARTTLS gets mails under TLS without a login too", async (t) => {
  if (!trusted) return t.skip(NO_OPENSSL);
  const smtp = await startSmtpServer({ tls: { ...trusted, from: "STARTTLS" } });
  assert.deepEqual(await mailed(smtp, {}), []);
  assert.deepEqual(
    smtp.mails.map(({ isEncrypted, user }) => [isEncrypted, user]),
    [[true, undefined]],
  );
});

test("where TLS is switched off by name, mails go out without", async (t) => {
  if (!unknown) return t.skip(NO_OPENSSL);
  const smtp = await startSmtpServer({ tls: { ...unknown, from: "STARTTLS" } });
  assert.deepEqual(await mailed(smtp, { TRUNKLINE_SMTP_TLS: "none" }), []);
  assert.deepEqual(
    smtp.mails.map(({ isEncrypted }) => isEncrypted),
    [false],
  );
});

test("a wrong password is told of at once, without the password", async (t) => {
  if (!trusted) return t.skip(NO_OPENSSL);
  const smtp = await startSmtpServer({ tls: { ...trusted, from: "STARTTLS" }, login: { ...LOGIN, password: "other" } });
  const [[code, text] = ["", ""], ...more] = await mailed(smtp, KEYS);
  assert.deepEqual([code, more, smtp.mails], ["InvalidRequestException", [], []]);
  assert.match(text, /535 no such user or password/);
  assert.equal(text.includes(LOGIN.password), false);
  assert.equal(smtp.commands.filter((line) => line.startsWith("AUTH")).length, 1);
});

test("a login is told to nobody without TLS, and nothing to a server that nobody vouches for", async (t) => {
  if (!unknown) return t.skip(NO_OPENSSL);
  for (const [from, environment, code] of [
    [undefined, KEYS, "InvalidRequestException"],
    ["STARTTLS", KEYS, "InternalServiceException"],
    ["STARTTLS", {}, "InternalServiceException"],
    ["first byte", { ...KEYS, TRUNKLINE_SMTP_TLS: "implicit" }, "InternalServiceException"],
  ] as const) {
    const smtp = await startSmtpServer({ ...(from && { tls: { ...unknown, from } }), login: LOGIN });
    const failures = await mailed(smtp, environment);
    assert.deepEqual(
      failures.map(([reason]) => reason),
      [code],
    );
    assert.deepEqual(smtp.mails, []);
    assert.deepEqual(
      smtp.commands.filter((line) => /^(AUTH|MAIL)/.test(line)),
      [],
    );
  }
});
