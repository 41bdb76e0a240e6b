import type { FieldContentType } from "@aws-sdk/client-customer-profiles";

export function normalised(type: FieldContentType, text: string): string {
  return type === "STRING" ? text : text.trim().toLowerCase();
}
