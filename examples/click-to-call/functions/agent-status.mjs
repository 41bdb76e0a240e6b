/** Who of the agents is in which status, by name. */
import { ConnectClient, DescribeUserCommand, GetCurrentUserDataCommand } from "@aws-sdk/client-connect";

const { INSTANCE_ID: InstanceId, QUEUE_ID } = process.env;
const connect = new ConnectClient({});
/** Names rarely change: one look-up for each agent lasts as long as this process is warm. */
const names = new Map();

export async function handler() {
  const { UserDataList = [] } = await connect.send(
    new GetCurrentUserDataCommand({ InstanceId, Filters: { Queues: [QUEUE_ID] } }),
  );
  const agents = await Promise.all(
    UserDataList.map(async ({ User, Status, Contacts = [] }) => ({
      name: await nameOf(User.Id),
      status: Status?.StatusName ?? "Offline",
      contacts: Contacts.length,
    })),
  );
  return { statusCode: 200, headers: { "content-type": "application/json" }, body: JSON.stringify(agents) };
}

async function nameOf(UserId) {
  if (!names.has(UserId)) {
    const { User } = await connect.send(new DescribeUserCommand({ InstanceId, UserId }));
    names.set(UserId, User.Username);
  }
  return names.get(UserId);
}
