import type { JSX } from "preact";
import { PageHead } from "../../parts/page.tsx";
import { Tabs } from "../../parts/tabs.tsx";
import { Applications } from "./applications.tsx";
import { DomainIntegrations } from "./domain-integrations.tsx";
import { Flows } from "./flows.tsx";
import { Webhooks } from "./webhooks.tsx";
import { Workflows } from "./workflows.tsx";
import "../../parts/items.css";
import "./integrations.css";

/** What comes in from outside, and how: flows, integrations of Customer Profiles, applications on the bus, webhooks. */
export function IntegrationsPage(): JSX.Element {
  return (
    <>
      <PageHead title="Integrations" />
      <Tabs
        label="Kinds of integrations"
        tabs={[
          { name: "flows", title: "Flows", view: () => <Flows /> },
          { name: "profiles", title: "Customer Profiles", view: () => <DomainIntegrations /> },
          { name: "workflows", title: "Workflows", view: () => <Workflows /> },
          { name: "applications", title: "Applications", view: () => <Applications /> },
          { name: "webhooks", title: "Webhooks", view: () => <Webhooks /> },
        ]}
      />
    </>
  );
}
