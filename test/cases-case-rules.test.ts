/** Case rules, as the SDK sees them. */
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  BatchGetCaseRuleCommand,
  BatchPutFieldOptionsCommand,
  type BooleanCondition,
  type CaseRuleDetails,
  ConnectCasesClient,
  CreateCaseCommand,
  CreateCaseRuleCommand,
  CreateDomainCommand,
  CreateFieldCommand,
  CreateTemplateCommand,
  DeleteCaseRuleCommand,
  DeleteFieldCommand,
  DeleteTemplateCommand,
  type FieldType,
  type FieldValueUnion,
  GetCaseCommand,
  ListCaseRulesCommand,
  type OperandTwo,
  paginateListCaseRules,
  UpdateCaseCommand,
  UpdateCaseRuleCommand,
  UpdateTemplateCommand,
} from "@aws-sdk/client-connectcases";
import { startTrunkline } from "./server.ts";
import { sendSigned } from "./signed-request.ts";

const server = await startTrunkline();
const client = new ConnectCasesClient(server.client);
const { domainId } = await client.send(new CreateDomainCommand({ name: "claims" }));

const refused = (name: string, message: RegExp | string) => (error: Error) => {
  assert.equal(error.name, name);
  if (typeof message === "string") assert.equal(error.message, message);
  else assert.match(error.message, message);
  return true;
};

async function newField(name: string, type: FieldType): Promise<string> {
  return (await client.send(new CreateFieldCommand({ domainId, name, type }))).fieldId ?? "";
}

const fields = {
  amount: await newField("Amount", "Number"),
  due: await newField("Due", "DateTime"),
  urgent: await newField("Urgent", "Boolean"),
  region: await newField("Region", "SingleSelect"),
  depot: await newField("Depot", "SingleSelect"),
};

let made = 0;
const create = (rule: CaseRuleDetails, name = `rule-${made++}`) =>
  client.send(new CreateCaseRuleCommand({ domainId, name, rule }));

async function get(caseRuleId: string | undefined) {
  const answer = await client.send(new BatchGetCaseRuleCommand({ domainId, caseRules: [{ id: caseRuleId }] }));
  return answer.caseRules?.[0];
}

const equal = (fieldId: string, operandTwo: OperandTwo, result = true): BooleanCondition => ({
  equalTo: { operandOne: { fieldId }, operandTwo, result },
});
const isOpen = equal("status", { stringValue: "open" });
const required = (...conditions: BooleanCondition[]): CaseRuleDetails => ({
  required: { defaultValue: false, conditions },
});

test("a rule is as it was created, and keeps what an update does not name", async () => {
  const rule: CaseRuleDetails = {
    required: {
      defaultValue: false,
      conditions: [
        isOpen,
        {
          andAll: {
            conditions: [equal(fields.amount, { doubleValue: 10 }), equal(fields.urgent, { booleanValue: true })],
          },
        },
        { notEqualTo: { operandOne: { fieldId: "summary" }, operandTwo: { emptyValue: {} }, result: true } },
      ],
    },
  };
  const { caseRuleId, caseRuleArn } = await client.send(
    new CreateCaseRuleCommand({ domainId, name: "Needs an amount", description: "while it is open", rule }),
  );
  assert.equal(caseRuleArn, `arn:aws:cases:us-east-1:000000000000:domain/${domainId}/case-rule/${caseRuleId}`);
  const createdTime = new Date(server.app.platform().clock.now());
  const created = { caseRuleId, caseRuleArn, name: "Needs an amount", description: "while it is open", rule };
  const stored = { ...created, deleted: false, createdTime, tags: {} };
  assert.deepEqual(await get(caseRuleId), { ...stored, lastModifiedTime: createdTime });
  await server.advance("PT1S");
  await client.send(new UpdateCaseRuleCommand({ domainId, caseRuleId, description: "" }));
  const lastModifiedTime = new Date(server.app.platform().clock.now());
  assert.deepEqual(await get(caseRuleId), { ...stored, description: "", lastModifiedTime });
  await client.send(new UpdateCaseRuleCommand({ domainId, caseRuleId, rule: required(isOpen) }));
  assert.deepEqual((await get(caseRuleId))?.rule, required(isOpen));
  await assert.rejects(
    create(rule, "Needs an amount"),
    refused("ConflictException", "Case rule Needs an amount already exists"),
  );
  const unlike = { hidden: { defaultValue: true, conditions: [] } };
  await assert.rejects(
    client.send(new UpdateCaseRuleCommand({ domainId, caseRuleId, rule: unlike })),
    refused("ValidationException", /is of type Required and cannot become Hidden$/),
  );
});

