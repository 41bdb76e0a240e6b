/** Flows that read Salesforce, Zendesk, Marketo and ServiceNow into a domain: made by PutIntegration, against stand-ins of the vendors' APIs. */
import assert from "node:assert/strict";
import { Writable } from "node:stream";
import { after, test } from "node:test";
import {
  CreateDomainCommand,
  CustomerProfilesClient,
  GetDomainCommand,
  GetIntegrationCommand,
  ListIntegrationsCommand,
  PutIntegrationCommand,
  SearchProfilesCommand,
  type SourceFlowConfig,
  type Task,
  type TriggerConfig,
} from "@aws-sdk/client-customer-profiles";
import { pino } from "pino";
import { startApp } from "../src/app.ts";
import { readConfig } from "../src/config.ts";
import { moveClock } from "../src/control/clock.ts";
import { type Flow, type FlowRun, flowKey, flowRuns, flows } from "../src/services/appflow/flow-document.ts";
import { compositeKey } from "../src/store/store.ts";
import { sendSigned } from "./signed-request.ts";
import { MarketoStandIn } from "./stand-ins/marketo.ts";
import { SalesforceStandIn } from "./stand-ins/salesforce.ts";
import { ServiceNowStandIn } from "./stand-ins/service-now.ts";
import { ZendeskStandIn } from "./stand-ins/zendesk.ts";

const NOW_MS = Date.now();
const HOUR = 3_600_000;

const salesforce = await new SalesforceStandIn().start();
salesforce.batchMax = 200;
const zendesk = await new ZendeskStandIn().start();
const marketo = await new MarketoStandIn().start();
const serviceNow = await new ServiceNowStandIn().start();

const connectors = {
  sf: {
    connectorType: "Salesforce",
    instanceUrl: salesforce.url,
    clientId: salesforce.clientId,
    clientSecret: { env: "SF_SECRET" },
  },
  zd: { connectorType: "Zendesk", baseUrl: zendesk.url, email: zendesk.email, apiToken: { env: "ZD_TOKEN" } },
  mk: {
    connectorType: "Marketo",
    baseUrl: marketo.url,
    clientId: marketo.clientId,
    clientSecret: { env: "MK_SECRET" },
    leadsSince: new Date(NOW_MS - 40 * 24 * HOUR).toISOString().slice(0, 10),
  },
  sn: {
    connectorType: "Servicenow",
    baseUrl: serviceNow.url,
    user: serviceNow.user,
    password: { env: "SN_PASSWORD" },
  },
};
const environment = {
  SF_SECRET: salesforce.clientSecret,
  ZD_TOKEN: zendesk.apiToken,
  MK_SECRET: marketo.clientSecret,
  SN_PASSWORD: serviceNow.password,
  TRUNKLINE_CONNECTORS: JSON.stringify(connectors),
};

/** All that the server has logged, at its loudest. */
let logged = "";
const log = pino(
  { level: "trace" },
  new Writable({
    write(piece, _encoding, done) {
      logged += String(piece);
      done();
    },
  }),
);
const config = readConfig(["--port", "0", "--data", ":memory:", "--clock", "manual"], {
  TRUNKLINE_CREDENTIALS: "test, test, 000000000000\nother, other, 111122223333\n",
  TRUNKLINE_UNITS_TWICE: process.env.TRUNKLINE_UNITS_TWICE,
  ...environment,
});
const app = await startApp(config, { log });
after(async () => {
  await app.close();
  for (const standIn of [salesforce, zendesk, marketo, serviceNow]) await standIn[Symbol.asyncDispose]();
});

const client = new CustomerProfilesClient({
  endpoint: app.url,
  region: "us-east-1",
  credentials: { accessKeyId: "test", secretAccessKey: "test" },
  maxAttempts: 1,
});

/** Moves the clock, and waits until all that follows has happened. */
async function advance(duration: string): Promise<void> {
  const { status, body } = await moveClock(app.platform(), Buffer.from(JSON.stringify({ advance: duration })));
  assert.equal(status, 200, String(body));
}

const OF = { account: "000000000000", region: "us-east-1" };

async function flowNamed(name: string): Promise<Flow> {
  const flow = await app.platform().store.get(flows, flowKey({ ...OF, name }));
  assert(flow);
  return flow;
}

/** Runs of a flow, the oldest first. */
async function runsOf(name: string): Promise<readonly FlowRun[]> {
  const prefix = compositeKey((await flowNamed(name)).uid, "");
  const { documents } = await app.platform().store.list(flowRuns, { index: "started", prefix, limit: 100 });
  return documents;
}

