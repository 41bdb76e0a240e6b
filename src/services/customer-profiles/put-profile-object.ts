import type { PutProfileObjectRequest, PutProfileObjectResponse } from "@aws-sdk/client-customer-profiles";
import { ModeledError } from "../../models/modeled-error.ts";
import type { Validated } from "../../models/validated.ts";
import { keptReader } from "../kept-reader.ts";
import type { Context } from "../service.ts";
import { rejectObject } from "./dead-letters.ts";
import { type Domain, getDomain } from "./domain.ts";
import { badRequest, notFound } from "./errors.ts";
import { type AcceptedObject, acceptObject, ingestObject } from "./ingest-object.ts";
import { findObjectType, type ObjectType } from "./object-types/object-type.ts";

/** Ingests one object. What is right in itself but belongs to no profile goes to the domain's dead-letter queue. */
export async function putProfileObject(
  input: Validated<PutProfileObjectRequest>,
  context: Context,
): Promise<PutProfileObjectResponse> {
  const { domain, type } = await destination(input, context);
  const accepted = accept(domain, type, input.Object, context);
  await ingest(domain, accepted, context);
  return { ProfileObjectUniqueKey: accepted.uniqueKey };
}

/** The SDK's types lag behind the model. */
interface BatchPutProfileObjectRequest {
  readonly DomainName: string;
  readonly ObjectTypeName: string;
  readonly Items: readonly { readonly Id: string; readonly Object: string }[];
}

interface BatchPutProfileObjectResponse {
  readonly Successful: readonly { readonly Id: string; readonly ProfileObjectUniqueKey: string }[];
  readonly Failed: readonly { readonly Id: string; readonly Code: number; readonly Message: string }[];
}

/** Ingests objects of one type, each by itself and in their order. */
export async function batchPutProfileObject(
  input: BatchPutProfileObjectRequest,
  context: Context,
): Promise<BatchPutProfileObjectResponse> {
  const ids = new Set(input.Items.map(({ Id }) => Id));
  if (ids.size < input.Items.length) throw badRequest("Items: each needs an Id of its own");
  const { domain, type } = await destination(input, context);
  const Successful: { Id: string; ProfileObjectUniqueKey: string }[] = [];
  const Failed: { Id: string; Code: number; Message: string }[] = [];
  const ingestions: Promise<void>[] = [];
  for (const { Id, Object: content } of input.Items) {
    try {
      const accepted = accept(domain, type, content, context);
      ingestions.push(ingest(domain, accepted, context));
      Successful.push({ Id, ProfileObjectUniqueKey: accepted.uniqueKey });
    } catch (error) {
      if (!(error instanceof ModeledError)) throw error;
      Failed.push({ Id, Code: 400, Message: error.message });
    }
  }
  await Promise.all(ingestions);
  return { Successful, Failed };
}

async function destination(
  { DomainName, ObjectTypeName }: { readonly DomainName: string; readonly ObjectTypeName: string },
  context: Context,
): Promise<{ readonly domain: Domain; readonly type: ObjectType }> {
  const reader = keptReader(context.store);
  const domain = await getDomain(reader, context, DomainName);
  const type = await findObjectType(reader, domain, ObjectTypeName);
  if (!type) throw notFound(`Object type ${ObjectTypeName} does not exist`);
  return { domain, type };
}

function accept(domain: Domain, type: ObjectType, content: string, context: Context): AcceptedObject {
  return acceptObject(domain, type, content, {
    acceptedMs: context.clock.now(),
    performedBy: context.principalArn,
  });
}

/** Units run in the order in which they are asked for. */
async function ingest({ name }: Domain, accepted: AcceptedObject, context: Context): Promise<void> {
  await context.store.commit(async (unit) => {
    // It may have been deleted meanwhile, or be another one.
    const domain = await getDomain(unit, context, name);
    const ingestion = await ingestObject(unit, context, domain, accepted);
    if (ingestion.outcome === "rejected") await rejectObject(unit, context, domain, accepted, ingestion.reason);
  });
}
