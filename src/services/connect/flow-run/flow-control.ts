import { chatRef, findChat, presentIn } from "../chats.ts";
import { parseQualified } from "../contact-flow-contents.ts";
import { contactFlowModules } from "../contact-flow-modules.ts";
import { getQualifiedVersion } from "../contact-flow-version-documents.ts";
import { contactFlows } from "../contact-flows.ts";
import { disconnectContact } from "../contact-transitions.ts";
import { findResource } from "../instance-resources.ts";
import { findFlowProgram, findModuleProgram, type Program } from "./programs.ts";
import { type ActionCode, FAILS, NEXT, numberParameter, type Result, type Step, textParameter } from "./step.ts";

/** Waits for a time, or for something to happen to the contact. To wait for a bot takes one that was added to the chat and has not left. */
export const Wait: ActionCode = {
  begin: async (step): Promise<Result> => {
    const { Events } = step.parameters;
    const events = Array.isArray(Events) ? Events.filter((event) => typeof event === "string") : [];
    if (events.includes("BotParticipantDisconnected") && !(await hasBot(step))) return { error: "ParticipantNotFound" };
    const seconds = numberParameter(step, "TimeLimitSeconds") ?? numberParameter(step, "TimeoutSeconds");
    if (seconds === undefined || seconds < 1 || seconds > WAIT_SECONDS_MAX) return FAILS;
    const dueMs = step.nowMs + seconds * 1_000;
    return { waits: events.length > 0 ? { for: "event", events, dueMs } : { for: "time", dueMs } };
  },
  goOn: (_step, wake) => ({ result: wake.by === "event" ? wake.event : "WaitCompleted" }),
};

async function hasBot({ unit, contact }: Step): Promise<boolean> {
  const chat = await findChat(unit, contact);
  return chat !== undefined && (await presentIn(unit, chatRef(chat))).some(({ role }) => role === "CUSTOM_BOT");
}

/** Modules within each other: "nesting up to 5". */
const MODULES_DEEP_MAX = 5;

/** Seven days. */
const WAIT_SECONDS_MAX = 604_800;

/** Goes on in another flow of a type that calls come to. */
export const TransferToFlow: ActionCode = {
  begin: async (step): Promise<Result> => {
    const program = await flowNamed(step, "ContactFlowId");
    const isFit = program && TRANSFERRED_TO.includes(program.kind);
    return isFit ? { goesTo: program } : FAILS;
  },
};

const TRANSFERRED_TO: readonly string[] = ["CONTACT_FLOW", "AGENT_TRANSFER", "QUEUE_TRANSFER"];

/** The flow is over, and with it the contact, unless that waits in a queue or has an agent meanwhile. */
export const EndFlowExecution: ActionCode = {
  begin: (step): Result => {
    const isLast = step.part === "main" && step.kind !== "CUSTOMER_QUEUE";
    return { ends: "ENDED_FLOW_EXECUTION", ...(isLast && { afterwards: () => disconnect(step) }) };
  },
};

/** The flow hangs up. */
export const DisconnectParticipant: ActionCode = {
  begin: (step): Result => ({ ends: "DISCONNECTED_PARTICIPANT", afterwards: () => disconnect(step) }),
};

export const InvokeFlowModule: ActionCode = {
  begin: async (step): Promise<Result> => {
    const named = textParameter(step, "FlowModuleId");
    if (named === undefined || step.progress.frames.length > MODULES_DEEP_MAX) return FAILS;
    const { unit, contact } = step;
    const { idOrArn, qualifier } = parseQualified(named);
    const module = await findResource(unit, contactFlowModules, "contactFlowModule", contact, idOrArn);
    if (!module) return FAILS;
    const isCurrent = qualifier === undefined || qualifier === "$SAVED";
    const version = isCurrent ? undefined : (await getQualifiedVersion(unit, module, qualifier)).number;
    const program = await findModuleProgram(unit, contact, { id: module.id, version });
    return program ? { enters: program } : FAILS;
  },
};

export const EndFlowModuleExecution: ActionCode = { begin: () => "returns" };

export const UpdateFlowLoggingBehavior: ActionCode = {
  begin: (step) => {
    step.log(step.parameters.FlowLoggingBehavior === "Enabled");
    return NEXT;
  },
};

/** The published flow that a parameter names, perhaps in one of its versions. */
export async function flowNamed(step: Step, parameter: string): Promise<Program | undefined> {
  const named = textParameter(step, parameter);
  return named === undefined ? undefined : findNamedFlow(step, named);
}

export async function findNamedFlow({ unit, contact }: Step, named: string): Promise<Program | undefined> {
  const { idOrArn, qualifier } = parseQualified(named);
  const flow = await findResource(unit, contactFlows, "contactFlow", contact, idOrArn);
  if (!flow || qualifier === "$SAVED") return undefined;
  const version = qualifier === undefined ? undefined : (await getQualifiedVersion(unit, flow, qualifier)).number;
  return findFlowProgram(unit, contact, { id: flow.id, version });
}

function disconnect({ unit, platform, contact }: Step): Promise<unknown> {
  return disconnectContact(unit, platform, contact, "CONTACT_FLOW_DISCONNECT");
}
