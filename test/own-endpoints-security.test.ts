/** What Trunkline's own endpoints must not do, whoever asks: tell of other accounts, be asked around a policy, move others' time. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { getDomain } from "../src/services/customer-profiles/domain.ts";
import { giveSecret } from "../src/services/customer-profiles/triggers/webhook-secret.ts";
import { encodePageToken } from "../src/services/page-token.ts";
import { call, send } from "./model-call.ts";
import { askOwn } from "./own-endpoint.ts";
import { populate, SECRET } from "./populated-account.ts";
import { allow, createUser, deny } from "./principals.ts";
import { startTrunkline } from "./server.ts";
import { sendSigned } from "./signed-request.ts";

const server = await startTrunkline();
const known = await populate(server.url);

const SENT = { Entries: [{ Source: "told", DetailType: "Told", Detail: "{}" }] };
const first = (model: string, member: string): string => String(known[model]?.[member]?.[0]);
const get = (path: string, query: string, accessKeyId: string, headOnly = false) =>
  sendSigned(
    server.url,
    { service: "trunkline", method: "GET", path: `/_trunkline/${path}`, query, accessKeyId },
    headOnly,
  );

test("no endpoint tells of another account's things, by whatever name", async () => {
  const instance = first("connect", "InstanceId");
  const contact = first("connectparticipant", "ContactId");
  const user = first("connect", "UserId");
  const domain = first("customer-profiles", "DomainName");
  const profile = first("customer-profiles", "ProfileId");
  const [cases, caseId] = [first("connectcases", "domainId"), first("connectcases", "caseId")];
  const ofTheFirst = [
    `contacts/${instance}`,
    `contacts/${instance}/${contact}`,
    `agents/${instance}/${user}`,
    `agents/${instance}/${user}/events`,
    `timeline/contacts/${instance}/${contact}`,
    `timeline/profiles/${domain}/${profile}`,
    `timeline/cases/${cases}/${caseId}`,
    `cases/domains/${cases}`,
    `profile-domains/${domain}/profiles`,
    `profile-domains/${domain}/profiles/${profile}`,
    `profile-domains/${domain}/profiles/${profile}/decisions`,
    `profile-domains/${domain}/object-types`,
    `profile-domains/${domain}/event-stream`,
    `profile-domains/${domain}/matches`,
    `profile-webhooks/${domain}`,
    "sqs/orders",
    "dead-letters/orders",
    "streams/orders",
  ];
  const lists = ["sqs", "dead-letters", "streams", "delivery-streams", "deliveries", "deliveries/attempts"];
  lists.push("deliveries/targets", "functions", "apis", "flows", "map", "calls", "mailbox", "demo");
  for (const path of [...ofTheFirst, ...lists]) assert.equal((await get(path, "", "test")).status, 200, path);
  for (const path of ofTheFirst) {
    const answer = await get(path, "", "other");
    assert.equal(answer.status, 404, path);
  }
  for (const path of lists) {
    const answer = await get(path, "", "other");
    assert.equal(answer.status, 200, path);
    assert.doesNotMatch(answer.body.toString(), new RegExp(`${SECRET}|000000000000|orders`), path);
  }
  for (const query of [`overview?instance=${instance}`, "live?name=orders", "live?name=event-bus/orders"]) {
    const [path = "", text = ""] = query.split("?");
    assert.equal((await get(path, text, "test", true)).status, 200, query);
    assert.equal((await get(path, text, "other", true)).status, 404, query);
  }
});

test("metrics tell an account of its own alone, and the operator of all", async () => {
  for (const accessKeyId of ["test", "other"]) {
    await call(server.url, "events", "PutEvents", SENT, { accessKeyId });
    await call(server.url, "sqs", "ListQueues", {}, { accessKeyId });
  }
  const read = async (accessKeyId: string): Promise<string> => (await get("metrics", "", accessKeyId)).body.toString();
  const toOperator = await read("test");
  for (const account of ["000000000000", "111122223333"]) {
    assert.match(
      toOperator,
      new RegExp(`^trunkline_account_requests_total\\{account="${account}",.*service="sqs"`, "m"),
    );
  }
  assert.match(toOperator, /^process_resident_memory_bytes \d+$/m);

  const toOther = (await read("other")).split("\n").filter((line) => line !== "" && !line.startsWith("#"));
  assert.ok(toOther.some((line) => line.startsWith("trunkline_account_requests_total{")));
  assert.deepEqual(
    toOther.filter((line) => !line.includes('account="111122223333"')),
    [],
  );
});

test("who may read everything knows no secret of a webhook; that takes a permission of its own", async () => {
  const domain = first("customer-profiles", "DomainName");
  const { store } = server.app.platform();
  const found = await getDomain(store, { account: "000000000000", region: "us-east-1" }, domain);
  const uri = "https://example.com/hook";
  await store.commit(async (unit) => giveSecret(unit, { uid: found.uid, uri }, `whsec_${SECRET}`));
  const reader = await createUser(server.client, "reads", allow("trunkline:GET"));
  const reveals = await createUser(
    server.client,
    "reveals",
    allow("trunkline:POST", `arn:aws:trunkline:*:*:/profile-webhooks/${domain}/reveal`),
  );
  const path = `/_trunkline/profile-webhooks/${domain}`;
  const asked = (keys: object, act?: string) =>
    sendSigned(server.url, {
      service: "trunkline",
      path: act === undefined ? path : `${path}/${act}`,
      ...(act === undefined ? { method: "GET" } : { body: JSON.stringify({ uri }) }),
      ...keys,
    });
  const listed = await asked(reader);
  assert.match(listed.body.toString(), /example[.]com/);
  assert.doesNotMatch(listed.body.toString(), /whsec_/);
  for (const act of ["reveal", "rotate"]) assert.equal((await asked(reader, act)).status, 403, act);
  assert.deepEqual(JSON.parse((await asked(reveals, "reveal")).body.toString()), { uri, secret: `whsec_${SECRET}` });
  assert.equal((await asked({ accessKeyId: "other" }, "reveal")).status, 404);
  assert.equal((await asked({}, "revea")).status, 404);
});

test("a place in a list that somebody made up leads to nothing of others", async () => {
  const { ConnectionArn } = await call(server.url, "events", "CreateConnection", {
    Name: "nowhere",
    AuthorizationType: "API_KEY",
    AuthParameters: { ApiKeyAuthParameters: { ApiKeyName: "x", ApiKeyValue: "y" } },
  });
  const { ApiDestinationArn: Arn } = await call(server.url, "events", "CreateApiDestination", {
    ...{ Name: "nowhere", ConnectionArn, InvocationEndpoint: "http://127.0.0.1:1/", HttpMethod: "POST" },
  });
  await call(server.url, "events", "PutRule", { Name: "nowhere", EventPattern: '{"source":["nowhere"]}' });
  const Targets = [{ Id: "1", Arn, RoleArn: "arn:aws:iam::000000000000:role/any" }];
  await call(server.url, "events", "PutTargets", { Rule: "nowhere", Targets });
  await call(server.url, "events", "PutEvents", {
    Entries: [{ Source: "nowhere", DetailType: "Told", Detail: `{"note":"${SECRET}"}` }],
  });
  const listed = async (accessKeyId: string, query = "") =>
    (await get("deliveries", query, accessKeyId)).body.toString();
  while (!(await listed("test")).includes(SECRET)) await new Promise((resolve) => setImmediate(resolve));
  const of = ["deliveries", "111122223333", "us-east-1", null, null];
  for (const place of ['["",""]', '["000000000000",""]', '["999999999999",""]']) {
    assert.deepEqual(JSON.parse(await listed("other", `after=${encodePageToken(of, place)}`)), { deliveries: [] });
  }
  for (const place of ["", "x", "[]", "[1]", '["a"]', "[1,2]", '{"0":1}', "null", "1"]) {
    const answer = await get("deliveries", `after=${encodePageToken(of, place)}`, "other");
    assert.equal(answer.status, 400, place);
  }
});

test("a made-up place among profiles and their objects is refused", async () => {
  const { store } = server.app.platform();
  const DomainName = first("customer-profiles", "DomainName");
  const ProfileId = first("customer-profiles", "ProfileId");
  const domain = await getDomain(store, { account: "000000000000", region: "us-east-1" }, DomainName);
  for (const place of ["x", "[]", "[1,2,3]"]) {
    const after = encodePageToken(["profiles", domain.uid], place);
    assert.equal((await get(`profile-domains/${DomainName}/profiles`, `after=${after}`, "test")).status, 400, place);
    const of = ["ListProfileObjects", domain.uid, ProfileId, "Scan", undefined];
    const input = { DomainName, ProfileId, ObjectTypeName: "Scan", NextToken: encodePageToken(of, place) };
    assert.equal((await send(server.url, "customer-profiles", "ListProfileObjects", input)).status, 400, place);
  }
});

test("a policy holds however a path is spelt", async () => {
  const denied = "arn:aws:trunkline:*:*:/deliveries*";
  const user = await createUser(server.client, "spells", allow("trunkline:*"), deny("trunkline:*", denied));
  for (const path of ["deliveries", "%64eliveries", "deliveries/targets", "deliveries/%74argets", "%64eliveries/x"]) {
    const asked = { service: "trunkline", method: "GET", path: `/_trunkline/${path}`, ...user };
    assert.equal((await sendSigned(server.url, asked)).status, 403, path);
  }
  const asked = { service: "trunkline", method: "GET", path: "/_trunkline/streams", ...user };
  assert.equal((await sendSigned(server.url, asked)).status, 200);
});

test("the clock is put back for nobody's demo where anybody has anything", async () => {
  for (const [model, operation, input] of [
    ["sqs", "CreateQueue", { QueueName: "theirs" }],
    ["iam", "CreateUser", { UserName: "theirs" }],
    ["connect", "CreateInstance", CREATED],
  ] as const) {
    const real = await startTrunkline("--clock", "real");
    assert.equal((await send(real.url, model, operation, input, { accessKeyId: "other" })).status, 200);
    assert.equal((await askOwn(real.url, "demo", {})).status, 202);
    const { body } = await askOwn<{ mode: string }>(real.url, "clock");
    assert.equal(body.mode, "real", `${model} ${operation}`);
    await real.close();
  }
});

const CREATED = {
  InstanceAlias: "theirs",
  IdentityManagementType: "CONNECT_MANAGED",
  InboundCallsEnabled: true,
  OutboundCallsEnabled: true,
};
