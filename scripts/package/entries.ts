/** What the published package gives away. Whoever adds something for users to import adds it here, and nowhere else. */

/**
 * Sources by the subpath under which users import them: `"./testing"` is `import … from "trunkline/testing"`. Each is bundled, and its
 * types and all that they rest on are shipped.
 */
export const PUBLIC_ENTRIES: Readonly<Record<string, string>> = {
  ".": "src/index.ts",
  "./testing": "src/testing/index.ts",
};

/** What `bin/trunkline.mjs` runs. */
export const COMMAND_ENTRY = "src/main.ts";

/**
 * Files that are read at run time, by the sources that find them through `import.meta.dirname`. (What is named in `new URL("…",
 * import.meta.url)` is found by itself.) A source that begins to use it must be told of here, or the build fails.
 */
export const READ_FILES: Readonly<Record<string, readonly string[]>> = {
  "src/models/catalog.ts": ["src/models/*.json"],
  "src/services/lambda/runtime/sandboxes.ts": ["src/services/lambda/runtime/bootstrap/*"],
  // It looks for node_modules around it, and reads nothing of ours.
  "src/services/lambda/runtime/environment.ts": [],
  "src/console/index.ts": ["web/dist/*"],
};

/** Shipped as they are. */
export const SHIPPED_FILES: readonly string[] = [
  "LICENSE",
  "CHANGELOG.md",
  "docs/!(NOTES).md",
  "docs/decisions/*.md",
  "packaging/*",
  "docs/init.schema.json",
];
