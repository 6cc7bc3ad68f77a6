/** What is shown while an addition is sealed and sent, file by file. */

import { guard } from "./leaving.ts";
import type { Heard, OwnThread } from "./own_thread.ts";
import type { Words } from "./own_words.ts";
import type { Medium } from "./sending.ts";

/** Stands in place of the form of `main` until it is stopped. */
export class Sealing {
  readonly #thread: OwnThread;
  readonly #words: Words;
  readonly #form: HTMLElement;
  readonly #view: HTMLElement;
  readonly #heard: OwnThread["heard"];
  readonly #bars: HTMLProgressElement[] = [];
  #held = false;
  readonly #press = (event: Event): void => {
    event.stopPropagation(); // it is no step of its own, and goes while one is under way
    this.#hold(!this.#held);
  };

  constructor(thread: OwnThread, words: Words, main: HTMLElement, media: readonly Medium[]) {
    this.#thread = thread;
    this.#words = words;
    this.#form = main.querySelector<HTMLElement>("form")!;
    this.#view = main.querySelector<HTMLElement>("[data-sending]")!;
    const rows = media.map((medium, i) => this.#row(medium, i));
    this.#view.querySelector("[data-files]")!.replaceChildren(...rows);
    this.#button.addEventListener("click", this.#press);
    this.#form.hidden = true;
    this.#view.hidden = false;
    this.#heard = thread.heard;
    thread.heard = (message) => this.#hear(message);
    guard(() => true);
    this.#hold(false);
    const heading = this.#view.querySelector("h2")!;
    heading.tabIndex = -1;
    heading.focus();
  }

  /** It is received, or refused: the form is there again. */
  stop(): void {
    this.#thread.heard = this.#heard;
    guard(() => false);
    this.#button.removeEventListener("click", this.#press);
    this.#view.hidden = true;
    this.#form.hidden = false;
  }

  get #button(): HTMLElement {
    return this.#view.querySelector<HTMLElement>("button")!;
  }

  #row(medium: Medium, i: number): HTMLElement {
    const row = document.createElement("li");
    const label = document.createElement("label");
    const bar = document.createElement("progress");
    label.textContent = medium.name;
    label.htmlFor = bar.id = `sending-${i + 1}`;
    bar.max = 2; // read once, and sent
    bar.value = 0;
    row.append(label, bar);
    this.#bars.push(bar);
    return row;
  }

  #hold(hold: boolean): void {
    this.#held = hold;
    this.#thread.pause(hold);
    this.#button.textContent = this.#words.word(hold ? "resume" : "pause");
    this.#say(hold ? "paused" : "sealing");
  }

  #hear(message: Heard): void {
    if (message.kind === "progress") {
      const { file, step, done, total } = message;
      this.#bars[file]!.value = (step === "sending" ? 1 : 0) + (total ? done / total : 1);
    }
    if (!this.#held) this.#say(message.kind === "waiting" && message.seconds ? "waiting" : "sealing");
  }

  #say(name: string): void {
    const state = this.#view.querySelector("[data-state]")!;
    const said = this.#words.word(name);
    if (state.textContent !== said) state.textContent = said; // a reader reads it aloud each time it changes
  }
}