test("times in conditions have the form that values have", async () => {
  const { caseRuleId } = await create(required(equal(fields.due, { stringValue: "2026-03-01T10:00:00+01:00" })));
  const expected = required(equal(fields.due, { stringValue: "2026-03-01T09:00:00.000Z" }));
  assert.deepEqual((await get(caseRuleId))?.rule, expected);
});

test("conditions that are too many, too deep or do not fit their fields are refused", async () => {
  const amount = equal(fields.amount, { doubleValue: 1 });
  const { depot, region } = fields;
  const mapping = { parentFieldOptionValue: "north", childFieldOptionValues: ["kiel"] };
  const mappings = [mapping];
  const options = (more: object): CaseRuleDetails => ({
    fieldOptions: {
      parentFieldId: region,
      childFieldId: depot,
      parentChildFieldOptionsMappings: mappings,
      ...more,
    },
  });
  const wrong: readonly (readonly [CaseRuleDetails, RegExp])[] = [
    [required(...Array.from({ length: 6 }, () => amount)), /at most 5 conditions, and there are 6$/],
    [required(amount, amount, amount, amount, { orAll: { conditions: [amount, amount] } }), /at most 5 conditions/],
    [required({ orAll: { conditions: [{ andAll: { conditions: [amount] } }] } }), /at most 2 levels, and have 3$/],
    [required({ andAll: { conditions: [] } }), /need at least one condition$/],
    [required({ andAll: { conditions: [amount, equal("status", { stringValue: "x" }, false)] } }), /the same result$/],
    [required(equal("nothing", { stringValue: "x" })), /^rule: there is no field nothing$/],
    [required(equal(fields.amount, { stringValue: "1" })), /of type Number: its value must be a doubleValue$/],
    [required(equal(fields.urgent, { stringValue: "true" })), /of type Boolean/],
    [required(equal("status", { booleanValue: true })), /of type SingleSelect/],
    [required(equal(fields.due, { stringValue: "tomorrow" })), /tomorrow is not a time/],
    [options({ childFieldId: undefined }), /needs a parentFieldId and a childFieldId$/],
    [options({ childFieldId: region }), /cannot depend on themselves$/],
    [options({ childFieldId: "nothing" }), /there is no field nothing$/],
    [options({ childFieldId: "title" }), /field title is of type Text and has no options$/],
    [options({ parentChildFieldOptionsMappings: [mapping, mapping] }), /option north of .* is mapped twice$/],
  ];
  const { caseRuleId } = await create(required(isOpen), "stays");
  for (const [rule, why] of wrong) {
    await assert.rejects(create(rule), refused("ValidationException", why));
    await assert.rejects(
      client.send(new UpdateCaseRuleCommand({ domainId, caseRuleId, rule })),
      refused("ValidationException", why),
    );
  }
  assert.deepEqual((await get(caseRuleId))?.rule, required(isOpen));
  await create(required(amount, amount, amount, { orAll: { conditions: [amount, amount] } }));
  await create(options({}));
});

test("rules are listed by their names with their types, by pages, also with a slash at the end of the path", async () => {
  const { domainId: listed } = await client.send(new CreateDomainCommand({ name: "listed" }));
  const parent = await client.send(new CreateFieldCommand({ domainId: listed, name: "p", type: "SingleSelect" }));
  const rules: Record<string, CaseRuleDetails> = {
    c: required(),
    a: { hidden: { defaultValue: true, conditions: [] } },
    b: {
      fieldOptions: {
        parentFieldId: parent.fieldId,
        childFieldId: "case_reason",
        parentChildFieldOptionsMappings: [{ parentFieldOptionValue: "", childFieldOptionValues: [] }],
      },
    },
  };
  for (const [name, rule] of Object.entries(rules)) {
    await client.send(new CreateCaseRuleCommand({ domainId: listed, name, rule }));
  }
  const names: unknown[] = [];
  for await (const page of paginateListCaseRules({ client, pageSize: 2 }, { domainId: listed })) {
    names.push(...(page.caseRules ?? []).map(({ name, ruleType }) => [name, ruleType]));
  }
  assert.deepEqual(names, [
    ["a", "Hidden"],
    ["b", "FieldOptions"],
    ["c", "Required"],
  ]);
  const { nextToken } = await client.send(new ListCaseRulesCommand({ domainId: listed, maxResults: 1 }));
  await assert.rejects(
    client.send(new ListCaseRulesCommand({ domainId, maxResults: 1, nextToken })),
    refused("ValidationException", /^nextToken: /),
  );
  for (const path of [`/domains/${listed}/rules-list`, `/domains/${listed}/rules-list/`]) {
    const { status, body } = await sendSigned(server.url, { service: "cases", method: "POST", path });
    assert.deepEqual([status, JSON.parse(body.toString()).caseRules.length], [200, 3]);
  }
});

