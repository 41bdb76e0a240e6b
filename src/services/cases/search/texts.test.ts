import assert from "node:assert/strict";
import { test } from "node:test";
import { SystemWallClock } from "../../../time/clock.ts";
import { SeededIds } from "../../../time/ids.ts";
import { Pace } from "./pace.ts";
import { Texts } from "./texts.ts";

const PARTS = ["Kettle", "kettle", " ", "É", "ß", "İ", "😀", "\ud83d", "a", "Zz", "x".repeat(300)];
const NEEDLES = ["kettle", "KETTLE K", "zza", "é", "😀", "ß ", "x".repeat(301), "i̇", "nowhere", "a"];

for (const { folds, live } of [
  { folds: true, live: 300 },
  { folds: false, live: 300 },
  // Enough that they have signatures.
  { folds: true, live: 16_000 },
]) {
  test(`texts come and go, and are found by what they are, ${folds ? "in whatever case" : "as they are"}, ${live} at once`, async () => {
    const ids = new SeededIds(`texts ${folds} ${live}`);
    const below = (end: number): number => Math.floor(ids.random() * end);
    const fold = (text: string): string => (folds ? text.toLowerCase() : text);
    const texts = new Texts({ folds });
    const pace = new Pace(new SystemWallClock());
    /** What is used, once for each use. */
    const used: { readonly text: string; readonly code: number }[] = [];
    const anyText = (): string => {
      const parts = Array.from({ length: 1 + below(4) }, () => PARTS[below(PARTS.length)]);
      return parts.join("") + (ids.random() < 0.7 ? String(below(live * 2)) : "");
    };
    const check = async (): Promise<void> => {
      const uses = new Map<string, { code: number; count: number }>();
      for (const { text, code } of used) {
        const known = uses.get(text) ?? { code, count: 0 };
        assert.equal(known.code, code);
        uses.set(text, { code, count: known.count + 1 });
      }
      assert.equal(texts.size, uses.size);
      for (const [text, { code, count }] of uses) {
        assert.deepEqual([texts.find(text), texts.uses(code), texts.text(code)], [code, count, text]);
      }
      assert.equal(texts.find("never"), 0);
      // Also some that hardly any other contains, and that were added last.
      for (const needle of [...NEEDLES, ...used.slice(-10).map(({ text }) => text)]) {
        const found = new Set<number>();
        await texts.containing(texts.needleOf(needle), pace, (code) => found.add(code));
        const expected = [...uses].filter(([text]) => fold(text).toWellFormed().includes(fold(needle).toWellFormed()));
        assert.deepEqual(found, new Set(expected.map(([, { code }]) => code)), needle);
        for (const [, { code }] of expected) assert.ok(texts.includes(code, texts.needleOf(needle)));
      }
      const some = [...uses].slice(0, 300);
      for (const [place, [text, { code }]] of some.entries()) {
        const [other, { code: otherCode }] = some[(place * 7) % some.length] ?? [text, { code }];
        const bytes = (of: string): Buffer => Buffer.from(fold(of)).subarray(0, 512);
        const expected = Math.sign(Buffer.compare(bytes(text), bytes(other)));
        assert.equal(Math.sign(texts.compare(code, otherCode)), expected);
        assert.equal(Math.sign(texts.compareKey(code, texts.orderKey(otherCode))), expected);
      }
    };
    for (let round = 0; round < 6; round++) {
      while (used.length < live) {
        const text = anyText();
        used.push({ text, code: texts.add(text) });
      }
      await check();
      // Most of them go: what is left moves together.
      const kept = round % 2 === 0 ? live / 10 : live / 2;
      while (used.length > kept) {
        const [gone] = used.splice(below(used.length), 1);
        texts.release(gone?.code ?? 0);
      }
      await check();
    }
  });
}
