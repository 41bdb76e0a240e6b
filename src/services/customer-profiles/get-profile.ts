import type { Reader } from "../../store/store.ts";
import type { Domain } from "./domain.ts";
import { notFound } from "./errors.ts";
import { findProfile, type StoredProfile } from "./stored-profile.ts";

/** A profile of a domain, or `ResourceNotFoundException`. */
export async function getProfile(reader: Reader, domain: Domain, id: string, nowMs: number): Promise<StoredProfile> {
  const profile = await findProfile(reader, domain, id, nowMs);
  if (!profile) throw notFound(`Profile ${id} does not exist`);
  return profile;
}
