/** Texts as they may be kept: the twin of `clean` and `holds_receipt` in `intake/http/reading.py`. */

import { GROUPS, Receipt, type WordList } from "./crypto/receipt.ts";
import type { Typed } from "./typed.ts";

const CONTROLS = /[\0-\x08\x0b-\x1f\x7f-\x9f]/g;
const DIGITS = /(?<![0-9])(?=((?:[0-9]{4}[\s,;.-]*){9})(?![0-9]))/g;
const WORDY = /(?:(?:[a-z]+(?:-[a-z]+)?|[0-9]{4})[^a-z0-9]+){8}(?:[a-z]|[0-9]{4})/i;
const SEPARATORS = /[\s,;.]+/;
const AROUND = /^[()[\]«»“”"'!?:]+|[()[\]«»“”"'!?:]+$/g;

/** A typed text without control characters, but for line breaks and tabs; nothing else is changed. */
export function clean(text: string): string {
  return text.replaceAll("\r\n", "\n").replaceAll("\r", "\n").replace(CONTROLS, "");
}

/** Whether a receipt, in digits or in words of these lists, stands anywhere in a text. */
export function holdsReceipt(text: string, ...lists: readonly WordList[]): boolean {
  for (const found of text.matchAll(DIGITS)) if (isReceipt(found[1]!, lists)) return true;
  const words = new Set(lists.flat());
  let run: string[] = [];
  for (const token of text.split(SEPARATORS)) {
    const word = token.replace(AROUND, "").toLowerCase();
    run = words.has(word) || /^[0-9]{4}$/.test(word) ? [...run.slice(1 - GROUPS), word] : [];
    if (run.length === GROUPS && isReceipt(run.join(" "), lists)) return true;
  }
  return false;
}

/** The word lists in which a receipt in one of these texts could be written: large, and seldom needed. */
export async function wordLists(texts: Iterable<string>): Promise<readonly WordList[]> {
  for (const text of texts)
    if (WORDY.test(text)) return [(await import("./crypto/receipt_words.ts")).ENGLISH];
  return [];
}

/** Tells whether a text, of those that were typed, holds a receipt in digits or words. */
export async function receiptFinder(typed: Typed): Promise<(text: string) => boolean> {
  const lists = await wordLists([...typed.values()].flat());
  return (text) => holdsReceipt(text, ...lists);
}

function isReceipt(text: string, lists: readonly WordList[]): boolean {
  try {
    Receipt.parse(text, ...lists);
    return true;
  } catch {
    return false;
  }
}
