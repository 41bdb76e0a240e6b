import type { Unit } from "../../../store/store.ts";
import type { Platform } from "../../service.ts";
import type { Domain } from "../domain.ts";
import { badRequest } from "../errors.ts";
import { instanceDirectory } from "../instance-directory.ts";
import { type IntegrationKind, requireObjectType, requireOwn } from "./integration-kind.ts";

/**
 * Binds an instance of Connect to a domain, which is what this integration is there for: the records of its contacts flow in from now on
 * (`contact-record-object.ts`), and whoever asks which domain an instance has is told this one.
 */
export const instanceIntegration: IntegrationKind = {
  async begin(unit, platform, put) {
    await requireObjectType(unit, put);
    await requireInstance(unit, platform, put.integration.uri, put.domain);
  },

  async end() {
    // Nothing was made for it.
  },
};

/** Throws `BadRequestException` where an ARN ends with no instance of the domain's account and Region. */
export async function requireInstance(unit: Unit, { store }: Platform, uri: string, domain: Domain): Promise<void> {
  const [, instanceId] = /^instance\/([^/:]+)$/.exec(requireOwn(uri, domain)) ?? [];
  const { account, region } = domain;
  if (instanceId !== undefined) {
    if (await instanceDirectory(store).hasInstance?.(unit, { account, region, instanceId })) return;
  }
  throw badRequest(`Uri: ${uri} names no instance of Amazon Connect that there is`);
}
