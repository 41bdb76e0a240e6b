import type { Kind } from "../kind.ts";
import { campaignKinds } from "./campaigns.ts";
import { casesKinds } from "./cases.ts";
import { codeKinds } from "./code.ts";
import { connectKinds } from "./connect.ts";
import { identityKinds } from "./identity.ts";
import { eventKinds, messagingKinds } from "./plane.ts";
import { profileKinds } from "./profiles.ts";
import { withTags } from "./tags.ts";

/** All kinds, in the order in which resources of a file are made where nothing refers to another. */
export const kinds: readonly Kind[] = [
  ...identityKinds,
  ...messagingKinds,
  ...codeKinds,
  ...profileKinds,
  ...casesKinds,
  ...connectKinds,
  ...campaignKinds,
  ...eventKinds,
].map(withTags);

const bySection = new Map(kinds.map((kind) => [kind.section, kind]));

export function kindOf(section: string): Kind | undefined {
  return bySection.get(section);
}

/** The kinds whose entries stand in entries of this one, or at the top. */
export function kindsWithin(section: string | undefined): readonly Kind[] {
  return kinds.filter(({ parent }) => parent === section);
}
