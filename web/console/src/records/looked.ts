/** What the persons set, of all records with which something is to be done at once. */

import { CryptoError } from "../../../src/crypto/errors.ts";
import { get, Refused } from "../api.ts";
import { state } from "../state.ts";
import { Worded } from "../worded.ts";
import { keyring } from "./keyring.ts";
import { asksFirst, type Limits } from "./limits.ts";
import { recordName } from "./names.ts";
import { affordable, openLimits } from "./opening.ts";

/** A record by what people call it: its number, as far as it is known, and its name. */
export interface Called {
  readonly record: string;
  readonly number: number | undefined;
}

/** What was found, by record; nothing of one that could not be opened. */
export type Found = ReadonlyMap<string, Limits>;

const NOT_TODAY = "budget_spent";

/** Open them one after another, within the day's limit: more would be an alarm. What fails stays unknown. */
export async function lookAt(records: readonly Called[]): Promise<Found> {
  if (!state.keys) throw new Worded("shell.keysclosed");
  await keyring(); // that these do not hold is not a matter of one record
  const found = new Map<string, Limits>();
  let spent = false;
  for (const { record } of records) {
    if (spent || !affordable(record)) continue;
    try {
      found.set(record, await openLimits(record));
    } catch (error) {
      if (!(error instanceof CryptoError) && !stays(error)) throw error;
      spent = error instanceof Refused && error.code === NOT_TODAY;
    }
  }
  return found;
}

/** Refusals about this one record; of the session, or of the way to the server, all of them are. */
const stays = (error: unknown): boolean => error instanceof Refused && [403, 404].includes(error.status);

/** Those whose givers want to be asked before each use, and those of which that is not known here. */
export function heeded(
  records: readonly Called[],
  found: Found,
): { asking: readonly Called[]; unknown: readonly Called[] } {
  return {
    asking: records.filter(({ record }) => found.has(record) && asksFirst(found.get(record)!)),
    unknown: records.filter(({ record }) => !found.get(record)?.choice),
  };
}

/** Of how many of these records something guarded is open to the member for a time, by class. */
export async function guardedOf(records: readonly Called[]): Promise<ReadonlyMap<string, number>> {
  const asked = await get<{ requests: readonly Opening[] }>("/review/v1/identity-requests");
  const counts = new Map<string, number>();
  for (const { record } of records) {
    const open = asked.requests.filter((one) => one.record === record && isOpen(one));
    for (const kind of new Set(open.flatMap(({ classes }) => classes))) {
      counts.set(kind, (counts.get(kind) ?? 0) + 1);
    }
  }
  return counts;
}

/** Of `GET /review/v1/identity-requests`, what says that something is open; `expires` in hours since 1970. */
export interface Opening {
  readonly record: string;
  readonly member: string;
  readonly classes: readonly string[];
  readonly state: string;
  readonly expires: number | null;
}

/** Whether something is open by it now, to the member who is logged in. */
export const isOpen = ({ member, state: stands, expires }: Opening): boolean =>
  member === state.oneself?.member && stands === "approved" && (expires ?? 0) * 3_600_000 > Date.now();

export const nameOf = ({ record }: Called): string => recordName(record);
