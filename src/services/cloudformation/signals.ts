/**
 * What stacks wait for from outside: answers of custom resources, signals at the URLs of wait condition handles, ends of nested stacks. Each has
 * a token that nobody can guess and that is all that whoever signals needs. A signal may come before anybody waits for it.
 */
import { createHash } from "node:crypto";
import { type Collection, collection, compositeKey, type Reader, type Unit } from "../../store/store.ts";
import type { Platform } from "../service.ts";
import { wakeEngine } from "./wake.ts";

/** A token that signals are taken for. */
interface Expected {
  readonly token: string;
  readonly stackId: string;
}

export interface Signal {
  readonly token: string;
  /** One of the same id counts once. */
  readonly uniqueId: string;
  readonly body: Readonly<Record<string, unknown>>;
}

const EXPECTED: Collection<Expected> = collection("cfn_expected_signal", {
  stack: { type: "text", value: ({ stackId, token }) => compositeKey(stackId, token) },
});
const SIGNALS: Collection<Signal> = collection("cfn_signal");

/** What a wait condition may count to, and so what is kept for a token. */
export const SIGNALS_MAX = 100;

/** "The response object … can't exceed 4096 bytes": https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/crpg-ref-responses.html */
export const SIGNAL_BYTES_MAX = 4096;

const PATH = /^\/_aws\/cloudformation\/signal\/([\w-]{1,64})$/;

export function signalUrl(endpoint: string, token: string): string {
  return `${endpoint}/_aws/cloudformation/signal/${token}`;
}

/** The token in the path of a URL to signal at. */
export function parseSignalPath(path: string): string | undefined {
  return PATH.exec(path)?.[1];
}

export function tokenOf(...parts: readonly string[]): string {
  return createHash("sha256").update(parts.join("\n")).digest("hex").slice(0, 48);
}

export function expectSignal(unit: Unit, expected: Expected): void {
  unit.put(EXPECTED, expected.token, expected);
}

export function findExpected(reader: Reader, token: string): Promise<Expected | undefined> {
  return reader.get(EXPECTED, token);
}

/** Takes a signal from outside. `false`: nobody expects it, or there are too many. */
export function takeSignal(
  platform: Pick<Platform, "store">,
  token: string,
  body: Readonly<Record<string, unknown>>,
): Promise<boolean> {
  return platform.store.commit(async (unit) => {
    if ((await signalsFor(unit, token)).length >= SIGNALS_MAX) return false;
    wakeEngine(unit, platform);
    return putSignal(unit, token, body);
  });
}

export async function putSignal(unit: Unit, token: string, body: Readonly<Record<string, unknown>>): Promise<boolean> {
  const expected = await findExpected(unit, token);
  if (expected === undefined) return false;
  const uniqueId = typeof body.UniqueId === "string" ? body.UniqueId : "";
  unit.put(SIGNALS, compositeKey(token, uniqueId), { token, uniqueId, body });
  return true;
}

export async function signalsFor(reader: Reader, token: string): Promise<readonly Signal[]> {
  return (await reader.list(SIGNALS, { prefix: compositeKey(token, ""), limit: SIGNALS_MAX })).documents;
}

/** Nothing more is expected for a token. */
export async function forgetSignals(unit: Unit, token: string): Promise<void> {
  unit.delete(EXPECTED, token);
  for (const { uniqueId } of await signalsFor(unit, token)) unit.delete(SIGNALS, compositeKey(token, uniqueId));
}

/** Nor for any of a stack's. */
export async function forgetSignalsOf(unit: Unit, stackId: string): Promise<void> {
  let after: string | undefined;
  do {
    const page = await unit.list(EXPECTED, { index: "stack", prefix: compositeKey(stackId, ""), limit: 500, after });
    for (const { token } of page.documents) await forgetSignals(unit, token);
    after = page.next;
  } while (after !== undefined);
}
