/**
 * The next revision of a record, being composed: the twin of `intake/record/compose.py` for what is there
 * already.
 *
 *     const revision = new Revision(writer, offered, text, today, choices, earlier);   checks the choices
 *     await revision.narrative(…); revision.medium("account")                          parts, to be sent
 *     const composed = await revision.finish();            audience, consents, grants and withdrawals to write
 *
 * A compartment takes new parts only if nobody who ever held its key is to be kept from them; else its next
 * generation does.
 */

import type { Composed } from "./compose.ts";
import {
  check,
  type Choice,
  type ConsentText,
  entry,
  fields,
  IDENTITY_USES,
  type Mechanisms,
  Refused,
} from "./consent.ts";
import type { Recipient } from "./crypto/age_keys.ts";
import { keyFor } from "./crypto/bundles.ts";
import { CLASSES, type Class, type Compartment } from "./crypto/compartments.ts";
import { canonicalJson, equal, type Json } from "./crypto/encoding.ts";
import { FormatError } from "./crypto/errors.ts";
import type { RecordWriter, SealedPart } from "./crypto/record_writer.ts";
import {
  type AudienceEntry,
  type ConsentEntry,
  encode,
  type Kind,
  type Statement,
  statementHash,
} from "./crypto/statement.ts";
import type { Withdrawal } from "./crypto/withdrawal.ts";
import { inOrder, type OpenedRecord, REVISES } from "./opened.ts";

/**
 * The record as it is: opened with the receipt, and who was ever granted which compartment.
 *
 * `gone` are mechanisms that the statement names, and that have no consent any more, as the service says:
 * the next revision leaves them out.
 */
export class Earlier {
  readonly opened: OpenedRecord;
  readonly granted: ReadonlyMap<string, ReadonlySet<string>>;
  readonly gone: ReadonlySet<string>;

  constructor(
    opened: OpenedRecord,
    granted: ReadonlyMap<string, ReadonlySet<string>>,
    gone: ReadonlySet<string> = new Set(),
  ) {
    this.opened = opened;
    this.granted = granted;
    this.gone = gone;
  }

  /** Of the newest revision. */
  get statement(): Statement {
    return this.opened.reader.statement;
  }

  /**
   * What holds, by mechanism: never more than what both the sealed choice and the statement say.
   *
   * Of those in `unread` only what the statement says is known.
   */
  choices(): Map<string, Choice> {
    const held = this.opened.choices();
    const going = this.statement.consent.filter((c) => !this.gone.has(c.mechanism));
    return new Map(
      going.map((clear) => {
        const sealed = held.get(clear.mechanism)?.[0];
        return [clear.mechanism, sealed ? this.#both(sealed, clear) : this.#clear(clear)];
      }),
    );
  }

  /** Whose sealed choice is not open here: that contact, name and conditions are empty says nothing. */
  get unread(): Set<string> {
    const held = this.opened.choices();
    return new Set(this.statement.consent.map((c) => c.mechanism).filter((id) => !held.has(id)));
  }

  #both(choice: Choice, clear: ConsentEntry): Choice {
    const kinds = kindsOf(this.statement);
    const holds = this.#grantedTo(clear.mechanism);
    const held = new Set<Class>();
    for (const [id, who] of this.granted) {
      const kind = kinds.get(id);
      if (kind && who.has(clear.mechanism)) held.add(kind);
    }
    const days = [choice.expires, clear.expires].filter((day) => day !== null).sort();
    return {
      ...choice,
      purposes: choice.purposes.filter((purpose) => clear.purposes.includes(purpose)),
      classes: choice.classes.filter((kind) => holds.has(kind) || !held.has(kind)),
      expires: days[0] ?? null,
      successor: choice.successor && clear.successor,
    };
  }

  #clear({ mechanism, purposes, expires, successor }: ConsentEntry): Choice {
    const classes = inOrder(this.#grantedTo(mechanism));
    const open = { identity: null, contact: null, conditions: [], states: [], answers: {} };
    return { mechanism, purposes, classes, expires, successor, ...open };
  }

  #grantedTo(mechanism: string): Set<Class> {
    const kinds = kindsOf(this.statement);
    const theirs = this.statement.audience.filter((a) => a.mechanism === mechanism);
    return new Set(theirs.map((a) => kinds.get(a.compartment)!));
  }
}

/** What goes into a later statement; `leftOut` go on with consent, and nothing new can be sealed to them. */
export interface Revised extends Composed {
  readonly withdrawals: readonly Withdrawal[];
  readonly leftOut: ReadonlySet<string>;
}

/** One later revision being composed. `today` is a day; `choices` are all that hold from now on. */
export class Revision {
  readonly parts: SealedPart[] = [];
  readonly #writer: RecordWriter;
  readonly #offered: Mechanisms;
  readonly #text: ConsentText;
  readonly #today: string;
  readonly #choices: readonly Choice[];
  readonly #earlier: Earlier;
  readonly #held: ReadonlyMap<string, Choice>;
  readonly #made = new Map<string, Compartment>(); // by class and name, as the writer has them