interface Put {
  readonly source: SourceFlowConfig;
  readonly type: string;
  readonly fields?: readonly string[];
  readonly trigger?: TriggerConfig;
}

/** Makes a domain and a flow into it, both of one name. */
async function putFlow(
  name: string,
  { source, type, fields, trigger = { TriggerType: "OnDemand" } }: Put,
): Promise<void> {
  await client.send(new CreateDomainCommand({ DomainName: name, DefaultExpirationDays: 30 }));
  const member = source.ConnectorType === "Servicenow" ? "ServiceNow" : (source.ConnectorType ?? "S3");
  const tasks: Task[] = fields
    ? [{ TaskType: "Filter", SourceFields: [...fields], ConnectorOperator: { [member]: "PROJECTION" } }]
    : [];
  await client.send(
    new PutIntegrationCommand({
      DomainName: name,
      ObjectTypeName: type,
      FlowDefinition: {
        FlowName: name,
        KmsArn: "arn:aws:kms:us-east-1:000000000000:key/1c6ad4b2-0000-4000-8000-5f2b7c9d0001",
        SourceFlowConfig: source,
        Tasks: tasks,
        TriggerConfig: trigger,
      },
    }),
  );
}

async function found(DomainName: string, KeyName: string, value: string): Promise<readonly object[]> {
  const { Items = [] } = await client.send(new SearchProfilesCommand({ DomainName, KeyName, Values: [value] }));
  return Items;
}

async function profileCount(DomainName: string): Promise<number | undefined> {
  const { Stats } = await client.send(new GetDomainCommand({ DomainName }));
  return Stats?.ProfileCount;
}

const contacts = (object: string): SourceFlowConfig => ({
  ConnectorType: "Salesforce",
  ConnectorProfileName: "sf",
  SourceConnectorProperties: { Salesforce: { Object: object } },
});

const time = (ms: number): string => new Date(Math.floor(ms / 1000) * 1000).toISOString().replace("Z", "+0000");

/** An object of Salesforce with as many contacts, all of which changed an hour ago. */
function putContacts(object: string, count: number): void {
  const names = ["Id", "AccountId", "FirstName", "LastName", "Email"];
  const fields = [...names.map((name) => ({ name, type: "string" })), { name: "SystemModstamp", type: "datetime" }];
  const rows = Array.from({ length: count }, (_, place) => ({
    Id: `003${object}${String(place).padStart(6, "0")}`,
    AccountId: `001${object}${place}`,
    FirstName: "Ina",
    LastName: `Dyk ${place}`,
    Email: `ina.${place}@example.com`,
    SystemModstamp: time(NOW_MS - HOUR),
  }));
  salesforce.objects.set(object, { fields, rows });
}

test("contacts of Salesforce become profiles", async () => {
  putContacts("Contact", 450);
  await putFlow("from-salesforce", { source: contacts("Contact"), type: "Salesforce-Contact" });
  await advance("PT1S");
  const [run] = await runsOf("from-salesforce");
  assert.deepEqual(
    [run?.status, run?.counts.read, run?.counts.ingested, run?.counts.failed],
    ["Successful", 450, 450, 0],
  );
  assert.equal(await profileCount("from-salesforce"), 450);
  const [profile] = await found("from-salesforce", "_salesforceContactId", "003Contact000007");
  assert.equal((profile as { LastName?: string }).LastName, "Dyk 7");
});

test("users of Zendesk, leads of Marketo and users of ServiceNow become profiles", async () => {
  const changed = new Date(NOW_MS - HOUR).toISOString().replace(/\.\d+Z/, "Z");
  zendesk.rows.set("users", [
    { id: 1, email: "ina@example.com", phone: "+4942155501", external_id: null, updated_at: changed },
    { id: 2, email: "bo@example.com", phone: null, external_id: "x-2", updated_at: changed },
  ]);
  marketo.leads.push({
    id: 88,
    email: "ina@example.com",
    firstName: "Ina",
    note: null,
    createdAt: changed,
    updatedAt: changed,
  });
  const updated = changed.slice(0, 19).replace("T", " ");
  serviceNow.tables.set("sys_user", [
    { sys_id: "681c", first_name: "Ina", email: "ina@example.com", sys_updated_on: updated },
  ]);
  await putFlow("from-zendesk", {
    source: {
      ConnectorType: "Zendesk",
      ConnectorProfileName: "zd",
      SourceConnectorProperties: { Zendesk: { Object: "users" } },
    },
    type: "Zendesk-users",
  });
  await putFlow("from-marketo", {
    source: {
      ConnectorType: "Marketo",
      ConnectorProfileName: "mk",
      SourceConnectorProperties: { Marketo: { Object: "leads" } },
    },
    type: "Marketo-leads",
    fields: ["id", "email", "firstName"],
  });
  await putFlow("from-servicenow", {
    source: {
      ConnectorType: "Servicenow",
      ConnectorProfileName: "sn",
      SourceConnectorProperties: { ServiceNow: { Object: "sys_user" } },
    },
    type: "Servicenow-sys_user",
  });
  // Exports of Marketo take some minutes.
  await advance("PT15M");
  for (const name of ["from-zendesk", "from-marketo", "from-servicenow"]) {
    const [run] = await runsOf(name);
    assert.deepEqual([name, run?.status, run?.message], [name, "Successful", undefined]);
  }
  assert.equal(await profileCount("from-zendesk"), 2);
  assert.equal((await found("from-zendesk", "_zendeskUserId", "1")).length, 1);
  assert.equal((await found("from-marketo", "_marketoLeadId", "88")).length, 1);
  assert.equal((await found("from-servicenow", "_serviceNowSystemId", "681c")).length, 1);
});

