import { useSignal } from "@preact/signals";
import type { ComponentChildren, JSX } from "preact";
import { useEffect } from "preact/hooks";
import { chooseInstance, instanceId, instances, loadInstances } from "./instance.ts";
import { groups, type Page, pageOf, pages } from "./pages.tsx";
import { Palette, paletteOpen } from "./parts/palette.tsx";
import { ShortcutsDialog, shortcutsOpen } from "./parts/shortcuts-dialog.tsx";
import { followLink, href, route } from "./route.ts";
import { connected, loadSession, region, session, signOut } from "./server.ts";
import { listenForShortcuts } from "./shortcuts.ts";
import { SignIn } from "./sign-in.tsx";

/** The console as a whole: sign-in, or the frame with one of its pages. */
export function App(): JSX.Element {
  const failure = useSignal<string | undefined>(undefined);
  useEffect(() => {
    loadSession().catch((error: Error) => {
      failure.value = error.message;
    });
  }, []);
  if (failure.value !== undefined) return <Notice>The server does not answer: {failure.value}</Notice>;
  if (session.value === undefined) return <Notice>One moment …</Notice>;
  return session.value.account === undefined ? <SignIn /> : <Frame />;
}

function Notice({ children }: { readonly children: ComponentChildren }): JSX.Element {
  return (
    <main class="notice">
      <p role="status">{children}</p>
    </main>
  );
}

function Frame(): JSX.Element {
  useEffect(() => {
    loadInstances().catch(() => {});
  }, [session.value?.accessKeyId, region.value]);
  useEffect(listenForShortcuts, []);
  const page = pageOf(route.value.path);
  useEffect(() => {
    document.title = `${page?.title ?? "Not found"} · Trunkline`;
  }, [page]);
  return (
    // Links work without this too; it saves loading the page anew.
    // biome-ignore lint/a11y/noStaticElementInteractions: what is clicked are the links inside.
    // biome-ignore lint/a11y/useKeyWithClickEvents: a link's Enter is a click.
    <div class="frame" onClick={followLink}>
      <a class="skip" href="#content">
        Skip to content
      </a>
      <Header />
      <Navigation page={page} />
      <main id="content" class="content" tabIndex={-1}>
        {page ? <page.View /> : <p>There is no such page.</p>}
      </main>
      <Palette />
      <ShortcutsDialog />
    </div>
  );
}

function Navigation({ page }: { readonly page: Page | undefined }): JSX.Element {
  return (
    <nav class="nav" aria-label="Pages">
      {groups.map((group) => (
        <NavigationGroup key={group} group={group} page={page} />
      ))}
    </nav>
  );
}

function NavigationGroup({
  group,
  page,
}: {
  readonly group: string;
  readonly page: Page | undefined;
}): JSX.Element | null {
  const members = pages.filter((one) => one.group === group);
  if (members.length === 0) return null;
  return (
    <div class="nav-group">
      {group !== "" && <h2>{group}</h2>}
      {members.map(({ name, title }) => (
        <a key={name} href={href(name === "" ? [] : [name])} aria-current={page?.name === name ? "page" : undefined}>
          {title}
        </a>
      ))}
    </div>
  );
}

function Header(): JSX.Element {
  return (
    <header class="header">
      <a class="brand" href={href([])}>
        Trunkline
      </a>
      <InstancePicker />
      <button type="button" class="find" onClick={() => (paletteOpen.value = true)}>
        Find or go to … <kbd>Ctrl K</kbd>
      </button>
      <button type="button" aria-label="Keys" title="Keys" onClick={() => (shortcutsOpen.value = true)}>
        ?
      </button>
      <span class={connected.value ? "state good" : "state bad"} role="status">
        {connected.value ? "Connected" : "Connection lost, trying again"}
      </span>
      <span class="who" title={session.value?.principalArn}>
        {session.value?.account} · {region.value}
      </span>
      {session.value?.needsSecret && (
        <button type="button" onClick={() => void signOut()}>
          Sign out
        </button>
      )}
    </header>
  );
}

function InstancePicker(): JSX.Element | null {
  const known = instances.value ?? [];
  if (known.length === 0) return null;
  return (
    <label class="picker">
      <span class="hidden">Connect instance</span>
      <select value={instanceId.value} onChange={(event) => chooseInstance(event.currentTarget.value)}>
        {known.map(({ Id, InstanceAlias }) => (
          <option key={Id} value={Id}>
            {InstanceAlias ?? Id}
          </option>
        ))}
      </select>
    </label>
  );
}
