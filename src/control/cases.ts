import { ModeledError } from "../models/modeled-error.ts";
import { DOMAIN_SETTINGS, type DomainSettings, getDomainSettings, putDomainSettings } from "../services/cases/index.ts";
import type { Context } from "../services/service.ts";
import type { PlainResponse } from "../wire/index.ts";
import { failure } from "./answer.ts";
import { answering, bodyOf, refusing, requireMembers } from "./connect-answer.ts";

/** `GET` and `PUT /_trunkline/cases/domains/ID`: what of a Cases domain can be set outside of its API. */
export async function caseEndpoint(
  context: Context,
  method: string,
  path: readonly string[],
  body: Buffer,
): Promise<PlainResponse | undefined> {
  const [room, domainId = "", ...others] = path;
  if (room !== "domains" || domainId === "" || others.length > 0) return undefined;
  if (method === "GET") return answering(() => context.store.durably(() => getDomainSettings(context, domainId)));
  if (method !== "PUT") return undefined;
  const read = bodyOf(body);
  if ("error" in read) return failure(400, read.error);
  return refusing(async () => {
    const settings = settingsOf(read.value);
    return answering(() => context.store.durably(() => putDomainSettings(context, domainId, settings)));
  });
}

function settingsOf(body: Readonly<Record<string, unknown>>): DomainSettings {
  requireMembers(body, "A domain", DOMAIN_SETTINGS);
  for (const [name, value] of Object.entries(body)) {
    if (typeof value !== "boolean") throw new ModeledError("InvalidParameterException", `${name} is not true or false`);
  }
  return body;
}
