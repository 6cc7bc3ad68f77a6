/** Keeps entries of a draft on the server while somebody goes on writing. */

import type { Json } from "../crypto/encoding.ts";
import { Refused } from "../refused.ts";
import type { Thread } from "../thread.ts";

const AGAIN = 5; // seconds after which it is tried again
const FINAL = ["draft_full", "draft_no_room", "too_large"]; // not better a moment later

/** How it stands: the name of a text, or a refusal. */
export type Standing = "" | "saving" | "saved" | "not-saving" | Refused;

/** One thing at a time; what changes meanwhile goes next. Once it is `off`, everything stays in memory. */
export class Saver {
  readonly #worker: Thread;
  readonly #entries: ReadonlyMap<string, Json>;
  readonly #say: (standing: Standing) => void;
  readonly #dirty = new Set<string>();
  #running: Promise<void> | undefined;
  off = false;

  constructor(worker: Thread, entries: ReadonlyMap<string, Json>, say: (standing: Standing) => void) {
    this.#worker = worker;
    this.#entries = entries;
    this.#say = say;
  }

  /** Whether something is not kept yet. */
  get pending(): boolean {
    return this.#dirty.size > 0 || this.#running !== undefined;
  }

  /** These entries are other than they were, or gone. */
  changed(...names: readonly string[]): void {
    if (this.off) return;
    for (const name of names) this.#dirty.add(name);
    if (this.#dirty.size) this.#running ??= this.#run();
  }

  /** No more of it; resolves when nothing is under way. */
  async stop(): Promise<void> {
    this.off = true;
    await this.#running;
  }

  /** Again, with what was not kept when it stopped. */
  goOn(): void {
    this.off = false;
    this.changed();
  }

  async #run(): Promise<void> {
    try {
      while (this.#dirty.size && !this.off) if (!(await this.#save())) return;
    } finally {
      this.#running = undefined; // at once: what changes from here on begins another round
    }
  }

  /** One round; false if another one is of no use now. */
  async #save(): Promise<boolean> {
    const names = [...this.#dirty];
    this.#dirty.clear();
    this.#say("saving");
    try {
      await this.#worker.ask("save", new Map(names.map((name) => [name, this.#entries.get(name) ?? null])));
      this.#say(this.#dirty.size ? "saving" : "saved");
      return true;
    } catch (error) {
      for (const name of names) this.#dirty.add(name);
      if (this.off) return false;
      const final = error instanceof Refused && FINAL.includes(error.code);
      this.#say(final ? error : "not-saving");
      if (!final) await pause(AGAIN);
      return !final;
    }
  }
}

function pause(seconds: number): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(done, seconds * 1000);
    function done(): void {
      clearTimeout(timer);
      removeEventListener("online", done);
      resolve();
    }
    addEventListener("online", done);
  });
}
