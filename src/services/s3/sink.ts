import type { Sink, SinkFailure } from "../../flow/index.ts";
import { ModeledError } from "../../models/modeled-error.ts";
import type { Platform } from "../service.ts";
import { OutsideS3Error } from "./outside-s3.ts";
import { storeFile } from "./store-file.ts";

/** Buckets as destinations: each message becomes an object, in a bucket of who sends and of the Region that it sends from. The key is the object's. */
export function createS3Sink(platform: Platform): Sink {
  return {
    async attempt(arn, { body, key, deliveryId, account, sourceArn }) {
      const bucket = arn.split(":::")[1] ?? "";
      const owner = { ...platform, endpoint: platform.endpoint, account, region: sourceArn.split(":")[3] ?? "" };
      const file = { bucket, key: key ?? deliveryId, contentType: "application/json", text: body };
      try {
        await storeFile(owner, file, async () => {});
        return undefined;
      } catch (error) {
        if (error instanceof ModeledError) return failure(error.code, error.message, false);
        if (error instanceof OutsideS3Error) return failure("INTERNAL_ERROR", error.message, true);
        throw error;
      }
    },
  };
}

function failure(code: string, message: string, retryable: boolean): SinkFailure {
  if (code === "NoSuchBucket") return { code: "NO_RESOURCE", message, retryable };
  return { code: code === "AccessDenied" ? "NO_PERMISSIONS" : code, message, retryable };
}
