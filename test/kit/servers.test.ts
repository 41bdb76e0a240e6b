/** Servers of `trunkline/testing`: in this process and in others, several at once, with other accounts, and as a fixture of a test. */
import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { test } from "node:test";
import { CreateStreamCommand, ListStreamsCommand } from "@aws-sdk/client-kinesis";
import { clientsWith } from "../../src/testing/clients.ts";
import {
  expectCase,
  expectDelivery,
  expectEvent,
  expectLog,
  expectMessage,
  expectNoEvent,
  expectProfile,
  expectRecord,
  expectRule,
  startTrunkline,
  type TestServer,
  useTrunkline,
} from "../../src/testing/index.ts";

const streamsOf = async (server: Pick<TestServer, "clients">): Promise<unknown> =>
  (await server.clients.kinesis.send(new ListStreamsCommand({}))).StreamNames;

test("servers stand beside each other, in this process and in others", async () => {
  await using here = await startTrunkline();
  await using beside = await startTrunkline();
  await using child = await startTrunkline({ process: true });
  const servers = [here, beside, child];
  assert.equal(new Set(servers.map(({ url }) => url)).size, 3);
  await Promise.all(
    servers.map(async (server, at) => {
      await server.clients.kinesis.send(new CreateStreamCommand({ StreamName: `own-${at}`, ShardCount: 1 }));
      const before = await server.clock.now();
      const after = await server.clock.advance(`PT${at + 1}H`);
      assert.equal(after.getTime() - before.getTime(), (at + 1) * 3_600_000);
      assert.deepEqual(await streamsOf(server), [`own-${at}`]);
    }),
  );
  await child.reset();
  assert.deepEqual(await streamsOf(child), []);
  assert.deepEqual(await streamsOf(here), ["own-0"]);
  await child.close();
  await assert.rejects(fetch(`${child.url}/_trunkline/health`));
});

test("a child that cannot start says why, and so does a server in this process", async () => {
  const wrong = { flags: ["--port", "99999"] };
  await assert.rejects(startTrunkline({ process: true, ...wrong }), /ended before it was ready: .*--port: 99999/s);
  await assert.rejects(startTrunkline(wrong), /--port: 99999 is not a port/);
});

test("a child ends with the process that started it", async () => {
  const source = new URL("../../src/testing/index.ts", import.meta.url).href;
  const program = `import { startTrunkline } from ${JSON.stringify(source)};
    console.log((await startTrunkline({ process: true })).url);`;
  const { stdout } = spawnSync(process.execPath, ["--input-type=module", "--eval", program], { encoding: "utf8" });
  assert.match(stdout, /^http:\/\/127/);
  await ended(stdout.trim());
});

