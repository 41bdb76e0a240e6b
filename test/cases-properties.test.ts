/**
 * Whatever is done to cases: what was told of them, with all fields included, is enough to build them anew, and what was written down of them says
 * the same. `TRUNKLINE_FULL=1` tries much more; what failed names its seed.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  DeleteCaseCommand,
  DeleteRelatedItemCommand,
  type FieldValueUnion,
  GetCaseCommand,
  type RelatedItemInputContent,
  UpdateRelatedItemCommand,
} from "@aws-sdk/client-connectcases";
import fc from "fast-check";
import {
  type Audited,
  audited,
  type CaseEventDetail,
  type CasesWorld,
  comment,
  EMPTY,
  listOf,
  openCases,
  relate,
  sla,
  text,
  type Values,
} from "./cases-world.ts";
import { startTrunkline } from "./server.ts";

const FULL = process.env.TRUNKLINE_FULL === "1";
const SEED = Number(process.env.TRUNKLINE_SEED ?? 1);

const server = await startTrunkline();

/** What is done, to the how manieth of what is there. */
type Step =
  | { readonly do: "create"; readonly values: readonly Given[] }
  | { readonly do: "update"; readonly at: number; readonly values: readonly Given[] }
  | { readonly do: "delete"; readonly at: number }
  | { readonly do: "relate"; readonly at: number; readonly content: Content }
  | { readonly do: "change item"; readonly at: number; readonly body: string }
  | { readonly do: "delete item"; readonly at: number }
  | { readonly do: "advance"; readonly minutes: number };

/** The how manieth field, and the how manieth value of it; none clears it. */
type Given = readonly [field: number, value: number | undefined];
type Content = "comment" | "file" | "case" | "custom" | { readonly target: string; readonly minutes: number };

const at = fc.nat({ max: 5 });
const given = fc.array(fc.tuple(fc.nat({ max: 8 }), fc.option(fc.nat({ max: 2 }), { nil: undefined })), {
  maxLength: 4,
});
const STATUSES = ["open", "closed", "waiting"];

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 2, arbitrary: fc.record({ do: fc.constant("create" as const), values: given }) },
  { weight: 6, arbitrary: fc.record({ do: fc.constant("update" as const), at, values: given }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("delete" as const), at }) },
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant("relate" as const),
      at,
      content: fc.oneof(
        fc.constantFrom("comment" as const, "file" as const, "case" as const, "custom" as const),
        fc.record({ target: fc.constantFrom(...STATUSES), minutes: fc.integer({ min: 1, max: 90 }) }),
      ),
    }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("change item" as const), at, body: fc.constantFrom("a", "b") }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("delete item" as const), at }) },
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constant("advance" as const), minutes: fc.integer({ min: 1, max: 60 }) }),
  },
);

test("what is told of cases builds them anew, and what is written down of them agrees", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 10, maxLength: FULL ? 60 : 30 }), async (steps) => {
      const world = await openCases(server);
      const played = await play(world, steps);
      const events = (await world.told()).map(({ detail }) => detail);
      const rebuilt = new Rebuilt();
      for (const event of events) rebuilt.take(event);
      assert.deepEqual([...rebuilt.cases.keys()].sort(), [...played.cases].sort());
      assert.deepEqual([...rebuilt.items.keys()].sort(), played.items.map(({ id }) => id).sort());
      for (const [caseId, { templateId, fields }] of rebuilt.cases) {
        assert.deepEqual(await world.values(caseId), fields);
        const shown = await world.cases.send(
          new GetCaseCommand({ domainId: world.domainId, caseId, fields: [{ id: "title" }] }),
        );
        assert.equal(shown.templateId, templateId);
        const entries = (await audited(world, caseId)).toReversed();
        assert.deepEqual(entries.map(auditedChange), rebuilt.changes.get(caseId));
      }
    }),
    { numRuns: FULL ? 150 : 8, seed: SEED },
  );
});

interface Played {
  readonly cases: string[];
  readonly items: { readonly id: string; readonly caseId: string; readonly type: string }[];
}

