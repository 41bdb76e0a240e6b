/** Values that templates take from Systems Manager's parameters: by the type of a parameter of their own, and by dynamic references. */
import type { Context } from "../service.ts";
import { validationError } from "./errors.ts";
import type { Properties, Work } from "./resource-type.ts";
import { lookedUpType } from "./template/parameters.ts";
import type { Template } from "./template/template.ts";

/** What the parameters of a template that name some of Systems Manager stand for now, as the caller sees them. `undefined`: there are none. */
export async function lookUpParameters(
  { parameters }: Template,
  texts: Readonly<Record<string, string>>,
  context: Context,
): Promise<Readonly<Record<string, string>> | undefined> {
  const wanted = Object.entries(parameters).flatMap(([name, { Type }]) => {
    const text = texts[name];
    return text !== undefined && lookedUpType(Type) !== undefined ? [{ name, text }] : [];
  });
  if (wanted.length === 0) return undefined;
  const looked: Record<string, string> = {};
  for (const { name, text } of wanted) {
    const call = { model: "ssm", operation: "GetParameter", input: { Name: text } };
    const { status, document } = await context.callOperation(call, context);
    const { Parameter, code, message } = document as {
      Parameter?: { Type: string; Value: string };
      code?: string;
      message?: string;
    };
    if (status !== 200 || Parameter === undefined) {
      if (code === "ParameterNotFound" || code === "ParameterVersionNotFound") {
        throw validationError(`Unable to fetch parameters [${text}] from parameter store for this account.`);
      }
      throw validationError(`Unable to fetch parameters [${text}] from parameter store: ${message}`);
    }
    if (Parameter.Type === "SecureString") {
      throw validationError(`Parameters [${text}] referenced by template have types not supported by CloudFormation.`);
    }
    looked[name] = Parameter.Value;
  }
  return looked;
}

const REFERENCE = /\{\{resolve:([\w-]+):([^{}]*)\}\}/g;

/** Properties with the values of their dynamic references: `{{resolve:ssm:NAME}}`, `{{resolve:ssm-secure:NAME:VERSION}}`. */
export async function withReferences(properties: Properties, call: Work["call"]): Promise<Properties> {
  const text = JSON.stringify(properties);
  if (!text.includes("{{resolve:")) return properties;
  const values = new Map<string, string>();
  for (const [reference, service, name = ""] of text.matchAll(REFERENCE)) {
    if (values.has(reference)) continue;
    if (service !== "ssm" && service !== "ssm-secure") {
      throw validationError(`Dynamic references to ${service} are not built in Trunkline: ${reference}`);
    }
    const { Parameter } = await call("ssm", "GetParameter", { Name: name, WithDecryption: service === "ssm-secure" });
    values.set(reference, String(Parameter.Value));
  }
  const put = (value: unknown): unknown => {
    if (typeof value === "string")
      return value.replaceAll(REFERENCE, (reference) => values.get(reference) ?? reference);
    if (Array.isArray(value)) return value.map(put);
    if (typeof value !== "object" || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, put(item)]));
  };
  return put(properties) as Properties;
}
