import type { Unit } from "../../store/store.ts";
import type { Domain } from "./domain.ts";
import { type FieldOption, fieldKey, fieldOptionKey, fieldOptions, fields, SYSTEM_FIELDS } from "./field.ts";

/** What `status` is born with, and what nobody can change. */
export const FIXED_STATUS_OPTIONS: readonly Pick<FieldOption, "name" | "value" | "active">[] = [
  { name: "Open", value: "open", active: true },
  { name: "Closed", value: "closed", active: true },
];

/** Puts the fields that every domain has into a new one. */
export function putSystemFields(unit: Unit, { domainId, createdMs }: Domain): void {
  for (const [place, { id, name, description, type, isMultiline }] of SYSTEM_FIELDS.entries()) {
    unit.put(fields, fieldKey({ domainId, id }), {
      domainId,
      id,
      name,
      description,
      type,
      namespace: "System",
      isMultiline,
      place,
      createdMs,
      updatedMs: createdMs,
      tags: {},
    });
  }
  for (const fixed of FIXED_STATUS_OPTIONS) {
    const option: FieldOption = { domainId, fieldId: "status", ...fixed };
    unit.put(fieldOptions, fieldOptionKey(option), option);
  }
}
