import { ModeledError } from "../../../models/modeled-error.ts";
import type { Unit } from "../../../store/store.ts";
import type { Platform } from "../../service.ts";
import { tellQueue } from "../dead-letters.ts";
import type { Domain } from "../domain.ts";
import { acceptObject, ingestObject } from "../ingest-object.ts";
import type { ObjectType } from "../object-types/object-type.ts";
import { noteRejection } from "../recent-rejections.ts";

/** Characters of an object that the dead-letter queue is told: all of one that may be ingested. A message of a queue has 1 MiB. */
const TOLD_CHARACTERS_MAX = 256_000;

/** What somebody has brought into a domain. */
export interface Brought {
  readonly typeName: string;
  /** `undefined`: there is none of that name. */
  readonly type: ObjectType | undefined;
  /** JSON, or what else was brought. */
  readonly object: string;
  /** What is wrong with it already. */
  readonly fault?: string | undefined;
  /** Name of the service that has brought it. */
  readonly performedBy: string;
}

/** Ingests an object. What cannot be ingested is told to the domain's dead-letter queue, and answered with the reason. */
export async function ingestBrought(
  unit: Unit,
  platform: Platform,
  domain: Domain,
  brought: Brought,
): Promise<string | undefined> {
  const reason = brought.fault ?? (await whyRejected(unit, platform, domain, brought));
  if (reason !== undefined) {
    noteRejection(unit, platform.store, domain, { type: brought.typeName, reason, timeMs: platform.clock.now() });
    await tellQueue(unit, platform, domain, {
      ObjectTypeName: brought.typeName,
      ErrorMessage: reason,
      Object: brought.object.slice(0, TOLD_CHARACTERS_MAX),
    });
  }
  return reason;
}

async function whyRejected(
  unit: Unit,
  platform: Platform,
  domain: Domain,
  { typeName, type, object, performedBy }: Brought,
): Promise<string | undefined> {
  if (!type) return `Object type ${typeName} does not exist`;
  try {
    const accepted = acceptObject(domain, type, object, { acceptedMs: platform.clock.now(), performedBy });
    const ingestion = await ingestObject(unit, platform, domain, accepted);
    return ingestion.outcome === "rejected" ? ingestion.reason : undefined;
  } catch (error) {
    if (error instanceof ModeledError) return error.message;
    throw error;
  }
}
