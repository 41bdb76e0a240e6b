/**
 * What holds of profiles however their objects come: properties, with chance from a seed.
 *
 * `TRUNKLINE_FULL=1` runs many more rounds. What failed names its seed: `TRUNKLINE_SEED=…` makes the same again.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  BatchGetProfileCommand,
  CreateDomainCommand,
  CreateEventStreamCommand,
  CreateProfileCommand,
  CustomerProfilesClient,
  DeleteProfileCommand,
  ListCalculatedAttributesForProfileCommand,
  ListProfileObjectsCommand,
  MergeProfilesCommand,
  PutProfileObjectCommand,
  PutProfileObjectTypeCommand,
  SearchProfilesCommand,
  UpdateProfileCommand,
} from "@aws-sdk/client-customer-profiles";
import { DeleteStreamCommand, KinesisClient } from "@aws-sdk/client-kinesis";
import { SeededIds } from "../src/time/ids.ts";
import { call } from "./model-call.ts";
import { startTrunkline, type TestServer, temporaryFolder } from "./server.ts";
import { createStream, readStream } from "./streams.ts";

const ROUNDS = process.env.TRUNKLINE_FULL === "1" ? 60 : 3;
const SEED = process.env.TRUNKLINE_SEED ?? "1";

/** What is left to chance, all of it from one seed. */
class Chance {
  readonly #ids: SeededIds;

  constructor(seed: string) {
    this.#ids = new SeededIds(seed);
  }

