import type { Timer } from "../../../flow/index.ts";
import { compositeKey, type Unit } from "../../../store/store.ts";
import type { Platform } from "../../service.ts";
import { objects, type StoredObject } from "../stored-object.ts";
import { takeIn } from "./attribute-values.ts";
import {
  AttributesOfType,
  attributesOf,
  type CalculatedAttribute,
  calculatedAttributeKey,
  calculatedAttributes,
  compileAttribute,
} from "./calculated-attribute.ts";

/** A timer of this kind reads objects that were there before a calculated attribute, a step at a time. */
const HISTORY = "customer-profiles.attribute-history";

/** Objects read in one unit: few enough that nobody waits for it. */
const OBJECTS_PER_STEP = 100;

type Place = Pick<CalculatedAttribute, "uid" | "name" | "id">;

export function computeHistoryTimer({ uid, name, id }: Place, nowMs: number): Timer {
  return { id: `${HISTORY} ${uid} ${id}`, kind: HISTORY, dueMs: nowMs, payload: { uid, name, id } };
}

/** Computes new attributes of the objects that were there before them. */
export function computeHistories(platform: Platform): void {
  platform.flow.onTimer(HISTORY, async (unit, { payload }) => {
    const place = payload as Place;
    const attribute = await unit.get(calculatedAttributes, calculatedAttributeKey(place));
    // Deleted, and perhaps defined anew.
    if (attribute?.history && attribute.id === place.id) await readSome(unit, platform, attribute, attribute.history);
  });
}

/** Where an object has been ingested meanwhile, it says the same as it has said then. */
async function readSome(
  unit: Unit,
  platform: Platform,
  attribute: CalculatedAttribute,
  history: NonNullable<CalculatedAttribute["history"]>,
): Promise<void> {
  const { uid } = attribute;
  const { type } = compileAttribute(attribute).expression;
  const { documents, next } = await unit.list(objects, {
    prefix: compositeKey(uid, type, ""),
    limit: OBJECTS_PER_STEP,
    after: history.after,
  });
  const nowMs = platform.clock.now();
  const { byType } = await attributesOf(platform.store, unit, { uid });
  const attributes = byType.get(type) ?? new AttributesOfType([]);
  const living = documents.filter(({ expiresMs }) => expiresMs > nowMs);
  for (const [profileId, objects] of Map.groupBy(living, (object: StoredObject) => object.profileId)) {
    const put = objects.map((object) => ({ before: object, after: object }));
    await takeIn(unit, attributes, { uid, profileId, type }, { put }, nowMs);
  }
  const read = history.read + documents.length;
  const isDone = next === undefined;
  unit.put(calculatedAttributes, calculatedAttributeKey(attribute), {
    ...attribute,
    history: isDone ? undefined : { read, after: next },
  });
  if (!isDone) platform.flow.schedule(unit, computeHistoryTimer(attribute, nowMs));
}
