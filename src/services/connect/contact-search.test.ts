import assert from "node:assert/strict";
import { after, test } from "node:test";
import type { CreateInstanceResponse, SearchContactsRequest, SearchContactsResponse } from "@aws-sdk/client-connect";
import fc from "fast-check";
import { ModeledError } from "../../models/modeled-error.ts";
import type { Page, Store } from "../../store/store.ts";
import type { Context } from "../service.ts";
import { ACCOUNT, openServiceWorld, REGION } from "../world.test.ts";
import { type Contact, contactKey, contacts } from "./contacts.ts";
import { connect } from "./index.ts";

const world = await openServiceWorld(connect);
after(() => world[Symbol.asyncDispose]());
/** Of these there are few, so that many are equal. */
const TIMES_MS = [0, 1_000, 60_000, 3_600_000].map((agoMs) => world.clock.now() - agoMs);

async function call<R>(operation: string, input: object, context: Context = world.context()): Promise<R> {
  const handle = connect.operations.connect?.[operation];
  assert.ok(handle, operation);
  return (await handle(input, context)) as R;
}

let instances = 0;
async function newInstance(): Promise<string> {
  const { Id } = await call<CreateInstanceResponse>("CreateInstance", {
    IdentityManagementType: "CONNECT_MANAGED",
    InstanceAlias: `centre-${++instances}`,
    InboundCallsEnabled: true,
    OutboundCallsEnabled: true,
  });
  return Id ?? "";
}

const anyTime = fc.constantFrom(...TIMES_MS);
const anyContact = fc.record({
  channel: fc.constantFrom("VOICE" as const, "CHAT" as const, "TASK" as const),
  initiationMethod: fc.constantFrom("INBOUND" as const, "API" as const),
  initiationMs: anyTime,
  disconnectMs: fc.option(anyTime, { nil: undefined }),
});
type Searched = typeof anyContact extends fc.Arbitrary<infer T> ? T : never;

async function putContacts(instanceId: string, all: readonly Searched[]): Promise<Contact[]> {
  const made = all.map(
    (searched, number): Contact => ({
      account: ACCOUNT,
      region: REGION,
      instanceId,
      id: `00000000-0000-4000-8000-${String((number * 7_919) % 1_000_000).padStart(12, "0")}`,
      state: "DISCONNECTED",
      associationId: "",
      segmentAttributes: {},
      tags: {},
      lastUpdateMs: searched.initiationMs,
      eventCount: 0,
      ...searched,
    }),
  );
  await world.platform.store.commit(async (unit) => {
    for (const contact of made) unit.put(contacts, contactKey(contact), contact);
  });
  return made;
}

const ALL_TIMES = { StartTime: new Date(Math.min(...TIMES_MS)), EndTime: new Date(Math.max(...TIMES_MS)) };

const anySearch = fc.record({
  type: fc.constantFrom("INITIATION_TIMESTAMP" as const, "DISCONNECT_TIMESTAMP" as const),
  field: fc.constantFrom("INITIATION_TIMESTAMP", "DISCONNECT_TIMESTAMP", "CHANNEL", "INITIATION_METHOD"),
  direction: fc.constantFrom("ASCENDING", "DESCENDING"),
  channels: fc.constantFrom(undefined, ["VOICE"], ["VOICE", "TASK"]),
  limit: fc.integer({ min: 1, max: 5 }),
});

test("the pages of a search are all contacts that it finds, in its order, and each tells how many there are", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(anyContact, { maxLength: 20 }), anySearch, async (some, search) => {
      const InstanceId = await newInstance();
      const all = await putContacts(InstanceId, some);
      const timeOf = ({ initiationMs, disconnectMs }: Contact, field: string) =>
        field === "INITIATION_TIMESTAMP" ? initiationMs : disconnectMs;
      const expected = all.filter(
        (contact) =>
          timeOf(contact, search.type) !== undefined &&
          (search.channels?.some((channel) => channel === contact.channel) ?? true),
      );
      const sortedBy = (contact: Contact): string | number => {
        if (search.field === "CHANNEL") return contact.channel;
        if (search.field === "INITIATION_METHOD") return contact.initiationMethod;
        return timeOf(contact, search.field) ?? -1;
      };
      const sign = search.direction === "ASCENDING" ? 1 : -1;

      const found: string[] = [];
      let NextToken: string | undefined;
      do {
        const page: SearchContactsResponse = await call("SearchContacts", {
          InstanceId,
          TimeRange: { Type: search.type, ...ALL_TIMES },
          SearchCriteria: { Channels: search.channels },
          Sort: { FieldName: search.field, Order: search.direction },
          MaxResults: search.limit,
          NextToken,
        });
        assert.equal(page.TotalCount, expected.length);
        found.push(...(page.Contacts ?? []).map(({ Id = "" }) => Id));
        NextToken = page.NextToken;
        assert.ok(NextToken === undefined || page.Contacts?.length === search.limit, "only the last is not full");
      } while (NextToken !== undefined);

      assert.deepEqual(found.toSorted(), expected.map(({ id }) => id).toSorted(), "each once");
      const values = found.map((id) => sortedBy(all.find((contact) => contact.id === id) as Contact));
      assert.deepEqual(
        values,
        values.toSorted((a, b) => (a < b ? -sign : a > b ? sign : 0)),
      );
    }),
    { numRuns: process.env.TRUNKLINE_FULL ? 2_000 : 100 },
  );
});

test("a page behind the first reads no more than a page, however many contacts there are", async () => {
  const InstanceId = await newInstance();
  const [, newest = 0] = TIMES_MS;
  const one = { channel: "VOICE", initiationMethod: "API", disconnectMs: newest } as const;
  await putContacts(
    InstanceId,
    Array.from({ length: 700 }, (_, number) => ({ ...one, initiationMs: newest - number })),
  );
  const { store, documentsRead } = counting(world.platform.store);
  const search = (input: Partial<SearchContactsRequest>) => {
    const TimeRange = { Type: "INITIATION_TIMESTAMP", ...ALL_TIMES };
    const all = { InstanceId, TimeRange, MaxResults: 10, ...input };
    return call<SearchContactsResponse>("SearchContacts", all, world.context({ store }));
  };
  let page = await search({});
  assert.ok(documentsRead() >= 700, "the first page tells the total");
  for (let number = 2; number <= 5; number++) {
    page = await search({ NextToken: page.NextToken });
    assert.equal(documentsRead(), 11);
    assert.equal(page.TotalCount, 700);
  }
  assert.deepEqual(page.Contacts?.[0]?.InitiationTimestamp, new Date(newest - 40));

  const refused = (error: unknown) => error instanceof ModeledError && error.code === "InvalidParameterException";
  await assert.rejects(search({ NextToken: page.NextToken, SearchCriteria: { Channels: ["VOICE"] } }), refused);
});

/** Documents of contacts that were listed since the last time it was asked. */
function counting(store: Store): { readonly store: Store; readonly documentsRead: () => number } {
  let count = 0;
  return {
    store: new Proxy(store, {
      get(target, name) {
        if (name !== "list") return Reflect.get(target, name).bind?.(target) ?? Reflect.get(target, name);
        return async (...args: Parameters<Store["list"]>): Promise<Page<unknown>> => {
          const page = await target.list(...args);
          if (args[0].name === contacts.name) count += page.documents.length;
          return page;
        };
      },
    }),
    documentsRead: () => {
      const read = count;
      count = 0;
      return read;
    },
  };
}
