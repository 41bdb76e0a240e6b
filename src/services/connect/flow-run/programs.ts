import type { ContactFlowType } from "@aws-sdk/client-connect";
import type { Reader } from "../../../store/store.ts";
import { BoundedMap } from "../../bounded-map.ts";
import { perStore } from "../../per-store.ts";
import type { Platform } from "../../service.ts";
import { type InstanceRef, instanceKey } from "../arns.ts";
import { type ContentName, findContent, type Publication } from "../contact-flow-contents.ts";
import { contactFlowModules } from "../contact-flow-modules.ts";
import { flowVersions } from "../contact-flow-version-documents.ts";
import { type ContactFlow, contactFlows } from "../contact-flows.ts";
import type { Contact } from "../contacts.ts";
import type { Flow, FlowKind } from "../flow-language/flow.ts";
import { parseFlow } from "../flow-language/parse-flow.ts";

/** A flow or module as a run goes through it. */
export interface Program {
  readonly id: string;
  readonly kind: FlowKind;
  readonly name: string;
  readonly sha256: string;
  readonly version: number | undefined;
  readonly publishedMs: number;
  readonly flow: Flow;
}

/** Names a program. `sha256`: the content that a run began with, which may have been replaced since. */
export interface ProgramRef {
  readonly id: string;
  readonly version?: number | undefined;
  readonly sha256?: string | undefined;
}

/** A flow by its id, where it can run: published and active, or in the middle of a run. `undefined`: it is gone, or cannot. */
export async function findFlowProgram(
  reader: Reader,
  instance: InstanceRef,
  ref: ProgramRef,
): Promise<Program | undefined> {
  const flow = await reader.get(contactFlows, instanceKey(instance, ref.id));
  if (!flow || (flow.state === "ARCHIVED" && ref.sha256 === undefined)) return undefined;
  return findProgram(reader, flow, flow.type, ref);
}

export async function findModuleProgram(
  reader: Reader,
  instance: InstanceRef,
  ref: ProgramRef,
): Promise<Program | undefined> {
  const module = await reader.get(contactFlowModules, instanceKey(instance, ref.id));
  if (!module || (module.state === "ARCHIVED" && ref.sha256 === undefined)) return undefined;
  return findProgram(reader, module, "MODULE", ref);
}

/** The flow of a type that an instance was created with, which applies where no flow was set. It cannot be deleted. */
export async function defaultFlowId(
  reader: Reader,
  { store }: Pick<Platform, "store">,
  instance: InstanceRef,
  type: ContactFlowType,
): Promise<string | undefined> {
  const key = instanceKey(instance, type);
  const known = defaultFlowIds(store).get(key);
  if (known !== undefined) return known;
  const id = (await reader.list(contactFlows, { index: "default", equals: key, limit: 1 })).documents[0]?.id;
  if (id !== undefined) defaultFlowIds(store).set(key, id);
  return id;
}

/** Which hook sets the flow of a type. */
const HOOKS: Readonly<Partial<Record<ContactFlowType, string>>> = {
  CUSTOMER_QUEUE: "CustomerQueue",
  CUSTOMER_HOLD: "CustomerHold",
  CUSTOMER_WHISPER: "CustomerWhisper",
  OUTBOUND_WHISPER: "CustomerWhisper",
  AGENT_WHISPER: "AgentWhisper",
};

/** The flow of a type for a contact: what its flow has set, or else the instance's default. */
export async function findHookedProgram(
  reader: Reader,
  platform: Pick<Platform, "store">,
  contact: Contact,
  type: ContactFlowType,
): Promise<Program | undefined> {
  const hooked = contact.hooks?.[HOOKS[type] ?? ""];
  const program = hooked === undefined ? undefined : await findFlowProgram(reader, contact, { id: hooked });
  // One hook is for whispers to customers of both directions.
  if (program?.kind === type) return program;
  const id = await defaultFlowId(reader, platform, contact, type);
  return id === undefined ? undefined : findFlowProgram(reader, contact, { id });
}

const defaultFlowIds = perStore(() => new BoundedMap<string, string>(10_000));

type Owner = Pick<ContactFlow, "account" | "region" | "instanceId" | "id" | "name"> & {
  readonly published?: Publication | undefined;
};

async function findProgram(
  reader: Reader,
  owner: Owner,
  kind: FlowKind,
  { version, sha256 }: ProgramRef,
): Promise<Program | undefined> {
  const { id, name, published } = owner;
  if (version !== undefined) {
    const document = await reader.get(flowVersions, instanceKey(owner, id, version));
    const content = document && (await findContent(reader, owner, version));
    if (!document || !content) return undefined;
    const flow = parsed(kind, content);
    return flow && { id, kind, name, flow, version, sha256: content.sha256, publishedMs: document.lastModifiedMs };
  }
  const hash = sha256 ?? published?.sha256;
  if (!published || hash === undefined) return undefined;
  const isCurrent = hash === published.sha256;
  if (!isCurrent && !published.replaced.includes(hash)) return undefined;
  const known = PARSED.get(`${kind} ${hash}`);
  const flow = known ?? (await read(reader, owner, kind, isCurrent ? "PUBLISHED" : `replaced ${hash}`));
  return flow && { id, kind, name, flow, version: undefined, sha256: hash, publishedMs: published.publishedMs };
}

/**
 * Contents that were parsed lately, by kind and hash: they never change, so this rests on no store. Few enough that even the longest
 * ones are no burden.
 */
const PARSED = new BoundedMap<string, Flow>(200);

async function read(reader: Reader, owner: Owner, kind: FlowKind, name: ContentName): Promise<Flow | undefined> {
  const content = await findContent(reader, owner, name);
  return content && parsed(kind, content);
}

/** `undefined`: what was valid when it was published is so no more, as after an update of Trunkline. */
function parsed(kind: FlowKind, content: { readonly content: string; readonly sha256: string }): Flow | undefined {
  const key = `${kind} ${content.sha256}`;
  const known = PARSED.get(key);
  if (known) return known;
  const result = parseFlow(content.content, kind);
  if ("problems" in result) return undefined;
  PARSED.set(key, result.flow);
  return result.flow;
}
