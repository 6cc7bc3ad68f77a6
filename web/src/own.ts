/**
 * One's own record, with the receipt: read it, stop reading it, delete it. With `changes` the twin of
 * `intake/client/own.py`.
 *
 * Whoever serves the record is not believed: it has to be the one that the receipt's keys made, and to go on
 * from where it was when it was read before.
 */

import type { Api } from "./api.ts";
import type { Choice } from "./consent.ts";
import type { Bundle } from "./crypto/bundles.ts";
import * as checks from "./crypto/checks.ts";
import {
  b64uDecode,
  type Bytes,
  equal,
  fromUtf8,
  hexEncode,
  isList,
  isObject,
  type Json,
  type JsonObject,
  utf8,
} from "./crypto/encoding.ts";
import { FormatError, VerifyError } from "./crypto/errors.ts";
import { type Objection, signObjection, targetOf } from "./crypto/objection.ts";
import type { ReceiptKeys } from "./crypto/receipt.ts";
import { checkLabel, RecordReader } from "./crypto/record_reader.ts";
import type { Restoration } from "./crypto/restoration.ts";
import { split } from "./crypto/sealing.ts";
import { parse, type Signed, type Statement, statementHash } from "./crypto/statement.ts";
import { signWithdrawal, type Withdrawal } from "./crypto/withdrawal.ts";
import { Mailbox } from "./mailbox.ts";
import { everGranted, type OpenedRecord, openAll } from "./opened.ts";
import { random } from "./random.ts";
import { Earlier } from "./revise.ts";

/** What the service says of the record, besides the record: see `docs/wire.md`, "Coming back". */
export type Standings = JsonObject;

/** One's own record as it was when it was read. */
export class Own {
  readonly mailbox: Mailbox;
  readonly keys: ReceiptKeys;
  readonly receivedDay: string;
  readonly revisions: readonly Signed[];
  readonly opened: OpenedRecord;
  readonly standings: Standings;
  /** By which two members gave this receipt in place of one that is lost; null for the first receipt. */
  readonly restoration: Restoration | null;

  private constructor(
    mailbox: Mailbox,
    keys: ReceiptKeys,
    found: Pick<Own, "receivedDay" | "revisions" | "opened" | "standings" | "restoration">,
  ) {
    this.mailbox = mailbox;
    this.keys = keys;
    this.receivedDay = found.receivedDay;
    this.revisions = found.revisions;
    this.opened = found.opened;
    this.standings = found.standings;
    this.restoration = found.restoration;
  }

  /**
   * Read it; `before` is how it was read last, `bundles` gives those of mechanisms by their ids, verified.
   * `VerifyError` if what is shown does not hold, is another record, or is less than before. `Refused`
   * (`receipt_second`) if it cannot be verified who gave a receipt that replaces a lost one.
   */
  static async read(
    api: Api,
    keys: ReceiptKeys,
    bundles: () => Promise<ReadonlyMap<string, Bundle>>,
    before?: Own,
  ): Promise<Own> {
    const mailbox = new Mailbox(api, keys);
    const found = await mailbox.get();
    const revisions = listOf(found["statements"]).map(({ statement, signature }): Signed => [
      utf8(textOf(statement)),
      b64uDecode(signature, 64),
    ]);
    const grants = listOf(found["grants"]).map(
      ({ compartment, file }) => [textOf(compartment), b64uDecode(file)] as const,
    );
    const reader = await RecordReader.open(revisions, grants, [keys.identity]);
    const standings = await mailbox.get("/standings");
    const { signKey, recipient, record } = reader.statement;
    let restoration: Restoration | null = null;
    if (found["restored"] === true) {
      const { restoredTo } = await import("./restored.ts"); // few need it
      restoration = restoredTo(keys, record, revisions, standings, await bundles());
    } else if (!equal(signKey, keys.signing.public) || recipient !== keys.identity.recipient.text) {
      throw new VerifyError("another record than the one that this receipt made");
    }
    if (before && !goesOn(before.revisions, revisions)) {
      throw new VerifyError("a revision that was there is there no more");
    }
    const opened = await openAll(reader, (part) => mailbox.part(part));
    const receivedDay = textOf(found["received_day"]);
    return new Own(mailbox, keys, { receivedDay, revisions, opened, standings, restoration });
  }

  get reader(): RecordReader {
    return this.opened.reader;
  }

  /** The newest one. */
  get statement(): Statement {
    return this.reader.statement;
  }

  /** Whether this receipt opens nothing any more. */
  get blind(): boolean {
    return !this.reader.identities.size;
  }

  /** Whom the statement names, and who has no consent all the same. So the service says. */
  get gone(): Set<string> {
    const live = new Set(listOf(this.standings["standings"]).map((s) => s["mechanism"]));
    return new Set(this.statement.consent.map((c) => c.mechanism).filter((m) => !live.has(m)));
  }

