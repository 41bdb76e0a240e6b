import {
  type CalculatedValue,
  calculatedKey,
  type SegmentChain,
  type SegmentDocument,
} from "../../../matching/profile-segment.ts";
import type { Reader } from "../../../store/store.ts";
import type { Platform } from "../../service.ts";
import { type CalculatedReading, readCalculated } from "../calculated-attributes/calculated-values.ts";
import type { Domain } from "../domain.ts";
import type { StoredProfile } from "../stored-profile.ts";
import { segmentChain, segmentDocument } from "./segment-chains.ts";

/**
 * Asks which segments a profile belongs to at this moment. What it has read of the profile's calculated attributes it remembers: many segments
 * can be asked for.
 */
export class Memberships {
  readonly #reader: Reader;
  readonly #platform: Pick<Platform, "store">;
  readonly #domain: Domain;
  readonly #profile: StoredProfile;
  readonly #nowMs: number;
  readonly #readings = new Map<string, CalculatedReading | undefined>();
  readonly #texts: Record<string, string> = {};

  constructor(
    reader: Reader,
    platform: Pick<Platform, "store" | "clock">,
    domain: Domain,
    profile: StoredProfile,
    nowMs: number = platform.clock.now(),
  ) {
    this.#reader = reader;
    this.#platform = platform;
    this.#domain = domain;
    this.#profile = profile;
    this.#nowMs = nowMs;
  }

  /** Throws `ResourceNotFoundException` where there is no such segment. */
  async isIn(segmentName: string): Promise<boolean> {
    return this.isInChain(await segmentChain(this.#platform.store, this.#reader, this.#domain, segmentName));
  }

  async isInChain(chain: SegmentChain): Promise<boolean> {
    return chain.matches(await this.documentFor(chain), this.#nowMs);
  }

  async documentFor({ calculated }: Pick<SegmentChain, "calculated">): Promise<SegmentDocument> {
    await this.#read(calculated);
    return segmentDocument(this.#profile.fields, this.#texts);
  }

  async #read(wanted: readonly CalculatedValue[]): Promise<void> {
    const missing = wanted.filter((value) => !this.#readings.has(calculatedKey(value)));
    if (missing.length === 0) return;
    const found = await readCalculated(this.#reader, this.#platform, this.#domain, this.#profile, missing, this.#nowMs);
    for (const key of missing.map(calculatedKey)) {
      const reading = found.get(key);
      this.#readings.set(key, reading);
      if (reading?.value !== undefined) this.#texts[key] = reading.value;
    }
  }
}
