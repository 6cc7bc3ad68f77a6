/** What is shown while files are sealed and sent, and what is said when that did not work. */

import type { Thread } from "./thread.ts";
import type { FromWorker } from "./worker.ts";

/** Looks for texts in the page: `data-text` by name, `data-code` by the code of a refusal. */
export class Texts {
  readonly #roots: readonly ParentNode[];

  constructor(...roots: readonly ParentNode[]) {
    this.#roots = roots;
  }

  /** A text by its name. */
  get(name: string): string {
    return this.#find(`[data-text="${CSS.escape(name)}"]`) ?? "";
  }

  /** Why something was refused, in words. */
  refusal(code: string, values: Readonly<Record<string, string>> = {}): string {
    let said = this.#find(`[data-code="${CSS.escape(code)}"]`) ?? this.#find("[data-code=failed]") ?? "";
    for (const [name, value] of Object.entries(values)) said = said.replaceAll(`{${name}}`, value);
    return said;
  }

  #find(selector: string): string | undefined {
    for (const root of this.#roots) {
      const found = root.querySelector(selector)?.textContent;
      if (found) return found;
    }
    return undefined;
  }
}

/** A list of bars, a state in words, and a button that holds. */
export class Progress {
  readonly #worker: Thread;
  readonly #view: HTMLElement;
  readonly #texts: Texts;
  readonly #bars: HTMLProgressElement[] = [];
  #held = false;

  /** `view` holds a list, an element with the role `status`, and a button. */
  constructor(worker: Thread, view: HTMLElement, texts: Texts) {
    this.#worker = worker;
    this.#view = view;
    this.#texts = texts;
    this.#button().addEventListener("click", () => this.#hold(!this.#held));
  }

  /** Show these files, nothing of them done. */
  show(names: readonly string[]): void {
    const list = this.#view.querySelector("ul")!;
    list.replaceChildren();
    this.#bars.length = 0;
    names.forEach((name, i) => {
      const row = document.createElement("li");
      const label = document.createElement("label");
      const bar = document.createElement("progress");
      label.textContent = name;
      label.htmlFor = bar.id = `${this.#view.id}-file-${i + 1}`;
      bar.max = 2; // read once, and sent
      bar.value = 0;
      row.append(label, bar);
      list.append(row);
      this.#bars.push(bar);
    });
    this.#view.hidden = false;
    this.#hold(false);
    focus(this.#view.querySelector("h2")!);
  }

  hide(): void {
    this.#view.hidden = true;
  }

  /** What the worker says meanwhile. */
  hear(message: FromWorker): void {
    if (message.kind === "progress") {
      const { file, step, done, total } = message;
      const bar = this.#bars[file];
      if (bar) bar.value = (step === "sending" ? 1 : 0) + (total ? done / total : 1);
      if (!this.#held) this.#say("sealing");
    } else if (message.kind === "waiting" && !this.#held) this.#say(message.seconds ? "waiting" : "sealing");
  }

  #button(): HTMLButtonElement {
    return this.#view.querySelector<HTMLButtonElement>("button")!;
  }

  #hold(hold: boolean): void {
    this.#held = hold;
    this.#worker.post({ kind: "pause", hold });
    this.#button().textContent = this.#texts.get(hold ? "resume" : "pause");
    this.#say(hold ? "paused" : "sealing");
  }

  #say(name: string): void {
    const state = this.#view.querySelector("[role=status]")!;
    const said = this.#texts.get(name);
    if (state.textContent !== said) state.textContent = said; // a reader reads it aloud each time it changes
  }
}

/** Put the focus on something that cannot be typed into. */
export function focus(element: HTMLElement): void {
  element.tabIndex = -1;
  element.focus();
}
