import type { JSX } from "preact";
import { useEffect } from "preact/hooks";
import { shownBytes } from "../../parts/bytes.ts";
import { Failure, Figure } from "../../parts/notes.tsx";
import { PageHead } from "../../parts/page.tsx";
import { Tabs } from "../../parts/tabs.tsx";
import { rememberDomain } from "../../profile-domain.ts";
import { useLoaded } from "../../query.ts";
import { go, href } from "../../route.ts";
import { AttributesTab } from "./attributes.tsx";
import { ask, domainInAddress } from "./domain-data.ts";
import { useDomains } from "./domains-page.tsx";
import { EventStreamTab } from "./event-stream.tsx";
import { type MatchingRules, MatchingTab } from "./matching.tsx";
import { ObjectTypesTab } from "./object-types.tsx";
import { SearchTab } from "./search.tsx";
import { SegmentsTab } from "./segments.tsx";
import { TriggersTab } from "./triggers.tsx";
import "./profiles.css";

interface Domain {
  readonly DomainName: string;
  readonly DefaultExpirationDays: number;
  readonly RuleBasedMatching?: MatchingRules;
  readonly Stats?: {
    readonly ProfileCount?: number;
    readonly MeteringProfileCount?: number;
    readonly ObjectCount?: number;
    readonly TotalSize?: number;
  };
}

/** One domain: who is in it, and by which types, segments, attributes and triggers. */
export function ProfileDomainPage(): JSX.Element {
  const domain = domainInAddress();
  const { value, error } = useLoaded(domain, (signal) => ask<Domain>(domain, "GetDomain", {}, signal), {
    everyMs: 5000,
  });
  useEffect(() => {
    if (value) rememberDomain(value.DomainName);
  }, [value?.DomainName]);
  const { ProfileCount = 0, ObjectCount = 0, TotalSize = 0 } = value?.Stats ?? {};
  return (
    <>
      <PageHead title={domain} crumbs={[{ title: "Profiles", to: href(["profiles"]) }]}>
        <DomainPicker domain={domain} />
      </PageHead>
      <Failure error={error} />
      {value && (
        <>
          <div class="figures">
            <Figure name="profiles" value={ProfileCount.toLocaleString()} to={href(["profiles", domain])} />
            <Figure
              name="objects"
              value={ObjectCount.toLocaleString()}
              to={href(["profiles", domain], { tab: "types" })}
            />
            <Figure name="size" value={shownBytes(TotalSize)} />
            <Figure name="kept for" value={`${value.DefaultExpirationDays} days`} />
          </div>
          <Tabs
            label={`Domain ${domain}`}
            tabs={[
              { name: "profiles", title: "Profiles", view: () => <SearchTab key={domain} domain={domain} /> },
              { name: "types", title: "Object types", view: () => <ObjectTypesTab domain={domain} /> },
              { name: "segments", title: "Segments", view: () => <SegmentsTab domain={domain} /> },
              { name: "attributes", title: "Calculated attributes", view: () => <AttributesTab domain={domain} /> },
              { name: "triggers", title: "Event triggers", view: () => <TriggersTab domain={domain} /> },
              { name: "stream", title: "Event stream", view: () => <EventStreamTab domain={domain} /> },
              {
                name: "matching",
                title: "Matching",
                view: () => <MatchingTab domain={domain} rules={value.RuleBasedMatching} />,
              },
            ]}
          />
        </>
      )}
    </>
  );
}

function DomainPicker({ domain }: { readonly domain: string }): JSX.Element | null {
  const { value = [] } = useDomains();
  if (value.length < 2) return null;
  return (
    <label class="picker">
      <span class="hidden">Domain</span>
      <select value={domain} onChange={(event) => go(href(["profiles", event.currentTarget.value]))}>
        {[...new Set([domain, ...value])].sort().map((name) => (
          <option key={name}>{name}</option>
        ))}
      </select>
    </label>
  );
}
