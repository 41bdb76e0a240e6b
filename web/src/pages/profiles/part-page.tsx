import type { FunctionComponent, JSX } from "preact";
import { href, route } from "../../route.ts";
import { AttributePage } from "./attributes.tsx";
import { ObjectTypePage } from "./object-types.tsx";
import { ProfilePage } from "./profile-page.tsx";
import { NewSegmentPage, SegmentPage } from "./segments.tsx";
import { NewTriggerPage, TriggerPage } from "./trigger-page.tsx";
import "./profiles.css";

type Part = FunctionComponent<{ readonly domain: string; readonly name: string }>;

const PARTS: Readonly<Record<string, Part>> = {
  types: ObjectTypePage,
  segments: SegmentPage,
  attributes: AttributePage,
  triggers: TriggerPage,
};

/** What of a domain has a name and a page of its own: `profiles/DOMAIN/triggers/NAME`. */
export function ProfilePartPage(): JSX.Element {
  const [, domain = "", room = "", name = ""] = route.value.path;
  const View = Object.hasOwn(PARTS, room) ? PARTS[room] : undefined;
  if (View) return <View key={`${domain} ${room} ${name}`} domain={domain} name={name} />;
  return (
    <p>
      There is no such page in <a href={href(["profiles", domain])}>{domain}</a>.
    </p>
  );
}

/** `profiles/DOMAIN/PROFILE`; ids of profiles are hexadecimal. */
export function ProfileOrNewPage(): JSX.Element {
  const [, domain = "", name = ""] = route.value.path;
  if (name === "new-trigger") return <NewTriggerPage key={domain} />;
  if (name === "new-segment") return <NewSegmentPage key={domain} />;
  return <ProfilePage key={`${domain} ${name}`} />;
}
