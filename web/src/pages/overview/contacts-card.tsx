import type { JSX } from "preact";
import { href } from "../../route.ts";
import { CHANNELS, type Picture, sumOf } from "./picture.ts";

const COLUMNS = [
  ["in-flow", "In a flow"],
  ["waiting", "Waiting"],
  ["with-agent", "With an agent"],
  ["after-contact", "After contact"],
  ["ended", "Ended today"],
] as const;

/** Where the contacts are, by channel; each figure leads to its contacts. */
export function ContactsCard({ contacts }: { readonly contacts: NonNullable<Picture["contacts"]> }): JSX.Element {
  const { open, endedToday, isCounting } = contacts;
  const count = (channel: string, state: (typeof COLUMNS)[number][0]): number =>
    state === "ended" ? (endedToday[channel] ?? 0) : (open[channel]?.[state] ?? 0);
  return (
    <section class="card" aria-labelledby="contacts-now">
      <h2 id="contacts-now">Contacts now</h2>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a box that scrolls is operated by arrow keys. */}
      <section class="scrolls" tabIndex={0} aria-label="Contacts by channel and state">
        <table class="matrix">
          <thead>
            <tr>
              <th scope="col">Channel</th>
              {COLUMNS.map(([state, title]) => (
                <th key={state} scope="col" class="number">
                  {title}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {CHANNELS.map((channel) => (
              <tr key={channel}>
                <th scope="row">
                  <a href={href(["contacts"], { channel })}>{channel}</a>
                </th>
                {COLUMNS.map(([state, title]) => (
                  <td key={state} class="number">
                    <Count count={count(channel, state)} to={href(["contacts"], { state, channel })}>
                      {`${channel}, ${title}`}
                    </Count>
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
          <tfoot>
            <tr>
              <th scope="row">All</th>
              {COLUMNS.map(([state, title]) => (
                <td key={state} class="number">
                  <Count
                    count={sumOf(CHANNELS.map((channel) => count(channel, state)))}
                    to={href(["contacts"], { state })}
                  >
                    {`All, ${title}`}
                  </Count>
                </td>
              ))}
            </tr>
          </tfoot>
        </table>
      </section>
      {isCounting && <p class="faint">Contacts that ended earlier today are being counted …</p>}
    </section>
  );
}

function Count({ count, to, children }: { count: number; to: string; children: string }): JSX.Element {
  return (
    <a class={count === 0 ? "stage-count none" : "stage-count"} href={to} aria-label={`${children}: ${count}`}>
      {count.toLocaleString()}
    </a>
  );
}
