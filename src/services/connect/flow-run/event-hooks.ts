import { HOOK_FLOW_TYPES } from "../flow-language/action-types.ts";
import { findNamedFlow } from "./flow-control.ts";
import { type ActionCode, FAILS, NEXT, objectAt, type Result } from "./step.ts";

/** Hooks of calls only ("Set hold flow", administrator guide). */
const OF_CALLS: readonly string[] = ["CustomerHold", "AgentHold"];

/** Sets the flow that runs when something happens to the contact from now on. Flows of agents' screens are kept and not run. */
export const UpdateContactEventHooks: ActionCode = {
  begin: async (step): Promise<Result> => {
    const [[hook, named] = []] = Object.entries(objectAt(step.parameters, "EventHooks"));
    const types = hook === undefined ? undefined : HOOK_FLOW_TYPES[hook];
    if (hook === undefined || types === undefined || typeof named !== "string") return FAILS;
    if (OF_CALLS.includes(hook) && step.contact.channel !== "VOICE") return FAILS;
    const flow = await findNamedFlow(step, named);
    if (!flow || !(types as readonly string[]).includes(flow.kind)) return FAILS;
    step.changeContact({ hooks: { ...step.contact.hooks, [hook]: flow.id } });
    return NEXT;
  },
};
