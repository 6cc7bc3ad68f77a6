/**
 * Going on with one's own record: texts, files and consents, sealed here. With `own` the twin of
 * `intake/client/own.py`.
 *
 * Every change is the record's next revision, signed by the receipt. What was there before stays: a
 * correction stands beside what it replaces.
 */

import type { Api } from "./api.ts";
import { type Choice, type ConsentText, type Mechanisms, Refused } from "./consent.ts";
import {
  b64uEncode,
  canonicalJson,
  equal,
  fromUtf8,
  hexEncode,
  isList,
  isObject,
  type Json,
} from "./crypto/encoding.ts";
import { VerifyError } from "./crypto/errors.ts";
import { RecordWriter } from "./crypto/record_writer.ts";
import { statementHash } from "./crypto/statement.ts";
import { signWithdrawal } from "./crypto/withdrawal.ts";
import { grantedKeys, knownBy } from "./messages.ts";
import { type OpenedRecord, REVISES, valuesOf } from "./opened.ts";
import { type Own, today } from "./own.ts";
import { Logs } from "./logged.ts";
import { checkPromise, type Sent } from "./promises.ts";
import { random } from "./random.ts";
import { fromFields } from "./record/answers.ts";
import type { Section, Terms } from "./record/questions.ts";
import { toFields } from "./record/sections.ts";
import { card } from "./record/triage.ts";
import { Revision, sameChoice } from "./revise.ts";
import { CLIENT, type Medium, type Progress, Sending, VERSION } from "./sending.ts";

/** What a change is made with: verified keys and profiles, the consent's text, the manifest's hash. */
export interface Offer {
  readonly mechanisms: Mechanisms;
  readonly text: ConsentText;
  readonly assets: string | null;
}

/** A further text, or a correction of the part `revises`, and further files. */
export interface Addition {
  readonly text: string;
  readonly capacity: string;
  readonly language: string;
  readonly media: readonly Medium[];
  readonly revises: string | undefined;
}

/** Answers to one section; `revises` is the part whose answers they take the place of, or null. */
export interface SectionAnswers {
  readonly asked: Section;
  readonly value: Json;
  readonly revises: string | null;
}

/** Sections that are answered, or answered anew; the terms are for the triage card. */
export interface Answered {
  readonly sections: readonly SectionAnswers[];
  readonly vocabularies: Readonly<Record<string, Terms>>;
}

/**
 * A revision that was received. `withdrawn`: mechanism → what became of its grants.
 *
 * `leftOut` have consent, and could not be given what is new. `promised`: the service's promise holds.
 */
export interface Changed {
  readonly revision: number;
  readonly withdrawn: Readonly<Record<string, string>>;
  readonly leftOut: readonly string[];
  readonly promised: boolean;
}

/** Changes one's own record, each time by one revision. What is not possible is `Refused`. */
export class Changes {
  readonly #api: Api;
  readonly #own: Own;
  readonly #offer: Offer;

  constructor(api: Api, own: Own, offer: Offer) {
    this.#api = api;
    this.#own = own;
    this.#offer = offer;
  }

  /** A further text and files, to those who have consent now; a correction, if it `revises` a part. */
  async add(addition: Addition, progress: Progress): Promise<Changed> {
    this.#requireWhole();
    const { text, media, revises } = addition;
    if (!text.trim() && !media.length) throw new Refused("empty");
    const told = this.#told();
    const capacity = addition.capacity || told.capacity;
    if (!capacity) throw new Refused("capacity_missing");
    return this.#change(
      [...this.#own.choices().values()],
      new Set(),
      progress,
      async (revision, sending, writer) => {
        if (text.trim()) await revision.narrative(text, capacity, addition.language, revises);
        for (const [i, medium] of media.entries()) await sending.medium(writer, revision, medium, i);
        await this.#card(revision, capacity, media.length);
      },
    );
  }

