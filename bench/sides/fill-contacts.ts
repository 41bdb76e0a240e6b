/**
 * Fills an instance in a data folder that no server is using with contacts like those it has: `node fill-contacts.ts FOLDER COUNT`. Each is a
 * copy of one that is over, at another time of the last four weeks and with another customer.
 */
import { randomUUID } from "node:crypto";
import { type Contact, contactKey, contacts } from "../../src/services/connect/contacts.ts";
import { openStore } from "../../src/store/index.ts";
import { RealClock, SystemWallClock } from "../../src/time/clock.ts";

const [folder = "", count = "0"] = process.argv.slice(2);
const CONTACTS = Number(count);
const UNIT = 200;
const SPAN_MS = 28 * 86_400_000;

const wall = new SystemWallClock();
const store = await openStore({ directory: folder, clock: new RealClock(wall), wall });
const { documents } = await store.list(contacts, { limit: 100 });
const ended = documents.filter(({ completedMs }) => completedMs !== undefined);
if (ended.length === 0) throw new Error("There is no contact that is over");
for (let first = 0; first < CONTACTS; first += UNIT) {
  await store.commitUnsynced(async (unit) => {
    for (let number = first; number < Math.min(first + UNIT, CONTACTS); number++) {
      const copy = copyOf(ended[number % ended.length] as Contact, number);
      unit.put(contacts, contactKey(copy), copy);
    }
  });
}
await store.close();

function copyOf(contact: Contact, number: number): Contact {
  const backMs = Math.floor((number / CONTACTS) * SPAN_MS);
  const moved = (timeMs: number | undefined): number | undefined =>
    timeMs === undefined ? undefined : timeMs - backMs;
  const id = randomUUID();
  return {
    ...contact,
    id,
    associationId: id,
    customerEndpoint: { type: "TELEPHONE_NUMBER", address: `+4477${String(number).padStart(8, "0")}` },
    initiationMs: contact.initiationMs - backMs,
    connectedToSystemMs: moved(contact.connectedToSystemMs),
    disconnectMs: moved(contact.disconnectMs),
    completedMs: moved(contact.completedMs),
    ...(contact.queue && { queue: { ...contact.queue, enqueueMs: contact.queue.enqueueMs - backMs } }),
    ...(contact.agent && { agent: { ...contact.agent, connectedMs: contact.agent.connectedMs - backMs } }),
  };
}
