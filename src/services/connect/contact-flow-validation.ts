import { ModeledError } from "../../models/modeled-error.ts";
import type { Reader } from "../../store/store.ts";
import { parseJsonObject } from "../json-text.ts";
import type { InstanceRef } from "./arns.ts";
import { parseQualified } from "./contact-flow-contents.ts";
import { contactFlowModules } from "./contact-flow-modules.ts";
import { contactFlows } from "./contact-flows.ts";
import { invalidParameter } from "./errors.ts";
import type { FlowKind, NamedResource } from "./flow-language/flow.ts";
import { invalidValue } from "./flow-language/parameter-rules.ts";
import { parseFlow } from "./flow-language/parse-flow.ts";
import { hoursOfOperations } from "./hours-of-operation.ts";
import { findResource } from "./instance-resources.ts";
import { queues } from "./queues.ts";
import { users } from "./users.ts";

/** Content of a flow, in characters (API reference of CreateContactFlow). Settings of a module may have as many (our choice). */
const CONTENT_LENGTH_MAX = 256_000;

/** Problems that the errors carry: the model's largest list. */
const PROBLEMS_MAX = 50;

/** Throws what the API says of a flow that cannot be published: its problems, or that it is too long to be read. */
export async function requireValidFlow(
  reader: Reader,
  instance: InstanceRef,
  { content, kind }: { readonly content: string; readonly kind: FlowKind },
): Promise<void> {
  requireLength(content, "Content");
  const problems = await findProblems(reader, instance, { content, kind });
  if (problems.length > 0) throw invalidFlow(problems);
}

/** The same for a content that is only saved: it must be a JSON object. */
export function requireSavableFlow(content: string): void {
  requireLength(content, "Content");
  if (!parseJsonObject(content)) throw invalidFlow(["Invalid JSON content"]);
}

/** The same for a module, whose settings stand in its document or beside it. */
export async function requireValidModule(
  reader: Reader,
  instance: InstanceRef,
  { content, settings }: { readonly content: string; readonly settings: string | undefined },
): Promise<void> {
  const problems = [...(await findProblems(reader, instance, { content, kind: "MODULE" }))];
  if (settings === undefined) {
    if (parseJsonObject(content)?.Settings === undefined) {
      problems.push("JSON field is missing or null for field name: Settings");
    }
  } else if (settings.length > CONTENT_LENGTH_MAX || !parseJsonObject(settings)) {
    problems.push("Invalid JSON content. Path: Settings");
  }
  if (problems.length > 0) throw invalidModule(problems);
}

async function findProblems(
  reader: Reader,
  instance: InstanceRef,
  { content, kind }: { readonly content: string; readonly kind: FlowKind },
): Promise<readonly string[]> {
  const parsed = parseFlow(content, kind);
  if ("problems" in parsed) return parsed.problems;

  const problems: string[] = [];
  for (const resource of parsed.flow.resources) {
    if (!(await exists(reader, instance, resource))) problems.push(invalidValue(resource.path));
  }
  return problems;
}

async function exists(reader: Reader, instance: InstanceRef, named: NamedResource): Promise<boolean> {
  const { kind, idOrArn } = named;
  switch (kind) {
    case "queue":
      return (await findResource(reader, queues, kind, instance, idOrArn)) !== undefined;
    case "hoursOfOperation":
      return (await findResource(reader, hoursOfOperations, kind, instance, idOrArn)) !== undefined;
    case "contactFlowModule": {
      const { idOrArn: unqualified } = parseQualified(idOrArn);
      return (await findResource(reader, contactFlowModules, kind, instance, unqualified)) !== undefined;
    }
    case "contactFlow": {
      const { idOrArn: unqualified } = parseQualified(idOrArn);
      const flow = await findResource(reader, contactFlows, kind, instance, unqualified);
      return flow !== undefined && (named.flowTypes?.includes(flow.type) ?? true);
    }
    case "user":
      return (await findResource(reader, users, kind, instance, idOrArn)) !== undefined;
  }
}

function requireLength(text: string, member: string): void {
  if (text.length < 1 || text.length > CONTENT_LENGTH_MAX) {
    throw invalidParameter(`${member} must have 1 to ${CONTENT_LENGTH_MAX} characters`);
  }
}

function invalidFlow(problems: readonly string[]): ModeledError {
  return new ModeledError("InvalidContactFlowException", "The flow is not valid", { problems: listed(problems) });
}

function invalidModule(problems: readonly string[]): ModeledError {
  return new ModeledError("InvalidContactFlowModuleException", "The flow module is not valid", {
    Problems: listed(problems),
  });
}

function listed(problems: readonly string[]): { message: string }[] {
  return problems.slice(0, PROBLEMS_MAX).map((message) => ({ message }));
}
