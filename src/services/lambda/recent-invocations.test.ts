import assert from "node:assert/strict";
import { test } from "node:test";
import { RecentInvocations } from "./recent-invocations.ts";

type Noted = Parameters<RecentInvocations["note"]>;

const clock = { now: () => 0 } as Noted[0]["clock"];

function note(recent: RecentInvocations, name: string, payload: string, answer: string): void {
  const target = { function: { id: name }, version: { version: "1" } } as Noted[1];
  const outcome = {
    status: "success",
    durationMs: 1,
    payload: Buffer.from(answer),
    tail: Promise.resolve(""),
  } as const;
  recent.note({ clock }, target, { requestId: "r", payload: Buffer.from(payload) }, outcome);
}

const of = (recent: RecentInvocations, name: string) => recent.of({ id: name, name });

test("an invocation is told of with its event and answer, documents where they are JSON", () => {
  const recent = new RecentInvocations();
  note(recent, "f", '{"a":1}', "plainly");
  note(recent, "g", "{}", "");
  assert.partialDeepStrictEqual(of(recent, "f"), [{ id: "1", function: "f", event: { a: 1 }, answer: "plainly" }]);
  assert.equal(of(recent, "f").length, 1);
  assert.equal("answer" in (of(recent, "g")[0] ?? {}), false);
});

test("the last are kept, so many and so many bytes of them, and of what is very long only that it was", () => {
  const recent = new RecentInvocations();
  for (let number = 0; number < 12_345; number++) note(recent, "f", String(number), "{}");
  const many = of(recent, "f");
  assert.deepEqual([many.length, many[0]?.event, many.at(-1)?.event], [5_000, 7_345, 12_344]);
  const megabyte = JSON.stringify("x".repeat(1024 * 1024 - 2));
  for (let number = 0; number < 20; number++) note(recent, "g", megabyte, "");
  assert.deepEqual([of(recent, "f").length, of(recent, "g").length], [0, 16]);
  note(recent, "g", `${megabyte} `, "{}");
  assert.partialDeepStrictEqual(of(recent, "g").at(-1), { event: null, cut: ["event"], answer: {} });
});
