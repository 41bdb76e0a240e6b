import type { EventSourceName } from "@aws-sdk/client-connect";
import { functionLanguage, type Language } from "../../matching/rule-function/language.ts";
import { ACTION_MEMBERS, SOURCE_ACTIONS } from "./action-table.ts";
import { isBuilt } from "./sources.ts";

/** What rules of an event source may say. */
export interface RuleLanguage {
  readonly source: EventSourceName;
  /** Whether such rules run. */
  readonly isBuilt: boolean;
  readonly actions: readonly { readonly type: string; readonly member: string; readonly isRequired: boolean }[];
  /** The shapes of a function. */
  function(): Language;
}

export function ruleLanguages(): readonly RuleLanguage[] {
  return (Object.keys(SOURCE_ACTIONS) as EventSourceName[]).map((source) => {
    const { allowed, required } = SOURCE_ACTIONS[source];
    const actions = allowed.map((type) => ({ type, member: ACTION_MEMBERS[type], isRequired: type === required }));
    return { source, isBuilt: isBuilt(source), actions, function: () => functionLanguage(source) };
  });
}
