/** The last page before sending: everything as it will be sent, and who gets what, in words. */

import type { Choice } from "../consent.ts";
import type { Json } from "../crypto/encoding.ts";
import { words } from "../reading.ts";
import { type Answers, items, type Section } from "../record/questions.ts";
import { unsaid } from "../record/sections.ts";
import type { Blank } from "./blank.ts";
import { describe } from "./files_page.ts";
import { heading, type Sheet } from "./pages.ts";

/** Show it; `choices` are empty while nobody is chosen. Without `ready` there is no way to send. */
export function reviewPage(
  { blank, manuscript }: Sheet,
  choices: readonly Choice[],
  ready: boolean,
): HTMLElement {
  const page = blank.page("review");
  const of = (name: string): HTMLElement => page.querySelector(`[data-review=${name}]`)!;
  const { text = "", capacity = "" } = manuscript.text ?? {};
  if (capacity) of("capacity").querySelector("strong")!.textContent = blank.texts.get(`capacity:${capacity}`);
  else of("capacity").remove();
  if (text.trim()) of("text").querySelector(".narrative")!.textContent = text;
  else of("text").remove();

  const prototype = of("section");
  const answered = blank.form.sections.filter(({ id }) => manuscript.answered(id));
  prototype.replaceWith(
    ...answered.map((asked) => section(prototype, asked, manuscript.answers(asked), blank)),
  );

  const files = of("files");
  const row = files.querySelector("li")!;
  const rows = manuscript.files.map((file) => {
    const one = row.cloneNode(true) as HTMLElement;
    describe(one, file, blank);
    const somebody = choices.some((c) => file.only.includes(c.mechanism) && c.classes.includes(file.kind));
    if (!file.only.length || somebody || !choices.length) one.querySelector(".wrong")!.remove();
    return one;
  });
  if (rows.length) row.replaceWith(...rows);
  else files.remove();

  const consent = of("consent");
  const card = consent.querySelector<HTMLElement>(".card")!;
  card.replaceWith(...choices.map((choice) => allowed(card, choice, blank)));
  consent.querySelector<HTMLElement>("[data-nobody]")!.hidden = choices.length > 0;
  const used = new Set<string>([
    ...answered.map(({ compartment }) => compartment),
    ...manuscript.files.filter((file) => !file.only.length).map((file) => file.kind),
  ]);
  const granted = new Set<string>(choices.flatMap(({ classes }) => classes));
  for (const closed of consent.querySelectorAll<HTMLElement>("[data-closed]")) {
    const kind = closed.dataset["closed"]!;
    if (!choices.length || granted.has(kind) || !used.has(kind)) closed.remove();
  }
  if (!ready) page.querySelector("button[value=send]")!.closest("form")!.remove();
  return page;
}

function section(prototype: HTMLElement, asked: Section, value: Json, blank: Blank): HTMLElement {
  const shown = prototype.cloneNode(true) as HTMLElement;
  shown.querySelector("h2")!.textContent = asked.title;
  const [title, list, empty] = ["h3", "dl", "[data-empty]"].map((one) => shown.querySelector(one)!) as [
    HTMLElement,
    HTMLElement,
    HTMLElement,
  ];
  const found = items(value).flatMap((item, i) => {
    const named = title.cloneNode() as HTMLElement;
    named.textContent = heading(asked, i);
    const rows = list.cloneNode() as HTMLElement;
    rows.append(...answersOf(asked, item, blank));
    return [...(named.textContent ? [named] : []), rows.childNodes.length ? rows : empty.cloneNode(true)];
  });
  title.remove();
  list.replaceWith(...found);
  empty.remove();
  const change = shown.querySelector("button")!;
  change.value = `section:${asked.id}`;
  change.querySelector("span")!.textContent = `: ${asked.title}`;
  return shown;
}

function answersOf(asked: Section, item: Answers, blank: Blank): HTMLElement[] {
  return asked.questions.flatMap((question) => {
    const answer = item[question.id];
    if (answer === undefined) return [];
    const label = document.createElement("dt");
    const text = document.createElement("dd");
    label.textContent = question.label;
    text.dir = "auto";
    const name = unsaid(answer) ?? (typeof answer === "boolean" ? (answer ? "yes" : "no") : "");
    text.textContent = name ? blank.texts.get(name) : words(question, answer, blank.form, blank.language);
    return [label, text];
  });
}

/** What one organisation may do: the empty card names everything that could be. */
function allowed(prototype: HTMLElement, choice: Choice, blank: Blank): HTMLElement {
  const card = prototype.cloneNode(true) as HTMLElement;
  const names = new Map(blank.mechanisms());
  card.querySelector("h3")!.textContent = names.get(choice.mechanism) ?? choice.mechanism;
  const named = new Set<string>([...choice.classes, ...choice.purposes, ...choice.conditions]);
  for (const line of card.querySelectorAll<HTMLElement>("li[data-value]")) {
    if (!named.has(line.dataset["value"]!)) line.remove();
    else if (line.dataset["value"] === "not_to_states") {
      const countries = new Map(blank.form.countries);
      const states = choice.states.map((code) => countries.get(code) ?? code).join(", ");
      line.textContent = `${blank.texts.get("not_to_states")}: ${states}`;
    }
  }
  const detail = (name: string): HTMLElement => card.querySelector(`dd[data-value=${name}]`)!;
  const leaveOut = (name: string): void => {
    detail(name).previousElementSibling!.remove();
    detail(name).remove();
  };
  detail("identity").textContent = blank.texts.get(`identity:${choice.identity ?? ""}`);
  detail("contact").textContent = blank.texts.get(`contact:${choice.contact ?? ""}`);
  if (choice.expires) {
    const day = blank.store.querySelector(`[data-day="${choice.expires}"]`)?.textContent;
    detail("expires").textContent = day ?? choice.expires;
  }
  if (!choice.classes.includes("identity")) leaveOut("identity");
  if (!choice.conditions.length) leaveOut("conditions");
  if (!choice.successor) leaveOut("successor");
  return card;
}
