import type { JSX } from "preact";
import { href } from "../../route.ts";
import type { AgentsNow } from "./picture.ts";

/** How many agents are in each status, as bars; each leads to its agents. */
export function AgentsCard({ agents }: { readonly agents: AgentsNow }): JSX.Element {
  const { statuses, users, onContact, afterContactWork, error } = agents;
  return (
    <section class="card" aria-labelledby="agents-now">
      <h2 id="agents-now">Agents by status</h2>
      {users === 0 ? (
        <p class="empty">
          The instance has no users yet. <code>CreateUser</code> makes one; <code>PutUserStatus</code> signs them in.
        </p>
      ) : (
        <>
          <ul class="bars">
            {statuses.map(({ id, name, type, count }) => (
              <li key={id}>
                <a href={toAgents(type, name)} aria-label={`${name}: ${count}`}>
                  <span class="bar-name">{type === "OFFLINE" ? `${name} or signed out` : name}</span>
                  <progress
                    class={`bar ${type.toLowerCase()}`}
                    max={Math.max(1, users)}
                    value={count}
                    aria-hidden="true"
                  />
                  <span class="bar-count">{count}</span>
                </a>
              </li>
            ))}
          </ul>
          <p class="faint">
            {onContact} with contacts, <a href={href(["agents"], { doing: "after-contact" })}>{afterContactWork}</a> of
            them in after-contact work; <a href={href(["agents"], { doing: "failed" })}>{error}</a> missed or refused
            one
          </p>
        </>
      )}
    </section>
  );
}

/** Those who are not online have several ways of it, which the page of agents tells apart. */
function toAgents(type: string, status: string): string {
  return href(["agents"], type === "OFFLINE" ? {} : { status });
}
