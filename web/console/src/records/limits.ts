/** What the person set for this mechanism when they sent a record: in the clear, and in its sealed part. */

import type { Choice } from "../../../src/consent.ts";
import type { ConsentEntry } from "../../../src/crypto/statement.ts";
import type { OpenedRecord } from "../../../src/opened.ts";

export interface Limits {
  /** What the statement says; undefined if nothing holds for the mechanism any more. */
  readonly consent: ConsentEntry | undefined;
  /** All of it; undefined where the sealed part is not open, or does not hold. */
  readonly choice: Choice | undefined;
}

export function limitsOf(record: OpenedRecord, mechanism: string): Limits {
  return {
    consent: record.reader.statement.consent.find((one) => one.mechanism === mechanism),
    choice: record.choices().get(mechanism)?.[0],
  };
}

/**
 * Whether a message may be written: at will, with a word given first, or not at all.
 *
 * Who was asked and said no, and who gave no answer, are written to alike; which it was is told apart. "free"
 * is also who asked for another way (`asksAnotherWay`): a message can be read by them all the same.
 */
export type Writing = "free" | "only_answer" | "only_answer_unasked" | "unknown" | "never" | "unasked";

/** `wrote`: the person has written a message, which can be answered even by who may not write first. */
export function writing({ choice }: Limits, wrote: boolean): Writing {
  if (!choice) return "unknown";
  if (choice.contact === null) return wrote ? "only_answer_unasked" : "unasked";
  if (choice.contact !== "never") return "free";
  return wrote ? "only_answer" : "never";
}

/** Whether the person wants to be reached by the way that they describe in the section on contact. */
export const asksAnotherWay = ({ choice }: Limits): boolean => choice?.contact === "safe_channel";

export const asksFirst = ({ choice }: Limits): boolean => choice?.conditions.includes("ask_first") ?? false;
