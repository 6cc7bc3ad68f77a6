/** Adding files, and taking them out again. */

import { hexEncode } from "../crypto/encoding.ts";
import { OTHER, sniff, SNIFF_BYTES } from "../media.ts";
import { Progress } from "../progress.ts";
import { random } from "../random.ts";
import type { Typed } from "../reading.ts";
import { Refused } from "../refused.ts";
import type { Medium } from "../sending.ts";
import type { Thread } from "../thread.ts";
import type { Blank } from "./blank.ts";
import { showProblems, told } from "./fields.ts";
import { chosen, heldFile } from "./files_page.ts";
import type { Manuscript } from "./manuscript.ts";
import type { Sheet } from "./pages.ts";
import type { Saver } from "./saver.ts";

/** What the buttons of the files' page do. */
export class Adding {
  readonly #worker: Thread;
  readonly #blank: Blank;
  readonly #manuscript: Manuscript;
  readonly #saver: Saver;

  constructor(worker: Thread, blank: Blank, manuscript: Manuscript, saver: Saver) {
    this.#worker = worker;
    this.#blank = blank;
    this.#manuscript = manuscript;
    this.#saver = saver;
  }

  /** Whether the page is done with; else it says what is wrong. */
  async pressed(
    go: string,
    typed: Typed,
    form: HTMLFormElement,
    page: HTMLElement,
    sheet: Sheet,
    holdsReceipt: (text: string) => boolean,
  ): Promise<boolean> {
    if (go.startsWith("remove:")) {
      await this.#remove(go.slice("remove:".length));
      return true;
    }
    const { media, problems } = chosen(form, typed, sheet, holdsReceipt);
    if (!media.length) {
      if (go === "add") throw new Refused("draft_no_file");
      return true;
    }
    if (problems.length) {
      showProblems(page, this.#blank, told(problems, this.#blank.form.medium.questions, this.#blank));
      return false;
    }
    const limit = this.#blank.store.querySelector<HTMLElement>("[data-code=too_large]")!.dataset["limit"];
    if (media.some(({ file }) => file.size > Number(limit) * 2 ** 20)) throw new Refused("too_large");
    if (this.#saver.off) for (const medium of media) await this.#hold(medium);
    else await this.#upload(media, page);
    return true;
  }

  /** Seal and upload them, one after another, with their progress in place of the form. */
  async #upload(media: readonly Medium[], page: HTMLElement): Promise<void> {
    const view = page.querySelector<HTMLElement>("#adding")!;
    const others = [...page.children].filter(
      (part): part is HTMLElement => part !== view && part.tagName !== "H1",
    );
    const hidden = others.map((part) => part.hidden);
    const progress = new Progress(this.#worker, view, this.#blank.texts);
    progress.show(media.map(({ name }) => name));
    for (const part of others) part.hidden = true;
    const before = this.#worker.listen((message) => progress.hear(message));
    view.querySelector("[data-stop]")!.addEventListener("click", () => {
      this.#worker.post({ kind: "pause", hold: false });
      void this.#worker.ask("stop");
    });
    try {
      for (const [i, medium] of media.entries()) {
        const { changes, refused } = await this.#worker.ask("add", medium, i, this.#manuscript.interrupted);
        for (const [name, value] of changes) {
          if (value === null) this.#manuscript.entries.delete(name);
          else this.#manuscript.entries.set(name, value);
        }
        if (refused?.code === "stopped") break;
        if (refused) throw new Refused(refused.code, refused.values);
      }
    } finally {
      this.#worker.listen(before);
      others.forEach((part, i) => (part.hidden = hidden[i]!));
      progress.hide();
    }
  }

  /** Nothing leaves the page before everything is sent. */
  async #hold(medium: Medium): Promise<void> {
    const part = hexEncode(random(16));
    const first = new Uint8Array(await medium.file.slice(0, SNIFF_BYTES).arrayBuffer());
    this.#manuscript.held.set(part, medium);
    this.#manuscript.entries.set(`file:${part}`, heldFile(part, medium, sniff(first) ?? OTHER));
  }

  async #remove(part: string): Promise<void> {
    const names = [`file:${part}`, `sending:${part}`].filter((name) => this.#manuscript.entries.has(name));
    if (!this.#manuscript.held.delete(part)) await this.#worker.ask("remove", names);
    for (const name of names) this.#manuscript.entries.delete(name);
  }
}
