import { casesDirectory } from "../connect/index.ts";
import type { Platform } from "../service.ts";
import { domainKey, domains } from "./domain.ts";

/** What Connect asks of domains: it stands behind Cases and cannot call it. */
export function answerConnect({ store }: Platform): void {
  casesDirectory(store).hasDomain = async (reader, owner, domainId) =>
    (await reader.get(domains, domainKey(owner, domainId))) !== undefined;
}
