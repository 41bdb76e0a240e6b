/** Files that say which resources a server shall have: `start --init`, `apply`, `export`. Knows the operations' models and no service. */
export { type Applied, applyFile } from "./apply.ts";
export { exportText } from "./export.ts";
export { Refused } from "./init-error.ts";
export type { Call } from "./kind.ts";
export { initSchemaText, kindsText } from "./schema.ts";
