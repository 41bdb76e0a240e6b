import type { FunctionComponent } from "preact";
import { ApiPage } from "./pages/api.tsx";
import { ApisPage } from "./pages/apis.tsx";
import { BusRulePage } from "./pages/bus-rule.tsx";
import { BusesPage, BusPage } from "./pages/buses.tsx";
import { CallsPage } from "./pages/calls.tsx";
import { CasePage } from "./pages/cases/case-page.tsx";
import { CaseDomainPage, CasesPage } from "./pages/cases/cases-page.tsx";
import { ContactPage } from "./pages/contact.tsx";
import { ContactsPage } from "./pages/contacts.tsx";
import { DeliveriesPage } from "./pages/deliveries/deliveries-page.tsx";
import { DeliveryPage } from "./pages/deliveries/delivery-page.tsx";
import { DeliveryStreamsPage } from "./pages/deliveries/delivery-streams-page.tsx";
import { FunctionPage, FunctionsPage } from "./pages/functions.tsx";
import { FlowPage } from "./pages/integrations/flow-page.tsx";
import { IntegrationsPage } from "./pages/integrations/integrations-page.tsx";
import { MailboxPage, MailPage } from "./pages/mailbox.tsx";
import { MapPage } from "./pages/map/map-page.tsx";
import { OperatePage } from "./pages/operate.tsx";
import { OverviewPage } from "./pages/overview/overview.tsx";
import { AgentPage } from "./pages/people/agent-page.tsx";
import { AgentsPage } from "./pages/people/agents-page.tsx";
import { QueuePage } from "./pages/people/queue-page.tsx";
import { QueuesPage } from "./pages/people/queues-page.tsx";
import { ProfileDomainPage } from "./pages/profiles/domain-page.tsx";
import { ProfilesPage } from "./pages/profiles/domains-page.tsx";
import { ProfileOrNewPage, ProfilePartPage } from "./pages/profiles/part-page.tsx";
import { DeadLetterQueuePage, DeadLettersPage } from "./pages/queues/dead-letters-page.tsx";
import { SqsQueuePage, SqsQueuesPage } from "./pages/queues/queues-page.tsx";
import { RulePage } from "./pages/rules/rule-page.tsx";
import { RulesPage } from "./pages/rules/rules-page.tsx";
import { StreamPage } from "./pages/streams/stream-page.tsx";
import { StreamsPage } from "./pages/streams/streams-page.tsx";

/** Headings of the navigation, in their order. */
export const groups = ["", "Centre", "Customers", "Events", "Targets", "Server"] as const;

/** A view with an address of its own: `/_trunkline/console/NAME/…`. */
export interface Page {
  readonly name: string;
  readonly title: string;
  /** Where it stands in the navigation; absent for pages below another one. */
  readonly group?: (typeof groups)[number];
  /** The letter that goes there after `g`. */
  readonly letter?: string;
  /** How many parts of the path follow its name. */
  readonly depth: number;
  readonly View: FunctionComponent;
}

// The order within a group is that of the navigation.
export const pages: readonly Page[] = [
  { name: "", title: "Overview", group: "", letter: "o", depth: 0, View: OverviewPage },
  { name: "map", title: "Map", group: "", letter: "m", depth: 0, View: MapPage },

  { name: "contacts", title: "Contacts", group: "Centre", letter: "c", depth: 0, View: ContactsPage },
  { name: "contacts", title: "Contact", depth: 2, View: ContactPage },
  { name: "agents", title: "Agents", group: "Centre", letter: "n", depth: 0, View: AgentsPage },
  { name: "agents", title: "Agent", depth: 2, View: AgentPage },
  { name: "queues", title: "Queues", group: "Centre", letter: "q", depth: 0, View: QueuesPage },
  { name: "queues", title: "Queue", depth: 2, View: QueuePage },
  { name: "rules", title: "Connect rules", group: "Centre", letter: "r", depth: 0, View: RulesPage },
  { name: "rules", title: "Connect rule", depth: 2, View: RulePage },

  { name: "profiles", title: "Profiles", group: "Customers", letter: "u", depth: 0, View: ProfilesPage },
  { name: "profiles", title: "Profile domain", depth: 1, View: ProfileDomainPage },
  { name: "profiles", title: "Profile", depth: 2, View: ProfileOrNewPage },
  { name: "profiles", title: "Part of a profile domain", depth: 3, View: ProfilePartPage },
  { name: "cases", title: "Cases", group: "Customers", letter: "k", depth: 0, View: CasesPage },
  { name: "cases", title: "Cases", depth: 1, View: CaseDomainPage },
  { name: "cases", title: "Case", depth: 2, View: CasePage },
  { name: "integrations", title: "Integrations", group: "Customers", letter: "i", depth: 0, View: IntegrationsPage },
  { name: "integrations", title: "Flow", depth: 1, View: FlowPage },

  { name: "buses", title: "Event buses", group: "Events", letter: "b", depth: 0, View: BusesPage },
  { name: "buses", title: "Event bus", depth: 1, View: BusPage },
  { name: "buses", title: "Rule of an event bus", depth: 2, View: BusRulePage },
  { name: "streams", title: "Streams", group: "Events", letter: "s", depth: 0, View: StreamsPage },
  { name: "streams", title: "Stream", depth: 1, View: StreamPage },
  { name: "queues-sqs", title: "SQS queues", group: "Events", letter: "t", depth: 0, View: SqsQueuesPage },
  { name: "queues-sqs", title: "SQS queue", depth: 1, View: SqsQueuePage },
  { name: "deliveries", title: "Deliveries", group: "Events", letter: "d", depth: 0, View: DeliveriesPage },
  { name: "deliveries", title: "Delivery", depth: 1, View: DeliveryPage },
  { name: "dead-letters", title: "Dead letters", group: "Events", letter: "e", depth: 0, View: DeadLettersPage },
  { name: "dead-letters", title: "Dead letters", depth: 1, View: DeadLetterQueuePage },

  { name: "functions", title: "Functions", group: "Targets", letter: "f", depth: 0, View: FunctionsPage },
  { name: "functions", title: "Function", depth: 1, View: FunctionPage },
  { name: "apis", title: "APIs", group: "Targets", letter: "a", depth: 0, View: ApisPage },
  {
    name: "delivery-streams",
    title: "Delivery streams",
    group: "Targets",
    letter: "h",
    depth: 0,
    View: DeliveryStreamsPage,
  },

  { name: "operate", title: "Operate", group: "Server", letter: "p", depth: 0, View: OperatePage },
  { name: "calls", title: "API calls", group: "Server", letter: "l", depth: 0, View: CallsPage },
  { name: "mailbox", title: "Mailbox", group: "Server", letter: "v", depth: 0, View: MailboxPage },
  { name: "mailbox", title: "Mail", depth: 1, View: MailPage },
  { name: "api", title: "Call an operation", group: "Server", letter: "x", depth: 0, View: ApiPage },
];

export function pageOf([name = "", ...rest]: readonly string[]): Page | undefined {
  return pages.find((page) => page.name === name && page.depth === rest.length);
}