async function play(world: CasesWorld, steps: readonly Step[]): Promise<Played> {
  const { cases, domainId, custom } = world;
  const played: Played = { cases: [], items: [] };
  const some = <T>(list: readonly T[], place: number): T | undefined => list[place % Math.max(list.length, 1)];
  for (const one of steps) {
    switch (one.do) {
      case "create":
        played.cases.push(await world.create(valuesOf(world, one.values)));
        break;
      case "update": {
        const caseId = some(played.cases, one.at);
        if (caseId !== undefined) await world.update(caseId, valuesOf(world, one.values));
        break;
      }
      case "delete": {
        const caseId = some(played.cases, one.at);
        if (caseId === undefined) break;
        await cases.send(new DeleteCaseCommand({ domainId, caseId }));
        played.cases.splice(played.cases.indexOf(caseId), 1);
        for (const item of played.items.filter((each) => each.caseId === caseId)) {
          played.items.splice(played.items.indexOf(item), 1);
        }
        break;
      }
      case "relate": {
        const caseId = some(played.cases, one.at);
        if (caseId === undefined) break;
        const content = contentOf(
          world,
          one.content,
          played.cases.find((id) => id !== caseId),
        );
        if (content) {
          const [type = ""] = Object.keys(content);
          const slas = played.items.filter((item) => item.caseId === caseId && item.type === "sla").length;
          if (type !== "sla" || slas < 10)
            played.items.push({ id: await relate(world, caseId, content), caseId, type });
        }
        break;
      }
      case "change item": {
        const { id: relatedItemId, caseId } =
          some(
            played.items.filter(({ type }) => type === "comment"),
            one.at,
          ) ?? {};
        const content = { comment: { body: one.body, contentType: "Text/Plain" as const } };
        if (caseId) await cases.send(new UpdateRelatedItemCommand({ domainId, caseId, relatedItemId, content }));
        break;
      }
      case "delete item": {
        const item = some(
          played.items.filter(({ type }) => type !== "file"),
          one.at,
        );
        if (!item) break;
        const named = { domainId, caseId: item.caseId, relatedItemId: item.id };
        await cases.send(new DeleteRelatedItemCommand(named));
        played.items.splice(played.items.indexOf(item), 1);
        break;
      }
      case "advance":
        await server.advance(`PT${one.minutes}M`);
    }
  }
  assert.ok(custom.Text);
  return played;
}

/** Values of the fields that a step names, each once. */
function valuesOf({ custom }: CasesWorld, chosen: readonly Given[]): Values {
  const user = (id: string) => ({ userArnValue: `arn:aws:connect:us-east-1:000000000000:instance/i/agent/${id}` });
  const choices: readonly (readonly [id: string, ...FieldValueUnion[]])[] = [
    ["status", ...STATUSES.map(text)],
    ["summary", text("a"), text('ü\n\u2028"\\'), text("b".repeat(3_000))],
    [custom.Text, text("x"), text("y"), text("__proto__")],
    [custom.Number, { doubleValue: 0 }, { doubleValue: -2.5 }, { doubleValue: 1e21 }],
    [custom.Boolean, { booleanValue: true }, { booleanValue: false }],
    [custom.DateTime, text("2026-01-01T00:00:00.000Z"), text("1999-12-31T23:59:59.999Z")],
    [custom.SingleSelect, text("gold"), text("blue")],
    [custom.Url, text("https://example.com/"), text("http://example.com/?q=1")],
    [custom.User, user("a"), user("b")],
  ];
  return Object.fromEntries(
    chosen.flatMap(([field, value]) => {
      const [id = "", ...values] = choices[field] ?? [];
      const union = value === undefined ? undefined : values[value % values.length];
      // No case is without a status.
      return union === undefined && id === "status" ? [] : [[id, union ?? EMPTY]];
    }),
  );
}

function contentOf(
  { custom }: CasesWorld,
  content: Content,
  other: string | undefined,
): RelatedItemInputContent | undefined {
  if (typeof content === "object") return sla("answer", content.target, content.minutes);
  switch (content) {
    case "comment":
      return comment("a");
    case "file":
      return { file: { fileArn: "arn:aws:connect:us-east-1:000000000000:instance/i/file/f" } };
    case "case":
      return other === undefined ? undefined : { connectCase: { caseId: other } };
    case "custom":
      return {
        custom: { fields: listOf({ [custom.Number]: { doubleValue: 1 }, [custom.Boolean]: { booleanValue: true } }) },
      };
  }
}

/** What a change did, as an event or an entry of the audit history tells it. */
interface Change {
  readonly type: string;
  readonly time: string;
  readonly by: unknown;
  readonly fields: readonly (readonly [id: string, before: unknown, after: unknown])[];
}

type Json = Readonly<Record<string, unknown>>;

const NEXT_BREACH = "next_sla_breach_datetime";

/** Cases and related items as events build them. */
class Rebuilt {
  readonly cases = new Map<string, { readonly templateId: string; fields: Values }>();
  readonly items = new Map<string, { readonly caseId: string; readonly type: string; readonly content: Json }>();
  readonly changes = new Map<string, Change[]>();
  readonly #times = new Map<string, string>();

  take(event: CaseEventDetail): void {
    const { caseId = "" } = event.case ?? event.relatedItem ?? {};
    assert.ok(event.approximateChangeTime > (this.#times.get(caseId) ?? ""), "times rise");
    this.#times.set(caseId, event.approximateChangeTime);
    if (event.case) this.#takeCase(event, event.case);
    else if (event.relatedItem) this.#takeItem(event, event.relatedItem);
  }

  #takeCase(event: CaseEventDetail, told: NonNullable<CaseEventDetail["case"]>): void {
    const { caseId, templateId } = told;
    if (event.eventType === "CASE.DELETED") {
      this.cases.delete(caseId);
      for (const [id, item] of this.items) if (item.caseId === caseId) this.items.delete(id);
      return;
    }
    const before = this.cases.get(caseId)?.fields ?? {};
    assert.equal(this.cases.has(caseId), event.eventType === "CASE.UPDATED");
    const fields: Values = Object.fromEntries(Object.entries(told.fields ?? {}).map(([id, { value }]) => [id, value]));
    const ids = event.changedFieldIds ?? [];
    const differing = [...new Set([...Object.keys(before), ...Object.keys(fields)])].filter(
      (id) => JSON.stringify(before[id]) !== JSON.stringify(fields[id]),
    );
    assert.deepEqual(ids.toSorted(), differing.sort());
    assert.equal(ids.at(-1), "last_updated_datetime");
    this.cases.set(caseId, { templateId, fields });
    this.#note(
      caseId,
      event,
      ids.map((id) => [id, before[id], fields[id] ?? EMPTY]),
    );
  }

