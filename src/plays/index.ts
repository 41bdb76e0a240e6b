/**
 * Plays that the server itself runs, for `/_trunkline/simulator` and `/_trunkline/demo`: the simulator in a thread of its own, which talks to
 * the server by HTTP as everybody does. It holds no part of the server, and no event loop but its own.
 */
export type { PlayNews, PlaySettings } from "./play-order.ts";
export { type PlayThread, startPlayThread } from "./thread.ts";
