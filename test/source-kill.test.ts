/** Kills the server (SIGKILL) while flows read their sources: in the end each run has read every record once, and none twice. */
import assert from "node:assert/strict";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { after, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import {
  CreateDomainCommand,
  CustomerProfilesClient,
  GetDomainCommand,
  PutIntegrationCommand,
  type SourceFlowConfig,
} from "@aws-sdk/client-customer-profiles";
import type { FlowRun } from "../src/services/appflow/flow-document.ts";
import { spawnTrunkline, temporaryFolder } from "./server.ts";
import { sendSigned } from "./signed-request.ts";
import { SalesforceStandIn } from "./stand-ins/salesforce.ts";
import { ServiceNowStandIn } from "./stand-ins/service-now.ts";

const FULL = process.env.TRUNKLINE_FULL === "1";
const RECORDS = FULL ? 5_000 : 250;
const KILLS = FULL ? 12 : 2;

const salesforce = await new SalesforceStandIn().start();
const serviceNow = await new ServiceNowStandIn().start();
after(async () => {
  await salesforce[Symbol.asyncDispose]();
  await serviceNow[Symbol.asyncDispose]();
});

const hourAgo = new Date(Date.now() - 3_600_000).toISOString();
const contacts = Array.from({ length: RECORDS }, (_, place) => ({
  Id: `003${String(place).padStart(12, "0")}`,
  LastName: `Dyk ${place}`,
  SystemModstamp: `${hourAgo.slice(0, 19)}.000+0000`,
}));
const fields = Object.keys(contacts[0] ?? {}).map((name) => ({
  name,
  type: name.endsWith("stamp") ? "datetime" : "string",
}));
salesforce.objects.set("Contact", { fields, rows: contacts });
salesforce.batchMax = 200;
const users = Array.from({ length: RECORDS }, (_, place) => ({
  sys_id: `a${String(place).padStart(12, "0")}`,
  first_name: `Ina ${place}`,
  sys_updated_on: hourAgo.slice(0, 19).replace("T", " "),
}));
serviceNow.tables.set("sys_user", users);

const { clientId, clientSecret, url: instanceUrl } = salesforce;
const { user, password, url: baseUrl } = serviceNow;
const profiles = {
  "by-query": { connectorType: "Salesforce", instanceUrl, clientId, clientSecret },
  "by-job": { connectorType: "Salesforce", instanceUrl, clientId, clientSecret, bulkAbove: 10 },
  "by-table": { connectorType: "Servicenow", baseUrl, user, password },
};
const sources: Readonly<Record<string, readonly [type: string, source: SourceFlowConfig]>> = {
  "by-query": [
    "Salesforce-Contact",
    { ConnectorType: "Salesforce", SourceConnectorProperties: { Salesforce: { Object: "Contact" } } },
  ],
  "by-job": [
    "Salesforce-Contact",
    { ConnectorType: "Salesforce", SourceConnectorProperties: { Salesforce: { Object: "Contact" } } },
  ],
  "by-table": [
    "Servicenow-sys_user",
    { ConnectorType: "Servicenow", SourceConnectorProperties: { ServiceNow: { Object: "sys_user" } } },
  ],
};

test("flows outlive the server's crashes, and read each record once", async (t) => {
  const folder = temporaryFolder();
  const file = join(temporaryFolder(), "connectors.json");
  writeFileSync(file, JSON.stringify(profiles));
  let server = await spawnTrunkline(folder, "--connectors", file);
  const { url } = server;
  const client = new CustomerProfilesClient({
    endpoint: url,
    region: "us-east-1",
    credentials: { accessKeyId: "test", secretAccessKey: "test" },
  });
  after(() => client.destroy());
  for (const [name, [type, source]] of Object.entries(sources)) {
    await client.send(new CreateDomainCommand({ DomainName: name, DefaultExpirationDays: 30 }));
    await client.send(
      new PutIntegrationCommand({
        DomainName: name,
        ObjectTypeName: type,
        FlowDefinition: {
          FlowName: name,
          KmsArn: "arn:aws:kms:us-east-1:000000000000:key/1c6ad4b2-0000-4000-8000-5f2b7c9d0001",
          SourceFlowConfig: { ...source, ConnectorProfileName: name },
          Tasks: [],
          TriggerConfig: { TriggerType: "OnDemand" },
        },
      }),
    );
  }
  const done = async (): Promise<number> => {
    let sum = 0;
    for (const DomainName of Object.keys(sources)) {
      const { Stats } = await client.send(new GetDomainCommand({ DomainName }));
      sum += Stats?.ProfileCount ?? 0;
    }
    return sum;
  };
  /** Lets waits for jobs pass. It answers when all runs have ended, or not at all. */
  const passTime = (): Promise<unknown> =>
    sendSigned(url, { service: "trunkline", path: "/_trunkline/clock", body: '{"advance":"PT2M"}' }).catch(
      () => undefined,
    );

  const all = RECORDS * Object.keys(sources).length;
  let kills = 0;
  for (; kills < KILLS; kills += 1) {
    const wanted = Math.min(Math.max((await done()) + 1, Math.floor(((kills + 0.3) / KILLS) * all)), all);
    const passing = passTime();
    while ((await done()) < wanted) await sleep(5);
    const exit = once(server.child, "exit");
    server.child.kill("SIGKILL");
    await exit;
    await passing;
    server = await spawnTrunkline(folder, "--connectors", file, "--port", new URL(url).port);
  }
  for (let last = -1, now = await done(); now !== last || now < all; last = now, now = await done()) await passTime();
  t.diagnostic(`${kills} kills, ${RECORDS} records of each of ${Object.keys(sources).length} flows`);
  const exit = once(server.child, "exit");
  server.child.kill("SIGTERM");
  await exit;
  const runs = runsIn(folder);
  for (const name of Object.keys(sources)) {
    const [run, ...others] = runs.filter(({ flowName }) => flowName === name);
    assert.deepEqual(others, []);
    const { read, ingested, failed } = run?.counts ?? {};
    assert.deepEqual([run?.status, read, ingested, failed], ["Successful", RECORDS, RECORDS, 0], name);
  }
});

function runsIn(folder: string): readonly FlowRun[] {
  const database = new DatabaseSync(join(folder, "trunkline.db"), { readOnly: true });
  const rows = database.prepare("SELECT * FROM appflow_runs").all();
  database.close();
  return rows.map((row) => JSON.parse(String(Object.values(row).find((value) => /^\{/.test(String(value))))));
}
