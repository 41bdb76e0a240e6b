/** Calls of operations by their models, over HTTP, without an SDK between. */
import { catalogEntry, loadModel } from "../src/models/catalog.ts";
import { type Input, requestOf } from "./model-inputs.ts";
import { type Answer, type Sketch, sendSigned } from "./signed-request.ts";

/** The request that carries an input to an operation, to be sent as it is or broken first. */
export function sketchOf(model: string, operation: string, input: Input): Sketch {
  const { method, path, query, headers, body } = requestOf(loadModel(model), operation, input);
  return { service: catalogEntry(model).signingName, method, path, query, headers, body };
}

/** Who calls, where it is not the account `test` in us-east-1. */
export type As = Pick<Sketch, "accessKeyId" | "region">;

export async function send(url: string, model: string, operation: string, input: Input, as: As = {}): Promise<Answer> {
  return sendSigned(url, { ...sketchOf(model, operation, input), ...as });
}

/** The output of a call in a JSON protocol. Throws where it is refused. */
// biome-ignore lint/suspicious/noExplicitAny: what a test reads from an answer, it checks.
export async function call(url: string, model: string, operation: string, input: Input, as: As = {}): Promise<any> {
  const { status, body } = await send(url, model, operation, input, as);
  if (status >= 300) throw new Error(`${model} ${operation} ${JSON.stringify(input)}: ${status} ${body}`);
  return body.length === 0 ? {} : JSON.parse(body.toString());
}
