import { BoundedMap } from "../bounded-map.ts";
import { perStore } from "../per-store.ts";
import type { Caller, Platform } from "../service.ts";
import { ACCESS_KEYS, SESSIONS } from "./keys.ts";
import { LAST_USES } from "./last-use.ts";

/** Of the domain's clock. The real service is no more exact, and each request would be a write. */
const RECORDED_EVERY_MS = 60_000;
const REMEMBERED_MAX = 10_000;

const recordedOf = perStore(() => new BoundedMap<string, number>(REMEMBERED_MAX));

/** Remembers when a user's key, or the role of a session, was used, and for which service: at most once a minute. */
export async function recordUse(
  { store, clock }: Pick<Platform, "store" | "clock">,
  { accessKeyId, region }: Pick<Caller, "accessKeyId" | "region">,
  service: string,
): Promise<void> {
  const recorded = recordedOf(store);
  const atMs = clock.now();
  const before = recorded.get(accessKeyId);
  if (before !== undefined && atMs >= before && atMs < before + RECORDED_EVERY_MS) return;
  recorded.set(accessKeyId, atMs);
  await store.commitUnsynced(async (unit) => {
    const session = await unit.get(SESSIONS, accessKeyId);
    const id = session === undefined ? (await unit.get(ACCESS_KEYS, accessKeyId))?.accessKeyId : session.identityId;
    if (id !== undefined) unit.put(LAST_USES, id, { atMs, region, service });
  });
}
