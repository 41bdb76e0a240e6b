/**
 * Customer Profiles in small and large domains: how fast a domain fills by BatchPutProfileObject, what a profile takes on disk, and what
 * PutProfileObject and SearchProfiles by a key cost at 1,000 profiles and at `BENCH_PROFILES` (default 100,000).
 */
import { statSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import {
  CreateDomainCommand,
  CustomerProfilesClient,
  PutProfileObjectTypeCommand,
  SearchProfilesCommand,
} from "@aws-sdk/client-customer-profiles";
import autocannon from "autocannon";
import { type Figures, median, percentile, printBudget, printTable, rounds, SECONDS, spread } from "./measure.ts";
import { signedPut } from "./sides/load.ts";
import { startProcess, withDataFolder } from "./sides/processes.ts";

const SMALL = 1_000;
const LARGE = Number(process.env.BENCH_PROFILES ?? 100_000);

const CONNECTIONS = 64;
/** Objects that are put while it is measured, each of a profile by chance. */
const OBJECTS = 4_096;
const SEARCHES = 2_000;
/** The most that BatchPutProfileObject takes. */
const BATCH = 10;
const LOADERS = 16;

const DomainName = "bench";
const ObjectTypeName = "Customer";
const credentials = { accessKeyId: "test", secretAccessKey: "test" };

export async function run(): Promise<void> {
  await withDataFolder((small) =>
    withDataFolder(async (large) => {
      await fill(small, SMALL);
      const filled = await fill(large, LARGE);
      const bytes = (await folderBytes(large)) / LARGE;
      printTable(`A domain is filled with ${LARGE.toLocaleString("en")} profiles, one object of 0.3 KB each`, [
        ["objects/s", "bytes on disk a profile"],
        [filled.toFixed(0), bytes.toFixed(0)],
      ]);
      const figures = await rounds([
        { name: SMALL.toLocaleString("en"), run: () => measure(small, SMALL) },
        { name: LARGE.toLocaleString("en"), run: () => measure(large, LARGE) },
      ]);
      printTable(`PutProfileObject from ${CONNECTIONS} connections, and SearchProfiles by a key, one at a time`, [
        ["profiles", "puts/s", "p50 ms", "search p50 ms", "search p99 ms"],
        ...[...figures].map(([name, side]) => [
          name,
          spread(side, "perSecond"),
          spread(side, "p50Ms", 1),
          spread(side, "searchP50Ms", 2),
          spread(side, "searchP99Ms", 2),
        ]),
      ]);
      const [few, many] = [...figures.values()];
      const growth = median(few, "perSecond") / median(many, "perSecond");
      printBudget("cost of PutProfileObject in the large domain against the small one", growth, { atMost: 1.5 });
      printBudget("SearchProfiles by a key in the large domain, p99 ms", median(many, "searchP99Ms"), { atMost: 5 });
    }),
  );
}

/** Fills a domain; answers with objects a second. */
function fill(folder: string, profiles: number): Promise<number> {
  return onServer(folder, async (url, client) => {
    await client.send(new CreateDomainCommand({ DomainName, DefaultExpirationDays: 366 }));
    await client.send(
      new PutProfileObjectTypeCommand({
        DomainName,
        ObjectTypeName,
        Description: "customers of a shop",
        AllowProfileCreation: true,
        Fields: {
          no: { Source: "_source.no", Target: "_profile.AccountNumber" },
          first: { Source: "_source.first", Target: "_profile.FirstName" },
          last: { Source: "_source.last", Target: "_profile.LastName" },
          mail: { Source: "_source.mail", Target: "_profile.EmailAddress", ContentType: "EMAIL_ADDRESS" },
          city: { Source: "_source.city", Target: "_profile.Address.City" },
        },
        Keys: { customerKey: [{ StandardIdentifiers: ["UNIQUE", "PROFILE"], FieldNames: ["no"] }] },
      }),
    );
    const startMs = performance.now();
    let next = 0;
    const load = async (): Promise<void> => {
      while (next < profiles) {
        const from = next;
        next = Math.min(profiles, next + BATCH);
        const Items = Array.from({ length: next - from }, (_, at) => ({
          Id: `i${at}`,
          Object: objectOf(from + at, ""),
        }));
        const path = `/domains/${DomainName}/profiles/objects/batch-put-profile-object`;
        const { headers, body } = await signedPut(url, "profile", path, { ObjectTypeName, Items });
        const { host: _, ...sent } = headers;
        const response = await fetch(url + path, { method: "PUT", headers: sent, body });
        const { Failed } = (await response.json()) as { Failed?: unknown[] };
        if (response.status !== 200 || Failed?.length !== 0)
          throw new Error(`BatchPutProfileObject: ${response.status}`);
        if (process.stderr.isTTY && from % 10_000 < BATCH) process.stderr.write(`\r${from} profiles\r`);
      }
    };
    await Promise.all(Array.from({ length: LOADERS }, load));
    return profiles / ((performance.now() - startMs) / 1000);
  });
}

function measure(folder: string, profiles: number): Promise<Figures> {
  return onServer(folder, async (url, client) => {
    const someone = (): number => Math.floor(Math.random() * profiles);
    const searches: number[] = [];
    for (let search = 0; search < SEARCHES; search++) {
      const input = { DomainName, KeyName: "customerKey", Values: [`c${someone()}`] };
      const startMs = performance.now();
      const { Items } = await client.send(new SearchProfilesCommand(input));
      searches.push(performance.now() - startMs);
      if (Items?.length !== 1) throw new Error("SearchProfiles has not found the one profile");
    }
    const path = `/domains/${DomainName}/profiles/objects`;
    const requests = await Promise.all(
      Array.from({ length: OBJECTS }, (_, at): Promise<autocannon.Request> => {
        return signedPut(url, "profile", path, { ObjectTypeName, Object: objectOf(someone(), String(at)) });
      }),
    );
    const result = await autocannon({
      url,
      connections: CONNECTIONS,
      duration: SECONDS,
      setupClient: (each) => each.setRequests(requests.splice(0, OBJECTS / CONNECTIONS)),
    });
    if (result.non2xx > 0 || result.errors > 0) throw new Error(`${result.non2xx} answers were no success`);
    // The first ones warm the server and the client up.
    const warm = searches.slice(SEARCHES / 4);
    return {
      perSecond: result.requests.average,
      p50Ms: result.latency.p50,
      searchP50Ms: percentile(warm, 0.5),
      searchP99Ms: percentile(warm, 0.99),
    };
  });
}

async function onServer<R>(
  folder: string,
  work: (url: string, client: CustomerProfilesClient) => Promise<R>,
): Promise<R> {
  const server = await startProcess("trunkline", ["--data", folder]);
  const client = new CustomerProfilesClient({ endpoint: server.url, region: "us-east-1", credentials });
  try {
    return await work(server.url, client);
  } finally {
    client.destroy();
    await server.stop();
  }
}

function objectOf(no: number, note: string): string {
  return JSON.stringify({
    no: `c${no}`,
    first: "Ina",
    last: `Möller ${no}`,
    mail: `customer-${no}@example.com`,
    city: "Bremen",
    note: `${note} ordered something that was sent to the neighbours `.repeat(3),
  });
}

async function folderBytes(folder: string): Promise<number> {
  const names = await readdir(folder, { recursive: true });
  return names.reduce((total, name) => total + statSync(join(folder, name)).size, 0);
}
