export { DataFolderError } from "./data-folder.ts";
export { openStore } from "./open-store.ts";
