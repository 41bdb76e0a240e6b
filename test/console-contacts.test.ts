/** Contacts in the console: found among many, by what they do now. */
import assert from "node:assert/strict";
import { after, test } from "node:test";
import { NO_BROWSER, openBrowser } from "./browser.ts";
import { assertAccessible, assertFitsPhone, openPage } from "./console-page.ts";
import { openCentre } from "./contact-centre.ts";
import { startTrunkline } from "./server.ts";

const browser = await openBrowser();
const server = await startTrunkline("--clock", "real");
const centre = await openCentre(server);

interface Listed {
  readonly contacts: readonly { readonly id: string; readonly stage: string; readonly queue?: { name?: string } }[];
  readonly next?: string;
}

async function list(query: string): Promise<Listed> {
  const { status, body } = await centre.control("GET", `contacts/${centre.InstanceId}?${query}`);
  assert.equal(status, 200, JSON.stringify(body));
  return body as unknown as Listed;
}

const idsOf = ({ contacts }: Listed): string[] => contacts.map(({ id }) => id);

test("contacts are listed by what they do, the newest first, a page after the other", async () => {
  const waiting = await centre.arrive({ channel: "VOICE", from: "+447700900001" });
  const agentId = await centre.agent("anna");
  const shown = async () => (await centre.view(agentId)).contacts[0];
  while ((await shown())?.id !== waiting) await new Promise((resolve) => setImmediate(resolve));
  await centre.act(agentId, "accept", { contactId: waiting });
  assert.deepEqual(idsOf(await list("state=with-agent")), [waiting]);
  assert.deepEqual(idsOf(await list(`agent=${agentId}`)), [waiting]);
  await centre.customer(waiting, "hang-up");
  assert.deepEqual(idsOf(await list("state=after-contact")), [waiting]);
  await centre.act(agentId, "clear", { contactId: waiting });
  await centre.status(agentId, "Offline");
  assert.deepEqual(idsOf(await list("state=ended")), [waiting]);
  assert.deepEqual(idsOf(await list("outcome=handled")), [waiting]);
  assert.deepEqual(idsOf(await list("outcome=abandoned")), []);

  const others: string[] = [];
  for (let count = 0; count < 5; count++) {
    others.unshift(await centre.arrive({ channel: count % 2 ? "CHAT" : "VOICE", from: `+44770090001${count}` }));
  }
  for (const state of ["", "state=waiting&"]) {
    const seen: string[] = [];
    let next: string | undefined;
    do {
      const page = await list(`${state}limit=2${next ? `&after=${encodeURIComponent(next)}` : ""}`);
      seen.push(...idsOf(page));
      next = page.next;
    } while (next !== undefined);
    assert.deepEqual(new Set(seen.slice(0, 5)), new Set(others));
    assert.equal(seen.length, state ? 5 : 6);
  }
  assert.deepEqual(idsOf(await list("text=0900013")).length, 1);
  assert.deepEqual(idsOf(await list("channel=CHAT")).length, 2);
  assert.equal((await list("state=waiting")).contacts[0]?.queue?.name, "BasicQueue");
  const [impatient = ""] = others;
  await centre.customer(impatient, "hang-up");
  assert.deepEqual(idsOf(await list("outcome=abandoned")), [impatient]);
});

test("a list that is asked for wrongly is refused by name", async () => {
  const refused = async (query: string, message: RegExp): Promise<void> => {
    const { status, body } = await centre.control("GET", `contacts/${centre.InstanceId}?${query}`);
    assert.equal(status, 400);
    assert.match(String(body.error), message);
  };
  await refused("state=gone", /state is none of/);
  await refused("channel=FAX", /channel is none of/);
  await refused("outcome=lost", /outcome is none of handled, abandoned/);
  await refused("limit=0", /limit is a number/);
  await refused("after=nonsense", /after is not/);
  await refused("colour=red", /There is no colour/);
  const { status } = await centre.control("GET", "contacts/11111111-2222-3333-4444-555555555555");
  assert.equal(status, 404);
});

test("a contact is made to arrive, found by its number, and gone to", async (t) => {
  if (!browser) return t.skip(NO_BROWSER);
  await using page = await openPage(browser, server.url, "contacts");
  await page.getByRole("button", { name: "New contact" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel("From").fill("not a number");
  await dialog.getByRole("button", { name: "Let it arrive" }).click();
  await dialog.getByText("from is not in E.164 format").waitFor();
  await dialog.getByLabel("From").fill("+447700900999");
  await dialog.getByRole("button", { name: "Let it arrive" }).click();
  await page.getByRole("heading", { name: /^Contact / }).waitFor();
  await page.goto(`${server.url}/_trunkline/console/contacts`);
  await page.getByLabel("Find").fill("900999");
  await page.getByRole("cell", { name: "+447700900999" }).waitFor();
  await page.getByLabel("State").selectOption("ended");
  await page.getByText("No contact is like that").waitFor();
  await assertAccessible(page);
  await page.getByLabel("State").selectOption("waiting");
  await page.getByRole("cell", { name: "+447700900999" }).waitFor();
  await assertAccessible(page);
  await assertFitsPhone(page);
});

test("the customer of a call says something, presses a key and hangs up, by hand", async (t) => {
  if (!browser) return t.skip(NO_BROWSER);
  const id = await centre.arrive({ channel: "VOICE", from: "+447700900555" });
  await using page = await openPage(browser, server.url, `contacts/${centre.InstanceId}/${id}?tab=act`);
  await page.getByLabel("Sentence").fill("Where is my <b>parcel</b>?");
  await page.getByRole("button", { name: "Say" }).click();
  await page.getByRole("tabpanel").getByText("Where is my <b>parcel</b>?").waitFor();
  await page.getByRole("textbox", { name: "Keys" }).fill("1");
  await page.getByRole("button", { name: "Press" }).click();
  await page.getByRole("tabpanel").getByRole("alert").or(page.getByText("pressed")).first().waitFor();
  await assertAccessible(page);
  await page.getByRole("button", { name: "Hang up" }).click();
  await page.getByText("hung up").waitFor();
  await page.getByText("CUSTOMER_DISCONNECT").first().waitFor();
  assert.equal((await centre.describe(id)).DisconnectReason, "CUSTOMER_DISCONNECT");
});

test("a call that arrives is there without a hand being moved", async (t) => {
  if (!browser) return t.skip(NO_BROWSER);
  await using page = await openPage(browser, server.url, "contacts?state=waiting");
  await page.getByRole("region", { name: "Contacts" }).waitFor();
  await centre.arrive({ channel: "VOICE", from: "+447700900777" });
  await page.getByRole("cell", { name: "+447700900777" }).waitFor();
});

after(() => server.close());
