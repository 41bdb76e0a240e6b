import type { JSX } from "preact";
import { listAll } from "../../listing.ts";
import { Unfolding } from "../../parts/json.tsx";
import { Empty, Failure } from "../../parts/notes.tsx";
import { useLoaded } from "../../query.ts";
import { href } from "../../route.ts";
import { region, session } from "../../server.ts";

interface EventIntegration {
  readonly Name: string;
  readonly Description?: string;
  readonly EventBridgeBus: string;
  readonly EventFilter: { readonly Source: string };
}

interface Association {
  readonly EventIntegrationAssociationId: string;
  readonly ClientId?: string;
  readonly EventBridgeRuleName?: string;
}

/** Applications whose events come by a bus, with who listens to them. */
export function Applications(): JSX.Element {
  const { value, error } = useLoaded(
    `${session.value?.accessKeyId} ${region.value}`,
    async (signal) => {
      const listing = { model: "appintegrations", token: "NextToken" } as const;
      const integrations = await listAll<EventIntegration>(
        { ...listing, operation: "ListEventIntegrations", input: { MaxResults: 50 }, member: "EventIntegrations" },
        signal,
      );
      return Promise.all(
        integrations.map(async (integration) => ({
          ...integration,
          associations: await listAll<Association>(
            {
              ...listing,
              operation: "ListEventIntegrationAssociations",
              input: { EventIntegrationName: integration.Name, MaxResults: 50 },
              member: "EventIntegrationAssociations",
            },
            signal,
          ),
        })),
      );
    },
    { everyMs: 5000 },
  );
  return (
    <>
      <Failure error={error} />
      {value?.length === 0 && (
        <Empty>
          No event integration yet. CreateEventIntegration makes one, and so does a{" "}
          <a href={href(["integrations"], { tab: "webhooks" })}>webhook</a> that names one.
        </Empty>
      )}
      {(value ?? []).map((integration) => (
        <section key={integration.Name} class="card">
          <h2>{integration.Name}</h2>
          {integration.Description && <p class="faint">{integration.Description}</p>}
          <p>
            Events of {integration.EventFilter.Source} on the bus{" "}
            <a href={href(["buses", integration.EventBridgeBus])}>{integration.EventBridgeBus}</a>
          </p>
          {integration.associations.length === 0 ? (
            <p class="faint">Nobody listens: no instance and no domain of Customer Profiles is associated with it.</p>
          ) : (
            <ul>
              {integration.associations.map(({ EventIntegrationAssociationId, ClientId = "", EventBridgeRuleName }) => (
                <li key={EventIntegrationAssociationId}>
                  {ClientId} <span class="faint">by the rule {EventBridgeRuleName}</span>
                </li>
              ))}
            </ul>
          )}
          <Unfolding summary="JSON" document={integration} />
        </section>
      ))}
    </>
  );
}
