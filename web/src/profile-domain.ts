/** Which domain of Customer Profiles the reader looked at last; remembered from visit to visit. */
import { signal } from "@preact/signals";

const KEY = "trunkline.profile-domain";

export const lastDomain = signal<string | undefined>(localStorage.getItem(KEY) ?? undefined);

export function rememberDomain(name: string): void {
  if (lastDomain.value === name) return;
  lastDomain.value = name;
  localStorage.setItem(KEY, name);
}
