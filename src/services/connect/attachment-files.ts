/** The bytes of chats' attachments: a file each in the data folder, named by the attachment's id, which never changes once it is sent. */
import { mkdir, open, readFile, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import type { Platform } from "../service.ts";

/** Returns once the file is durable. It is written under another name first, so that a file that is there is whole. */
export async function writeAttachment({ folder, ids }: Platform, id: string, bytes: Uint8Array): Promise<void> {
  const directory = directoryOf(folder.path());
  await mkdir(directory, { recursive: true });
  const draft = join(directory, `${ids.uuid()}.new`);
  const file = await open(draft, "w");
  try {
    await file.writeFile(bytes);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(draft, join(directory, id));
  await syncDirectory(directory);
}

/** `undefined`: there is no such file. */
export async function readAttachmentFile({ folder }: Platform, id: string): Promise<Buffer | undefined> {
  try {
    return await readFile(join(directoryOf(folder.path()), id));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}

export async function removeAttachment({ folder }: Platform, id: string): Promise<void> {
  await folder.steps.run(() => rm(join(directoryOf(folder.path()), id), { force: true }));
}

function directoryOf(folder: string): string {
  return join(folder, "chat-attachments");
}

async function syncDirectory(directory: string): Promise<void> {
  const opened = await open(directory, "r");
  try {
    await opened.sync();
  } finally {
    await opened.close();
  }
}