  /** `Refused` if a choice cannot be followed. */
  constructor(
    writer: RecordWriter,
    offered: Mechanisms,
    text: ConsentText,
    today: string,
    choices: readonly Choice[],
    earlier: Earlier,
  ) {
    this.#writer = writer;
    this.#offered = offered;
    this.#text = text;
    this.#today = today;
    this.#choices = choices;
    this.#earlier = earlier;
    this.#held = earlier.choices();
    for (const choice of choices) {
      // What goes on as it was, or less, does so even if the mechanism takes nothing new.
      if (!this.#allowedBefore(choice)) check(choice, offered, text.language, today);
    }
    if (new Set(choices.map((c) => c.mechanism)).size !== choices.length) {
      throw new FormatError("each mechanism is named once");
    }
    this.#reuse();
  }

  /** A free text, in the account's compartment; `revises` names the part that it replaces. */
  narrative(text: string, capacity: string, language: string, revises?: string): Promise<SealedPart> {
    return this.structured("narrative", "account", { text, language, capacity }, revises);
  }

  /** Any structured part, in the compartment of its class. */
  structured(
    kind: Kind,
    where: Class,
    values: Readonly<Record<string, Json>>,
    revises?: string,
  ): Promise<SealedPart> {
    return this.#add(kind, this.medium(where), revises ? { ...values, [REVISES]: revises } : values);
  }

  /** Where a medium of this class goes. */
  medium(kind: Class): Compartment {
    return this.#compartment(kind);
  }

  /** Seal the choices that changed, and say who is granted what. */
  async finish(): Promise<Revised> {
    for (const choice of this.#choices) {
      if (this.#unchanged(choice)) continue;
      const compartment = this.#compartment("account", beside(choice.mechanism));
      const profile = this.#offered.profile(choice.mechanism);
      // One that takes nothing new may be unknown here: it is given no more than it has.
      const root = this.#offered.bundles.get(choice.mechanism)?.rootFingerprint ?? null;
      await this.#add("consent", compartment, fields(choice, this.#text, profile, root));
    }
    const before = new Map(
      this.#earlier.statement.audience.map((a) => [pair(a.mechanism, a.compartment), a]),
    );
    const choices = new Map(this.#choices.map((c) => [c.mechanism, c]));
    const audience: AudienceEntry[] = [];
    const readers: (readonly [string, Recipient])[] = [];
    const leftOut = new Set<string>();
    for (const [mechanism, compartment, kind] of this.#wanted()) {
      const held = before.get(pair(mechanism, compartment));
      if (held) {
        audience.push(held);
        continue;
      }
      if (!this.#writer.grantable.has(compartment)) continue; // a receipt that gave up reading
      const recipient = this.#key(mechanism, kind);
      const choice = choices.get(mechanism)!;
      if (this.#allowedBefore(choice) && !(recipient && this.#holds(choice))) {
        leftOut.add(mechanism);
        continue;
      }
      if (!recipient) throw this.#closed(mechanism);
      audience.push({ mechanism, compartment, recipient: recipient.fingerprint });
      readers.push([compartment, recipient]);
    }
    const consent = this.#entries();
    return { audience, consent, readers, withdrawals: this.#withdrawals(audience), leftOut };
  }

  // --- steps ---

  #unchanged(choice: Choice): boolean {
    const held = this.#held.get(choice.mechanism);
    return held !== undefined && sameChoice(held, choice);
  }

  /** Whether a choice allows nothing that is not allowed already. */
  #allowedBefore(choice: Choice): boolean {
    const held = this.#held.get(choice.mechanism);
    return held !== undefined && narrower(choice, held);
  }

  /** Whether it is not over. One that is keeps what it had, and gets nothing new. */
  #holds(choice: Choice): boolean {
    return choice.expires === null || choice.expires >= this.#today;
  }

  #reuse(): void {
    const { opened, granted, statement } = this.#earlier;
    for (const kind of CLASSES) {
      const newest = opened.general(kind).at(-1);
      if (!newest) continue;
      const choices = this.#choices.filter((c) => c.classes.includes(kind) && this.#holds(c));
      const allowed = new Set(choices.map((c) => c.mechanism));
      const ever = granted.get(newest.id) ?? new Set();
      if ([...ever].every((mechanism) => allowed.has(mechanism)) && this.#writer.reuse(newest)) {
        this.#compartment(kind);
      }
    }
    for (const [mechanism, [, compartment]] of opened.choices()) {
      const known = statement.compartments.find((c) => c.id === compartment)!;
      if (this.#writer.reuse(known, beside(mechanism))) this.#compartment(known.kind, beside(mechanism));
    }
  }

  /** (mechanism, compartment, class) of everything that is to be granted, each once. */
  #wanted(): (readonly [mechanism: string, compartment: string, kind: Class])[] {
    const found = new Map<string, readonly [string, string, Class]>();
    const want = (mechanism: string, compartment: string, kind: Class): void => {
      found.set(pair(mechanism, compartment), [mechanism, compartment, kind]);
    };
    for (const { mechanism, classes } of this.#choices) {
      for (const kind of classes) {
        for (const known of this.#earlier.opened.general(kind)) want(mechanism, known.id, kind);
        const made = this.#made.get(`${kind} `);
        if (made) want(mechanism, made.id, kind);
      }
      const alone = this.#made.get(`account ${beside(mechanism)}`);
      if (alone) want(mechanism, alone.id, "account");
    }
    this.#keptApart(want);
    return [...found.values()];
  }

  /** Grants of what one mechanism or medium has alone: as they are, while the consent goes on. */
  #keptApart(want: (mechanism: string, compartment: string, kind: Class) => void): void {
    const { opened, statement } = this.#earlier;
    const kinds = kindsOf(statement);
    const shared = new Set(CLASSES.flatMap((kind) => opened.general(kind)).map((c) => c.id));
    const classes = new Map(this.#choices.map((c) => [c.mechanism, c.classes]));
    for (const { mechanism, compartment } of statement.audience) {
      const kind = kinds.get(compartment)!;
      if (!shared.has(compartment) && classes.get(mechanism)?.includes(kind)) {
        want(mechanism, compartment, kind);
      }
    }
  }

  #key(mechanism: string, kind: Class): Recipient | undefined {
    const bundle = this.#offered.bundles.get(mechanism);
    return bundle && keyFor(bundle, kind, this.#today)?.recipient;
  }

  #closed(mechanism: string): Refused {
    const name = this.#offered.name(mechanism, this.#text.language);
    return new Refused("mechanism_closed", { mechanism: name });
  }

  /** Unchanged choices keep the text that was shown for them. */
  #entries(): ConsentEntry[] {
    const before = new Map(this.#earlier.statement.consent.map((c) => [c.mechanism, c]));
    return this.#choices.map((choice) =>
      this.#unchanged(choice) ? before.get(choice.mechanism)! : entry(choice, this.#text),
    );
  }

