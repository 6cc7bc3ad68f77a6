/** The empty pages of the long form, as the server gave them to everybody, and the texts that go with them. */

import { countriesIn, shownIn } from "../form.ts";
import type { Offer } from "../desk.ts";
import { Texts } from "../progress.ts";
import { type Questionnaire, readQuestionnaire, type Section, type Terms } from "../record/questions.ts";

/** Takes what it needs out of a document that shows `write_blank.html`. */
export class Blank {
  readonly language: string;
  readonly form: Questionnaire;
  readonly texts: Texts;
  /** Everything that is not shown: templates, texts, the views of sending. */
  readonly store = document.createElement("div");
  readonly #pages: ReadonlyMap<string, HTMLTemplateElement>;

  constructor(main: HTMLElement, language: string) {
    this.language = language;
    this.store.append(...main.childNodes);
    const pages = this.store.querySelectorAll<HTMLTemplateElement>("template[data-page]");
    this.#pages = new Map([...pages].map((page) => [page.dataset["page"]!, page]));
    this.form = readQuestionnaire(this.store.querySelector("#write-data")!.textContent ?? "");
    this.texts = new Texts(
      this.store.querySelector("#write-texts")!,
      this.store.querySelector("#sealing-texts")!,
    );
  }

  /** A fresh page; none of its forms could be sent by the browser itself. */
  page(at: string): HTMLElement {
    const page = document.createElement("div");
    page.append(document.importNode(this.#pages.get(at)!.content, true));
    for (const form of page.querySelectorAll("form")) {
      form.removeAttribute("action");
      form.setAttribute("method", "dialog");
    }
    return page;
  }

  has(at: string): boolean {
    return this.#pages.has(at);
  }

  /** A section by its id. */
  section(id: string): Section | undefined {
    return this.form.sections.find((section) => section.id === id);
  }

  /** Who may be chosen for a file: names by id. */
  mechanisms(): Terms {
    const found = this.#pages.get("consent")!.content.querySelectorAll<HTMLElement>("[data-mechanism]");
    return [...found].map((m) => [m.dataset["mechanism"]!, m.querySelector("legend")!.textContent ?? ""]);
  }

  /** What the page of the consent shows. */
  offer(): Offer {
    return {
      shown: shownIn(this.#pages.get("consent")!.content),
      countries: new Map(countriesIn(this.store)),
    };
  }

  /** A number of bytes, rounded, with a unit: as `intake.i18n` writes it. */
  size(bytes: number): string {
    const [unit, divisor] =
      bytes >= 2 ** 30 ? ["GB", 2 ** 30] : bytes >= 2 ** 20 ? ["MB", 2 ** 20] : ["KB", 2 ** 10];
    const number = Math.max(Math.round((bytes / (divisor as number)) * 10) / 10, 0.1);
    const separator = this.language === "en" ? "." : ",";
    return this.texts.get(unit as string).replace("{number}", String(number).replace(".", separator));
  }
}
