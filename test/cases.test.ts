/** Cases: what is created, read, changed and deleted, what is refused, and what is told and written down of it. */
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  CreateCaseCommand,
  type CreateCaseCommandInput,
  DeleteCaseCommand,
  GetCaseAuditEventsCommand,
  GetCaseCommand,
  UpdateCaseCommand,
} from "@aws-sdk/client-connectcases";
import { EMPTY, listOf, openCases, text } from "./cases-world.ts";
import { startTrunkline } from "./server.ts";

const server = await startTrunkline();

test("a case is created, read, changed and deleted", async () => {
  const { cases, domainId, domainArn, templateId, custom, create, update, values } = await openCases(server);
  const given = {
    title: text("Kettle arrived cracked"),
    [custom.Text]: text("a\nb"),
    [custom.Number]: { doubleValue: 49.5 },
    [custom.Boolean]: { booleanValue: false },
    [custom.DateTime]: text("2026-02-11T09:59:02.0041+01:00"),
    [custom.SingleSelect]: text("gold"),
    [custom.Url]: text("https://example.com/a?b"),
    [custom.User]: { userArnValue: "arn:aws:connect:us-east-1:000000000000:instance/i/agent/u" },
  };
  const made = await cases.send(
    new CreateCaseCommand({
      domainId,
      templateId,
      fields: listOf(given),
      performedBy: { customEntity: "claims-bot" },
      tags: { priority: "p2" },
    }),
  );
  const caseId = made.caseId ?? "";
  assert.equal(made.caseArn, `${domainArn}/case/${caseId}`);
  const { reference_number, created_datetime, ...stored } = await values(caseId);
  assert.match(reference_number?.stringValue ?? "", /^[A-Z0-9]{9}$/);
  assert.deepEqual(stored, {
    ...given,
    [custom.DateTime]: text("2026-02-11T08:59:02.004Z"),
    case_id: text(caseId),
    status: text("open"),
    created_by: { userArnValue: "claims-bot" },
    last_updated_user: { userArnValue: "claims-bot" },
    last_updated_datetime: created_datetime,
  });
  const shown = await cases.send(
    new GetCaseCommand({ domainId, caseId, fields: [{ id: "title" }, { id: "summary" }] }),
  );
  assert.partialDeepStrictEqual(shown, {
    templateId,
    fields: listOf({ title: given.title }),
    tags: { priority: "p2" },
  });

  await update(caseId, { [custom.Number]: EMPTY, summary: text("It leaks"), title: given.title });
  assert.deepEqual(await values(caseId, [custom.Number, "summary", "title"]), {
    summary: text("It leaks"),
    title: given.title,
  });
  await cases.send(new DeleteCaseCommand({ domainId, caseId }));
  for (const command of [
    new GetCaseCommand({ domainId, caseId, fields: [{ id: "title" }] }),
    new UpdateCaseCommand({ domainId, caseId, fields: [] }),
    new DeleteCaseCommand({ domainId, caseId }),
    new GetCaseAuditEventsCommand({ domainId, caseId }),
  ]) {
    await assert.rejects(cases.send(command as GetCaseCommand), {
      name: "ResourceNotFoundException",
      resourceType: "Case",
      resourceId: caseId,
    });
  }
  assert.notEqual(await create(), caseId);
});

test("closing and reopening stamp their times, and what was closed once stays so", async () => {
  const { create, update, values } = await openCases(server);
  const caseId = await create();
  const times = ["last_closed_datetime", "last_reopened_datetime", "last_updated_datetime"];
  await update(caseId, { status: text("closed") });
  const closed = await values(caseId, times);
  assert.deepEqual(closed, {
    last_closed_datetime: closed.last_updated_datetime,
    last_updated_datetime: closed.last_updated_datetime,
  });
  await server.advance("PT1H");
  await update(caseId, { status: text("waiting") });
  const reopened = await values(caseId, times);
  assert.deepEqual(reopened.last_closed_datetime, closed.last_closed_datetime);
  assert.deepEqual(reopened.last_reopened_datetime, reopened.last_updated_datetime);
  await server.advance("PT1H");
  await update(caseId, { status: text("closed") });
  const again = await values(caseId, times);
  assert.deepEqual(again.last_closed_datetime, again.last_updated_datetime);
  assert.deepEqual(again.last_reopened_datetime, reopened.last_reopened_datetime);
});

test("what a case cannot have is refused, and neither changed nor told", async () => {
  const { cases, domainId, templateId, custom, create, update, values, told, template } = await openCases(server);
  const caseId = await create();
  const before = await values(caseId);
  const inactive = await template({ status: "Inactive" as const });
  const needing = await template({ requiredFields: ["customer_id", custom.Text].map((fieldId) => ({ fieldId })) });
  const refusals: readonly (readonly [
    message: RegExp,
    fields: Record<string, object>,
    more?: Partial<CreateCaseCommandInput>,
  ])[] = [
    [/title must/, { title: EMPTY }],
    [/title must/, { title: text("") }],
    [/customer_id, .* must have a value/, {}, { templateId: needing }],
    [/inactive/, {}, { templateId: inactive }],
    [/nothing does not exist/, { nothing: text("x") }],
    [/is of type Number: its value must be a doubleValue/, { [custom.Number]: text("1") }],
    [/is of type Boolean/, { [custom.Boolean]: { doubleValue: 1 } }],
    [/is of type User/, { [custom.User]: text("arn:aws:connect:us-east-1:000000000000:instance/i/agent/u") }],
    [/not the ARN of a user/, { [custom.User]: { userArnValue: "ada" } }],
    [/RFC 3339/, { [custom.DateTime]: text("2026-02-11") }],
    [/RFC 3339/, { [custom.DateTime]: text("2026-02-30T00:00:00Z") }],
    [/no option green/, { [custom.SingleSelect]: text("green") }],
    [/http or https/, { [custom.Url]: text("ftp://example.com") }],
    [/http or https/, { [custom.Url]: text("example.com") }],
    [/filled by the service/, { case_id: text("x") }],
    [/filled by the service/, { created_datetime: text("2026-02-11T00:00:00Z") }],
    [/at most 3000/, { summary: text("x".repeat(3_001)) }],
    [/no option elsewhere/, { status: text("elsewhere") }],
    [/not the ARN of a profile/, { customer_id: text("ada") }],
    [
      /user .* does not exist/,
      {},
      { performedBy: { userArn: "arn:aws:connect:us-east-1:000000000000:instance/i/agent/u" } },
    ],
  ];
  for (const [message, fields, more] of refusals) {
    await assert.rejects(create(fields as never, more), { name: "ValidationException", message }, String(message));
    if (more || "title" in fields) continue;
    await assert.rejects(update(caseId, fields as never), { name: "ValidationException", message }, String(message));
  }
  const twice = [...listOf({ title: text("a") }), ...listOf({ title: text("b") })];
  await assert.rejects(cases.send(new CreateCaseCommand({ domainId, templateId, fields: twice })), /more than once/);
  await assert.rejects(update(caseId, { title: EMPTY }), /title must keep a value/);
  await assert.rejects(update(caseId, { status: EMPTY }), /status must keep a value/);
  await assert.rejects(update(caseId, { reference_number: text("x") }), /cannot be changed/);
  await assert.rejects(create({}, { templateId: "none" }), {
    name: "ResourceNotFoundException",
    resourceType: "Template",
  });
  await assert.rejects(create({}, { domainId: "none" }), { name: "ResourceNotFoundException", resourceType: "Domain" });
  assert.deepEqual(await values(caseId), before);
  assert.equal((await told()).length, 1);
});