  /** Answers, to those who have consent now: what is corrected stays beside its correction. */
  async answer({ sections, vocabularies }: Answered): Promise<Changed> {
    this.#requireWhole();
    if (!sections.length) throw new Refused("unchanged");
    const { opened } = this.#own;
    const current = new Set(opened.current("section").map((said) => said.entry.id));
    if (sections.some(({ revises }) => revises !== null && !current.has(revises))) {
      throw new Refused("revision_behind"); // it was corrected elsewhere meanwhile
    }
    const choices = [...this.#own.choices().values()];
    return this.#change(choices, new Set(), undefined, async (revision) => {
      for (const { asked, value, revises } of sections) {
        const fields = toFields(asked.id, value);
        await revision.structured("section", asked.compartment, fields, revises ?? undefined);
      }
      const told = this.#told();
      const media = opened.of("label").length;
      await this.#renew(revision, (language) =>
        card({ ...told, language, media, sections: joined(opened, sections), vocabularies }),
      );
    });
  }

  /** Give one mechanism this consent, instead of what it had; others stay as they are. */
  async allow(choice: Choice): Promise<Changed> {
    const before = this.#own.choices();
    const held = before.get(choice.mechanism);
    if (held && sameChoice(held, choice)) throw new Refused("unchanged");
    this.#requireWhole();
    return this.#change([...before.set(choice.mechanism, choice).values()], new Set());
  }

  /**
   * Take a consent back. A part that is lost, or does not hold, keeps nobody from it.
   *
   * Also of a mechanism of which the service says that it has none any more: then it is signed.
   */
  async withdraw(mechanism: string): Promise<Changed> {
    const left = this.#own.choices();
    const held = left.delete(mechanism);
    if (!held && !this.#own.gone.has(mechanism)) throw new Refused("mechanism_unknown");
    return this.#change([...left.values()], new Set([mechanism]));
  }

  // --- steps ---

  /** What is added, or newly allowed, goes to whoever has what is there: all of that must hold. */
  #requireWhole(): void {
    if (this.#own.opened.problems.size) throw new Refused("record_broken");
  }

  async #change(
    choices: readonly Choice[],
    without: ReadonlySet<string>,
    progress: Progress = () => undefined,
    add: (revision: Revision, sending: Sending, writer: RecordWriter) => Promise<void> = async () =>
      undefined,
  ): Promise<Changed> {
    if ([...this.#own.gone].some((mechanism) => !without.has(mechanism)))
      throw new Refused("withdrawal_unsigned");
    this.#requireRoots();
    const day = today();
    const writer = RecordWriter.continuing(this.#own.keys, random, this.#own.revisions, this.#own.reader);
    const { mechanisms, text, assets } = this.#offer;
    const revision = new Revision(writer, mechanisms, text, day, choices, this.#own.earlier());
    const sending = new Sending(this.#api, this.#own.keys, assets, progress);
    let claimed = false;
    try {
      await add(revision, sending, writer);
      const changed = await this.#handOver(revision, sending, writer, day);
      claimed = true;
      return changed;
    } finally {
      await sending.settle(claimed);
    }
  }

  /** Who is granted more has to be whom the person granted something before. */
  #requireRoots(): void {
    const { mechanisms } = this.#offer;
    const granted = grantedKeys(this.#own.revisions);
    for (const { mechanism } of this.#own.statement.audience) {
      const bundle = mechanisms.bundles.get(mechanism);
      if (bundle && !knownBy(bundle, granted))
        throw new VerifyError("another root than the one known before");
    }
  }

  async #handOver(revision: Revision, sending: Sending, writer: RecordWriter, day: string): Promise<Changed> {
    const composed = await revision.finish();
    for (const part of revision.parts) await sending.small(part);
    const logs = await Logs.current(this.#api);
    for (const { mechanism } of composed.readers.length ? composed.consent : []) {
      const bundle = this.#offer.mechanisms.bundles.get(mechanism);
      if (bundle) logs.require(bundle, day);
    }
    const [statement, signature] = writer.statement({
      audience: composed.audience,
      consent: composed.consent,
      createdDay: day,
      sealedBy: "submitter",
      client: { name: CLIENT, version: VERSION, assets: this.#offer.assets },
    });
    const grants = await writer.grants(composed.readers);
    const signed = composed.withdrawals.map((w) => [
      w.mechanism,
      fromUtf8(signWithdrawal(w, this.#own.keys.signing)),
    ]);
    const body = {
      statement: fromUtf8(statement),
      signature: b64uEncode(signature),
      parts: sending.parts,
      grants: grants.map((g) => ({ ...g, file: b64uEncode(g.file) })),
      withdrawals: Object.fromEntries(signed) as Record<string, string>,
    };
    const key = hexEncode(random(16));
    const answer = await this.#own.mailbox.post("/revisions", body, { "Idempotency-Key": key });
    const number = this.#own.statement.revision + 1;
    if (answer["record"] !== writer.record || answer["revision"] !== number) {
      throw new Refused("failed"); // it may have been received all the same
    }
    const { withdrawn } = answer;
    const outcomes = isObject(withdrawn) ? Object.entries(withdrawn).map(([m, how]) => [m, String(how)]) : [];
    const about = {
      record: writer.record,
      statementHash: statementHash(statement),
      mechanisms: composed.consent.map((c) => c.mechanism),
      today: day,
    };
    const promised = promiseHolds(answer["promise"], logs, about);
    return {
      revision: number,
      withdrawn: Object.fromEntries(outcomes),
      leftOut: [...composed.leftOut],
      promised,
    };
  }

  /** Capacity and language, as they were said last. */
  #told(): { capacity: string; language: string } {
    const said = [...this.#own.opened.current("triage"), ...this.#own.opened.current("narrative")].at(-1);
    const value = (name: string): string => String(said?.fields.value(name) ?? "");
    return { capacity: value("capacity"), language: value("language") };
  }

  /** The triage card after an addition. No section changes then: what it says of those goes on to hold. */
  async #card(revision: Revision, capacity: string, files: number): Promise<void> {
    const media = this.#own.opened.of("label").length + files;
    await this.#renew(revision, (_, before) => ({ ...before, media, capacity }));
  }

  /** Renew the triage card, if this receipt can read it and something that it says changes. */
  async #renew(
    revision: Revision,
    make: (language: string, before: Readonly<Record<string, Json>>) => Record<string, Json>,
  ): Promise<void> {
    const old = this.#own.opened.current("triage").at(-1);
    if (!old) return;
    const { [REVISES]: _, ...before } = valuesOf(old);
    const card = make(String(before["language"] ?? ""), before);
    if (equal(canonicalJson(card), canonicalJson(before))) return;
    await revision.structured("triage", "triage", card, old.entry.id);
  }
}

/** What all sections say with these answers, by id: two parts of one section are one list of items. */
export function joined(
  opened: OpenedRecord,
  answered: readonly Pick<SectionAnswers, "asked" | "value" | "revises">[],
): Record<string, Json> {
  const replaced = new Set(answered.map(({ revises }) => revises));
  const kept = opened.current("section").filter((said) => !replaced.has(said.entry.id));
  const all = [
    ...kept.map((said) => fromFields(valuesOf(said))).filter((known) => known !== undefined),
    ...answered.map(({ asked, value }) => [asked.id, value] as const),
  ];
  const found: Record<string, Json> = {};
  for (const [id, value] of all) {
    const held = found[id];
    found[id] = held !== undefined && isList(held) && isList(value) ? [...held, ...value] : value;
  }
  return found;
}

function promiseHolds(promise: Json | undefined, logs: Logs, about: Sent): boolean {
  try {
    checkPromise(promise, logs.promiseKey, about);
    return true;
  } catch {
    return false;
  }
}