test("rules are got in the order that is asked for, and the unknown are told apart", async () => {
  const ids = [(await create(required())).caseRuleId, "nothing", (await create(required())).caseRuleId];
  const caseRules = ids.map((id) => ({ id }));
  const answer = await client.send(new BatchGetCaseRuleCommand({ domainId, caseRules }));
  assert.deepEqual(
    answer.caseRules?.map(({ caseRuleId }) => caseRuleId),
    [ids[0], ids[2]],
  );
  assert.deepEqual(answer.errors, [
    { id: "nothing", errorCode: "ResourceNotFoundException", message: "Case rule nothing was not found" },
  ]);
});

test("a rule that a template applies cannot be deleted", async () => {
  const { caseRuleId } = await create(required());
  const remove = () => client.send(new DeleteCaseRuleCommand({ domainId, caseRuleId }));
  const rules = [{ caseRuleId, fieldId: "summary" }];
  const { templateId } = await client.send(new CreateTemplateCommand({ domainId, name: "applies it", rules }));
  const used = refused("ConflictException", `Case rule ${caseRuleId} is used by template ${templateId}`);
  await assert.rejects(remove(), used);
  await client.send(new UpdateTemplateCommand({ domainId, templateId, description: "still" }));
  await assert.rejects(remove(), used);
  await client.send(new UpdateTemplateCommand({ domainId, templateId, rules: [] }));
  await remove();
  assert.equal(await get(caseRuleId), undefined);
  await assert.rejects(remove(), refused("ResourceNotFoundException", `Case rule ${caseRuleId} was not found`));
});

/** A template with these rules, and what it makes of values. */
async function world(...rules: (readonly [rule: CaseRuleDetails, fieldId?: string])[]) {
  const applied: { caseRuleId: string | undefined; fieldId?: string }[] = [];
  for (const [rule, fieldId] of rules) {
    applied.push({ caseRuleId: (await create(rule)).caseRuleId, ...(fieldId && { fieldId }) });
  }
  const input = { domainId, name: `template-${made++}`, requiredFields: [{ fieldId: "summary" }], rules: applied };
  const { templateId } = await client.send(new CreateTemplateCommand(input));
  const listOf = (values: Values) => Object.entries(values).map(([id, value]) => ({ id, value }));
  return {
    open: (values: Values) => {
      const whole = listOf({ title: { stringValue: "A parcel" }, summary: { stringValue: "lost" }, ...values });
      return client.send(new CreateCaseCommand({ domainId, templateId, fields: whole }));
    },
    change: (caseId: string | undefined, values: Values) =>
      client.send(new UpdateCaseCommand({ domainId, caseId, fields: listOf(values) })),
  };
}

type Values = Record<string, FieldValueUnion>;

const OPTIONS = ["north", "south", "kiel", "bremen", "rom"].map((value) => ({ name: value, value, active: true }));
for (const fieldId of [fields.region, fields.depot, "status"]) {
  await client.send(new BatchPutFieldOptionsCommand({ domainId, fieldId, options: OPTIONS }));
}

test("what a rule requires must have a value, as long as it requires it", async () => {
  const isClosed = equal("status", { stringValue: "closed" });
  const { open, change } = await world([required(isClosed), fields.amount]);
  const missing = refused("ValidationException", `fields: ${fields.amount} must have a value`);
  await assert.rejects(open({ status: { stringValue: "closed" } }), missing);
  await open({ status: { stringValue: "closed" }, [fields.amount]: { doubleValue: 0 } });
  const { caseId } = await open({});
  await assert.rejects(change(caseId, { status: { stringValue: "closed" } }), missing);
  await change(caseId, { status: { stringValue: "closed" }, [fields.amount]: { doubleValue: 5 } });
  const kept = refused("ValidationException", `fields: ${fields.amount} must keep a value`);
  await assert.rejects(change(caseId, { [fields.amount]: { emptyValue: {} } }), kept);
  await change(caseId, { status: { stringValue: "open" }, [fields.amount]: { emptyValue: {} } });
});

