import type { JSX } from "preact";
import { Empty, Failure } from "../../parts/notes.tsx";
import { Opening } from "../../parts/opening.tsx";
import { useLoaded } from "../../query.ts";
import { href } from "../../route.ts";
import { ask, listAll } from "./domain-data.ts";
import { ExplainedMembership, explainSegment, type Segment } from "./segments.tsx";

interface Membership {
  readonly Profiles?: readonly { readonly QueryResult: "PRESENT" | "ABSENT" }[];
}

/** Which segments a profile belongs to now, and why, and why not to the others. */
export function ProfileSegments({
  domain,
  profile,
}: {
  readonly domain: string;
  readonly profile: string;
}): JSX.Element {
  const { value, error } = useLoaded(
    `${domain} ${profile}`,
    async (signal) => {
      const segments = await listAll<Segment>(domain, "ListSegmentDefinitions", signal);
      return Promise.all(
        segments.map(async ({ SegmentDefinitionName: name }) => {
          const asked = { SegmentDefinitionName: name, ProfileIds: [profile] };
          const { Profiles = [] } = await ask<Membership>(domain, "GetSegmentMembership", asked, signal);
          return { name, isMember: Profiles[0]?.QueryResult === "PRESENT" };
        }),
      );
    },
    { everyMs: 5000 },
  );
  return (
    <>
      <Failure error={error} />
      {value?.length === 0 && (
        <Empty>
          <a href={href(["profiles", domain], { tab: "segments" })}>{domain}</a> has no segment.
        </Empty>
      )}
      <ul class="explained">
        {(value ?? []).map(({ name, isMember }) => (
          <li key={name}>
            <Opening
              name={`${domain} ${name} ${profile} ${isMember}`}
              load={() => explainSegment(domain, name, profile)}
              summary={
                <>
                  <strong>{name}</strong>{" "}
                  <span class={isMember ? "state good" : "state faint"}>
                    {isMember ? "belongs" : "does not belong"}
                  </span>
                </>
              }
            >
              {(explained) => (
                <>
                  <a href={href(["profiles", domain, "segments", name])}>The segment</a>
                  <ExplainedMembership explained={explained} />
                </>
              )}
            </Opening>
          </li>
        ))}
      </ul>
    </>
  );
}