  #takeItem(event: CaseEventDetail, told: NonNullable<CaseEventDetail["relatedItem"]>): void {
    const { relatedItemId: id, caseId, relatedItemType: type, createdDateTime: _, ...content } = told;
    const before = partsOf(this.items.get(id)?.content);
    assert.equal(this.items.has(id), event.eventType !== "RELATED_ITEM.CREATED");
    if (event.eventType === "RELATED_ITEM.DELETED") this.items.delete(id);
    else this.items.set(id, { caseId, type, content });
    const after = event.eventType === "RELATED_ITEM.DELETED" ? new Map<string, unknown>() : partsOf(content);
    const differing = [...new Set([...before.keys(), ...after.keys()])].filter(
      (path) => JSON.stringify(before.get(path)) !== JSON.stringify(after.get(path)),
    );
    const attributes = (event.changedAttributes ?? []).map((path) => path.replace("commentText", "body"));
    assert.deepEqual(attributes.toSorted(), event.eventType === "RELATED_ITEM.DELETED" ? [] : differing.toSorted());
    this.#note(
      caseId,
      event,
      differing.map((path) => [path, before.get(path), after.get(path) ?? EMPTY]),
    );
    this.#followBreaches(caseId);
  }

  /** When the next service level is breached is no change of its own: it follows them. */
  #followBreaches(caseId: string): void {
    const of = this.cases.get(caseId);
    if (!of) return;
    const { [NEXT_BREACH]: _, ...fields } = of.fields;
    const due = [...this.items.values()].flatMap(({ caseId: owner, content }) => {
      const { status, targetTime } = (content.sla as { slaConfiguration: Json } | undefined)?.slaConfiguration ?? {};
      return owner === caseId && status === "Active" ? [String(targetTime)] : [];
    });
    const [next] = due.sort();
    of.fields = next === undefined ? fields : { ...fields, [NEXT_BREACH]: text(next) };
  }

  #note(caseId: string, event: CaseEventDetail, fields: Change["fields"]): void {
    const list = this.changes.get(caseId) ?? [];
    this.changes.set(caseId, list);
    list.push({
      type: event.eventType,
      time: event.approximateChangeTime,
      by: event.performedBy,
      fields: fields.toSorted(([one], [other]) => (one < other ? -1 : 1)),
    });
  }
}

/** The parts of a related item's content, by their paths, as the audit history names them. */
function partsOf(content: Json = {}): ReadonlyMap<string, unknown> {
  const {
    comment: remark,
    file,
    connectCase,
    custom,
    sla: level,
  } = content as Readonly<Record<string, Json | undefined>>;
  if (remark) return new Map([["comment.body", { stringValue: remark.body }]]);
  if (file) return new Map([["file.fileArn", { stringValue: file.fileArn }]]);
  if (connectCase) return new Map([["connectCase.caseId", { stringValue: connectCase.caseId }]]);
  if (custom) {
    const fields = Object.entries(custom.fields as Readonly<Record<string, { readonly value: unknown }>>);
    return new Map(fields.map(([id, { value }]) => [`custom.fields.${id}`, value]));
  }
  const {
    type: _,
    targetFieldValues: [target] = [],
    ...rest
  } = (level?.slaConfiguration ?? {}) as Json & {
    targetFieldValues?: readonly unknown[];
  };
  const parts = Object.entries(rest).map(([name, value]) => [name, { stringValue: value }] as const);
  return new Map(
    [...parts, ...(target ? [["targetFieldValues", target] as const] : [])].map(([name, value]) => [
      `sla.slaConfiguration.${name}`,
      value,
    ]),
  );
}

const TOLD_TYPES: Readonly<Record<string, string>> = {
  "Case.Created": "CASE.CREATED",
  "Case.Updated": "CASE.UPDATED",
  "RelatedItem.Created": "RELATED_ITEM.CREATED",
  "RelatedItem.Updated": "RELATED_ITEM.UPDATED",
  "RelatedItem.Deleted": "RELATED_ITEM.DELETED",
};

function auditedChange({ type = "Case.Created", performedTime, performedBy, fields }: Audited): Change {
  return {
    type: TOLD_TYPES[type] ?? type,
    time: performedTime?.toISOString() ?? "",
    by: performedBy,
    fields: fields
      .map(({ eventFieldId = "", oldValue, newValue }) => [eventFieldId, oldValue, newValue] as const)
      .toSorted(([one], [other]) => (one < other ? -1 : 1)),
  };
}