  below(limit: number): number {
    return Math.floor(this.#ids.random() * limit);
  }

  pick<T>(items: readonly T[]): T {
    return items[this.below(items.length)] as T;
  }
}

async function openDomain(server: TestServer, DomainName: string): Promise<void> {
  const client = new CustomerProfilesClient(server.client);
  await client.send(new CreateDomainCommand({ DomainName, DefaultExpirationDays: 366 }));
  await client.send(
    new PutProfileObjectTypeCommand({
      DomainName,
      ObjectTypeName: "Sale",
      Description: "sales of a shop",
      AllowProfileCreation: true,
      SourcePriority: 1,
      Fields: {
        sale: { Source: "_source.sale" },
        customer: { Source: "_source.customer", Target: "_profile.AccountNumber" },
        mail: { Source: "_source.mail", Target: "_profile.EmailAddress", ContentType: "EMAIL_ADDRESS" },
        city: { Source: "_source.city", Target: "_profile.Address.City" },
        note: { Source: "_source.note", Target: "_profile.Attributes.note" },
        total: { Source: "_source.total", Target: "_order.TotalPrice" },
      },
      Keys: {
        saleKey: [{ StandardIdentifiers: ["UNIQUE", "ORDER"], FieldNames: ["sale"] }],
        customerKey: [{ StandardIdentifiers: ["PROFILE"], FieldNames: ["customer"] }],
      },
    }),
  );
}

interface Sale {
  readonly sale: string;
  readonly customer: string;
  readonly mail?: string;
  readonly city?: string;
  readonly note?: string;
  readonly total?: number;
}

function anySale(chance: Chance, customers: number): Sale {
  const customer = `c${chance.below(customers)}`;
  return {
    // Few enough that many are sold once more, and never to somebody else.
    sale: `${customer}-${chance.below(6)}`,
    customer,
    ...(chance.below(2) === 0 && { mail: `${chance.pick(["A", "b"])}@${customer}.example` }),
    ...(chance.below(3) === 0 && { city: chance.pick(["Bremen", "Kiel", ""]) }),
    ...(chance.below(3) === 0 && { note: chance.pick(["", "x", "späť"]) }),
    ...(chance.below(4) > 0 && { total: chance.below(100) / 4 }),
  };
}

/** All that is known of the customers, without the ids that chance gives. */
async function known(server: TestServer, DomainName: string, customers: number): Promise<unknown> {
  const client = new CustomerProfilesClient(server.client);
  const found: unknown[] = [];
  for (let customer = 0; customer < customers; customer++) {
    const search = { DomainName, KeyName: "customerKey", Values: [`c${customer}`] };
    const { Items = [] } = await client.send(new SearchProfilesCommand(search));
    for (const { ProfileId, FoundByItems: _, ...fields } of Items) {
      const objects: unknown[] = [];
      for (const ObjectTypeName of ["Sale", "_order"]) {
        const list = { DomainName, ProfileId, ObjectTypeName };
        const { Items: listed = [] } = await client.send(new ListProfileObjectsCommand(list));
        const contents = listed.map((item) => {
          const { OrderId: _id, ...rest } = JSON.parse(item.Object ?? "{}");
          return JSON.stringify(rest);
        });
        objects.push(contents.sort());
      }
      const attributes = await client.send(new ListCalculatedAttributesForProfileCommand({ DomainName, ProfileId }));
      const values = (attributes.Items ?? []).map(({ CalculatedAttributeName: name, Value }) => [name, Value]);
      found.push({ fields, objects, values });
    }
  }
  return found;
}

test("what becomes of a profile does not depend on how its objects were batched, or on restarts between", async () => {
  const customers = 4;
  for (let round = 0; round < ROUNDS; round++) {
    const seed = `${SEED} batches ${round}`;
    const chance = new Chance(seed);
    const sales = Array.from({ length: 60 }, () => anySale(chance, customers));

    const plain = await startTrunkline();
    await openDomain(plain, "d");
    const client = new CustomerProfilesClient(plain.client);
    for (const sale of sales) {
      const input = { DomainName: "d", ObjectTypeName: "Sale", Object: JSON.stringify(sale) };
      await client.send(new PutProfileObjectCommand(input));
    }
    const expected = await known(plain, "d", customers);
    await plain.close();

    const folder = temporaryFolder();
    let batched = await startTrunkline("--data", folder);
    await openDomain(batched, "d");
    for (let next = 0; next < sales.length; ) {
      const batch = sales.slice(next, next + 1 + chance.below(10));
      next += batch.length;
      const Items = batch.map((sale, place) => ({ Id: `i${place}`, Object: JSON.stringify(sale) }));
      await call(batched.url, "customer-profiles", "BatchPutProfileObject", {
        DomainName: "d",
        ObjectTypeName: "Sale",
        Items,
      });
      if (chance.below(4) > 0) continue;
      await batched.close();
      batched = await startTrunkline("--data", folder);
    }
    assert.deepEqual(await known(batched, "d", customers), expected, `seed ${seed}`);
    await batched.close();
  }
});

test("a stream's records, replayed in order, rebuild every profile that was not deleted or merged away", async () => {
  const server = await startTrunkline();
  const client = new CustomerProfilesClient(server.client);
  const kinesis = new KinesisClient(server.client);
  for (let round = 0; round < ROUNDS; round++) {
    const seed = `${SEED} replay ${round}`;
    const chance = new Chance(seed);
    const DomainName = `replayed-${round}`;
    await openDomain(server, DomainName);
    const Uri = await createStream(kinesis, DomainName);
    await client.send(new CreateEventStreamCommand({ DomainName, EventStreamName: "changes", Uri }));
    const made = new Set<string>();
    const someone = () => chance.pick([...made]);
    const acts: (() => Promise<void>)[] = [
      async () => {
        const fields = { FirstName: chance.pick(["Ina", "Else"]), Attributes: { a: chance.pick(["1", "2"]) } };
        made.add((await client.send(new CreateProfileCommand({ DomainName, ...fields }))).ProfileId ?? "");
      },
      async () => {
        if (made.size === 0) return;
        const Attributes = { a: chance.pick(["", "3"]), b: chance.pick(["", "4"]) };
        const change = { FirstName: chance.pick(["", "Ada"]), GenderString: chance.pick(["x", "MALE"]), Attributes };
        await client.send(new UpdateProfileCommand({ DomainName, ProfileId: someone(), ...change }));
      },
      async () => {
        const sale = anySale(chance, 5);
        const input = { DomainName, ObjectTypeName: "Sale", Object: JSON.stringify(sale) };
        await client.send(new PutProfileObjectCommand(input));
        const search = { DomainName, KeyName: "customerKey", Values: [sale.customer] };
        const { Items = [] } = await client.send(new SearchProfilesCommand(search));
        for (const { ProfileId = "" } of Items) made.add(ProfileId);
      },
      async () => {
        if (made.size < 2) return;
        const [main = "", other = ""] = [someone(), someone()];
        if (main === other) return;
        const merge = { DomainName, MainProfileId: main, ProfileIdsToBeMerged: [other] };
        await client.send(new MergeProfilesCommand(merge));
        made.delete(other);
      },
      async () => {
        if (made.size === 0 || chance.below(3) > 0) return;
        const ProfileId = someone();
        await client.send(new DeleteProfileCommand({ DomainName, ProfileId }));
        made.delete(ProfileId);
      },
    ];
    const weighted = [0, 0, 1, 1, 2, 2, 2, 2, 3, 4];
    // Before anything was told, so that no record goes with it. What happens until it is there again is told later.
    await kinesis.send(new DeleteStreamCommand({ StreamName: DomainName }));
    for (let act = 0; act < 80; act++) {
      await acts[chance.pick(weighted)]?.();
      if (act === 40) {
        await createStream(kinesis, DomainName);
        await server.advance("PT1M");
      }
    }
    interface Told {
      readonly EventType: string;
      readonly ObjectTypeName?: string;
      readonly Object?: Record<string, unknown>;
    }
    const rebuilt = new Map<unknown, Record<string, unknown>>();
    for (const { ObjectTypeName, Object: profile } of await readStream<Told>(kinesis, Uri)) {
      if (ObjectTypeName === "_profile" && profile) rebuilt.set(profile.ProfileId, profile);
    }
    for (const id of made) {
      const { Profiles = [] } = await client.send(new BatchGetProfileCommand({ DomainName, ProfileIds: [id] }));
      const [{ Gender: _gender, ...profile } = {}] = Profiles;
      const { Gender: _told, ...told } = rebuilt.get(id) ?? {};
      assert.deepEqual(told, profile, `seed ${seed}, profile ${id}`);
    }
  }
});
