/**
 * Kills the server (SIGKILL) while cases are created and changed from many sides, rules give them service levels, and the clock goes over these:
 * what was acknowledged is there, each change is told once, each case has its service level once, and each is breached once.
 */
import assert from "node:assert/strict";
import { once } from "node:events";
import { after, test } from "node:test";
import {
  type CaseSlaConfiguration,
  ConnectClient,
  type ConnectClientConfig,
  CreateInstanceCommand,
  CreateIntegrationAssociationCommand,
  CreateRuleCommand,
  type EventSourceName,
  ListContactFlowsCommand,
  type RuleAction,
} from "@aws-sdk/client-connect";
import { SeededIds } from "../src/time/ids.ts";
import { type CaseEventDetail, comment, openCases, relate, text } from "./cases-world.ts";
import { spawnTrunkline, temporaryFolder } from "./server.ts";
import { sendSigned } from "./signed-request.ts";

/** Each round sees a kill. */
const ROUNDS = process.env.TRUNKLINE_FULL === "1" ? 60 : 2;
const SEED = process.env.TRUNKLINE_SEED ?? "1";
const WORKERS = 12;

test("no change of a case is lost or told twice, and rules and the clock act once, whenever the server is killed", async (t) => {
  const ids = new SeededIds(`cases ${SEED}`);
  const folder = temporaryFolder();
  let server = await spawnTrunkline(folder);
  const { url } = server;
  const client = {
    endpoint: url,
    region: "us-east-1",
    credentials: { accessKeyId: "test", secretAccessKey: "test" },
    maxAttempts: 1,
  };
  const advance = async (duration: string): Promise<void> => {
    const body = JSON.stringify({ advance: duration });
    const { status } = await sendSigned(url, { service: "trunkline", path: "/_trunkline/clock", body });
    assert.equal(status, 200);
  };
  const world = await openCases({ url, client, advance });
  await assignServiceLevels(client, world.domainArn);

  const acknowledged: { readonly caseId: string; readonly titles: string[]; readonly comments: string[] }[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const ended = once(server.child, "exit");
    // The machine may be busy: what counts is how much has come through.
    const { promise: enough, resolve } = Promise.withResolvers<void>();
    const wanted = 1 + Math.floor(ids.random() * 30);
    let done = 0;
    const note = (): void => {
      if (++done === wanted) resolve();
    };
    const work = Promise.allSettled([
      ...Array.from({ length: WORKERS }, async (_, worker) => {
        const first = `${round}-${worker}-0`;
        const one = { caseId: await world.create({ title: text(first) }), titles: [first], comments: [] as string[] };
        acknowledged.push(one);
        note();
        for (let at = 1; at < 8; at++) {
          const title = `${round}-${worker}-${at}`;
          await world.update(one.caseId, { title: text(title) });
          one.titles.push(title);
          note();
          one.comments.push(await relate(world, one.caseId, comment(title)));
          note();
        }
      }),
      advance("PT10M"),
    ]);
    void work.then(() => resolve());
    await enough;
    server.child.kill("SIGKILL");
    await Promise.all([ended, work]);
    server = await spawnTrunkline(folder, "--port", new URL(url).port);
  }
  await advance("PT1H");
  const told = (await world.told()).map(({ detail }) => detail);

  const seen = told.map(
    ({ case: of, relatedItem, approximateChangeTime: time }) => `${(of ?? relatedItem)?.caseId} ${time}`,
  );
  assert.equal(new Set(seen).size, seen.length, "a change was told twice");
  for (const { caseId, titles, comments } of acknowledged) {
    const ofCase = told.filter(({ case: of }) => of?.caseId === caseId);
    const toldTitles = ofCase.map((detail) => detail.case?.fields?.title?.value.stringValue);
    // The last change may have been made without an answer.
    assert.deepEqual(toldTitles.slice(0, titles.length), titles);
    assert.ok(toldTitles.length <= titles.length + 1);
    assert.deepEqual(await world.values(caseId), valuesOf(ofCase.at(-1)));
    const items = told.filter(({ relatedItem }) => relatedItem?.caseId === caseId);
    const remarks = items.flatMap(({ relatedItem }) => (relatedItem?.comment ? [relatedItem.relatedItemId] : []));
    assert.deepEqual(remarks.slice(0, comments.length), comments);
    assert.equal(new Set(remarks).size, remarks.length);
  }
  // Those too whose creation was not answered.
  const created = told.filter(({ eventType }) => eventType === "CASE.CREATED").map((detail) => detail.case?.caseId);
  for (const caseId of created) {
    const statuses = told.flatMap(({ relatedItem }) => {
      const level = relatedItem?.caseId === caseId ? relatedItem?.sla : undefined;
      return level ? [(level as { slaConfiguration: { status: string } }).slaConfiguration.status] : [];
    });
    assert.deepEqual(statuses, ["Active", "Overdue"], caseId);
    const tasks = told.filter(({ relatedItem }) => relatedItem?.caseId === caseId && relatedItem?.contact);
    assert.equal(tasks.length, 1, caseId);
  }
  t.diagnostic(
    `seed ${SEED}: ${ROUNDS} kills, ${acknowledged.length} cases acknowledged of ${created.length}, ${told.length} changes`,
  );
});

