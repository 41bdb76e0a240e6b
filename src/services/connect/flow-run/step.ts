import type { Unit } from "../../../store/store.ts";
import { isJsonObject } from "../../json-text.ts";
import type { Platform } from "../../service.ts";
import type { Contact } from "../contacts.ts";
import type { FlowAction, FlowKind, JsonObject } from "../flow-language/flow.ts";
import type { FlowOutcome } from "./flow-metrics.ts";
import type { FlowPart, FlowProgress, Frame, Waiting } from "./flow-runs.ts";
import type { Program } from "./programs.ts";

/** One action of a flow that is being run: what it can see and change. All in the unit of the run. */
export interface Step {
  readonly unit: Unit;
  readonly platform: Platform;
  /** All actions that this run may come to, for those that start another flow. */
  readonly actions: ActionTable;
  readonly part: FlowPart;
  /** The type of the flow that the run is of. `program` is that flow, or the module that the action stands in. */
  readonly kind: FlowKind;
  readonly program: Program;
  readonly action: FlowAction;
  /** With all references replaced. */
  readonly parameters: JsonObject;
  /** Tells this action apart from all others of the contact's runs, and is the same when the unit runs again: for new ids. */
  readonly seed: string;
  readonly contact: Contact;
  readonly progress: FlowProgress;
  readonly frame: Frame;
  readonly nowMs: number;
  /** Changes the contact without an event; it is stored with the run. */
  changeContact(change: Partial<Contact>): void;
  /** The contact as something else has just stored it. */
  contactIs(contact: Contact): void;
  changeProgress(change: Partial<Omit<FlowProgress, "frames">>): void;
  changeFrame(change: Partial<Frame>): void;
  /** Does something once the run is stored, which it may change. */
  afterwards(effect: () => Promise<unknown>): void;
  log(isOn: boolean): void;
}

/** What came of an action. */
export type Result =
  | "next"
  /** Tested against the action's conditions; without a value none holds. */
  | { readonly result: string | undefined }
  | { readonly error: string }
  | { readonly waits: Waiting }
  /** The run is over, and that of another flow begins. */
  | { readonly goesTo: Program }
  /** The run goes on in a module. */
  | { readonly enters: Program }
  /** The module is over; the flow that invoked it goes on. */
  | "returns"
  | {
      readonly ends: FlowOutcome;
      readonly nextId?: string;
      /** What happens to the contact afterwards: it finds the run stored. */
      readonly afterwards?: () => Promise<unknown>;
    };

/** Why an action that waited goes on. */
export type Wake =
  | { readonly by: "time" }
  | { readonly by: "keys"; readonly text: string }
  | { readonly by: "event"; readonly event: string }
  /** A function has answered, or could not. */
  | { readonly by: "answer"; readonly callId: string; readonly isFailed: boolean; readonly external?: unknown };

/** What a type of action does: when it is come to, and when what it waits for has happened. */
export interface ActionCode {
  readonly begin: (step: Step) => Promise<Result> | Result;
  readonly goOn?: (step: Step, wake: Wake) => Promise<Result> | Result;
}

export type ActionTable = Readonly<Record<string, ActionCode>>;

export const NEXT: Result = "next";
export const FAILS: Result = { error: "NoMatchingError" };

/** A parameter's text. `undefined`: absent, or a reference to something that is not there. */
export function textParameter({ parameters }: Pick<Step, "parameters">, name: string): string | undefined {
  const value = parameters[name];
  if (typeof value === "number" || typeof value === "boolean") return String(value);
  return typeof value === "string" && value !== "" ? value : undefined;
}

/** A parameter that is a whole number. `undefined`: absent, or something else. */
export function numberParameter(step: Pick<Step, "parameters">, name: string): number | undefined {
  const text = textParameter(step, name);
  return text !== undefined && /^-?\d{1,19}$/.test(text) ? Number(text) : undefined;
}

/** A member that is an object; an empty one where it is not. */
export function objectAt(parameters: JsonObject, name: string): JsonObject {
  const value = parameters[name];
  return isJsonObject(value) ? value : {};
}

/** A parameter that is a map of texts; what is missing in it is an empty text. */
export function mapParameter({ parameters }: Pick<Step, "parameters">, name: string): Record<string, string> {
  const value = parameters[name];
  if (typeof value !== "object" || value === null) return {};
  const entries = Object.entries(value).map(([key, member]) => [key, textIn(member)] as const);
  return Object.fromEntries(entries);
}

/** Flow attributes have two spellings: `"v"` and `{"Value": "v"}`. */
function textIn(member: unknown): string {
  if (typeof member === "object" && member !== null && "Value" in member) return textIn(member.Value);
  return typeof member === "string" || typeof member === "number" || typeof member === "boolean" ? String(member) : "";
}
