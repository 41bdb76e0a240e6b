import { useSignal } from "@preact/signals";
import type { ComponentChildren, JSX } from "preact";
import { useEffect, useLayoutEffect, useRef } from "preact/hooks";
import { chooseInstance, instanceId, instances, loadInstances } from "./instance.ts";
import { groups, type Page, pageOf, pages } from "./pages.tsx";
import { Palette, paletteOpen } from "./parts/palette.tsx";
import { ShortcutsDialog, shortcutsOpen } from "./parts/shortcuts-dialog.tsx";
import { followLink, href, route } from "./route.ts";
import {
  comebacks,
  connected,
  hasExpired,
  isOutdated,
  loadSession,
  lookForNewerConsole,
  region,
  session,
  signOut,
  watchConnection,
} from "./server.ts";
import { listenForShortcuts } from "./shortcuts.ts";
import { SignIn, SignInForm } from "./sign-in.tsx";

/** The console as a whole: sign-in, or the frame with one of its pages. */
export function App(): JSX.Element {
  const failure = useSignal<string | undefined>(undefined);
  useEffect(() => {
    const load = (): void => {
      loadSession().catch((error: Error) => {
        failure.value = error.message;
        setTimeout(load, RETRY_MS);
      });
    };
    load();
  }, []);
  useEffect(watchConnection, []);
  if (session.value === undefined) {
    return failure.value === undefined ? (
      <Notice>One moment …</Notice>
    ) : (
      <Notice>The server does not answer, trying again: {failure.value}</Notice>
    );
  }
  if (session.value.account === undefined) return <SignIn />;
  return (
    <>
      <Frame key={session.value.accessKeyId} />
      {hasExpired.value && <SignInAgain />}
    </>
  );
}

const RETRY_MS = 2000;

/** Over the page, which keeps what is written on it. */
function SignInAgain(): JSX.Element {
  const dialog = useRef<HTMLDialogElement>(null);
  useLayoutEffect(() => dialog.current?.showModal(), []);
  return (
    <dialog ref={dialog} class="confirm" aria-label="Sign in again" onCancel={(event) => event.preventDefault()}>
      <p>The session has ended. What is written on the page is still there.</p>
      <SignInForm />
    </dialog>
  );
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
    void loadInstances();
  }, [region.value, comebacks.value]);
  useEffect(listenForShortcuts, []);
  const { path } = route.value;
  const page = pageOf(path);
  const place = JSON.stringify([region.value, ...path]);
  const content = useRef<HTMLElement>(null);
  const isFirst = useRef(true);
  useLayoutEffect(() => {
    document.title = `${page?.title ?? "Not found"} · Trunkline`;
    // The keys go on from the page that is shown now, and it is read out. At once: later it would take them from where they were put meanwhile.
    if (!isFirst.current) content.current?.focus({ preventScroll: true });
    isFirst.current = false;
  }, [place]);
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
      <main ref={content} id="content" class="content" tabIndex={-1}>
        {/* Nothing that was typed or said on one contact's page is on another's. */}
        {page ? <page.View key={place} /> : <NoSuchPage />}
      </main>
      <Palette />
      <ShortcutsDialog />
    </div>
  );
}

function NoSuchPage(): JSX.Element {
  return (
    <>
      <h1>There is no such page</h1>
      <p>
        <code>{location.pathname}</code> leads nowhere. Go to the <a href={href([])}>overview</a>, or find what you look
        for with <kbd>Ctrl K</kbd>.
      </p>
    </>
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
      <Outdated />
      <span class="who" title={session.value?.principalArn}>
        {session.value?.account}
      </span>
      <RegionPicker />
      {session.value?.needsSecret && (
        <button type="button" onClick={() => void signOut()}>
          Sign out
        </button>
      )}
    </header>
  );
}

/** Regions that have Amazon Connect; whatever else is typed in the settings of a client is a Region here too. */
const REGIONS = [
  "us-east-1",
  "us-west-2",
  "af-south-1",
  "ap-northeast-1",
  "ap-northeast-2",
  "ap-southeast-1",
  "ap-southeast-2",
  "ca-central-1",
  "eu-central-1",
  "eu-west-2",
  "us-gov-west-1",
];

/** Where the server was renewed: what is written and not saved would be lost if the page did so by itself. */
function Outdated(): JSX.Element | null {
  useEffect(() => {
    if (comebacks.value > 0) void lookForNewerConsole();
  }, [comebacks.value]);
  if (!isOutdated.value) return null;
  return (
    <span class="warn" role="alert">
      There is a newer console{" "}
      <button type="button" onClick={() => location.reload()}>
        Load it
      </button>
    </span>
  );
}

function RegionPicker(): JSX.Element {
  const known = REGIONS.includes(region.value) ? REGIONS : [region.value, ...REGIONS];
  return (
    <select aria-label="Region" value={region.value} onChange={(event) => (region.value = event.currentTarget.value)}>
      {known.map((name) => (
        <option key={name}>{name}</option>
      ))}
    </select>
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
