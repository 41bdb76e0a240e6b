/**
 * Whatever is done to profiles, what a domain keeps of them adds up: counts and bytes are those of what is there, every object lies on a profile
 * that is there, and a profile has exactly the keys that its objects, its fields and people give it.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { StandardIdentifier } from "@aws-sdk/client-customer-profiles";
import { profileKeys } from "../src/services/customer-profiles/profile-keys.ts";
import { objects } from "../src/services/customer-profiles/stored-object.ts";
import { profiles, type StoredProfile } from "../src/services/customer-profiles/stored-profile.ts";
import type { Collection } from "../src/store/store.ts";
import { SeededIds } from "../src/time/ids.ts";
import { send } from "./model-call.ts";
import { startTrunkline } from "./server.ts";

const FULL = process.env.TRUNKLINE_FULL === "1";
const SEED = process.env.TRUNKLINE_SEED ?? "1";
const RUNS = FULL ? 40 : 1;
const STEPS = FULL ? 400 : 150;

const ids = new SeededIds(`invariants ${SEED}`);
const below = (bound: number): number => Math.floor(ids.random() * bound);
const pick = <T>(from: readonly T[]): T => from[below(from.length)] as T;

const key = (identifiers: readonly StandardIdentifier[], ...FieldNames: string[]) => [
  { StandardIdentifiers: identifiers, FieldNames },
];
const source = (name: string, Target?: string) => ({ Source: `_source.${name}`, Target });

/** Two types whose objects meet on profiles and on orders, and that keep them for different times. */
const TYPES = {
  Sale: {
    AllowProfileCreation: true,
    ExpirationDays: 9,
    Fields: {
      id: source("id"),
      no: source("no", "_profile.AccountNumber"),
      mail: { ...source("mail", "_profile.EmailAddress"), ContentType: "EMAIL_ADDRESS" },
      order: source("order", "_order.Name"),
      text: source("text", "_order.AdditionalInformation"),
      first: source("first"),
    },
    Keys: {
      saleKey: key(["UNIQUE"], "id"),
      noKey: key(["PROFILE"], "no"),
      _email: key(["PROFILE", "SECONDARY"], "mail"),
      orderKey: key(["ORDER"], "order"),
      firstKey: key(["NEW_ONLY"], "first"),
      bothKey: key([], "no", "mail"),
    },
  },
  Scan: {
    AllowProfileCreation: true,
    ExpirationDays: 4,
    MaxProfileObjectCount: 6,
    Fields: {
      id: source("id"),
      mail: { ...source("mail"), ContentType: "EMAIL_ADDRESS" },
      order: source("order", "_order.Name"),
      state: source("text", "_order.Status"),
    },
    Keys: {
      scanKey: key(["UNIQUE"], "id"),
      _email: key(["PROFILE"], "mail"),
      orderKey: key(["ORDER", "PROFILE", "SECONDARY"], "order"),
    },
  },
};