  /** For the next revision. */
  earlier(): Earlier {
    return new Earlier(this.opened, everGranted(this.revisions), this.gone);
  }

  /** What each mechanism is allowed now. */
  choices(): Map<string, Choice> {
    return this.earlier().choices();
  }

  /** K_record, 32 bytes; null for a receipt that replaces a lost one: it follows from that one alone. */
  get recordKey(): Bytes | null {
    return this.restoration ? null : this.keys.recordKey(this.statement.share);
  }

  /** From now on this receipt shows nothing of what was written; it goes on to add and to withdraw. */
  async forget(): Promise<void> {
    await this.mailbox.remove("/grants");
  }

  /** Ask for everything to be deleted; the day on which it is. Until then nothing is released. */
  async delete(): Promise<string> {
    const { gone } = this;
    const named = this.statement.consent.map((c) => c.mechanism).filter((m) => !gone.has(m));
    const withdrawals = Object.fromEntries(
      named.map((name) => [name, this.#whole(name, { kind: "deletion", nonce: hexEncode(random(16)) })]),
    );
    return textOf((await this.mailbox.post("/deletion", { withdrawals }))["due_day"]);
  }

  /**
   * Take back the consent of the mechanism that restored this receipt, and of no other one; what became of its
   * grants, by mechanism. The receipt ends with it.
   */
  async end(mechanism: string): Promise<Record<string, string>> {
    const withdrawals = { [mechanism]: this.#whole(mechanism, { kind: "consent" }) };
    const { withdrawn } = await this.mailbox.post("/withdrawals", { withdrawals });
    const outcomes = isObject(withdrawn) ? Object.entries(withdrawn) : [];
    return Object.fromEntries(outcomes.map(([name, how]) => [name, String(how)]));
  }

  /** Cancel the deletion: a signed no to each envelope that asked for it. */
  async keep(): Promise<void> {
    const { deletion } = await this.mailbox.get("/standings");
    const asked = isObject(deletion) ? deletion["withdrawals"] : undefined;
    const objections = Object.entries(isObject(asked) ? asked : {}).map(([mechanism, envelope]) => [
      mechanism,
      this.#objection(mechanism, "deletion", targetOf(utf8(textOf(envelope)))),
    ]);
    await this.mailbox.post("/deletion/cancel", { objections: Object.fromEntries(objections) as JsonObject });
  }

  /** Refuse another receipt that waits, which this mechanism asked for. */
  async object(restoration: string, mechanism: string): Promise<void> {
    const objection = this.#objection(mechanism, "restoration", checks.digest(restoration));
    await this.mailbox.post(`/restorations/${restoration}/object`, { objection });
  }

  /** The bytes of a file, verified to its end; `label` is the id of its label's part. */
  async file(label: string): Promise<{ data: Bytes; type: string; name: string }> {
    const said = this.opened.current("label").find((one) => one.entry.id === label);
    if (!said) throw new FormatError("there is no such file");
    const { part, type, name } = checkLabel(said.fields);
    const [header, payload] = split(await this.mailbox.part(part));
    const opener = await this.reader.medium(part, header, said.fields);
    const data = new Uint8Array(opener.size);
    let filled = 0;
    const take = (piece: Bytes): void => {
      data.set(piece, filled);
      filled += piece.length;
    };
    take(await opener.update(payload));
    take(await opener.finish());
    return { data, type, name };
  }

  #objection(mechanism: string, kind: Objection["kind"], target: string): string {
    const said = { record: this.statement.record, mechanism, day: today(), kind, target };
    return fromUtf8(signObjection(said, this.keys.signing));
  }

  /** A signed withdrawal of everything that a mechanism was granted. */
  #whole(mechanism: string, how: Pick<Withdrawal, "kind" | "nonce">): string {
    const { record, revision, audience } = this.statement;
    const said = {
      record,
      mechanism,
      day: today(),
      whole: true,
      compartments: audience.filter((a) => a.mechanism === mechanism).map((a) => a.compartment),
      revision,
      statement: statementHash(this.revisions.at(-1)![0]),
      ...how,
    };
    return fromUtf8(signWithdrawal(said, this.keys.signing));
  }
}

/** All statements, oldest first; they were verified when the record was read. */
export function statementsOf(own: Own): Statement[] {
  return own.revisions.map(([data]) => parse(data));
}

/** The objects of a list; none of anything else. */
export function listOf(value: Json | undefined): JsonObject[] {
  return isList(value) ? value.filter(isObject) : [];
}

/** A text; `FormatError` if it is none. */
export function textOf(value: Json | undefined): string {
  if (typeof value !== "string") throw new FormatError("expected a text");
  return value;
}

function goesOn(before: readonly Signed[], now: readonly Signed[]): boolean {
  return before.every(([data], i) => now[i] !== undefined && equal(data, now[i][0]));
}

/** The day in UTC, as statements have it. */
export function today(): string {
  return new Date().toISOString().slice(0, 10);
}