/** What a case has by its last event, and after the breach of its service level. */
function valuesOf(detail: CaseEventDetail | undefined): object {
  const { next_sla_breach_datetime: _, ...fields } = detail?.case?.fields ?? {};
  return Object.fromEntries(Object.entries(fields).map(([id, { value }]) => [id, value]));
}

/** Each new case gets a service level of half an hour, and a task when that is breached. */
async function assignServiceLevels(client: ConnectClientConfig, IntegrationArn: string): Promise<void> {
  const connect = new ConnectClient(client);
  after(() => connect.destroy());
  const { Id: InstanceId } = await connect.send(
    new CreateInstanceCommand({
      IdentityManagementType: "CONNECT_MANAGED",
      InstanceAlias: "killed",
      InboundCallsEnabled: true,
      OutboundCallsEnabled: true,
    }),
  );
  const association = { InstanceId, IntegrationType: "CASES_DOMAIN", IntegrationArn } as const;
  await connect.send(new CreateIntegrationAssociationCommand(association));
  const flows = await connect.send(new ListContactFlowsCommand({ InstanceId, ContactFlowTypes: ["CONTACT_FLOW"] }));
  const ContactFlowId = flows.ContactFlowSummaryList?.[0]?.Id;
  const configuration: CaseSlaConfiguration = {
    Name: "answer",
    Type: "CaseField",
    FieldId: "status",
    TargetFieldValues: [{ StringValue: "closed" }],
    TargetSlaMinutes: 30,
  };
  const assign: RuleAction = {
    ActionType: "ASSIGN_SLA",
    AssignSlaAction: { SlaAssignmentType: "CASES", CaseSlaConfiguration: configuration },
  };
  const task: RuleAction = { ActionType: "CREATE_TASK", TaskAction: { Name: "breached", ContactFlowId } };
  const rules: readonly (readonly [EventSourceName, RuleAction, path: string, Operator: string, operand: string])[] = [
    ["OnCaseCreate", assign, "Case.Fields.status", "EQUALS", "open"],
    ["OnSlaBreach", task, "RelatedItem.SlaConfiguration.Name", "CONTAINS_ANY", "answer"],
  ];
  for (const [EventSourceName, action, path, Operator, operand] of rules) {
    const Operands = [{ Operator, Operands: [operand], ComparisonValue: `$.${path}`, Negate: false }];
    await connect.send(
      new CreateRuleCommand({
        InstanceId,
        Name: EventSourceName,
        TriggerEventSource: { EventSourceName },
        Function: JSON.stringify({ Version: "2022-11-25", RuleFunction: { Operator: "AND", Operands } }),
        Actions: [action],
        PublishStatus: "PUBLISHED",
      }),
    );
  }
}
