export { type Manifest, readManifest, restore } from "./backup-folder.ts";
export { DataFolderError, type Inspection, inspectDatabase } from "./data-folder.ts";
export { openStore } from "./open-store.ts";
