/**
 * Answers to questions when coming back: corrected, or given for the first time, on the pages of the long form.
 * They are kept in this page until all of them are sent, as one revision.
 */

import type { SectionAnswers } from "./changes.ts";
import { canonicalJson, equal, type Json, type JsonObject } from "./crypto/encoding.ts";
import { guard, quietly } from "./leaving.ts";
import type { Told } from "./own_view.ts";
import { answers } from "./reading.ts";
import { fromFields } from "./record/answers.ts";
import type { Section, Terms } from "./record/questions.ts";
import { check, type Problem } from "./record/sections.ts";
import type { Values } from "./render.ts";
import { receiptFinder } from "./texts.ts";
import { Blank } from "./write/blank.ts";
import { collect, showProblems, told } from "./write/fields.ts";
import { GATES, Manuscript } from "./write/manuscript.ts";
import { itemsPage, sectionPage, withItem } from "./write/pages.ts";

/** One part of the record, or a section that has none; `value` is what it says now. */
interface Slot {
  readonly asked: Section;
  readonly revises: string | null;
  readonly before: Json;
  value: Json;
}

/** The questions of one record, with what was answered. */
export class Answering {
  readonly #blank: Blank;
  readonly #slots = new Map<string, Slot>(); // by the part, or by the section's id
  #open: readonly [slot: string, item: number] = ["", 0];
  #page: HTMLElement | undefined;

  constructor(blank: Blank, sections: readonly Told[]) {
    this.#blank = blank;
    for (const asked of blank.form.sections) {
      const held = sections.filter(({ values }) => values["section"] === asked.id);
      for (const { id, values } of held) {
        const value = fromFields(values)?.[1];
        // What a newer program wrote in another form is left as it is.
        if (value === undefined || Array.isArray(value) !== asked.repeated) continue;
        this.#slots.set(id, { asked, revises: id, before: value, value });
      }
      const before = asked.repeated ? [] : {};
      if (!held.length) this.#slots.set(asked.id, { asked, revises: null, before, value: before });
    }
  }

  /** What is to be sent. */
  get changed(): SectionAnswers[] {
    return [...this.#slots.values()].filter(isChanged);
  }

  get vocabularies(): Readonly<Record<string, Terms>> {
    return this.#blank.form.vocabularies;
  }

  /** Before the page is closed, the browser asks if there is something that was not sent. */
  watch(): void {
    guard(() => this.changed.length > 0);
  }

  /** Whether what is corrected here is what holds, by the parts of it. */
  follows(sections: readonly Told[]): boolean {
    const current = new Set(sections.map(({ id }) => id));
    return [...this.#slots.values()].every(({ revises }) => revises === null || current.has(revises));
  }

  /** All sections, for the list of them; `classes` are those that somebody may open. */
  list(classes: ReadonlySet<string>): Values {
    const rows = [...this.#slots].map(([at, slot]) => ({
      at,
      title: title(slot),
      unsent: isChanged(slot),
      sent: !isChanged(slot) && slot.revises !== null,
      empty: !isChanged(slot) && slot.revises === null,
      nobody: isChanged(slot) && !classes.has(slot.asked.compartment),
    }));
    return { sections: rows, changed: rows.some(({ unsent }) => unsent) };
  }

  /** The page of a part, or of a section that has none; of a section with items their list. Undefined: unknown. */
  page(at: string): HTMLElement | undefined {
    const slot = this.#slots.get(at);
    if (!slot) return undefined;
    this.#open = [at, 0];
    const some = slot.asked.repeated && (slot.value as readonly Json[]).length > 0;
    return this.#put(some ? itemsPage(this.#sheet(slot), slot.asked) : this.#section(slot, 0));
  }

  /**
   * A button of such a page: the page to show now, the same one with what is wrong on it; or undefined, for the
   * list of sections.
   */
  async pressed(form: HTMLFormElement, button: HTMLButtonElement | null): Promise<HTMLElement | undefined> {
    const [at, item] = this.#open;
    const slot = this.#slots.get(at);
    if (!slot) return undefined;
    if (button?.name === "at" && button.value.startsWith(`section:${slot.asked.id}:`)) {
      return this.#put(this.#section(slot, Number(button.value.split(":")[2])));
    }
    if (button?.name !== "go") return undefined;
    const problems = await this.#save(slot, button.value, item, form);
    if (problems.length) {
      showProblems(this.#page!, this.#blank, told(problems, slot.asked.questions, this.#blank));
      return this.#page;
    }
    this.watch();
    const held = slot.asked.repeated ? (slot.value as readonly Json[]).length : 0;
    if (button.value === "another") return this.#put(this.#section(slot, held));
    return button.value !== "next" && held ? this.page(at) : undefined;
  }

  /** Take what was typed; what is wrong with it, and then nothing is taken. */
  async #save(slot: Slot, go: string, item: number, form: HTMLFormElement): Promise<readonly Problem[]> {
    const { asked } = slot;
    let value: Json;
    if (go.startsWith("remove:")) value = withItem(slot.value, Number(go.slice("remove:".length)), undefined);
    else {
      const typed = collect(form);
      const read = answers(asked.questions, typed, "q:", this.#blank.form, await receiptFinder(typed));
      if (read.problems.length) return read.problems;
      const known = new Set(asked.questions.map(({ id }) => id));
      const held = (asked.repeated ? (slot.value as readonly JsonObject[])[item] : slot.value) ?? {};
      // Answers to questions of a newer program stay.
      const kept = Object.entries(held).filter(([id]) => !known.has(id));
      const whole = { ...Object.fromEntries(kept), ...read.answers };
      value = asked.repeated ? withItem(slot.value, item, whole) : whole;
    }
    const problems = check(asked, value, this.#blank.form).filter(({ path }) => !path.includes("/"));
    if (!problems.length) slot.value = value;
    return problems;
  }

  #section(slot: Slot, item: number): HTMLElement {
    this.#open = [this.#open[0], item];
    return sectionPage(this.#sheet(slot), slot.asked, item);
  }

  #sheet({ asked, value }: Slot) {
    const gates = [...this.#slots.values()].find((slot) => slot.asked.id === GATES)?.value ?? {};
    const entries = new Map<string, Json>([
      [`section:${GATES}`, { value: gates }],
      [`section:${asked.id}`, { value }],
    ]);
    return { blank: this.#blank, manuscript: new Manuscript(entries), kept: true };
  }

  #put(page: HTMLElement): HTMLElement {
    quietly(page);
    this.#page = page;
    return page;
  }
}

/** Gives the questions for a record's sections, on these blank pages of the long form. */
export function answeringIn(pages: Document, language: string): (sections: readonly Told[]) => Answering {
  let blank: Blank | undefined; // made when it is needed: it takes the pages apart
  return (sections) => new Answering((blank ??= new Blank(pages.querySelector("main")!, language)), sections);
}

function isChanged({ before, value }: Slot): boolean {
  return !equal(canonicalJson(before), canonicalJson(value));
}

function title({ asked, value }: Slot): string {
  const count = asked.repeated ? (value as readonly Json[]).length : 0;
  return count ? `${asked.title} (${count})` : asked.title;
}
