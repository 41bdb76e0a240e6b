import type { ActionType } from "@aws-sdk/client-customer-profiles";
import type { Domain } from "./domain.ts";
import type { MappedObject } from "./object-types/mapped-object.ts";
import type { StoredObject } from "./stored-object.ts";
import type { StoredProfile } from "./stored-profile.ts";

/** What has happened to one profile, in one unit: told to all who follow. */
export interface ProfileChange {
  readonly domain: Domain;
  readonly cause: ActionType;
  /** Absent: it is new. */
  readonly before: StoredProfile | undefined;
  /** Absent: it is gone. */
  readonly after: StoredProfile | undefined;
  /** Objects that were put, the ingested one first, then the standard ones that were made of it. */
  readonly objects: readonly ChangedObject[];
  /** Objects that were deleted, or went to another profile. */
  readonly removed?: readonly StoredObject[];
  /** Profiles that were merged into this one: their objects are its own now, and each is told of as gone. */
  readonly merged?: readonly StoredProfile[];
  readonly performedBy: string;
}

export interface ChangedObject {
  readonly before: StoredObject | undefined;
  readonly after: StoredObject;
  /** Of an ingested object: what its type made of it, and when it arrived. */
  readonly ingested?: IngestedObject | undefined;
}

export interface IngestedObject {
  readonly mapped: MappedObject;
  /** When it arrived here, by the domain's clock. */
  readonly acceptedMs: number;
}
