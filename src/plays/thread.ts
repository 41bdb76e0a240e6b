import { Worker } from "node:worker_threads";
import type { PlayCommand, PlayNews, PlayOrder } from "./play-order.ts";

/** A play in a thread of its own: the event loop stays free for the requests that it makes. */
export interface PlayThread {
  tell(command: PlayCommand): void;
  /** Ends it at once, whatever it does. */
  terminate(): Promise<void>;
}

/** Starts it. The last news of a thread is that it has ended, or why it failed. */
export function startPlayThread(order: PlayOrder, onNews: (news: PlayNews) => void): PlayThread {
  const worker = new Worker(new URL("./worker.ts", import.meta.url), { workerData: order });
  let isOver = false;
  const end = (news: PlayNews): void => {
    if (isOver) return;
    isOver = true;
    onNews(news);
  };
  worker.on("message", (news: PlayNews) =>
    news.kind === "ended" || news.kind === "failed" ? end(news) : onNews(news),
  );
  worker.on("error", (error) => end({ kind: "failed", error: error.message }));
  worker.on("exit", () => end({ kind: "failed", error: "The play was broken off" }));
  return {
    tell: (command) => worker.postMessage(command),
    terminate: async () => {
      isOver = true;
      await worker.terminate();
    },
  };
}
