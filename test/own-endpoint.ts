import { type Answer, sendSigned } from "./signed-request.ts";

/** What one of Trunkline's own endpoints answers, read as JSON. */
export interface OwnAnswer<T> {
  readonly status: number;
  readonly body: T;
}

/** Asks `GET /_trunkline/PATH`, or posts a document there, signed as `accessKeyId`. */
export async function askOwn<T>(
  url: string,
  path: string,
  document?: object,
  accessKeyId: string = "test",
): Promise<OwnAnswer<T>> {
  const [name = "", query = ""] = path.split("?");
  const answer: Answer = await sendSigned(url, {
    service: "trunkline",
    method: document === undefined ? "GET" : "POST",
    path: `/_trunkline/${name}`,
    query,
    accessKeyId,
    ...(document !== undefined && { body: JSON.stringify(document) }),
  });
  return { status: answer.status, body: JSON.parse(answer.body.toString()) as T };
}
