/**
 * Fills a domain of Cases in a data folder that no server is using, many cases a unit and nothing but the cases: `node fill-cases.ts FOLDER DOMAIN
 * TEMPLATE FIELD COUNT`. FIELD is the id of a field of numbers.
 */
import { randomUUID } from "node:crypto";
import { type Case, caseKey, cases } from "../../src/services/cases/case.ts";
import { openStore } from "../../src/store/index.ts";
import { RealClock, SystemWallClock } from "../../src/time/clock.ts";
import { words } from "./words.ts";

const [folder = "", domainId = "", templateId = "", numberField = "", count = "0"] = process.argv.slice(2);
const CASES = Number(count);
const UNIT = 200;

const DAY_MS = 24 * 60 * 60 * 1000;
const START_MS = Date.parse("2026-01-01T00:00:00Z");
const SPAN_MS = 365 * DAY_MS;

const domain = { account: "000000000000", region: "us-east-1", domainId };
const CONNECT = "arn:aws:connect:us-east-1:000000000000:instance/6f1c0a52-9b3d-4a7e-8c21-5d0e7f4b3a19";
const PROFILES = "arn:aws:profile:us-east-1:000000000000:domains/acme-profiles/profiles";
const one = <T>(of: readonly T[]): T => of[Math.floor(Math.random() * of.length)] as T;
const below = (end: number): number => Math.floor(Math.random() * end);

const wall = new SystemWallClock();
const store = await openStore({ directory: folder, clock: new RealClock(wall), wall });
for (let first = 0; first < CASES; first += UNIT) {
  await store.commitUnsynced(async (unit) => {
    for (let number = first; number < Math.min(first + UNIT, CASES); number++) {
      const made = caseOf(number);
      unit.put(cases, caseKey(made), made);
    }
  });
  if (process.stderr.isTTY && first % 10_000 === 0) process.stderr.write(`\r${first} cases\r`);
}
await store.close();

/** A case as tenants have them: a title of some words, forty words of a summary, a customer who has three. */
function caseOf(number: number): Case {
  const id = randomUUID();
  const createdMs = START_MS + Math.floor((number / CASES) * SPAN_MS);
  const changedMs = createdMs + below(20 * DAY_MS);
  const status = one(["open", "open", "waiting", "closed", "closed", "closed"]);
  const user = (): string => `${CONNECT}/agent/${below(500)}`;
  const time = (timeMs: number): string => new Date(timeMs).toISOString();
  return {
    ...domain,
    id,
    templateId,
    createdMs,
    changedMs,
    tags: Math.random() < 0.3 ? { priority: one(["p1", "p2"]) } : {},
    values: {
      case_id: id,
      title: `${words(4)} ${below(1_000_000)}`,
      summary: words(40),
      status,
      case_reason: one(["damaged", "late", "spam", "question", "refund"]),
      customer_id: `${PROFILES}/${below(CASES / 3)
        .toString(16)
        .padStart(32, "0")}`,
      reference_number: (10 ** 9 + number).toString(36).toUpperCase().padStart(9, "0"),
      assigned_queue: `${CONNECT}/queue/${below(40)}`,
      ...(Math.random() < 0.5 && { assigned_user: user() }),
      created_by: user(),
      created_datetime: time(createdMs),
      last_updated_datetime: time(changedMs),
      last_updated_user: user(),
      ...(status === "closed" && { last_closed_datetime: time(changedMs) }),
      [numberField]: below(50_000) / 100,
    },
  };
}
