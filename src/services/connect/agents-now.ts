import type { AgentStatusType } from "@aws-sdk/client-connect";
import type { Store } from "../../store/store.ts";
import { countUpTo } from "../count-up-to.ts";
import { keptReader } from "../kept-reader.ts";
import { agentStatuses } from "./agent-statuses.ts";
import { type InstanceRef, instanceKey } from "./arns.ts";
import { agentTallies, figureOf } from "./current-metrics.ts";
import { users } from "./users.ts";

/** What the agents of an instance do, as real-time metrics count them, whatever queues they serve. */
export interface AgentsNow {
  /** Every status that there is, in the order of the agents' menu; `OFFLINE`: everybody who is not online. */
  readonly statuses: readonly {
    readonly id: string;
    readonly name: string;
    readonly type: AgentStatusType;
    readonly count: number;
  }[];
  readonly users: number;
  readonly online: number;
  readonly available: number;
  readonly onContact: number;
  readonly afterContactWork: number;
  readonly error: number;
}

/** Statuses and routing profiles of an instance: fewer are allowed. */
const READ_SIZE = 1_000;
/** Users are counted up to here. */
const USERS_MAX = 10_000;

const TYPE_ORDER: readonly string[] = ["ROUTABLE", "CUSTOM", "OFFLINE"];

/** Reads what is committed, and little of it: statuses and users are kept in memory until they change. */
export async function agentsNow(store: Store, instance: InstanceRef): Promise<AgentsNow> {
  const reader = keptReader(store);
  const prefix = instanceKey(instance, "");
  const [statuses, tallies, userCount] = await Promise.all([
    reader.list(agentStatuses, { prefix, limit: READ_SIZE }),
    store.list(agentTallies, { prefix, limit: READ_SIZE }),
    countUpTo(reader, { collection: users, prefix }, USERS_MAX),
  ]);
  const sum = (figure: string, isWanted?: (detail: string) => boolean): number =>
    tallies.documents.reduce((total, { kept }) => total + figureOf(kept, figure, isWanted), 0);
  const online = sum("online");
  return {
    statuses: statuses.documents
      .toSorted((a, b) => placeOf(a) - placeOf(b) || (a.name < b.name ? -1 : 1))
      .map(({ id, name, type }) => ({
        id,
        name,
        type,
        count: type === "OFFLINE" ? Math.max(0, userCount - online) : sum("online", (detail) => detail === id),
      })),
    users: userCount,
    online,
    available: sum("available"),
    onContact: sum("onContact"),
    afterContactWork: sum("afterContactWork"),
    error: sum("error"),
  };
}

function placeOf({
  type,
  displayOrder = 51,
}: {
  readonly type: string;
  readonly displayOrder?: number | undefined;
}): number {
  return TYPE_ORDER.indexOf(type) * 100 + displayOrder;
}