  #withdrawals(audience: readonly AudienceEntry[]): Withdrawal[] {
    const kept = new Set(audience.map((a) => pair(a.mechanism, a.compartment)));
    const before = this.#earlier.statement;
    const taken = new Map<string, string[]>();
    for (const { mechanism, compartment } of before.audience) {
      if (kept.has(pair(mechanism, compartment))) continue;
      taken.set(mechanism, [...(taken.get(mechanism) ?? []), compartment]);
    }
    const goingOn = new Set(this.#choices.map((c) => c.mechanism));
    return [...taken].map(([mechanism, compartments]) => ({
      record: this.#writer.record,
      mechanism,
      day: this.#today,
      whole: !goingOn.has(mechanism),
      compartments,
      revision: before.revision,
      statement: statementHash(encode(before)),
      kind: "consent" as const,
    }));
  }

  #compartment(kind: Class, name = ""): Compartment {
    const made = this.#writer.compartment(kind, name);
    this.#made.set(`${kind} ${name}`, made);
    return made;
  }

  async #add(kind: Kind, where: Compartment, values: Readonly<Record<string, Json>>): Promise<SealedPart> {
    const part = await this.#writer.structured(kind, where, values);
    this.parts.push(part);
    return part;
  }
}

/** Whether two choices are the same in everything. */
export function sameChoice(one: Choice, other: Choice): boolean {
  return same(plain(one), plain(other));
}

function narrower(choice: Choice, held: Choice): boolean {
  const within = (some: readonly string[], all: readonly string[]): boolean =>
    some.every((s) => all.includes(s));
  const sooner = held.expires === null || (choice.expires !== null && choice.expires <= held.expires);
  const use = (identity: string | null): number =>
    IDENTITY_USES.findIndex((known) => known === (identity ?? "closed"));
  return (
    sameChoice(choice, held) ||
    (choice.purposes.length > 0 &&
      within(choice.purposes, held.purposes) &&
      choice.classes.includes("account") &&
      within(choice.classes, held.classes) &&
      sooner &&
      (!choice.successor || held.successor) &&
      use(choice.identity) <= use(held.identity) &&
      [null, "never", held.contact].includes(choice.contact) &&
      same([choice.conditions, choice.states], [held.conditions, held.states]) &&
      same(choice.answers, held.answers))
  );
}

function plain(choice: Choice): Json {
  return { ...choice };
}

function same(one: Json, other: Json): boolean {
  return equal(canonicalJson(one), canonicalJson(other));
}

function kindsOf(statement: Statement): Map<string, Class> {
  return new Map(statement.compartments.map((c) => [c.id, c.kind]));
}

/** The name of the compartment in which one mechanism and the person correspond. */
function beside(mechanism: string): string {
  return `with:${mechanism}`;
}

function pair(mechanism: string, compartment: string): string {
  return `${mechanism} ${compartment}`;
}