test("an incremental flow reads what has changed since its last run, each change once", async () => {
  putContacts("Visitor", 10);
  const asked = salesforce.asked.length;
  await putFlow("nightly", {
    source: { ...contacts("Visitor"), IncrementalPullConfig: { DatetimeTypeFieldName: "SystemModstamp" } },
    type: "Salesforce-Contact",
    fields: ["Id", "AccountId", "LastName"],
    trigger: {
      TriggerType: "Scheduled",
      TriggerProperties: { Scheduled: { ScheduleExpression: "rate(1hours)", DataPullMode: "Incremental" } },
    },
  });
  await advance("PT1S");
  const rows = salesforce.objects.get("Visitor")?.rows ?? [];
  const [first] = await runsOf("nightly");
  const endMs = (first?.window?.toMs ?? 0) + HOUR;
  rows[3] = { ...rows[3], LastName: "Möller", SystemModstamp: time(endMs - 60_000) };
  // At the very end of a window: it belongs to the next one.
  rows[4] = { ...rows[4], LastName: "Nowak", SystemModstamp: time(Math.ceil(endMs / 1000) * 1000) };
  await advance("PT2H");
  const runs = await runsOf("nightly");
  assert.deepEqual(
    runs.map(({ counts }) => counts.read),
    [10, 1, 1],
  );
  for (const [place, { window }] of runs.entries()) {
    if (place > 0) assert.equal(window?.fromMs, runs[place - 1]?.window?.toMs, "windows meet");
  }
  const queries = salesforce.asked.slice(asked).map(({ url }) => url.searchParams.get("q"));
  assert.match(
    queries[0] ?? "",
    /^SELECT Id,SystemModstamp,AccountId,LastName FROM Visitor WHERE SystemModstamp >= \S+Z AND SystemModstamp < \S+Z ORDER BY SystemModstamp,Id$/,
  );
  const [changed] = await found("nightly", "_salesforceContactId", "003Visitor000003");
  assert.equal((changed as { LastName?: string }).LastName, "Möller");
});

test("a token that ends in the middle of a run is renewed, and the run goes on", async () => {
  putContacts("Guest", 450);
  salesforce.tokenUses = 2;
  await putFlow("expires", { source: contacts("Guest"), type: "Salesforce-Contact" });
  await advance("PT1S");
  salesforce.tokenUses = Number.POSITIVE_INFINITY;
  const [run] = await runsOf("expires");
  assert.deepEqual([run?.status, run?.counts.ingested, run?.failures], ["Successful", 450, 0]);
});

test("a source that refuses a fresh token too ends the run, and the flow says why until a run succeeds", async () => {
  putContacts("Crew", 3);
  salesforce.refusesTokens = true;
  await putFlow("refused", {
    source: contacts("Crew"),
    type: "Salesforce-Contact",
    trigger: {
      TriggerType: "Scheduled",
      TriggerProperties: { Scheduled: { ScheduleExpression: "rate(1days)", DataPullMode: "Complete" } },
    },
  });
  await advance("PT1S");
  const message = "Salesforce answered 401: INVALID_SESSION_ID, Session expired or invalid";
  const [run] = await runsOf("refused");
  assert.deepEqual([run?.status, run?.message, run?.failures], ["Error", message, 1]);
  const flow = await flowNamed("refused");
  assert.deepEqual([flow.status, flow.statusMessage], ["Errored", message]);
  salesforce.refusesTokens = false;
  await advance("P1D");
  const after = await flowNamed("refused");
  assert.deepEqual([after.status, after.statusMessage], ["Active", undefined]);
  assert.equal(await profileCount("refused"), 3);
});

