import { ModeledError } from "../../models/modeled-error.ts";
import type { Context } from "../service.ts";
import { badRequest } from "./errors.ts";
import { putProfileObject } from "./put-profile-object.ts";

/** The SDK's types lag behind the model. */
interface BatchPutProfileObjectRequest {
  readonly DomainName: string;
  readonly ObjectTypeName: string;
  readonly Items: readonly { readonly Id: string; readonly Object: string }[];
}

interface BatchPutProfileObjectResponse {
  readonly Successful: readonly { readonly Id: string; readonly ProfileObjectUniqueKey: string | undefined }[];
  readonly Failed: readonly { readonly Id: string; readonly Code: number; readonly Message: string }[];
}

/** Ingests objects of one type, each by itself. */
export async function batchPutProfileObject(
  input: BatchPutProfileObjectRequest,
  context: Context,
): Promise<BatchPutProfileObjectResponse> {
  const ids = new Set(input.Items.map(({ Id }) => Id));
  if (ids.size < input.Items.length) throw badRequest("Items: each needs an Id of its own");
  const { DomainName, ObjectTypeName } = input;
  const results = await Promise.allSettled(
    input.Items.map((item) => putProfileObject({ DomainName, ObjectTypeName, Object: item.Object }, context)),
  );
  const Successful: { Id: string; ProfileObjectUniqueKey: string | undefined }[] = [];
  const Failed: { Id: string; Code: number; Message: string }[] = [];
  for (const [place, result] of results.entries()) {
    const Id = input.Items[place]?.Id ?? "";
    if (result.status === "fulfilled")
      Successful.push({ Id, ProfileObjectUniqueKey: result.value.ProfileObjectUniqueKey });
    else if (result.reason instanceof ModeledError && result.reason.code === "BadRequestException")
      Failed.push({ Id, Code: 400, Message: result.reason.message });
    else throw result.reason;
  }
  return { Successful, Failed };
}
