/** What the pages of coming back are filled with: a view of the record in the words of the page's language. */

import type { Choice } from "./consent.ts";
import type { Json, JsonObject } from "./crypto/encoding.ts";
import type { Letters } from "./messages.ts";
import type { Changed } from "./changes.ts";
import type { FileView, Step, Told, View } from "./own_view.ts";
import { objectIn, type Words } from "./own_words.ts";
import type { Values } from "./render.ts";
import type { Compared } from "./searched.ts";
import { type Asked, type Typed, typedOf } from "./typed.ts";

const PICTURES = ["image/jpeg", "image/png", "image/gif", "image/webp", "image/avif"];
const MIB = 2 ** 20;
const LARGEST_PICTURE = 24 * MIB; // more than that would be held in memory several times over
const LARGEST_SAVED = 64 * MIB;

/** Makes the values; knows no page. */
export class OwnValues {
  readonly #words: Words;

  constructor(words: Words) {
    this.#words = words;
  }

  overview(view: View): Values {
    const w = this.#words;
    const waits = objectIn(view.deletion);
    const today = new Date().toISOString().slice(0, 10);
    const standing = (id: string): JsonObject | undefined =>
      view.standings.find((s) => s["mechanism"] === id);
    return {
      untrue: view.untrue,
      restored: view.restored !== null,
      whole: view.restored === null,
      gone: (view.restored ? [] : view.gone).map((id) => ({ id, name: w.mechanism(id) })),
      deletion: waits !== undefined,
      asked: waits && this.#day(waits["asked_day"]),
      due: waits && this.#day(waits["due_day"]),
      cancellable: waits !== undefined && !view.restored && String(waits["due_day"]) > today,
      waiting: view.restorations.map((one) => ({
        id: String(one["id"]),
        other: String(one["mechanism"]),
        name: w.mechanism(String(one["mechanism"])),
        asked: this.#day(one["asked_day"]),
        due: this.#day(one["due_day"]),
      })),
      day: w.day(view.day),
      sealed: view.sealed,
      blind: view.blind,
      problems: view.problems > 0,
      consents: this.#choices(view).map((choice) => ({
        ...choice,
        ...this.#standing(standing(String(choice["id"])), view),
      })),
      handed: view.standings
        .filter((one) => typeof one["origin"] === "string")
        .map((one) => ({
          name: w.mechanism(String(one["mechanism"])),
          from: w.mechanism(String(one["origin"])),
          received: this.#day(one["received"]),
          ...this.#standing(one, view),
        })),
      withdrawals: view.withdrawals.map((one) => ({
        day: this.#day(one["day"]),
        name: w.mechanism(String(one["mechanism"])),
        outcome: w.word(`outcome:${String(one["outcome"])}`),
        answer: one["answer"] ? w.word(`answer:${String(one["answer"])}`) : "",
        answered: this.#day(one["answered_day"]),
        unanswered: !one["answer"] && one["outcome"] !== "destroyed",
      })),
      texts: view.texts.map((told) => ({ ...this.#text(told), correctable: !waits && !view.restored })),
      sections: view.sections.map((told) => {
        const section = this.#section(told);
        return {
          ...section,
          correctable: !waits && !view.restored && (section["items"] as readonly Values[]).length > 0,
        };
      }),
      files: view.files.map((file) => this.#file(file)),
      accesses: view.accesses.map((line) => ({
        day: w.day(line.day),
        name: w.mechanism(line.mechanism),
        event: w.word(`event:${line.event}`, w.word("event")),
        more: w.circumstances(line),
      })),
      later: view.later.map(([day, count]) => ({ text: w.later(count, day) })),
    };
  }

  ledger(view: View): Values {
    return { ledger: view.ledger.map((step) => this.#step(step)) };
  }

  /** `nameable` are ids of mechanisms to which something can be sealed today. */
  consent(view: View, nameable: readonly string[]): Values {
    const has = new Set(view.choices.map((c) => c.mechanism));
    return {
      blind: view.blind,
      whole: view.restored === null,
      consents: this.#choices(view).map((one) => ({
        ...one,
        changeable: !view.restored && nameable.includes(String(one["id"])),
        withdrawable: [null, one["id"]].includes(view.restored),
      })),
      others: nameable.filter((id) => !has.has(id)).map((id) => ({ id, name: this.#words.mechanism(id) })),
    };
  }

  messages(view: View, { letters, hidden }: Letters): Values {
    const w = this.#words;
    return {
      blind: view.blind,
      hidden: hidden > 0,
      letters: letters.map((letter) => ({
        mine: letter.mine,
        name: w.mechanism(letter.mechanism),
        writer: letter.name,
        day: w.day(letter.day),
        closed: letter.text === null,
        text: letter.text ?? "",
      })),
      mechanisms: view.choices
        .filter(({ mechanism }) => [null, mechanism].includes(view.restored))
        .map(({ mechanism: id }) => ({ id, name: w.mechanism(id) })),
    };
  }

  /** After the list of accesses was compared with the logs. */
  compared({ problems, unsigned, entries, logs, stale }: Compared): Values {
    return {
      holds: !problems.length,
      problems: problems.map((text) => ({ text })),
      entries: this.#words.number(entries),
      logs: this.#words.number(logs),
      unsigned: unsigned > 0,
      stale: stale > 0,
    };
  }

  /** After a change; `live` are those who have consent now. */
  done(changed: Changed, live: ReadonlySet<string>): Values {
    const w = this.#words;
    return {
      unpromised: !changed.promised,
      outcomes: Object.entries(changed.withdrawn)
        .sort()
        .map(([id, how]) => ({ name: w.mechanism(id), outcome: w.word(`outcome:${how}`), on: live.has(id) })),
      left_out: changed.leftOut.map((id) => ({ name: w.mechanism(id) })),
    };
  }

  /** The form's fields that show a choice; the end of it is not among them. */
  typed(choice: Choice, questions: readonly Json[]): Typed {
    const { mechanism: id } = choice;
    const fields: Map<string, readonly string[]> = new Map<string, readonly string[]>([
      ["mechanism", [id]],
      [`purpose:${id}`, choice.purposes],
      [`use:${id}`, [choice.identity ?? ""]],
      [`contact:${id}`, [choice.contact ?? ""]],
      [`condition:${id}`, choice.conditions],
      [`states:${id}`, [choice.states.map((code) => this.#words.country(code)).join(", ")]],
      [`successor:${id}`, choice.successor ? ["yes"] : []],
    ]);
    for (const kind of choice.classes) if (kind !== "account") fields.set(`${kind}:${id}`, ["yes"]);
    return new Map([
      ...fields,
      ...typedOf(questions as unknown as readonly Asked[], choice.answers, `own:${id}:`),
    ]);
  }

  #choices(view: View): Values[] {
    const found = view.choices.map((choice) => this.#choice(choice, view.unread.includes(choice.mechanism)));
    return found.sort((one, other) => (String(one["name"]) < String(other["name"]) ? -1 : 1));
  }

  #choice(choice: Choice, unread: boolean): Values {
    const w = this.#words;
    const states = choice.states.map((code) => w.country(code)).join(", ");
    return {
      id: choice.mechanism,
      name: w.mechanism(choice.mechanism),
      classes: this.#names("class", choice.classes),
      purposes: this.#names("purpose", choice.purposes),
      use: choice.classes.includes("identity") ? w.word(`use:${choice.identity ?? ""}`) : "",
      contact: w.word(`contact:${choice.contact ?? ""}`),
      unasked: !unread && [null, "never"].includes(choice.contact),
      unread,
      conditions: choice.conditions.map((condition) => {
        const name = w.word(`condition:${condition}`, condition);
        return { name: condition === "not_to_states" ? `${name}: ${states}` : name };
      }),
      expires: choice.expires ? w.day(choice.expires) : "",
      successor: choice.successor,
    };
  }

  #names(kind: string, codes: readonly string[]): Values[] {
    return codes.map((code) => ({ name: this.#words.word(`${kind}:${code}`, code) }));
  }

  #standing(said: JsonObject | undefined, view: View): Values {
    const read = view.read[String(said?.["mechanism"])];
    return {
      read: read ? this.#words.day(read) : "",
      in_case: said?.["standing"] === "in_case",
      closed: said?.["standing"] === "closed",
      said_day: this.#day(said?.["day"]),
      question: said?.["question"] === true,
    };
  }

  #text(told: Told): Values {
    const capacity = told.values["capacity"];
    return {
      id: told.id,
      day: this.#words.day(told.day),
      text: String(told.values["text"] ?? ""),
      capacity: typeof capacity === "string" ? this.#words.word(`capacity:${capacity}`) : "",
      earlier: told.earlier.map((one) => this.#text(one)),
    };
  }

  #section(told: Told): Values {
    const { heading, items } = this.#words.section(told.values);
    const earlier = told.earlier.map((one) => this.#section(one));
    return { id: told.id, heading, items, day: this.#words.day(told.day), earlier };
  }

  #file(file: FileView): Values {
    const w = this.#words;
    const kind = /^(?:image|video|audio)(?=\/)/.exec(file.type)?.[0] ?? "file";
    const origin = String(file.values["origin"]);
    return {
      id: file.id,
      name: file.name,
      kind: w.word(`kind:${kind}`),
      size: w.size(file.size),
      origin: w.word(`origin:${origin}`, w.word("origin:unsaid")),
      class: file.kind === "account" ? "" : w.word(`class:${file.kind}`),
      only: (file.only ?? []).map((id) => w.mechanism(id)).join(", "),
      nobody: file.only?.length === 0,
      rows: w.rows(w.terms.medium.questions, file.values),
      picture: PICTURES.includes(file.type) && file.size <= LARGEST_PICTURE,
      savable: file.size <= LARGEST_SAVED,
    };
  }

  #step(step: Step): Values {
    const w = this.#words;
    return {
      number: String(step.number),
      day: w.day(step.day),
      sealed: step.sealed,
      rows: step.rows.map((row) => ({
        name: w.mechanism(row.mechanism),
        fresh: row.fresh,
        less: row.less,
        classes: this.#names("class", row.classes),
        purposes: this.#names("purpose", row.purposes),
        expires: row.expires ? w.day(row.expires) : "",
        successor: row.successor,
        shown: `${row.version}, ${w.terms.languages[row.language] ?? row.language}`,
      })),
      ended: step.ended.map((id) => ({ name: w.mechanism(id) })),
    };
  }

  #day(day: Json | undefined): string {
    return typeof day === "string" ? this.#words.day(day) : "";
  }
}
