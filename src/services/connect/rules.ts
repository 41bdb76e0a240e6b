import type { EventSourceName, PreEvaluationFilters, RuleAction, RulePublishStatus } from "@aws-sdk/client-connect";
import type { Collection } from "../../store/store.ts";
import { instanceKey } from "./arns.ts";
import { type InstanceResource, instanceResources } from "./instance-resources.ts";

/**
 * A Connect rule: when `source` tells of something that its function is true of, its actions happen. What rules do is in `services/rules`;
 * their documents are here because they are a resource of an instance like all others, with tags, and gone with it.
 */
export interface Rule extends InstanceResource {
  readonly source: EventSourceName;
  /** Of sources outside: whose events they are. */
  readonly integrationAssociationId?: string | undefined;
  /** The caller's own text. */
  readonly function: string;
  readonly actions: readonly RuleAction[];
  readonly status: RulePublishStatus;
  readonly preEvaluationFilters?: PreEvaluationFilters | undefined;
  /** Asks for a judgement in natural language: its capability tier is `GenerativeAI`. */
  readonly asksStatement?: true | undefined;
  /** Of the instance's rules, since when it is as it is. */
  readonly revision?: number | undefined;
  readonly createdMs: number;
  /** ARN of the principal who wrote it last. */
  readonly lastUpdatedBy: string;
}

export const rules: Collection<Rule> = instanceResources("connect_rules", {
  created: { type: "text", value: (rule) => instanceKey(rule, ruleAge(rule)) },
  source: { type: "text", value: (rule) => instanceKey(rule, rule.source, rule.id) },
  statements: {
    type: "text",
    value: (rule) => (rule.asksStatement ? instanceKey(rule, rule.source, rule.id) : undefined),
  },
  /** Published rules that listen to an integration association. */
  integration: {
    type: "text",
    value: (rule) =>
      rule.status === "PUBLISHED" && rule.integrationAssociationId !== undefined
        ? instanceKey(rule, rule.integrationAssociationId)
        : undefined,
  },
  published: {
    type: "text",
    value: (rule) => (rule.status === "PUBLISHED" ? instanceKey(rule, rule.source, rule.id) : undefined),
  },
});

/** Sorts rules from the oldest to the youngest. */
export function ruleAge({ createdMs, id }: Pick<Rule, "createdMs" | "id">): string {
  return `${new Date(createdMs).toISOString()} ${id}`;
}
