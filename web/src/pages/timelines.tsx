import type { ComponentChildren, JSX } from "preact";
import { Empty, Failure } from "../parts/notes.tsx";
import { Timeline } from "../parts/timeline.tsx";
import { type TimelineData, useTimeline } from "../parts/timeline-data.ts";
import { href } from "../route.ts";

/** All that is known of a profile of Customer Profiles, on one axis. To be shown inside of another page. */
export function ProfileTimeline({
  domain,
  profile,
}: {
  readonly domain: string;
  readonly profile: string;
}): JSX.Element {
  return <Followed path={["profiles", domain, profile]} />;
}

/** The same of a case. */
export function CaseTimeline({ domain, caseId }: { readonly domain: string; readonly caseId: string }): JSX.Element {
  return <Followed path={["cases", domain, caseId]} />;
}

function Followed({ path }: { readonly path: readonly string[] }): JSX.Element {
  const { value, error } = useTimeline(path);
  return (
    <>
      <Failure error={error} />
      {value && <TimelineHead data={value} />}
      {value && <Timeline data={value} />}
      {!value && !error && <Empty>One moment …</Empty>}
    </>
  );
}

/** How it is now, and what it hangs together with. */
export function TimelineHead({ data: { state, facts = [], related } }: { readonly data: TimelineData }): JSX.Element {
  return (
    <dl class="tl-facts">
      {state !== "" && <Fact title="State">{state}</Fact>}
      {facts.map(({ title, value, to }) => (
        <Fact key={title} title={title}>
          {to ? <a href={href(to)}>{value}</a> : value}
        </Fact>
      ))}
      {related.length > 0 && (
        <Fact title="See also">
          {related.map(({ title, to }) => (
            <span key={to.join("/")}>
              <a href={href(to)}>{title}</a>{" "}
            </span>
          ))}
        </Fact>
      )}
    </dl>
  );
}

function Fact({ title, children }: { readonly title: string; readonly children: ComponentChildren }): JSX.Element {
  return (
    <div>
      <dt>{title}</dt>
      <dd>{children}</dd>
    </div>
  );
}
