/** How was the caller last time? A flow asks while they wait; of who was unhappy the supervisors are told too. */
import { CustomerProfilesClient, SearchProfilesCommand } from "@aws-sdk/client-customer-profiles";
import { EventBridgeClient, PutEventsCommand } from "@aws-sdk/client-eventbridge";

const { DOMAIN: DomainName, SOURCE: Source } = process.env;
const profiles = new CustomerProfilesClient({});
const events = new EventBridgeClient({});

/** The flow reads what is answered as `$.External.mood`: one level of texts. */
export async function handler({ Details }) {
  const { ContactId, CustomerEndpoint } = Details.ContactData;
  const phone = CustomerEndpoint?.Address;
  const known = { DomainName, KeyName: "_phone", Values: [phone] };
  const { Items } = phone ? await profiles.send(new SearchProfilesCommand(known)) : { Items: [] };
  const { Mood: mood = "UNKNOWN", MoodSince: since = "" } = Items[0]?.Attributes ?? {};
  if (mood === "UNHAPPY") {
    const Detail = JSON.stringify({ contactId: ContactId, phone, since });
    const DetailType = "Unhappy Customer Calls Again";
    const { FailedEntryCount } = await events.send(new PutEventsCommand({ Entries: [{ Source, DetailType, Detail }] }));
    // The caller is served all the same.
    if (FailedEntryCount > 0) console.error(`the supervisors were not told of ${ContactId}`);
  }
  return { mood, since };
}
