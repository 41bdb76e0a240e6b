/** Plays a call that an agent answers, sentence by sentence. `node examples/live-transcript/talk.mjs INSTANCE FLOW` */
import { setTimeout as wait } from "node:timers/promises";
import { ListUsersCommand } from "@aws-sdk/client-connect";
import { connect, control } from "../contact-centre.mjs";

const [InstanceId, contactFlowId] = process.argv.slice(2);
const SAID = [
  ["AGENT", "Harbour Post, this is Ada. How can I help?"],
  ["CUSTOMER", "My parcel is two weeks late and nobody answers my mails."],
  ["CUSTOMER", "This is terrible. I am really angry."],
  ["AGENT", "I am sorry to hear that. Let me look where it is."],
  ["AGENT", "It is in Kiel, and a driver brings it this afternoon."],
  ["CUSTOMER", "Oh, that is great. Thank you so much, you were very helpful!"],
  ["AGENT", "You are welcome. Goodbye."],
];

const [{ Id: UserId }] = (await connect.send(new ListUsersCommand({ InstanceId }))).UserSummaryList;
const agent = `agents/${InstanceId}/${UserId}`;

const arrival = { channel: "VOICE", from: "+12065550142", contactFlowId };
const { contactId } = await control("POST", `contacts/${InstanceId}`, arrival);
while (!(await control("GET", agent)).agent.contacts.some(({ id }) => id === contactId)) await wait(100);
await control("POST", `${agent}/accept`, { contactId });
console.log(`call ${contactId}`);

for (const [speaker, text] of SAID) {
  const seconds = text.length / 18;
  await control("POST", `contacts/${InstanceId}/${contactId}/say`, { speaker, text, seconds });
  console.log(`${speaker.toLowerCase().padStart(8)}: ${text}`);
  await wait((seconds + 0.5) * 1000);
}
await control("POST", `contacts/${InstanceId}/${contactId}/hang-up`);
await control("POST", `${agent}/clear`, { contactId });
