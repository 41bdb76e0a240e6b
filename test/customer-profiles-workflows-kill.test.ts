/**
 * Kills the server (SIGKILL) in the middle of a workflow: after each restart it goes on behind the last record that was ingested, and in the end
 * every record of all batches has been ingested once.
 */
import assert from "node:assert/strict";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import {
  CreateDomainCommand,
  CreateIntegrationWorkflowCommand,
  CustomerProfilesClient,
  GetDomainCommand,
  GetWorkflowCommand,
  ListIntegrationsCommand,
  ListProfileHistoryRecordsCommand,
  SearchProfilesCommand,
} from "@aws-sdk/client-customer-profiles";
import { spawnTrunkline, temporaryFolder } from "./server.ts";
import { SalesforceStandIn } from "./stand-ins/salesforce.ts";

const FULL = process.env.TRUNKLINE_FULL === "1";
const BATCHES = 3;
const RECORDS = (FULL ? 9_000 : 900) / BATCHES;
const KILLS = FULL ? 12 : 2;
const DomainName = "history";

const dayOf = (batch: number): Date => new Date(Date.UTC(2026, 5, batch + 1));
const idOf = (batch: number, place: number): string => `003x${batch}${String(place).padStart(6, "0")}`;

test("a workflow outlives the server's crashes, and each record of its batches is ingested once", async (t) => {
  const salesforce = await new SalesforceStandIn().start();
  after(() => salesforce[Symbol.asyncDispose]());
  salesforce.objects.set("Contact", {
    fields: ["Id", "LastName", "SystemModstamp"].map((name) => ({ name, type: "string" })),
    rows: Array.from({ length: BATCHES * RECORDS }, (_, index) => {
      const [batch, place] = [Math.floor(index / RECORDS), index % RECORDS];
      const SystemModstamp = new Date(dayOf(batch).getTime() + place * 1000).toISOString().replace("Z", "+0000");
      return { Id: idOf(batch, place), LastName: `Dyk ${place}`, SystemModstamp };
    }),
  });
  const connectors = join(temporaryFolder(), "connectors.json");
  const { url: instanceUrl, clientId, clientSecret } = salesforce;
  writeFileSync(
    connectors,
    JSON.stringify({ sf: { connectorType: "Salesforce", instanceUrl, clientId, clientSecret } }),
  );

  const folder = temporaryFolder();
  let server = await spawnTrunkline(folder, "--connectors", connectors);
  const { url } = server;
  const client = new CustomerProfilesClient({
    endpoint: url,
    region: "us-east-1",
    credentials: { accessKeyId: "test", secretAccessKey: "test" },
  });
  after(() => client.destroy());
  await client.send(new CreateDomainCommand({ DomainName, DefaultExpirationDays: 366 }));
  const { WorkflowId } = await client.send(
    new CreateIntegrationWorkflowCommand({
      DomainName,
      WorkflowType: "APPFLOW_INTEGRATION",
      ObjectTypeName: "Salesforce-Contact",
      RoleArn: "arn:aws:iam::000000000000:role/workflows",
      IntegrationConfig: {
        AppflowIntegration: {
          FlowDefinition: {
            FlowName: "contacts",
            KmsArn: "arn:aws:kms:us-east-1:000000000000:key/1c6ad4b2-0000-4000-8000-5f2b7c9d0001",
            SourceFlowConfig: {
              ConnectorType: "Salesforce",
              ConnectorProfileName: "sf",
              IncrementalPullConfig: { DatetimeTypeFieldName: "SystemModstamp" },
              SourceConnectorProperties: { Salesforce: { Object: "Contact" } },
            },
            Tasks: [],
            TriggerConfig: { TriggerType: "OnDemand" },
          },
          Batches: Array.from({ length: BATCHES }, (_, batch) => ({
            StartTime: dayOf(batch),
            EndTime: dayOf(batch + 1),
          })),
        },
      },
    }),
  );
  const workflow = () => client.send(new GetWorkflowCommand({ DomainName, WorkflowId }));
  const progress = async (): Promise<number> =>
    (await workflow()).Metrics?.AppflowIntegration?.RecordsProcessed ?? assert.fail();

  const seen: number[] = [];
  for (let kill = 0; kill < KILLS; kill += 1) {
    const wanted = ((kill + 0.5) / KILLS) * BATCHES * RECORDS;
    let read = await progress();
    while (read < wanted) {
      await sleep(10);
      read = await progress();
    }
    seen.push(read);
    const exit = once(server.child, "exit");
    server.child.kill("SIGKILL");
    await exit;
    server = await spawnTrunkline(folder, "--connectors", connectors, "--port", new URL(url).port);
    assert.ok((await progress()) >= read, "what was told is there");
  }
  assert.ok(
    seen.some((read) => read < BATCHES * RECORDS),
    "it was killed in the middle",
  );
  let status = (await workflow()).Status;
  while (status === "IN_PROGRESS") {
    await sleep(20);
    status = (await workflow()).Status;
  }
  t.diagnostic(`killed at ${seen.join(", ")} of ${BATCHES * RECORDS} records`);
  assert.equal(status, "COMPLETE");
  assert.equal(await progress(), BATCHES * RECORDS);
  const { ProfileCount, ObjectCount } = (await client.send(new GetDomainCommand({ DomainName }))).Stats ?? {};
  assert.deepEqual([ProfileCount, ObjectCount], [BATCHES * RECORDS, BATCHES * RECORDS]);
  const { Items } = await client.send(new ListIntegrationsCommand({ DomainName, IncludeHidden: true }));
  assert.deepEqual(
    Items?.map((item) => item.WorkflowId),
    [WorkflowId],
  );
  for (let index = 0; index < BATCHES * RECORDS; index += Math.ceil((BATCHES * RECORDS) / 150)) {
    const id = idOf(Math.floor(index / RECORDS), index % RECORDS);
    assert.equal(await timesIngested(id), 1, id);
  }

  async function timesIngested(id: string): Promise<number> {
    const search = { DomainName, KeyName: "_salesforceContactId", Values: [id] };
    const [found] = (await client.send(new SearchProfilesCommand(search))).Items ?? [];
    assert.ok(found, id);
    const history = await client.send(
      new ListProfileHistoryRecordsCommand({ DomainName, ProfileId: found.ProfileId, ActionType: "INGESTED" }),
    );
    return history.ProfileHistoryRecords?.length ?? 0;
  }
});