for (let run = 0; run < RUNS; run++) {
  test(`what a domain keeps adds up, whatever is done to it: run ${run} of seed ${SEED}`, async (t) => {
    const server = await startTrunkline();
    const domain = { DomainName: "sums" };
    const ask = async (
      operation: string,
      input: object,
    ): Promise<{ status: number; body: Record<string, unknown> }> => {
      const { status, body } = await send(server.url, "customer-profiles", operation, { ...domain, ...input });
      assert.ok(status < 500, `${operation} ${JSON.stringify(input)}: ${status} ${body}`);
      return { status, body: JSON.parse(body.toString()) };
    };
    await ask("CreateDomain", { DefaultExpirationDays: 7 });
    for (const [ObjectTypeName, mapping] of Object.entries(TYPES)) {
      const { status, body } = await ask("PutProfileObjectType", { ObjectTypeName, Description: "x", ...mapping });
      assert.equal(status, 200, JSON.stringify(body));
    }
    const all = async <T>(collection: Collection<T>): Promise<readonly T[]> =>
      (await server.app.platform().store.list(collection, { limit: 10_000 })).documents;
    const someProfile = async () => pick(await all(profiles))?.id ?? "0".repeat(32);
    const few = (name: string): string => `${name}${below(5)}`;
    const object = () => ({
      id: `i${below(25)}`,
      ...(below(4) > 0 && { no: few("n") }),
      ...(below(2) > 0 && { mail: `${few("m")}@x.y` }),
      ...(below(3) > 0 && { order: few("o") }),
      ...(below(2) > 0 && { text: "t".repeat(below(60)) }),
      ...(below(2) > 0 && { first: few("f") }),
    });
    const done = new Map<string, number>();
    const steps: Readonly<Record<string, () => Promise<{ status: number }>>> = {
      put: () => ask("PutProfileObject", { ObjectTypeName: pick(["Sale", "Scan"]), Object: JSON.stringify(object()) }),
      puts: async () => {
        const type = pick(["Sale", "Scan"]);
        const Items = Array.from({ length: 10 }, (_, at) => ({ Id: String(at), Object: JSON.stringify(object()) }));
        return ask("BatchPutProfileObject", { ObjectTypeName: type, Items });
      },
      create: () => ask("CreateProfile", { EmailAddress: `${few("M")}@x.y`, AccountNumber: few("n") }),
      update: async () =>
        ask("UpdateProfile", { ProfileId: await someProfile(), EmailAddress: pick(["", `${few("m")}@x.y`]) }),
      merge: async () =>
        ask("MergeProfiles", { MainProfileId: await someProfile(), ProfileIdsToBeMerged: [await someProfile()] }),
      "delete profile": async () => ask("DeleteProfile", { ProfileId: await someProfile() }),
      "delete object": async () => {
        const { id, type, profileId } = pick(await all(objects)) ?? { id: "x", type: "Sale", profileId: "x" };
        return ask("DeleteProfileObject", { ProfileId: profileId, ObjectTypeName: type, ProfileObjectUniqueKey: id });
      },
      "add key": async () =>
        ask("AddProfileKey", { ProfileId: await someProfile(), KeyName: "noKey", Values: [few("n")] }),
      wait: async () => {
        await server.advance(pick(["PT1H", "P1D", "P3D"]));
        return { status: 200 };
      },
    };
    const names = Object.keys(steps).flatMap((name) => Array<string>(name.startsWith("put") ? 6 : 1).fill(name));
    for (let step = 0; step < STEPS; step++) {
      const name = pick(names);
      const { status } = (await steps[name]?.()) ?? {};
      if (status === 200) done.set(name, (done.get(name) ?? 0) + 1);
      await assertAddsUp(`after ${step}: ${name}`);
    }
    for (const name of Object.keys(steps)) assert.ok((done.get(name) ?? 0) > 0, `${name} was done`);
    t.diagnostic(Array.from(done, ([name, count]) => `${name} ${count}`).join(", "));

    async function assertAddsUp(what: string): Promise<void> {
      const nowMs = server.app.platform().clock.now();
      const [people, things, keys] = [await all(profiles), await all(objects), await all(profileKeys)];
      for (const profile of people) {
        // What has expired goes as a whole when it is swept; some of it may be gone already.
        if (profile.expiresMs <= nowMs) continue;
        const own = things.filter(({ profileId }) => profileId === profile.id);
        const counts: Record<string, number> = {};
        for (const { type } of own) counts[type] = (counts[type] ?? 0) + 1;
        assert.deepEqual(sorted(profile.objects), sorted(counts), `${what}: objects of ${profile.id}`);
        const bytes = own.reduce((total, { content }) => total + content.length, 0);
        assert.equal(profile.objectBytes, bytes, `${what}: bytes of ${profile.id}`);
        const given = new Set(own.flatMap((thing) => thing.keys.map((one) => JSON.stringify(one))));
        const had = keys.filter(({ profileId, givenBy }) => profileId === profile.id && givenBy.includes("objects"));
        const texts = had.map(({ name, parts }) => JSON.stringify([name, ...parts]));
        assert.deepEqual(texts.sort(), [...given].sort(), `${what}: keys of ${profile.id}`);
      }
      const there = new Set(people.map(({ id }) => id));
      for (const { type, id, profileId } of things)
        assert.ok(there.has(profileId), `${what}: ${type} ${id} lies nowhere`);
      for (const { name, profileId } of keys) assert.ok(there.has(profileId), `${what}: key ${name} of nobody`);
      const { body } = await ask("GetDomain", {});
      const { ProfileCount, ObjectCount, TotalSize } = body.Stats as Record<string, number>;
      const sum = (of: (profile: StoredProfile) => number) => people.reduce((total, profile) => total + of(profile), 0);
      const objectsOf = sum((profile) => Object.values(profile.objects).reduce((total, count) => total + count, 0));
      const bytesOf = sum(({ fields, objectBytes }) => JSON.stringify(fields).length + objectBytes);
      assert.deepEqual(
        [ProfileCount, ObjectCount, TotalSize],
        [people.length, objectsOf, bytesOf],
        `${what}: what the domain counts`,
      );
    }
  });
}

function sorted(counts: Readonly<Record<string, number>>): readonly (readonly [string, number])[] {
  return Object.entries(counts).sort();
}
