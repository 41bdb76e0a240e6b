import type { AnsweringMachineDetectionStatus } from "@aws-sdk/client-connect";

/**
 * The telephone network that answers calls which the system dials: simulated, and the same for the same number. The number asks
 * for what happens. `docs/carrier.md` lists them for users.
 *
 * Numbers +1 NXX 555 0100 to +1 NXX 555 0199, in any area code, are set aside for fiction and belong to nobody; their last two
 * digits choose a subscriber of the table below. Every other number, and a fictitious one that is not in the table, behaves
 * like `00`.
 */

/** How a call goes on from the moment of dialling. All times are milliseconds after dialling. */
export type Course = AnsweredCourse | FailedCourse;

export interface AnsweredCourse {
  readonly outcome: "answered";
  readonly ringStartMs: number;
  readonly answerMs: number;
  /** The other end hangs up, if nobody did before. */
  readonly hangUpMs: number;
  /** What answering machine detection makes of the answer, where the call asks for it. */
  readonly detection: AnsweringMachineDetectionStatus;
  /** What a person says first. */
  readonly greeting?: { readonly startMs: number; readonly endMs: number };
}

interface FailedCourse {
  readonly outcome: "failed";
  /** Absent: it never rang. */
  readonly ringStartMs?: number;
  readonly failMs: number;
  readonly failure: Failure;
  readonly detection: AnsweringMachineDetectionStatus;
}

/** Disconnect reasons of calls that never came about (contact record, `DisconnectReason`). */
export type Failure =
  | "TELECOM_BUSY"
  | "TELECOM_NUMBER_INVALID"
  | "TELECOM_PROBLEM"
  | "TELECOM_POTENTIAL_BLOCKING"
  | "TELECOM_UNANSWERED"
  | "TELECOM_TIMEOUT";

const SECOND_MS = 1_000;
const HOUR_MS = 3_600 * SECOND_MS;

/** From dialling until the other end rings, or is known not to. */
const SET_UP_MS = 1 * SECOND_MS;

type Subscriber =
  | {
      readonly answers: "person" | "voicemail-beep" | "voicemail-no-beep" | "fax" | "silence" | "garbled";
      readonly ringMs: number;
      readonly staysMs: number;
    }
  | { readonly fails: Failure; readonly ringMs?: number; readonly detection: AnsweringMachineDetectionStatus };

/** By the last two digits. */
const SUBSCRIBERS: Readonly<Record<string, Subscriber>> = {
  "00": { answers: "person", ringMs: 3 * SECOND_MS, staysMs: 60 * SECOND_MS },
  "01": { answers: "person", ringMs: 3 * SECOND_MS, staysMs: 0 },
  "02": { answers: "person", ringMs: 3 * SECOND_MS, staysMs: 10 * SECOND_MS },
  "03": { answers: "person", ringMs: 3 * SECOND_MS, staysMs: 600 * SECOND_MS },
  "04": { answers: "person", ringMs: 3 * SECOND_MS, staysMs: 1 * HOUR_MS },
  "05": { answers: "person", ringMs: 3 * SECOND_MS, staysMs: 12 * HOUR_MS },
  "06": { answers: "person", ringMs: 20 * SECOND_MS, staysMs: 60 * SECOND_MS },
  "07": { answers: "person", ringMs: 50 * SECOND_MS, staysMs: 60 * SECOND_MS },
  "10": { fails: "TELECOM_BUSY", detection: "SIT_TONE_BUSY" },
  "11": { fails: "TELECOM_NUMBER_INVALID", detection: "SIT_TONE_INVALID_NUMBER" },
  "12": { fails: "TELECOM_PROBLEM", detection: "SIT_TONE_DETECTED" },
  "13": { fails: "TELECOM_PROBLEM", detection: "AMD_NOT_APPLICABLE" },
  "14": { fails: "TELECOM_POTENTIAL_BLOCKING", detection: "AMD_NOT_APPLICABLE" },
  "15": { fails: "TELECOM_UNANSWERED", ringMs: 10 * SECOND_MS, detection: "AMD_UNANSWERED" },
  "16": { fails: "TELECOM_TIMEOUT", ringMs: Number.POSITIVE_INFINITY, detection: "AMD_UNANSWERED" },
  "20": { answers: "voicemail-beep", ringMs: 15 * SECOND_MS, staysMs: 40 * SECOND_MS },
  "21": { answers: "voicemail-no-beep", ringMs: 15 * SECOND_MS, staysMs: 40 * SECOND_MS },
  "22": { answers: "fax", ringMs: 5 * SECOND_MS, staysMs: 20 * SECOND_MS },
  "23": { answers: "silence", ringMs: 5 * SECOND_MS, staysMs: 30 * SECOND_MS },
  "24": { answers: "garbled", ringMs: 5 * SECOND_MS, staysMs: 30 * SECOND_MS },
};

const DEFAULT_SUBSCRIBER = "00";

const DETECTIONS: Readonly<
  Record<Extract<Subscriber, { answers: string }>["answers"], AnsweringMachineDetectionStatus>
> = {
  person: "HUMAN_ANSWERED",
  "voicemail-beep": "VOICEMAIL_BEEP",
  "voicemail-no-beep": "VOICEMAIL_NO_BEEP",
  fax: "FAX_MACHINE_DETECTED",
  silence: "AMD_UNRESOLVED",
  garbled: "AMD_ERROR",
};

/** A person says hello this long after picking up, for this long. */
const GREETING_DELAY_MS = 150;
const GREETING_MS = 1_450;

/** How a call to a number in E.164 form goes, if the caller lets it ring for at most `ringTimeoutMs`. Pure. */
export function dial(number: string, ringTimeoutMs: number): Course {
  const subscriber = subscriberOf(number);
  const ringMs = subscriber.ringMs ?? 0;
  if (ringMs > ringTimeoutMs) {
    const failMs = SET_UP_MS + ringTimeoutMs;
    return {
      outcome: "failed",
      ringStartMs: SET_UP_MS,
      failMs,
      failure: "TELECOM_TIMEOUT",
      detection: "AMD_UNANSWERED",
    };
  }
  if ("fails" in subscriber) {
    const { fails: failure, detection } = subscriber;
    const ring = subscriber.ringMs === undefined ? {} : { ringStartMs: SET_UP_MS };
    return { outcome: "failed", ...ring, failMs: SET_UP_MS + ringMs, failure, detection };
  }
  const answerMs = SET_UP_MS + ringMs;
  return {
    outcome: "answered",
    ringStartMs: SET_UP_MS,
    answerMs,
    hangUpMs: answerMs + subscriber.staysMs,
    detection: DETECTIONS[subscriber.answers],
    ...(subscriber.answers === "person" ? { greeting: greetingFrom(answerMs) } : {}),
  };
}

function subscriberOf(number: string): Subscriber {
  const digits = /^\+1\d{3}55501(\d\d)$/.exec(number)?.[1] ?? DEFAULT_SUBSCRIBER;
  const subscriber = SUBSCRIBERS[digits] ?? SUBSCRIBERS[DEFAULT_SUBSCRIBER];
  if (!subscriber) throw new Error("The default subscriber is missing");
  return subscriber;
}

function greetingFrom(answerMs: number): { startMs: number; endMs: number } {
  const startMs = answerMs + GREETING_DELAY_MS;
  return { startMs, endMs: startMs + GREETING_MS };
}