test("what a rule hides is never required, neither by a rule nor by the template", async () => {
  const always = { defaultValue: true, conditions: [] };
  const unlessUrgent = {
    hidden: { defaultValue: true, conditions: [equal(fields.urgent, { booleanValue: true }, false)] },
  };
  const { open } = await world(
    [{ required: always }, fields.amount],
    [unlessUrgent, fields.amount],
    [unlessUrgent, "summary"],
  );
  await open({ summary: { emptyValue: {} } });
  await assert.rejects(
    open({ summary: { emptyValue: {} }, [fields.urgent]: { booleanValue: true } }),
    refused("ValidationException", `fields: summary, ${fields.amount} must have a value`),
  );
});

test("an option must go with that of its parent", async () => {
  const { region, depot } = fields;
  const parentChildFieldOptionsMappings = [
    { parentFieldOptionValue: "north", childFieldOptionValues: ["kiel", "bremen"] },
    { parentFieldOptionValue: "", childFieldOptionValues: ["rom"] },
  ];
  const { open, change } = await world([
    { fieldOptions: { parentFieldId: region, childFieldId: depot, parentChildFieldOptionsMappings } },
  ]);
  const values = (parent: string | undefined, child: string): Values => ({
    ...(parent !== undefined && { [region]: { stringValue: parent } }),
    [depot]: { stringValue: child },
  });
  const { caseId } = await open(values("north", "kiel"));
  await open(values(undefined, "rom"));
  await open({ [region]: { stringValue: "south" } });
  const wrong = (child: string, parent: string) =>
    refused("ValidationException", `fields: ${depot} cannot be ${child} where ${region} is ${parent}`);
  await assert.rejects(open(values("north", "rom")), wrong("rom", "north"));
  await assert.rejects(open(values("south", "kiel")), wrong("kiel", "south"));
  await assert.rejects(open(values(undefined, "kiel")), wrong("kiel", "empty"));
  await assert.rejects(change(caseId, { [region]: { stringValue: "south" } }), wrong("kiel", "south"));
  await change(caseId, { [depot]: { stringValue: "bremen" } });
  await change(caseId, { [region]: { stringValue: "south" }, [depot]: { emptyValue: {} } });
});

test("a rule about a field that is deleted asks for nothing, and one of a deleted template still does", async () => {
  const always: CaseRuleDetails = { required: { defaultValue: true, conditions: [] } };
  const gone = await newField("Gone", "Text");
  const { open, change } = await world([always, gone], [always, fields.urgent]);
  const { caseId } = await open({ [gone]: { stringValue: "x" }, [fields.urgent]: { booleanValue: true } });
  await client.send(new DeleteFieldCommand({ domainId, fieldId: gone }));
  const { templateId } = await client.send(new GetCaseCommand({ domainId, caseId, fields: [{ id: "title" }] }));
  await open({ [fields.urgent]: { booleanValue: true } });
  await client.send(new DeleteTemplateCommand({ domainId, templateId }));
  await change(caseId, { [gone]: { emptyValue: {} } });
  await assert.rejects(change(caseId, { [fields.urgent]: { emptyValue: {} } }), refused("ValidationException", /keep/));
});

test("a rule of options of which a field is deleted lets all options be chosen", async () => {
  const gone = await newField("Gone parent", "SingleSelect");
  const rule: CaseRuleDetails = {
    fieldOptions: {
      parentFieldId: gone,
      childFieldId: fields.depot,
      parentChildFieldOptionsMappings: [{ parentFieldOptionValue: "north", childFieldOptionValues: ["kiel"] }],
    },
  };
  const { open, change } = await world([rule]);
  const kiel = { [fields.depot]: { stringValue: "kiel" } };
  await assert.rejects(open(kiel), refused("ValidationException", /kiel.*empty/));
  await client.send(new DeleteFieldCommand({ domainId, fieldId: gone }));
  const { caseId } = await open(kiel);
  await change(caseId, { [fields.depot]: { stringValue: "bremen" } });
});
