import type { FunctionComponent } from "preact";
import { ApiPage } from "./pages/api.tsx";
import { ContactPage } from "./pages/contact.tsx";
import { ContactsPage } from "./pages/contacts.tsx";
import { OverviewPage } from "./pages/overview.tsx";

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
  { name: "api", title: "API", inNav: true, depth: 0, View: ApiPage },
];

export function pageOf([name = "", ...rest]: readonly string[]): Page | undefined {
  return pages.find((page) => page.name === name && page.depth === rest.length);
}