test("limits are waited for as long as the source says, and faults that pass are passed over", async () => {
  putContacts("Berth", 3);
  salesforce.fail(/query/, { status: 429, headers: { "retry-after": "1800" } });
  await putFlow("limited", {
    source: contacts("Berth"),
    type: "Salesforce-Contact",
    fields: ["Id", "AccountId", "LastName"],
  });
  await advance("PT29M");
  const [waits] = await runsOf("limited");
  assert.deepEqual([waits?.status, waits?.failures, waits?.message], ["InProgress", 1, "Salesforce answered 429"]);
  for (const fault of [{ status: 500 }, "half body", "hang up", { status: 503 }] as const)
    salesforce.fail(/query/, fault);
  await advance("PT10M");
  const [run] = await runsOf("limited");
  assert.deepEqual([run?.status, run?.counts.ingested, run?.message], ["Successful", 3, undefined]);
});

test("a source that stays away, gives no JSON or does not know a field any more is told by the run and the flow", async () => {
  putContacts("Pilot", 3);
  salesforce.fail(/query/, { status: 500 }, 10);
  await putFlow("away", { source: contacts("Pilot"), type: "Salesforce-Contact", fields: ["Id"] });
  await advance("PT2H");
  salesforce.fail(/query/, "cut off");
  await putFlow("broken", { source: contacts("Pilot"), type: "Salesforce-Contact", fields: ["Id"] });
  await advance("PT1S");
  await putFlow("drifted", { source: contacts("Pilot"), type: "Salesforce-Contact", fields: ["Id", "Gone__c"] });
  await putFlow("stranger", {
    source: { ...contacts("Pilot"), ConnectorProfileName: "zd" },
    type: "Salesforce-Contact",
  });
  await advance("PT1S");
  const expected = {
    away: /^Salesforce answered 500$/,
    broken: /^Salesforce answered with what is no JSON$/,
    drifted: /^Salesforce answered 400: INVALID_FIELD, No such column 'Gone__c' on entity 'Pilot'/,
    stranger: /^The connector profile zd is one of Zendesk, not of Salesforce$/,
  };
  for (const [name, message] of Object.entries(expected)) {
    const [run] = await runsOf(name);
    assert.equal(run?.status, "Error", name);
    assert.match(run?.message ?? "", message);
    const { status, statusMessage } = await flowNamed(name);
    assert.deepEqual([status, statusMessage], ["Errored", run?.message]);
  }
});

test("a record that is nested too deep to be written as JSON is told, and those around it come in", async () => {
  const deep = `{"id":71,"a":${"[".repeat(20_000)}${"]".repeat(20_000)}}`;
  const body = Buffer.from(`{"users":[{"id":70},${deep},{"id":72}],"end_of_stream":true,"after_cursor":"last"}`);
  zendesk.fail(/incremental\/users/, { status: 200, body });
  await putFlow("deep", {
    source: {
      ConnectorType: "Zendesk",
      ConnectorProfileName: "zd",
      SourceConnectorProperties: { Zendesk: { Object: "users" } },
    },
    type: "Zendesk-users",
  });
  await advance("PT1M");
  const [run] = await runsOf("deep");
  assert.deepEqual([run?.status, run?.counts.read, run?.counts.failed], ["Successful", 3, 1]);
  assert.equal(await profileCount("deep"), 2);
});

test("no secret and no token is in the log, in what is stored, or in any answer", async () => {
  const secrets = [...Object.values(environment).slice(0, 4), salesforce.clientId, "token-"];
  const shown: string[] = [logged];
  const { store } = app.platform();
  const [kept, ran] = [await store.list(flows, { limit: 1000 }), await store.list(flowRuns, { limit: 1000 })];
  assert.ok(kept.documents.length > 5 && ran.documents.length > 5);
  shown.push(JSON.stringify([kept, ran]));
  for (const name of ["refused", "from-marketo", "drifted"]) {
    const list = await client.send(new ListIntegrationsCommand({ DomainName: name }));
    const [item] = list.Items ?? [];
    const got = await client.send(new GetIntegrationCommand({ DomainName: name, Uri: item?.Uri }));
    shown.push(JSON.stringify([list, got]));
  }
  for (const path of ["/_trunkline/health", "/_trunkline/metrics"]) {
    const { status, body } = await sendSigned(app.url, { service: "trunkline", method: "GET", path });
    assert.equal(status, 200);
    shown.push(String(body));
  }
  assert.ok(logged.length > 1000);
  for (const text of shown) for (const secret of secrets) assert.ok(!text.includes(secret), `${secret} is shown`);
});
