import type { FunctionComponent } from "preact";
import { ApiPage } from "./pages/api.tsx";
import { ApisPage } from "./pages/apis.tsx";
import { BusesPage, BusPage } from "./pages/buses.tsx";
import { ContactPage } from "./pages/contact.tsx";
import { ContactsPage } from "./pages/contacts.tsx";
import { FunctionsPage } from "./pages/functions.tsx";
import { OperatePage } from "./pages/operate.tsx";
import { OverviewPage } from "./pages/overview.tsx";
import { StreamPage, StreamsPage } from "./pages/streams.tsx";

/** A view with an address of its own: `/_trunkline/console/NAME/…`. */
export interface Page {
  readonly name: string;
  readonly title: string;
  readonly inNav: boolean;
  /** How many parts of the path follow its name. */
  readonly depth: number;
  readonly View: FunctionComponent;
}

export const pages: readonly Page[] = [
  { name: "", title: "Overview", inNav: true, depth: 0, View: OverviewPage },
  { name: "contacts", title: "Contacts", inNav: true, depth: 0, View: ContactsPage },
  { name: "contacts", title: "Contact", inNav: false, depth: 2, View: ContactPage },
  { name: "streams", title: "Streams", inNav: true, depth: 0, View: StreamsPage },
  { name: "streams", title: "Stream", inNav: false, depth: 1, View: StreamPage },
  { name: "buses", title: "Event buses", inNav: true, depth: 0, View: BusesPage },
  { name: "buses", title: "Event bus", inNav: false, depth: 1, View: BusPage },
  { name: "functions", title: "Functions", inNav: true, depth: 0, View: FunctionsPage },
  { name: "apis", title: "APIs", inNav: true, depth: 0, View: ApisPage },
  { name: "operate", title: "Operate", inNav: true, depth: 0, View: OperatePage },
  { name: "api", title: "Call an operation", inNav: true, depth: 0, View: ApiPage },
];

export function pageOf([name = "", ...rest]: readonly string[]): Page | undefined {
  return pages.find((page) => page.name === name && page.depth === rest.length);
}
