/** Being logged in: a passkey begins a session and, where it can, opens the vault in the same ceremony. */

import { b64uDecode, b64uEncode, type Bytes, type Json } from "../../../src/crypto/encoding.ts";

import { VerifyError } from "../../../src/crypto/errors.ts";
import type { Receipt } from "../../../src/crypto/receipt.ts";
import { get, post, put, Refused, remove } from "../api.ts";
import { restart, tellOthers } from "../leaving.ts";
import { changed, forget, type Oneself, type OwnKeys, state } from "../state.ts";
import { Worded } from "../worded.ts";
import { assert, create } from "./passkey.ts";
import { CONTENT, isOlder, ownCard, provenBundle, rootKey, seenIn } from "./root.ts";
import { openByPasskey, openByPrinted, seeing, sealToPasskey, sealToPrinted } from "./vault.ts";

export const PRINTED = "recovery";
const SESSIONS = "/review/v1/sessions";
export const ONESELF = "/review/v1/oneself";

/** Log in for a purpose, or for none, if one sees no content. The keys stay closed where this passkey cannot open them. */
export async function enter(purpose: string): Promise<void> {
  const { assertion, id, key, nonce } = await assert("login");
  await post(SESSIONS, { assertion, purpose });
  tellOthers();
  const oneself = await get<Oneself>(ONESELF);
  const file = oneself.vaults[id];
  // A file that this passkey does not open is no reason to be shut out: the printed key may open another.
  const keys = key && file ? await openOrNothing(file, key) : undefined;
  const newer = keys && (await proven(oneself, keys).catch(notEntered));
  state.over = false;
  state.oneself = oneself;
  state.entered = Date.now();
  state.keys = newer;
  state.unsealed = key && !keys ? { id, key, nonce } : undefined;
  changed();
  if (key && newer && newer !== keys) await resealed(id, () => sealToPasskey(newer, key, nonce));
}

/** Open the keys with the printed key; `NotMine` if it is another one. A new passkey opens them from then on. */
export async function unlock(printed: Receipt): Promise<void> {
  const file = state.oneself?.vaults[PRINTED];
  if (!state.oneself || !file) throw new VerifyError("there is no printed key");
  const keys = await openByPrinted(b64uDecode(file), printed);
  const newer = await proven(state.oneself, keys);
  const { unsealed } = state;
  state.keys = newer;
  state.unsealed = undefined;
  changed();
  // Sealing needs a fresh assertion: who does not give it reads on, and types the words again the next time.
  const kept =
    !unsealed || (await resealed(unsealed.id, () => sealToPasskey(newer, unsealed.key, unsealed.nonce)));
  if (kept && newer !== keys) await resealed(PRINTED, () => sealToPrinted(newer, printed));
  if (kept && unsealed) await refresh();
}

/** Keep the vault for one wrapper. */
export const seal = (wrapper: string, file: Bytes): Promise<void> =>
  put(`${ONESELF}/vaults/${wrapper}`, { file: b64uEncode(file) });

/** One passkey more, on this device or another; it opens the keys if they are open now, and it can. */
export async function addPasskey(name: string): Promise<void> {
  const { mechanism, member, passkeys } = state.oneself!;
  const others = passkeys.map((each) => each.id);
  const { made, key, nonce } = await create("add", mechanism, member, others);
  const vault = key && state.keys ? b64uEncode(await sealToPasskey(state.keys, key, nonce)) : null;
  await post(`${ONESELF}/passkeys`, { ...made, name, vault });
  await refresh();
}

export async function renamePasskey(id: string, name: string): Promise<void> {
  await put(`${ONESELF}/passkeys/${id}`, { name });
  await refresh();
}

export async function removePasskey(id: string): Promise<void> {
  await remove(`${ONESELF}/passkeys/${id}`);
  await refresh();
}

/** The printed key from now on; what the old one opened is gone. */
export async function replacePrinted(printed: Receipt): Promise<void> {
  await seal(PRINTED, await sealToPrinted(state.keys!, printed));
  await refresh();
}

/** The member's passkey once more: what needs that may be done for five minutes. */
export async function confirm(): Promise<void> {
  const allowed = state.oneself?.passkeys.map((each) => each.id) ?? [];
  const { assertion } = await assert("fresh", allowed);
  await post("/review/v1/sessions/fresh", { assertion });
}

/**
 * The member's private key as a file, with the root by which `intake open` knows who signed notes and messages:
 * confirmed, and on the log, before it is given.
 */
export async function ownKeyFile(): Promise<string> {
  const { keys, oneself } = state;
  if (!keys || !oneself) throw new Worded("shell.keysclosed");
  const root = b64uEncode(rootKey(oneself, keys));
  await confirm(); // whoever found the browser open gets no key
  await post(`${ONESELF}/saved-key`);
  return `# root ${oneself.mechanism} ${root}\n${keys.identity.text}\n`;
}

/** See anew what the server says of oneself. */
export async function refresh(): Promise<void> {
  state.oneself = await get<Oneself>(ONESELF);
  changed();
}

export async function readFor(purpose: string): Promise<void> {
  await put(`${ONESELF}/purpose`, { purpose });
  await refresh();
}

/** Everything here is forgotten, whether the server can be told or not. `over`: nobody pressed the button. */
export async function leave(over = false): Promise<void> {
  forget(over);
  tellOthers();
  await remove(SESSIONS).catch(() => undefined);
  restart(over);
}

/** Who does not come in here is not left logged in either. */
async function notEntered(error: unknown): Promise<never> {
  await remove(SESSIONS).catch(() => undefined);
  throw error;
}

async function openOrNothing(file: string, key: Bytes): Promise<OwnKeys | undefined> {
  try {
    return await openByPasskey(b64uDecode(file), key);
  } catch {
    return undefined;
  }
}

/**
 * The keys are those of a card that the vault's root signed, and its bundle is no older than the vault knows; what
 * was seen now is in what this gives. `Refused` if not: the keys stay closed.
 */
async function proven(oneself: Oneself, keys: OwnKeys): Promise<OwnKeys> {
  ownCard(oneself, keys, new Date().toISOString().slice(0, 10));
  if (!oneself.roles.some((role) => CONTENT.includes(role))) return keys;
  const { bundle } = await get<{ bundle: Json }>("/review/v1/keys");
  const seen = seenIn(provenBundle(bundle, oneself, keys));
  return isOlder(keys.seen, seen) ? seeing(keys, seen) : keys;
}

/** Keep the vault for one wrapper, if the server takes it now; it is tried again at the next login. */
async function resealed(wrapper: string, file: () => Promise<Bytes>): Promise<boolean> {
  try {
    await seal(wrapper, await file());
    return true;
  } catch (error) {
    if (error instanceof Refused) return false;
    throw error;
  }
}
