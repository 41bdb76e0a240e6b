import type { JSX } from "preact";
import { CopyButton } from "../../parts/page.tsx";
import { href } from "../../route.ts";
import { region, session } from "../../server.ts";

/** What to do where there is nothing yet. */
export function FirstSteps(): JSX.Element {
  const settings = [
    `export AWS_ENDPOINT_URL=${location.origin}`,
    `export AWS_REGION=${region.value}`,
    `export AWS_ACCESS_KEY_ID=${session.value?.accessKeyId ?? "test"}`,
    `export AWS_SECRET_ACCESS_KEY=${session.value?.accessKeyId === "test" ? "test" : "the key's secret"}`,
  ].join("\n");
  const create = [
    "aws connect create-instance --instance-alias first \\",
    "  --identity-management-type CONNECT_MANAGED \\",
    "  --inbound-calls-enabled --outbound-calls-enabled",
  ].join("\n");
  return (
    <section class="card first-steps" aria-labelledby="first-steps">
      <h2 id="first-steps">Or begin with a centre of your own</h2>
      <p>
        This page shows a contact centre live: its contacts, agents and queues, the events that they produce, and where
        those go. There is no Connect instance in {region.value} so far. To get one:
      </p>
      <ol>
        <li>
          <h3>Point an SDK here</h3>
          <p>Any AWS SDK, the AWS CLI and boto3 speak to this server once they know where it is:</p>
          <Snippet label="Settings of an SDK" text={settings} />
          <p>Then create an instance; it appears here by itself:</p>
          <Snippet label="Create an instance" text={create} />
        </li>
        <li>
          <h3>Run an example</h3>
          <p>In Trunkline's folder, with this server running: a call is made, and its events arrive on a stream.</p>
          <Snippet label="Run an example" text="node examples/first-event.mjs" />
        </li>
        <li>
          <h3>Look around</h3>
          <p>
            <a href={href(["api"])}>Call any operation</a> from here, or look at the <a href={href(["map"])}>map</a> of
            what is there.
          </p>
        </li>
      </ol>
    </section>
  );
}

function Snippet({ label, text }: { readonly label: string; readonly text: string }): JSX.Element {
  return (
    <div class="snippet">
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a box that scrolls is operated by arrow keys. */}
      <section tabIndex={0} aria-label={label}>
        <pre>{text}</pre>
      </section>
      <CopyButton text={text} label={`Copy: ${label}`} />
    </div>
  );
}
