import { readAttachment, storeAttachment } from "../services/connect/index.ts";
import type { Platform } from "../services/service.ts";
import type { PlainRequest, PlainResponse } from "../wire/index.ts";
import { failure } from "./answer.ts";

/** Pages of any origin may use the URLs: who has one was given it. */
const OPEN = { "access-control-allow-origin": "*" };

/**
 * `PUT` and `GET /_trunkline/attachments?token=…`: the URLs that StartAttachmentUpload and GetAttachment give out. They need no
 * signature, as presigned URLs need no other one.
 */
export async function attachmentEndpoint(platform: Platform, request: PlainRequest): Promise<PlainResponse> {
  const token = new URLSearchParams(request.query).get("token") ?? "";
  switch (request.method) {
    case "OPTIONS":
      return {
        status: 204,
        headers: { ...OPEN, "access-control-allow-methods": "GET, PUT", "access-control-allow-headers": "*" },
      };
    case "PUT": {
      const stored = await storeAttachment(platform, token, request.headers, () => request.body());
      return "refusal" in stored ? refused(stored.refusal) : { status: 200, headers: OPEN };
    }
    case "GET": {
      const found = await readAttachment(platform, token);
      if ("refusal" in found) return refused(found.refusal);
      const { bytes, contentType, disposition } = found;
      const headers = { "content-type": contentType, "content-disposition": disposition };
      return { status: 200, headers: { ...OPEN, ...headers, "x-content-type-options": "nosniff" }, body: bytes };
    }
    default:
      return failure(405, `There is no ${request.method} of an attachment`);
  }
}

function refused(message: string): PlainResponse {
  const answer = failure(403, message);
  return { ...answer, headers: { ...answer.headers, ...OPEN } };
}
