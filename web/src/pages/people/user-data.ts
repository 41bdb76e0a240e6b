/** What agents who are signed in do now, as GetCurrentUserData tells it. */
import { call } from "../../server.ts";

export interface UserData {
  readonly User: { readonly Id: string };
  readonly RoutingProfile: { readonly Id: string };
  readonly Status: { readonly StatusName: string; readonly StatusArn: string; readonly StatusStartTimestamp: string };
  readonly NextStatus?: string;
  readonly ActiveSlotsByChannel: Readonly<Record<string, number>>;
  readonly MaxSlotsByChannel: Readonly<Record<string, number>>;
  readonly Contacts: readonly {
    readonly ContactId: string;
    readonly Channel: string;
    readonly AgentContactState: string;
    readonly StateStartTimestamp: string;
    readonly Queue?: { readonly Id: string };
  }[];
}

/** GetCurrentUserData takes so many ids in a filter, and answers with so many agents. */
const AT_ONCE = 100;
/** So many agents at most are asked for each time. */
const AGENTS_MAX = 2000;

/** Of all who are signed in with one of these routing profiles; the filter may also name queues. */
export async function signedIn(
  InstanceId: string,
  filter: { readonly RoutingProfiles: readonly string[] } | { readonly Queues: readonly string[] },
  signal: AbortSignal,
): Promise<readonly UserData[]> {
  const [[name = "", ids = []] = []] = Object.entries(filter) as [string, readonly string[]][];
  const found = new Map<string, UserData>();
  for (let from = 0; from < ids.length; from += AT_ONCE) {
    let NextToken: string | undefined;
    do {
      const input = {
        InstanceId,
        Filters: { [name]: ids.slice(from, from + AT_ONCE) },
        MaxResults: AT_ONCE,
        ...(NextToken && { NextToken }),
      };
      type Answer = { readonly UserDataList?: readonly UserData[]; readonly NextToken?: string };
      const answer = await call<Answer>("connect", "GetCurrentUserData", input, signal);
      for (const one of answer.UserDataList ?? []) found.set(one.User.Id, one);
      NextToken = answer.NextToken;
    } while (NextToken !== undefined && found.size < AGENTS_MAX);
  }
  return [...found.values()];
}

/** What an agent is at, in one word, for figures and filters. */
export function doingOf({ Contacts, MaxSlotsByChannel, Status }: UserData): Doing {
  const states = Contacts.map(({ AgentContactState }) => AgentContactState);
  if (states.some((state) => state === "CONNECTED" || state === "CONNECTED_ONHOLD")) return "on-contact";
  if (states.some((state) => state === "CONNECTING" || state === "INCOMING" || state === "PENDING")) return "offered";
  if (states.includes("ENDED")) return "after-contact";
  if (states.length > 0) return "failed";
  const takesContacts = Status.StatusName !== "Offline" && Object.values(MaxSlotsByChannel).some((slots) => slots > 0);
  return takesContacts ? "free" : "away";
}

export const DOINGS = {
  "on-contact": "on a contact",
  offered: "are offered one",
  "after-contact": "after a contact",
  failed: "missed or refused one",
  free: "have nothing",
  away: "are offline",
} as const;

export type Doing = keyof typeof DOINGS;
