/** examples/translation-hook: a customer and an agent without a language in common chat with each other. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { runExample } from "./example.ts";
import { startTrunkline } from "./server.ts";

/** Who reads what, chat by chat. */
function readings(stdout: string): Record<string, string[]> {
  const chats = stdout.split(/^--- (.*)$/m).slice(1);
  const lines = (text = ""): string[] =>
    [...text.matchAll(/^(\S+) +reads +(.*)$/gm)].map(([, who, what]) => `${who}: ${what}`);
  return Object.fromEntries(chats.flatMap((name, at) => (at % 2 === 0 ? [[name, lines(chats[at + 1])]] : [])));
}

test("what a customer writes is read in the agent's language, and what the agent writes in the customer's", async () => {
  const { stdout } = await runExample(await startTrunkline(), "translation-hook/run.mjs");
  assert.deepEqual(readings(stdout), {
    Mara: ["Ada: Hello, where is my parcel?   (de)", "Mara: Ihr Paket kommt morgen.", "Ada: Thank you!   (de)"],
    Lola: ["Ada: Hello, where is my parcel?   (es)", "Lola: Su paquete llega mañana.", "Ada: Thank you!   (es)"],
    Kim: ["Ada: Hello, where is my parcel?   (en)", "Kim: Your parcel arrives tomorrow.", "Ada: Thank you!   (en)"],
  });
});

test("without a translation service everybody reads what was written", async () => {
  const nowhere = { TRANSLATOR_URL: "http://127.0.0.1:9" };
  const { stdout } = await runExample(await startTrunkline(), "translation-hook/run.mjs", nowhere);
  assert.deepEqual(readings(stdout).Mara, [
    "Ada: Hallo, wo ist mein Paket?   (not translated)",
    "Mara: Your parcel arrives tomorrow.",
    "Ada: Danke!   (not translated)",
  ]);
});
