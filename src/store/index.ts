export { DataFolderError } from "./data-folder.ts";
export { openStore, type StoreOptions } from "./open-store.ts";
