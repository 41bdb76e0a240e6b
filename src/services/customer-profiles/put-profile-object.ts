import type { PutProfileObjectRequest, PutProfileObjectResponse } from "@aws-sdk/client-customer-profiles";
import type { Validated } from "../../models/validated.ts";
import { keptReader } from "../kept-reader.ts";
import type { Context } from "../service.ts";
import { rejectObject } from "./dead-letters.ts";
import { getDomain } from "./domain.ts";
import { notFound } from "./errors.ts";
import { acceptObject, ingestObject } from "./ingest-object.ts";
import { findObjectType } from "./object-type.ts";

/** Ingests one object. What is right in itself but belongs to no profile goes to the domain's dead-letter queue. */
export async function putProfileObject(
  input: Validated<PutProfileObjectRequest>,
  context: Context,
): Promise<PutProfileObjectResponse> {
  const reader = keptReader(context.store);
  const domain = await getDomain(reader, context, input.DomainName);
  const type = await findObjectType(reader, domain, input.ObjectTypeName);
  if (!type) throw notFound(`Object type ${input.ObjectTypeName} does not exist`);
  const arrival = { acceptedMs: context.clock.now(), performedBy: context.principalArn };
  const accepted = acceptObject(domain, type, input.Object, arrival);
  await context.store.commit(async (unit) => {
    // It may have been deleted meanwhile, or be another one.
    const now = await getDomain(unit, context, input.DomainName);
    const ingestion = await ingestObject(unit, context, now, accepted);
    if (ingestion.outcome === "rejected") await rejectObject(unit, context, now, accepted, ingestion.reason);
  });
  return { ProfileObjectUniqueKey: accepted.uniqueKey };
}
