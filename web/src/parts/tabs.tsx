import { type ComponentChildren, Fragment, type JSX } from "preact";
import { route, setQuery } from "../route.ts";
import "./tabs.css";

export interface Tab {
  /** In the address: `?tab=NAME`. */
  readonly name: string;
  readonly title: string;
  /** How many things are in it. */
  readonly count?: number | undefined;
  view(): ComponentChildren;
}

/** Parts of a page, one of which is shown; which one is in the address. The first is shown where the address names none. */
export function Tabs({ label, tabs }: { readonly label: string; readonly tabs: readonly Tab[] }): JSX.Element {
  const named = route.value.query.get("tab");
  const chosen = tabs.find(({ name }) => name === named) ?? tabs[0];
  const onKey = (event: KeyboardEvent): void => {
    const step = event.key === "ArrowRight" ? 1 : event.key === "ArrowLeft" ? -1 : 0;
    if (step === 0 || !chosen) return;
    const next = tabs[(tabs.indexOf(chosen) + step + tabs.length) % tabs.length];
    if (next) choose(next, tabs);
    document.getElementById(`tab-${next?.name}`)?.focus();
  };
  return (
    <>
      <div class="tabs" role="tablist" aria-label={label} onKeyDown={onKey}>
        {tabs.map((tab) => (
          <button
            key={tab.name}
            id={`tab-${tab.name}`}
            type="button"
            role="tab"
            aria-selected={tab === chosen}
            aria-controls="tab-panel"
            tabIndex={tab === chosen ? 0 : -1}
            onClick={() => choose(tab, tabs)}
          >
            {tab.title}
            {tab.count !== undefined && <span class="count">{tab.count}</span>}
          </button>
        ))}
      </div>
      <div id="tab-panel" role="tabpanel" aria-labelledby={`tab-${chosen?.name}`}>
        {/* What was opened or typed in one tab is not in another that is built alike. */}
        <Fragment key={chosen?.name}>{chosen?.view()}</Fragment>
      </div>
    </>
  );
}

function choose(tab: Tab, tabs: readonly Tab[]): void {
  setQuery({ tab: tab === tabs[0] ? undefined : tab.name });
}