test("a child ends when the process that started it is killed", { timeout: 60_000 }, async () => {
  const source = new URL("../../src/testing/index.ts", import.meta.url).href;
  const program = `import { startTrunkline } from ${JSON.stringify(source)};
    console.log((await startTrunkline({ process: true })).url);
    setInterval(() => {}, 1000);`;
  const parent = spawn(process.execPath, ["--input-type=module", "--eval", program], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const [chunk] = await once(parent.stdout, "data");
  const url = String(chunk).trim();
  parent.kill("SIGKILL");
  await ended(url);
});

/** Waits until a server has let go of its port, which it does when it has ended. */
async function ended(url: string): Promise<void> {
  for (;;) {
    try {
      await fetch(`${url}/_trunkline/health`);
    } catch {
      return;
    }
  }
}

test("each account sees its own", async () => {
  await using server = await startTrunkline({ accounts: { ours: "111111111111", theirs: "222222222222" } });
  await server.clients.kinesis.send(new CreateStreamCommand({ StreamName: "ours", ShardCount: 1 }));
  assert.deepEqual(await streamsOf(server), ["ours"]);
  assert.deepEqual(await streamsOf(server.as("theirs")), []);
  assert.deepEqual(await streamsOf(server.as("ours", "eu-west-1")), []);
  assert.equal((await server.as("theirs").connection.call("sts", "GetCallerIdentity")).Account, "222222222222");
});

test("the package of a client that is not installed is named", () => {
  const { clients } = clientsWith({
    endpoint: "http://127.0.0.1:1",
    region: "us-east-1",
    credentials: { accessKeyId: "test", secretAccessKey: "test" },
    maxAttempts: 1,
    forcePathStyle: true,
  });
  const folder = process.cwd();
  const program = `import { clientsWith } from ${JSON.stringify(new URL("../../src/testing/clients.ts", import.meta.url).href)};
    import { Module } from "node:module";
    const load = Module._load;
    Module._load = (name, ...rest) => {
      if (name !== "@aws-sdk/client-kinesis") return load(name, ...rest);
      throw Object.assign(new Error("Cannot find module '@aws-sdk/client-kinesis'"), { code: "MODULE_NOT_FOUND" });
    };
    try { clientsWith({}).clients.kinesis; } catch (error) { console.log(error.message); }`;
  const { stdout } = spawnSync(process.execPath, ["--input-type=module", "--eval", program], {
    cwd: folder,
    encoding: "utf8",
  });
  assert.equal(
    stdout,
    "clients.kinesis needs the package @aws-sdk/client-kinesis: npm install --save-dev @aws-sdk/client-kinesis\n",
  );
  assert.equal(typeof clients.kinesis.send, "function");
});

test("contacts of every channel reach agents who may decline, hold, transfer and answer by themselves", async () => {
  await using server = await startTrunkline();
  const centre = await server.centre({
    queues: ["orders", "billing"],
    agents: ["anna", { name: "ben", queues: ["billing"], autoAccepts: true, afterContactSeconds: 30 }],
  });
  const anna = await centre.agent("anna").signsIn();
  const ben = centre.agent("ben");
  for (const arrive of [
    () => centre.chat({ name: "Ina" }),
    () => centre.task({ name: "Call Ina" }),
    () => centre.email({ subject: "?" }),
  ]) {
    const contact = arrive();
    await anna.answers(contact);
    const { id, channel } = await contact;
    if (channel === "CHAT") await anna.says("Hello").says("Still there?");
    await anna.hangsUp().clears();
    await expectEvent(server, { detail: { contactId: [id], channel: [channel], eventType: ["DISCONNECTED"] } });
  }

  const call = await centre.call();
  await anna.declines(call).clears(call).answers(call).holds().resumes();
  await ben.signsIn();
  await anna.transfersTo({ queue: "billing" }).leaves().clears();
  const transferred = await expectEvent(server, {
    detail: { initialContactId: [call.id], eventType: ["CONNECTED_TO_AGENT"], initiationMethod: ["TRANSFER"] },
  });
  assert.match(transferred.detail.agentInfo.agentArn, new RegExp(ben.userId));

  await assert.rejects(
    Promise.resolve(centre.agent("ben").answers(centre.call({ queue: "orders" }))),
    /VOICE contact [0-9a-f-]{36} is not offered to ben: it is .*, with user [0-9a-f-]{36}, and ben is Available/,
  );
  await assert.rejects(Promise.resolve(ben.becomes("Asleep")), /ben: there is no status Asleep; there are .*Available/);
  await assert.rejects(Promise.resolve(ben.says("?")), /ben says something, and has answered nothing/);
  assert.throws(() => centre.agent("cleo"), /There is no agent cleo; there are anna, ben/);
  await assert.rejects(
    Promise.resolve(centre.call({ queue: "nothing" })),
    /no queue nothing; there are orders, billing/,
  );
  assert.equal((await server.centre()).streams.contactRecords, "centre-2-contact-records");
});

test("a flow of one's own is asked by key", async () => {
  await using server = await startTrunkline();
  const to = (NextAction: string, ...types: string[]) => ({
    NextAction,
    Errors: types.map((ErrorType) => ({ ErrorType, NextAction: "end" })),
  });
  const centre = await server.centre({
    queues: ["orders", "billing"],
    flow: {
      Version: "2019-10-30",
      StartAction: "menu",
      Metadata: {},
      Actions: [
        {
          Identifier: "menu",
          Type: "GetParticipantInput",
          Parameters: { Text: "For bills press 2", InputTimeLimitSeconds: "30", StoreInput: "False" },
          Transitions: {
            ...to("end", "NoMatchingError", "NoMatchingCondition", "InputTimeLimitExceeded"),
            Conditions: [{ NextAction: "billing", Condition: { Operator: "Equals", Operands: ["2"] } }],
          },
        },
        {
          Identifier: "billing",
          Type: "UpdateContactTargetQueue",
          Parameters: { QueueId: "{{queue:billing}}" },
          Transitions: to("transfer", "NoMatchingError"),
        },
        {
          Identifier: "transfer",
          Type: "TransferContactToQueue",
          Parameters: {},
          Transitions: to("end", "NoMatchingError", "QueueAtCapacity"),
        },
        { Identifier: "end", Type: "DisconnectParticipant", Parameters: {}, Transitions: {} },
      ],
    },
  });
  const anna = await centre.agent("anna").signsIn();
  const call = await centre.call().waits("PT5S").presses("2");
  await anna.answers(call);
  const queued = await expectEvent(server, { detail: { contactId: [call.id], eventType: ["QUEUED"] } });
  assert.equal(queued.detail.queueInfo.queueArn.split("/").at(-1), centre.queueIds.billing);
  const silent = await centre.call();
  await expectEvent(server, { detail: { contactId: [silent.id], eventType: ["DISCONNECTED"] } }, { within: "PT2M" });
});

test("with a real clock, assertions wait for what comes by itself", async () => {
  await using server = await startTrunkline({ clock: "real" });
  const centre = await server.centre();
  const anna = await centre.agent("anna").signsIn();
  const call = await centre.call().says("Hello?");
  await anna.answers(call).says("Hello!").says("How are you?").hangsUp().clears();
  await expectRecord(server, centre.streams.contactRecords, { ContactId: [call.id] });
  await assert.rejects(
    expectRecord(server, centre.streams.contactRecords, () => false, { within: "PT0.1S" }),
    /There are 1/,
  );
  await assert.rejects(server.clock.advance("PT1S"), /The clock is real/);
  await assert.rejects(expectEvent(server, {}, { within: "soon" }), /within: soon is no duration such as PT30S/);
  await assert.rejects(expectRule(server, "any").toMatch(undefined as never), /asked about .*, not about undefined/);
  await assert.rejects(
    expectRule(server, "any").toMatch(call.id as never),
    /asked about a contact, an event or .*, not/,
  );
});

test("what is owed and attempted, profiles and cases are waited for", async () => {
  await using server = await startTrunkline();
  const call = server.connection.call.bind(server.connection);
  const { domainId } = await call("connectcases", "CreateDomain", { name: "parcels" });
  const { layoutId } = await call("connectcases", "CreateLayout", { domainId, name: "plain", content: { basic: {} } });
  const { templateId } = await call("connectcases", "CreateTemplate", {
    domainId,
    name: "lost",
    layoutConfiguration: { defaultLayout: layoutId },
  });
  const { fieldId } = await call("connectcases", "CreateField", { domainId, name: "weight", type: "Number" });
  await call("customer-profiles", "CreateDomain", { DomainName: "shop", DefaultExpirationDays: 30 });
  const { ProfileId } = await call("customer-profiles", "CreateProfile", {
    DomainName: "shop",
    FirstName: "Ina",
    PhoneNumber: "+447700900123",
  });
  const customer = `arn:aws:profile:us-east-1:000000000000:domains/shop/profiles/${ProfileId}`;
  await call("connectcases", "CreateCase", {
    domainId,
    templateId,
    fields: [
      { id: "title", value: { stringValue: "Parcel 17" } },
      { id: "customer_id", value: { stringValue: customer } },
      { id: fieldId, value: { doubleValue: 2.5 } },
    ],
  });
  const found = await expectCase(server, { title: [{ prefix: "Parcel" }], weight: [{ numeric: [">", 2] }] });
  assert.equal(found.fields.title, "Parcel 17");
  await assert.rejects(
    expectCase(server, { weight: [{ numeric: ["<", 2] }] }),
    /not a case such as .*✗ weight .*2\.5/s,
  );
  await assert.rejects(expectCase(server, {}, { domain: "shop" }), /no Cases domain shop; there are parcels/);
  await assert.rejects(expectCase(server, { height: [1] }), /There is no field height; there are .*weight/);

  assert.equal((await expectProfile(server, { key: "_phone", value: "+447700900123" })).ProfileId, ProfileId);
  await assert.rejects(
    expectProfile(server, { key: "_phone", value: "+447700900123" }, { FirstName: ["Ida"] }),
    /not a profile in shop with _phone \+447700900123, such as .*✗ FirstName .*"Ida".*"Ina"/s,
  );
  await assert.rejects(
    expectDelivery(server, { rule: "lost" }),
    /There is not a delivery such as .*Nothing was attempted/s,
  );
});

test("what leaves the server is waited for: what arrived, and what did not", async () => {
  const bodies: string[] = [];
  const shop = createServer((request, response) => {
    const answer = (body: string): void => {
      bodies.push(body);
      response.statusCode = request.url === "/taken" ? 200 : 400;
      response.end();
    };
    text(request).then(answer, (error: Error) => response.destroy(error));
  }).listen(0, "127.0.0.1");
  await once(shop, "listening");
  try {
    await using server = await startTrunkline();
    const call = server.connection.call.bind(server.connection);
    const ApiKeyAuthParameters = { ApiKeyName: "x-key", ApiKeyValue: "secret" };
    const { ConnectionArn } = await call("events", "CreateConnection", {
      Name: "shop",
      AuthorizationType: "API_KEY",
      AuthParameters: { ApiKeyAuthParameters },
    });
    for (const name of ["taken", "refused"]) {
      const { ApiDestinationArn: Arn } = await call("events", "CreateApiDestination", {
        Name: name,
        ConnectionArn,
        InvocationEndpoint: `http://127.0.0.1:${(shop.address() as AddressInfo).port}/${name}`,
        HttpMethod: "POST",
      });
      await call("events", "PutRule", { Name: `to-${name}`, EventPattern: '{"source":["parcels"]}' });
      await call("events", "PutTargets", { Rule: `to-${name}`, Targets: [{ Id: "1", Arn }] });
    }
    await call("events", "PutEvents", { Entries: [{ Source: "parcels", DetailType: "Lost", Detail: '{"id":17}' }] });
    const { target } = await expectDelivery(server, { rule: "to-taken" });
    assert.match(target, /api-destination\/taken\//);
    await expectDelivery(server, { target: "taken" });
    assert.equal(JSON.parse(String(bodies.find((body) => body.includes("17")))).detail.id, 17);
    await assert.rejects(
      expectDelivery(server, { rule: "to-refused" }),
      /not a delivery such as .*to-refused.*\nAttempted, the newest first:\n {2}\S+ attempt 1 dropped, by .*rule\/to-refused to .*\/refused\/\S+: .*400/s,
    );
    const { ApiDestinationArn: late } = await call("events", "CreateApiDestination", {
      Name: "late",
      ConnectionArn,
      InvocationEndpoint: "http://127.0.0.1:1/",
      HttpMethod: "POST",
    });
    await call("events", "PutTargets", {
      Rule: "to-taken",
      Targets: [{ Id: "2", Arn: late }],
    });
    await call("events", "PutEvents", { Entries: [{ Source: "parcels", DetailType: "Lost", Detail: '{"id":18}' }] });
    await assert.rejects(
      expectDelivery(server, { target: "late" }),
      /\nStill owed:\n {2}by .*to-taken to .*\/late\/\S+: attempted [1-9]\d* times, the next at \S+: \w+: /s,
    );
  } finally {
    shop.close();
  }
});

test("messages and lines of logs are waited for, and what came since something else", async () => {
  await using server = await startTrunkline();
  const call = server.connection.call.bind(server.connection);
  await call("sqs", "CreateQueue", { QueueName: "parcels" });
  await call("logs", "CreateLogGroup", { logGroupName: "/parcels" });
  await call("events", "PutRule", { Name: "parcels", EventPattern: '{"source":["parcels"]}' });
  const Targets = ["sqs:us-east-1:000000000000:parcels", "logs:us-east-1:000000000000:log-group:/parcels"].map(
    (name, at) => ({ Id: String(at), Arn: `arn:aws:${name}` }),
  );
  await call("events", "PutTargets", { Rule: "parcels", Targets });
  const send = (id: number) =>
    call("events", "PutEvents", {
      Entries: [{ Source: "parcels", DetailType: "Lost", Detail: JSON.stringify({ id }) }],
    });
  await send(17);
  const first = await expectEvent(server, { source: ["parcels"] });
  const message = await expectMessage(server, "parcels", { detail: { id: [17] } });
  assert.deepEqual([message.body.id, message.attributes, message.state], [first.id, {}, "ready"]);
  await expectLog(server, "/parcels", '"id":17');
  await expectNoEvent(server, { source: ["parcels"] }, { since: first });
  await send(18);
  const second = await expectEvent(server, { source: ["parcels"] }, { since: first });
  assert.equal(second.detail.id, 18);
  const now = await server.clock.advance("PT1M");
  await expectNoEvent(server, {}, { since: now });
  await assert.rejects(
    expectEvent(server, {}, { since: { id: "none" } }),
    /event-bus\/default has nothing of the id none/,
  );
  await assert.rejects(
    expectMessage(server, "parcels", { detail: { id: [19] } }),
    /not a message in parcels such as .*Of 2 the nearest does not match: detail\.id is 18.*✗ .*Of another: detail\.id is 17/s,
  );
  await assert.rejects(expectMessage(server, "none"), /There is no SQS queue none/);
  await assert.rejects(expectLog(server, "/parcels", /"id":19/), /There are 2; the last:\n {2}\{.*\n {2}\{.*"id":18/s);
  await assert.rejects(expectLog(server, "/none", "?"), /There is no such log group/);
  await assert.rejects(
    expectEvent(server, { source: ["parcels"], detail: { id: [{ wrong: 1 }] } }),
    /POST \/_trunkline\/find: .*wrong/,
  );
});

test("what is there is told without waiting for more, where that is asked for", async () => {
  await using server = await startTrunkline();
  const told = async (follow: string): Promise<readonly string[]> => {
    const found: string[] = [];
    for await (const line of server.connection.lines(`live?name=default&from=oldest&follow=${follow}`))
      found.push(line);
    return found;
  };
  assert.deepEqual(await told("false"), []);
  await assert.rejects(told("perhaps"), /follow is true or false/);
});

test("a fixture takes the hooks of Vitest and Jest", async () => {
  const hooks: Record<string, () => Promise<void>> = {};
  const hook = (name: string) => (run: () => Promise<void>) => {
    hooks[name] = run;
  };
  const server = useTrunkline({
    beforeAll: hook("beforeAll"),
    afterAll: hook("afterAll"),
    afterEach: hook("afterEach"),
  });
  assert.throws(() => server.url, /Trunkline has not started yet/);
  await hooks.beforeAll?.();
  await server.connection.call("kinesis", "CreateStream", { StreamName: "made", ShardCount: 1 });
  await hooks.afterEach?.();
  assert.deepEqual((await server.connection.call("kinesis", "ListStreams")).StreamNames, []);
  const { url } = server;
  await hooks.afterAll?.();
  await assert.rejects(fetch(`${url}/_trunkline/health`));
  assert.throws(() => useTrunkline({ afterEach: hook("afterEach") }), /useTrunkline takes \{ beforeAll, afterAll/);
});

test("a subtest's fixture", async (t) => {
  const server = useTrunkline(t, { resets: false });
  assert.throws(() => server.url, /Trunkline has not started yet/);
  await t.test("makes something", async () => {
    await server.clients.kinesis.send(new CreateStreamCommand({ StreamName: "kept", ShardCount: 1 }));
  });
  await t.test("finds it", async () => assert.deepEqual(await streamsOf(server), ["kept"]));
});
