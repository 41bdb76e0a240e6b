import { CHAT_SOCKET_PATH, openChatSocket } from "../services/connect/index.ts";
import type { Platform } from "../services/service.ts";
import type { Head, WebSocketHandler } from "../wire/index.ts";

/** The WebSockets of chats' participants, whose URLs CreateParticipantConnection gives out: the token in them says whose they are. */
export function createChatSockets(platform: () => Platform): (request: Head) => WebSocketHandler | undefined {
  return ({ path }) => (path === CHAT_SOCKET_PATH ? ({ query }) => open(platform(), query) : undefined);
}

async function open(platform: Platform, query: string): ReturnType<WebSocketHandler> {
  return openChatSocket(platform, new URLSearchParams(query).get("token") ?? "");
}
