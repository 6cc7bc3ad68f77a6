/**
 * The pages, where a browser runs scripts: from the first page to "Received" without the server seeing the
 * receipt, the text or a file.
 *
 * It is one document all the way: what the next page looks like is asked of the server, and what belongs
 * to the person stays in memory. Nothing gets into addresses, history or storage. A receipt that the server
 * has made belongs to the plain way, and is never sealed with: so everything begins on the first page.
 */

import { Form } from "./form.ts";
import { Receipt } from "./crypto/receipt.ts";
import { random } from "./random.ts";
import { wordList } from "./seal.ts";
import { startWorker } from "./thread.ts";

const SECONDS = 60;

/** A page of this server, as it answers a form with these fields. */
export function load(path: string, fields: Readonly<Record<string, string>>): Promise<Document> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest(); // and not fetch: this one parses what it gets, and runs nothing of it
    request.open("POST", path);
    request.responseType = "document";
    request.timeout = SECONDS * 1000;
    const failed = (): void => reject(new Error("the page did not come"));
    request.onerror = request.ontimeout = failed;
    request.onload = () => {
      const found = request.responseXML;
      if (request.status === 200 && found?.querySelector("main")) resolve(found);
      else failed();
    };
    request.send(new URLSearchParams(fields));
  });
}

/** Show what is said of the sealed way instead of the plain one. */
function sealedWay(root: ParentNode): void {
  for (const element of root.querySelectorAll<HTMLElement>("[data-way]")) {
    element.hidden = element.dataset["way"] !== "sealed";
  }
}

/** Go on to another page without leaving this document. */
function show(page: Document): void {
  sealedWay(page);
  document.body.replaceChildren(...[...page.body.children].map((child) => document.importNode(child, true)));
  scrollTo(0, 0);
  document.querySelector("main")?.focus();
}

/** When this form is sent, do this instead; what cannot be done now is said beside it, and can be tried again. */
function instead(
  form: HTMLFormElement,
  work: () => Promise<void>,
  when: (event: SubmitEvent) => boolean,
): void {
  let busy = false;
  form.addEventListener("submit", (event) => {
    if (!when(event)) return;
    event.preventDefault();
    if (busy) return;
    busy = true;
    const trouble = document.querySelector<HTMLElement>("[data-trouble]");
    if (trouble) trouble.hidden = true;
    work()
      .catch(() => {
        if (trouble) trouble.hidden = false;
      })
      .finally(() => (busy = false));
  });
}

async function start(script: HTMLScriptElement): Promise<void> {
  const { worker: address, assets } = script.dataset;
  const begin = document.querySelector<HTMLFormElement>("form[data-begin]");
  if (!begin || !address || !assets) return;
  const worker = await startWorker(address);
  const language = document.documentElement.lang;

  async function receipt(): Promise<void> {
    const page = await load(`/${language}/receipt`, {});
    const thrown = page.querySelector<HTMLInputElement>("input[name=receipt]")!;
    const unused = thrown.value; // made by the server: it only opens the way to the next page
    const made = Receipt.fromRandom(random(32));
    const digits = made.digits();
    thrown.value = digits.join(" "); // of the step by step form, if that is chosen: it says what it means
    page.querySelectorAll(".receipt .digits").forEach((group, i) => (group.textContent = digits[i]!));
    const words = page.querySelectorAll(".receipt .word");
    const list = words.length ? await wordList(language) : undefined;
    const said = list ? made.words(list) : [];
    words.forEach((word, i) => (word.textContent = said[i] ?? ""));
    show(page);
    const goOn = document.querySelector<HTMLFormElement>("#go-on")!;
    const onePage = (event: SubmitEvent): boolean => !event.submitter?.hasAttribute("formaction");
    instead(goOn, () => form(digits.join(" "), unused), onePage);
  }

  async function form(receipt: string, unused: string): Promise<void> {
    const page = await load(`/${language}/testimony`, { receipt: unused });
    page.querySelector("input[name=receipt]")!.remove();
    show(page);
    new Form(worker, receipt, language, assets!);
  }

  instead(begin, receipt, () => true);
  sealedWay(document);
}

const script = document.querySelector<HTMLScriptElement>("script[data-worker]");
// Where it cannot be started nothing on the page has changed: the plain way remains, and the page says so.
if (script) start(script).catch(() => undefined);
