import type { JSX } from "preact";
import { instanceId, instances, instancesError } from "../../instance.ts";
import { DemoOffer } from "../../parts/demo-offer.tsx";
import { Failure, Figure } from "../../parts/notes.tsx";
import { PageHead } from "../../parts/page.tsx";
import { shownDuration } from "../../parts/time.tsx";
import { useFollowed } from "../../query.ts";
import { href } from "../../route.ts";
import { AgentsCard } from "./agents-card.tsx";
import { OverTime } from "./charts.tsx";
import { ContactsCard } from "./contacts-card.tsx";
import { FirstSteps } from "./first-steps.tsx";
import { addPicture, delivered, type Picture, rateNow, type Seen, shownRate, sumOf } from "./picture.ts";
import { QueuesCard } from "./queues-card.tsx";
import "./overview.css";

/** The centre and what moves behind it, as they are now and were over the last quarter of an hour. */
export function OverviewPage(): JSX.Element {
  const id = instanceId.value;
  const isAsked = instances.value !== undefined || instancesError.value !== undefined;
  const path = !isAsked ? undefined : `overview${id ? `?instance=${id}` : ""}`;
  const { value, error } = useFollowed<Picture, Seen>(path, addPicture);
  return (
    <>
      <PageHead title="Overview" />
      <Failure error={error} />
      <Failure error={instancesError.value} />
      <DemoOffer />
      {instances.value?.length === 0 && <FirstSteps />}
      {value && <Now seen={value} />}
      {value && <OverTime seen={value} />}
    </>
  );
}

function Now({ seen }: { readonly seen: Seen }): JSX.Element {
  const { contacts, agents, queues, moreQueues = false, serviceLevelSeconds = 20 } = seen.now;
  return (
    <>
      {contacts && agents && queues && (
        <>
          <CentreFigures seen={seen} />
          <div class="now">
            <ContactsCard contacts={contacts} />
            <AgentsCard agents={agents} />
          </div>
          <QueuesCard
            instance={instanceId.value ?? ""}
            queues={queues}
            more={moreQueues}
            seconds={serviceLevelSeconds}
          />
        </>
      )}
      <PlaneFigures seen={seen} />
    </>
  );
}

function CentreFigures({ seen: { now } }: { readonly seen: Seen }): JSX.Element {
  const { contacts, agents, queues = [] } = now;
  const sum = (stage: "waiting" | "with-agent"): number =>
    sumOf(Object.values(contacts?.open ?? {}).map((counts) => counts[stage]));
  const longest = Math.max(0, ...queues.map(({ figures }) => figures.OLDEST_CONTACT_AGE ?? 0));
  return (
    <div class="figures">
      <Figure name="waiting" value={sum("waiting")} to={href(["contacts"], { state: "waiting" })} />
      <Figure
        name="longest wait"
        value={longest === 0 ? "–" : shownDuration(longest * 1000)}
        to={href(["contacts"], { state: "waiting" })}
      />
      <Figure name="with an agent" value={sum("with-agent")} to={href(["contacts"], { state: "with-agent" })} />
      <Figure name="agents free" value={agents?.available ?? 0} to={href(["agents"], { doing: "free" })} />
      <Figure name="agents online" value={agents?.online ?? 0} to={href(["agents"])} />
    </div>
  );
}

/** What moves: rates over the last five seconds, and what has failed since the start. */
function PlaneFigures({ seen: { now, totals: moments } }: { readonly seen: Seen }): JSX.Element {
  const { totals, deliveries } = now;
  const rate = (countOf: Parameters<typeof rateNow>[1]): string => shownRate(rateNow(moments, countOf));
  return (
    <div class="figures">
      <Figure name="events/s" value={rate(({ events }) => sumOf(Object.values(events)))} to={href(["buses"])} />
      <Figure name="API calls/s" value={rate(({ calls }) => sumOf(Object.values(calls)))} to={href(["calls"])} />
      <Figure name="stream records/s" value={rate(({ records }) => records)} to={href(["streams"])} />
      <Figure name="function calls/s" value={rate(({ invocations }) => invocations)} to={href(["functions"])} />
      <Figure name="deliveries/s" value={rate(delivered)} to={href(["deliveries"], { tab: "attempts" })} />
      <Figure
        name="attempts failed so far"
        value={totals.deliveries.failed ?? 0}
        to={href(["deliveries"], { tab: "attempts", outcome: "not-delivered" })}
      />
      <Figure
        name="retries due"
        value={`${deliveries.waiting}${deliveries.more ? "+" : ""}`}
        to={href(["deliveries"])}
      />
      <Figure name="dead letters so far" value={totals.deliveries["dead-lettered"] ?? 0} to={href(["dead-letters"])} />
      <Figure
        name="dropped so far"
        value={totals.deliveries.dropped ?? 0}
        to={href(["deliveries"], { tab: "attempts", outcome: "dropped" })}
      />
    </div>
  );
}
