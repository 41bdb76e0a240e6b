import { ruleLanguages } from "../services/rules/index.ts";
import type { PlainRequest, PlainResponse } from "../wire/index.ts";
import { failure, json } from "./answer.ts";

/**
 * `GET /_trunkline/rule-languages`: the event sources of Connect rules, whether such rules run, and which actions they may have.
 * `GET /_trunkline/rule-languages/SOURCE`: what a function may say there, as shapes in the manner of `GET /_trunkline/models/…`.
 */
export function ruleLanguageEndpoint(
  { method }: Pick<PlainRequest, "method">,
  [source, ...rest]: readonly string[],
): PlainResponse | undefined {
  if (method !== "GET" || rest.length > 0) return undefined;
  const languages = ruleLanguages();
  if (source === undefined) {
    return json({ sources: languages.map(({ source: name, isBuilt, actions }) => ({ name, isBuilt, actions })) });
  }
  const found = languages.find((one) => one.source === source);
  return found ? json(found.function()) : failure(404, `There is no event source ${source}`);
}
