import type { JSX } from "preact";
import { DataTable } from "../parts/data-table.tsx";
import { Empty, Failure } from "../parts/notes.tsx";
import { DownloadButton, Id, PageHead } from "../parts/page.tsx";
import { Time } from "../parts/time.tsx";
import { useLoaded } from "../query.ts";
import { href, route } from "../route.ts";
import { read, region, session } from "../server.ts";
import "./calls.css";

/** As `GET /_trunkline/mailbox` tells it; one alone has its text. */
interface Mail {
  readonly id: string;
  readonly instanceId: string;
  readonly to: string;
  readonly subject: string;
  readonly ruleName: string;
  readonly contactId?: string;
  readonly sent: string;
  readonly text?: string;
}

const LISTED = 500;

/** Mails that rules have sent, where no mail server takes them. */
export function MailboxPage(): JSX.Element {
  const { value, error } = useLoaded(
    `${session.value?.accessKeyId} ${region.value}`,
    (signal) => read<{ mails: readonly Mail[] }>(`mailbox?limit=${LISTED}`, signal),
    { everyMs: 3000 },
  );
  return (
    <>
      <PageHead title="Mailbox" />
      <Failure error={error} />
      {value?.mails.length === 0 && (
        <Empty>
          No rule has sent a mail. A published rule with the action <code>SEND_NOTIFICATION</code> does; its mails lie
          here for a week, unless the server was started with <code>--smtp-server</code>.
        </Empty>
      )}
      {value !== undefined && value.mails.length > 0 && (
        <DataTable
          label="Mails"
          rows={value.mails}
          keyOf={({ id }) => id}
          columns={[
            { name: "Subject", cell: ({ id, subject }) => <a href={href(["mailbox", id])}>{subject || "(none)"}</a> },
            { name: "To", cell: ({ to }) => to },
            { name: "Rule", cell: ({ ruleName }) => ruleName },
            { name: "Sent", cell: ({ sent }) => <Time at={sent} /> },
          ]}
        />
      )}
      {value?.mails.length === LISTED && <p class="faint">These are the last {LISTED}.</p>}
    </>
  );
}

/** One mail. Its text is text, whatever it looks like. */
export function MailPage(): JSX.Element {
  const [, id = ""] = route.value.path;
  const { value: mail, error } = useLoaded(id, (signal) => read<Mail>(`mailbox/${encodeURIComponent(id)}`, signal));
  return (
    <>
      <PageHead title={mail?.subject || "Mail"} crumbs={[{ title: "Mailbox", to: href(["mailbox"]) }]}>
        {mail && <DownloadButton name={`mail-${mail.id}.txt`} textOf={() => messageOf(mail)} />}
      </PageHead>
      <Failure error={error} />
      {mail && (
        <section class="card">
          <dl class="facts">
            <dt>To</dt>
            <dd>{mail.to}</dd>
            <dt>Sent</dt>
            <dd>
              <Time at={mail.sent} />
            </dd>
            <dt>Rule</dt>
            <dd>{mail.ruleName}</dd>
            {mail.contactId && (
              <>
                <dt>Contact</dt>
                <dd>
                  <a href={href(["contacts", mail.instanceId, mail.contactId])}>{mail.contactId}</a>
                </dd>
              </>
            )}
            <dt>Mail</dt>
            <dd>
              <Id id={mail.id} isWhole />
            </dd>
          </dl>
          {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls can be reached by keys. */}
          <pre class="command" tabIndex={0}>
            {mail.text}
          </pre>
        </section>
      )}
    </>
  );
}

function messageOf({ to, subject, sent, text = "" }: Mail): string {
  return `To: ${to}\nSubject: ${subject}\nDate: ${sent}\n\n${text}`;
}
