import type { JsonObject } from "../../matching/machine.ts";
import type { Contact, InstanceRef, Rule } from "../connect/index.ts";
import type { BuiltSource } from "./sources.ts";

/** A rule was found to be true of something. */
export interface Occurrence {
  readonly rule: Rule;
  readonly source: BuiltSource;
  readonly instance: InstanceRef;
  /**
   * Names what the rule is true of: the same however often that is looked at again, another one for each occasion. A contact, a submission of
   * an evaluation, an event of a ticket, a change of a case, a tick of metrics. What an action makes takes its ids from this and the rule.
   */
  readonly about: string;
  /** Metrics and what happens outside have none. */
  readonly contact?: Contact | undefined;
  readonly caseId?: string | undefined;
  /** Ids of the rules by whose actions it came to this, one leading to the other. */
  readonly byRules?: readonly string[] | undefined;
  /** The fact document: what variables in texts stand for. */
  readonly document: JsonObject;
  /** ARNs that an event tells as its `resources` behind that of the instance. */
  readonly resources?: readonly string[];
  readonly evaluation?: { readonly id: string; readonly formId: string };
}
