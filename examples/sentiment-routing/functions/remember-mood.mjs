/** A call has been analysed: how its customer felt is kept with their profile, which is made where there is none yet. */
import { ConnectClient, DescribeContactCommand } from "@aws-sdk/client-connect";
import {
  CreateProfileCommand,
  CustomerProfilesClient,
  SearchProfilesCommand,
  UpdateProfileCommand,
} from "@aws-sdk/client-customer-profiles";

const DomainName = process.env.DOMAIN;
const connect = new ConnectClient({});
const profiles = new CustomerProfilesClient({});

/** EventBridge says which rule matched, and of which contact. An event may come twice: then the same is written again. */
export async function handler({ time, detail }) {
  const [, InstanceId, ContactId] = /instance\/([^/]+)\/contact\/(.+)$/.exec(detail.contactArn);
  const { Contact } = await connect.send(new DescribeContactCommand({ InstanceId, ContactId }));
  const phone = Contact.CustomerEndpoint?.Address;
  if (!phone) return;
  const Attributes = { Mood: detail.ruleName === "UNHAPPY_CUSTOMER" ? "UNHAPPY" : "CONTENT", MoodSince: time };
  const known = { DomainName, KeyName: "_phone", Values: [phone] };
  const { Items } = await profiles.send(new SearchProfilesCommand(known));
  if (Items.length === 0) {
    await profiles.send(new CreateProfileCommand({ DomainName, PhoneNumber: phone, Attributes }));
  }
  for (const { ProfileId } of Items) {
    await profiles.send(new UpdateProfileCommand({ DomainName, ProfileId, Attributes }));
  }
  console.log(`${phone} is ${Attributes.Mood}`);
}
