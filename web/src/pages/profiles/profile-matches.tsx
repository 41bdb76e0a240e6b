import { useSignal } from "@preact/signals";
import type { JSX } from "preact";
import { ConfirmButton, TextField } from "../../parts/form.tsx";
import { Empty, Failure } from "../../parts/notes.tsx";
import { useLoaded } from "../../query.ts";
import { ask, nameOf, type Profile, profileHref } from "./domain-data.ts";

interface Similar {
  readonly ProfileIds?: readonly string[];
  readonly RuleLevel?: number;
}

interface Found {
  readonly Profiles?: readonly Profile[];
}

/** As many BatchGetProfile takes. */
const SHOWN = 20;

/** Who else may be the same person, and how two become one. */
export function ProfileMatches({
  domain,
  profile,
  onMerged,
}: {
  readonly domain: string;
  readonly profile: Profile;
  onMerged(): void;
}): JSX.Element {
  const id = profile.ProfileId;
  const other = useSignal("");
  const { value, error, reload } = useLoaded(
    `${domain} ${id}`,
    async (signal) => {
      const asked = { MatchType: "RULE_BASED_MATCHING", SearchKey: "_profileId", SearchValue: id, MaxResults: 100 };
      const { ProfileIds = [], RuleLevel } = await ask<Similar>(domain, "GetSimilarProfiles", asked, signal);
      const others = ProfileIds.filter((one) => one !== id).slice(0, SHOWN);
      if (others.length === 0) return { level: RuleLevel, profiles: [] };
      const { Profiles = [] } = await ask<Found>(domain, "BatchGetProfile", { ProfileIds: others }, signal);
      return { level: RuleLevel, profiles: Profiles };
    },
    { everyMs: 5000 },
  );
  const merge = async (merged: string): Promise<string> => {
    await ask(domain, "MergeProfiles", { MainProfileId: id, ProfileIdsToBeMerged: [merged] });
    reload();
    onMerged();
    return `Merged ${merged} into this profile`;
  };
  const question = (merged: string): string =>
    `Merge ${merged} into ${nameOf(profile)}? Its keys and objects move here, where fields differ this profile's stay, and it is gone for good.`;
  return (
    <>
      <section>
        <h2>Matches {value?.level !== undefined && <span class="faint">at level {value.level} of the rules</span>}</h2>
        <Failure error={error} />
        {value?.profiles.length === 0 && <Empty>No other profile matches it by the domain's rules.</Empty>}
        <ul class="explained">
          {(value?.profiles ?? []).map((match) => (
            <li key={match.ProfileId}>
              <a href={profileHref(domain, match.ProfileId)}>{nameOf(match)}</a>{" "}
              <code class="faint">{match.ProfileId}</code>{" "}
              <ConfirmButton confirm="Merge" question={question(match.ProfileId)} act={() => merge(match.ProfileId)}>
                Merge into this one
              </ConfirmButton>
            </li>
          ))}
        </ul>
      </section>
      <section class="card">
        <h2>Merge another profile into this one</h2>
        <TextField label="Profile" hint="Its id" value={other.value} onText={(text) => (other.value = text)} />
        <ConfirmButton confirm="Merge" question={question(other.value)} act={() => merge(other.value.trim())}>
          Merge …
        </ConfirmButton>
      </section>
    </>
  );
}
