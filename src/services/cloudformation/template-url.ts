import { ModeledError } from "../../models/modeled-error.ts";
import { ownBucket } from "../s3/index.ts";
import type { Context } from "../service.ts";
import { validationError } from "./errors.ts";

/** https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html */
const TEMPLATE_BYTES_MAX = 1_048_576;

/** Reads a template that lies in a bucket, as the caller. */
export async function readTemplateUrl(url: string, context: Context): Promise<string> {
  const { bucket, key } = parseObjectUrl(url);
  const call = { model: "s3", operation: "HeadObject", input: { Bucket: bucket, Key: key } };
  const { status } = await context.callOperation(call, context);
  if (status !== 200)
    throw validationError(`S3 error: ${status === 403 ? "Access Denied" : "The specified key does not exist."}`);
  const text = await readObject(context, bucket, key);
  if (text === undefined) throw validationError("S3 error: The specified key does not exist.");
  return text;
}

/** `https://BUCKET.s3.REGION.amazonaws.com/KEY`, `https://s3.REGION.amazonaws.com/BUCKET/KEY`, or the same of this server. */
function parseObjectUrl(url: string): { readonly bucket: string; readonly key: string } {
  const parsed = URL.canParse(url) ? new URL(url) : undefined;
  const path = decoded(parsed?.pathname.slice(1) ?? "");
  const [, virtual] = /^(.+?)\.s3[.-]/.exec(parsed?.hostname ?? "") ?? [];
  if (parsed !== undefined && virtual !== undefined && path !== "") return { bucket: virtual, key: path };
  const slash = path.indexOf("/");
  if (parsed === undefined || slash <= 0) throw validationError("TemplateURL must be a supported URL.");
  return { bucket: path.slice(0, slash), key: path.slice(slash + 1) };
}

function decoded(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return "";
  }
}

async function readObject(context: Context, name: string, key: string): Promise<string | undefined> {
  try {
    const bucket = ownBucket(context, name);
    const file = await bucket.find(key, context.signal);
    if (file === undefined) return undefined;
    if (file.size > TEMPLATE_BYTES_MAX) {
      throw validationError(`Template may not exceed ${TEMPLATE_BYTES_MAX} bytes in size.`);
    }
    return (await bucket.read(file, { from: 0, length: file.size }, context.signal))?.toString("utf8");
  } catch (error) {
    if (error instanceof ModeledError && error.code !== "ValidationError")
      throw validationError(`S3 error: ${error.message}`);
    throw error;
  }
}
