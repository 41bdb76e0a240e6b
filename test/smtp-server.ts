import { once } from "node:events";
import { type AddressInfo, createServer, type Socket } from "node:net";
import { after } from "node:test";

/** A mail as an SMTP server got it. */
export interface TakenMail {
  readonly from: string;
  readonly to: readonly string[];
  /** Headers by lower-case names, unfolded. */
  readonly headers: ReadonlyMap<string, readonly string[]>;
  readonly body: string;
}

/** An SMTP server that takes mails, or answers as told to a recipient or the end of the data. */
export async function startSmtpServer(
  answerTo: (command: "RCPT" | "DATA", count: number) => string | undefined = () => undefined,
): Promise<{ readonly address: string; readonly mails: TakenMail[] }> {
  const mails: TakenMail[] = [];
  const counts = { RCPT: 0, DATA: 0 };
  const server = createServer((socket) => serve(socket, mails, (command) => answerTo(command, ++counts[command])));
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  after(() => server.close());
  return { address: `127.0.0.1:${(server.address() as AddressInfo).port}`, mails };
}

function serve(socket: Socket, mails: TakenMail[], answer: (command: "RCPT" | "DATA") => string | undefined): void {
  let buffer = "";
  let data: string | undefined;
  let from = "";
  let to: string[] = [];
  const reply = (line: string): void => void socket.write(`${line}\r\n`);
  socket.setEncoding("utf8").on("error", () => {});
  reply("220 test ESMTP");
  socket.on("data", (chunk: string) => {
    buffer += chunk;
    for (let end = buffer.indexOf("\r\n"); end >= 0; end = buffer.indexOf("\r\n")) {
      const line = buffer.slice(0, end);
      buffer = buffer.slice(end + 2);
      if (data !== undefined) {
        if (line !== ".") {
          data += `${line}\r\n`;
          continue;
        }
        const refusal = answer("DATA");
        if (!refusal) mails.push({ from, to, ...parsed(data) });
        data = undefined;
        reply(refusal ?? "250 taken");
        continue;
      }
      const [verb = ""] = line.toUpperCase().split(/[ :]/);
      if (verb === "MAIL") [from, to] = [addressIn(line), []];
      if (verb === "DATA") data = "";
      const refusal = verb === "RCPT" ? answer("RCPT") : undefined;
      if (verb === "RCPT" && !refusal) to.push(addressIn(line));
      reply(refusal ?? ({ DATA: "354 go on", QUIT: "221 bye" }[verb] || "250 ok"));
      if (verb === "QUIT") socket.end();
    }
  });
}

function addressIn(line: string): string {
  return /<([^>]*)>/.exec(line)?.[1] ?? "";
}

function parsed(data: string): Pick<TakenMail, "headers" | "body"> {
  const end = data.indexOf("\r\n\r\n");
  const headers = new Map<string, string[]>();
  for (const line of data
    .slice(0, end)
    .replaceAll(/\r\n[ \t]+/g, " ")
    .split("\r\n")) {
    const colon = line.indexOf(":");
    const name = line.slice(0, colon).toLowerCase();
    headers.set(name, [...(headers.get(name) ?? []), line.slice(colon + 1).trim()]);
  }
  return { headers, body: data.slice(end + 4) };
}
