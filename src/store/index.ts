export { restore } from "./backup-folder.ts";
export { DataFolderError, inspectDatabase } from "./data-folder.ts";
export { openStore } from "./open-store.ts";
