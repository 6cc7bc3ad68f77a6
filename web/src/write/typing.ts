/** The page that is being filled in, kept every half a minute as it is: a killed tab loses no more than that. */

import { collect } from "./fields.ts";
import { GATES, type Manuscript } from "./manuscript.ts";
import type { Saver } from "./saver.ts";

const ENTRY = "typing";
const SECONDS = 20; // sealing and sending have the rest of the half minute
const KEPT = /^(?:narrative|consent|section)(?::|$)/;

/** Watches one page after another. */
export class Typing {
  readonly #manuscript: Manuscript;
  readonly #saver: Saver;
  #at = "";
  #form: HTMLFormElement | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(manuscript: Manuscript, saver: Saver) {
    this.#manuscript = manuscript;
    this.#saver = saver;
  }

  /** Whether something was typed that is kept nowhere yet. */
  get open(): boolean {
    return this.#form !== undefined;
  }

  /** Another page is shown. */
  opened(at: string): void {
    clearTimeout(this.#timer);
    this.#timer = this.#form = undefined;
    this.#at = at;
  }

  /** Somebody types into this form. */
  changed(form: HTMLFormElement | undefined): void {
    if (!form || !KEPT.test(this.#at)) return;
    this.#form = form;
    this.#timer ??= setTimeout(() => this.keep(), SECONDS * 1000);
  }

  /** Keep it now. On the first page somebody may still decide that nothing is to be kept. */
  keep(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (!this.#form || this.#saver.off || this.#at === `section:${GATES}`) return;
    const at = this.#form.querySelector<HTMLInputElement>("input[name=at]")!.value;
    const typed = Object.fromEntries([...collect(this.#form)].filter(([name]) => name !== "at"));
    this.#form = undefined;
    this.#manuscript.entries.set(ENTRY, { at, typed });
    this.#saver.changed(ENTRY);
  }

  /** The page was saved as what it is, or left without saving. */
  forget(): void {
    this.opened("");
    if (this.#manuscript.entries.delete(ENTRY)) this.#saver.changed(ENTRY);
  }
}
