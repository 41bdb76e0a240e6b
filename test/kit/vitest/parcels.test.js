/** What somebody would write who tests with Vitest. */

import { expectEvent, expectRecord, startTrunkline, useTrunkline } from "trunkline/testing";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";

const trunkline = useTrunkline({ beforeAll, afterAll, afterEach });

test("a call is answered and told of", async () => {
  const centre = await trunkline.centre({ agents: ["anna"] });
  const anna = await centre.agent("anna").signsIn();
  const call = await centre.call().says("Where is my parcel?");
  await anna.answers(call).says("On its way.").hangsUp().clears();
  const { data } = await expectRecord(trunkline, centre.streams.contactRecords, { ContactId: [call.id] });
  expect(data.Agent.Username).toBe("anna");
});

test("what was not told of is said", async () => {
  await trunkline.centre();
  await expect(expectEvent(trunkline, { source: ["parcels"] })).rejects.toThrow(
    /There is not an event on the bus default/,
  );
});

test("each test begins anew", async () => {
  const { InstanceSummaryList } = await trunkline.connection.call("connect", "ListInstances");
  expect(InstanceSummaryList).toEqual([]);
});

test("a child process serves too", async () => {
  const child = await startTrunkline({ process: true });
  expect((await fetch(`${child.url}/_trunkline/health`)).status).toBe(200);
  await child.close();
});
