/** The language of event patterns as shapes: what an editor completes and checks with. */
import type { Shapes } from "../parts/json-editor/shapes.ts";

export const EVENT_PATTERN: Shapes = {
  input: "Pattern",
  shapes: {
    Pattern: {
      type: "structure",
      members: {
        source: "Values",
        "detail-type": "Values",
        detail: "Nested",
        account: "Values",
        region: "Values",
        resources: "Values",
        time: "Values",
        id: "Values",
        version: "Values",
        $or: "Alternatives",
      },
      others: "Values or more",
    },
    Nested: { type: "structure", members: { $or: "Alternatives" }, others: "Values or more" },
    Alternatives: { type: "list", member: "Nested", min: 2 },
    "Values or more": { type: "either", of: ["Values", "Nested"] },
    Values: { type: "list", member: "Value", min: 1 },
    Value: { type: "either", of: ["Text", "Number", "Boolean", "Null", "Comparison"] },
    Comparison: {
      type: "structure",
      members: {
        prefix: "Text or case",
        suffix: "Text or case",
        "anything-but": "Anything",
        numeric: "Numeric",
        exists: "Boolean",
        "equals-ignore-case": "Text",
        wildcard: "Text",
        cidr: "Text",
      },
      union: true,
    },
    "Text or case": { type: "either", of: ["Text", "Case"] },
    Case: { type: "structure", members: { "equals-ignore-case": "Text" }, required: ["equals-ignore-case"] },
    Numeric: { type: "list", member: "Number or operator", min: 2, max: 4 },
    "Number or operator": { type: "either", of: ["Operator", "Number"] },
    Operator: { type: "string", enum: ["=", "<", "<=", ">", ">="] },
    Text: { type: "string" },
    Number: { type: "double" },
    Boolean: { type: "boolean" },
    Null: { type: "null" },
    Anything: { type: "any" },
  },
};
