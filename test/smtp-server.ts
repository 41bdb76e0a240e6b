import { spawnSync } from "node:child_process";
import { once } from "node:events";
import { type AddressInfo, createServer, type Socket } from "node:net";
import { after } from "node:test";
import { createServer as createTlsServer, TLSSocket } from "node:tls";

/** A mail as an SMTP server got it. */
export interface TakenMail {
  readonly from: string;
  readonly to: readonly string[];
  /** Headers by lower-case names, unfolded. */
  readonly headers: ReadonlyMap<string, readonly string[]>;
  readonly body: string;
  readonly isEncrypted: boolean;
  /** Who has logged in. */
  readonly user?: string | undefined;
}

export interface Certificate {
  readonly key: string;
  readonly cert: string;
}

interface SmtpOptions {
  /** What is answered to a recipient or the end of the data, where not that it is taken. */
  readonly answerTo?: (command: "RCPT" | "DATA", count: number) => string | undefined;
  /** With which the server speaks TLS: from the first byte, or once it is asked to. */
  readonly tls?: Certificate & { readonly from: "first byte" | "STARTTLS" };
  /** Who may log in, which is offered under TLS only, and then needed. */
  readonly login?: { readonly user: string; readonly password: string };
}

/** An SMTP server that takes mails, or answers as told. `commands`: all that it was told, passwords too. */
export async function startSmtpServer(options: SmtpOptions = {}): Promise<{
  readonly address: string;
  readonly mails: TakenMail[];
  readonly commands: string[];
}> {
  const taken = { mails: [] as TakenMail[], commands: [] as string[] };
  const counts = { RCPT: 0, DATA: 0 };
  const answer: Answer = (command) => options.answerTo?.(command, ++counts[command]);
  const { tls } = options;
  const greet = (socket: Socket): void => {
    socket.write("220 test ESMTP\r\n");
    serve(socket, { ...options, ...taken, answer });
  };
  const server = tls?.from === "first byte" ? createTlsServer(tls, greet) : createServer(greet);
  server.on("tlsClientError", () => {});
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  after(() => server.close());
  return { address: `127.0.0.1:${(server.address() as AddressInfo).port}`, ...taken };
}

/** A certificate of 127.0.0.1 that has signed itself; `undefined` where there is no `openssl` to make one. */
export function newCertificate(): Certificate | undefined {
  const key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-keyout", "-"];
  const name = ["-subj", "/CN=test", "-addext", "subjectAltName=IP:127.0.0.1"];
  const { stdout } = spawnSync("openssl", ["req", "-x509", "-days", "2", ...key, ...name], { encoding: "utf8" });
  const [, privateKey, cert] =
    /(-+BEGIN PRIVATE KEY.*END PRIVATE KEY-+).*?(-+BEGIN CERT.*END CERTIFICATE-+)/s.exec(stdout ?? "") ?? [];
  return privateKey !== undefined && cert !== undefined ? { key: privateKey, cert } : undefined;
}

type Answer = (command: "RCPT" | "DATA") => string | undefined;

interface Conversation extends Pick<SmtpOptions, "tls" | "login"> {
  readonly mails: TakenMail[];
  readonly commands: string[];
  readonly answer: Answer;
}

function serve(socket: Socket, conversation: Conversation): void {
  const { mails, commands, answer, tls, login } = conversation;
  const isEncrypted = socket instanceof TLSSocket;
  let buffer = "";
  let data: string | undefined;
  let from = "";
  let to: string[] = [];
  let user: string | undefined;
  const reply = (line: string): void => void socket.write(`${line}\r\n`);
  const logIn = (line: string): string => {
    const [, name = "", password] = Buffer.from(line.slice("AUTH PLAIN ".length), "base64").toString().split("\0");
    if (name !== login?.user || password !== login.password) return "535 no such user or password";
    user = name;
    return "235 welcome";
  };
  const hello = (): string => {
    const offers = [
      "test",
      ...(tls && !isEncrypted ? ["STARTTLS"] : []),
      ...(login && isEncrypted ? ["AUTH PLAIN"] : []),
    ];
    return offers.map((offer, index) => `250${index === offers.length - 1 ? " " : "-"}${offer}`).join("\r\n");
  };
  socket.setEncoding("utf8").on("error", () => {});
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
        if (!refusal) mails.push({ from, to, ...parsed(data), isEncrypted, user });
        data = undefined;
        reply(refusal ?? "250 taken");
        continue;
      }
      commands.push(line);
      const [verb = ""] = line.toUpperCase().split(/[ :]/);
      if (verb === "STARTTLS" && tls) {
        reply("220 go ahead");
        socket.removeAllListeners("data");
        return serve(new TLSSocket(socket, { isServer: true, ...tls }), conversation);
      }
      if (verb === "MAIL") [from, to] = [addressIn(line), []];
      if (verb === "DATA") data = "";
      const refusal = verb === "RCPT" ? answer("RCPT") : undefined;
      if (verb === "RCPT" && !refusal) to.push(addressIn(line));
      const answers: Readonly<Record<string, () => string>> = {
        EHLO: hello,
        STARTTLS: () => "502 not known here",
        AUTH: () => logIn(line),
        MAIL: () => (login && user === undefined ? "530 log in first" : "250 ok"),
        DATA: () => "354 go on",
        QUIT: () => "221 bye",
      };
      reply(refusal ?? answers[verb]?.() ?? "250 ok");
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
