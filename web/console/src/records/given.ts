/** Whether the server gave of a record what the person signed, and whether the list said the same of it. */

import type { Bundle } from "../../../src/crypto/bundles.ts";
import type { Class } from "../../../src/crypto/compartments.ts";
import type { RecordReader } from "../../../src/crypto/record_reader.ts";
import type { PartEntry } from "../../../src/crypto/statement.ts";
import { sameCard } from "./cards.ts";
import type { Answer, Opened } from "./opening.ts";

/**
 * The signed parts whose compartment is open to the member to read, and which the server did not give. Who
 * only seals a compartment's key to others (`intake/reviewing/rights.py`) is not given what is in it.
 */
export function withheld(
  reader: Pick<RecordReader, "statement" | "readable">,
  answer: Pick<Answer, "own" | "parts">,
  roles: readonly string[],
): PartEntry[] {
  const given = new Set(answer.parts.map((part) => part.id));
  const own = new Set(answer.own.map((one) => one.compartment));
  const kinds = new Map(reader.statement.compartments.map((one) => [one.id, one.kind]));
  const byRole: readonly (Class | undefined)[] = roles.includes("key-holder")
    ? ["triage", "account"]
    : ["triage"];
  return reader
    .readable()
    .filter((entry) => own.has(entry.compartment) || byRole.includes(kinds.get(entry.compartment)))
    .filter((entry) => !given.has(entry.id));
}

/** What of a record's account is closed to these keys. */
export interface Shut {
  /** Whether nothing of the account is open. */
  readonly all: boolean;
  /** The epochs of the keys that are lacking, as far as the bundle knows them. */
  readonly epochs: readonly number[];
}

/** Compartments of the account that the mechanism was granted, held against those that these keys open. */
export function shutOf(
  reader: Pick<RecordReader, "statement" | "identities">,
  bundle: Pick<Bundle, "keys">,
  mechanism: string,
): Shut {
  const { audience, compartments } = reader.statement;
  const account = new Set(compartments.filter((one) => one.kind === "account").map((one) => one.id));
  const granted = audience.filter((one) => one.mechanism === mechanism && account.has(one.compartment));
  const closed = granted.filter((one) => !reader.identities.has(one.compartment));
  const sealedTo = new Set(closed.map((one) => one.recipient));
  const epochs = bundle.keys.filter((key) => sealedTo.has(key.recipient.fingerprint)).map((key) => key.epoch);
  return {
    all: closed.length === granted.length,
    epochs: [...new Set(epochs)].sort((one, other) => one - other),
  };
}

/** What of the list's row does not agree with what the person signed: codes of the texts `record.differs.…`. */
export function differences({ listed, record }: Pick<Opened, "listed" | "record">): string[] {
  if (!listed) return [];
  const { revision } = record.reader.statement;
  if (revision < listed.row.revision) return ["revision"];
  const cards = record.current("triage").map((said) => said.fields);
  const compared = listed.card && revision === listed.row.revision;
  return compared && !sameCard(listed.card, cards) ? ["card"] : [];
}
