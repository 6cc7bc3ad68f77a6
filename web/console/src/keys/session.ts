/** Being logged in: a passkey begins a session and, where it can, opens the vault in the same ceremony. */

import { b64uDecode, b64uEncode, type Bytes } from "../../../src/crypto/encoding.ts";
import { VerifyError } from "../../../src/crypto/errors.ts";
import type { Receipt } from "../../../src/crypto/receipt.ts";
import { get, post, put, remove } from "../api.ts";
import { changed, forget, type Oneself, type OwnKeys, state } from "../state.ts";
import { assert, create } from "./passkey.ts";
import { openByPasskey, openByPrinted, sealToPasskey, sealToPrinted } from "./vault.ts";

export const PRINTED = "recovery";
const ONESELF = "/review/v1/oneself";

/** Log in for a purpose. The keys stay closed where this passkey cannot open them. */
export async function enter(purpose: string): Promise<void> {
  const { assertion, id, key, nonce } = await assert("login");
  await post("/review/v1/sessions", { assertion, purpose });
  const oneself = await get<Oneself>(ONESELF);
  const file = oneself.vaults[id];
  // A file that this passkey does not open is no reason to be shut out: the printed key may open another.
  const keys = key && file ? await openOrNothing(oneself, file, key) : undefined;
  state.over = false;
  state.oneself = oneself;
  state.keys = keys;
  state.unsealed = key && !keys ? { id, key, nonce } : undefined;
  changed();
}

/** Open the keys with the printed key; `NotMine` if it is another one. A new passkey opens them from then on. */
export async function unlock(printed: Receipt): Promise<void> {
  const file = state.oneself?.vaults[PRINTED];
  if (!state.oneself || !file) throw new VerifyError("there is no printed key");
  const keys = own(state.oneself, await openByPrinted(b64uDecode(file), printed));
  const { unsealed } = state;
  if (unsealed) {
    await seal(unsealed.id, await sealToPasskey(keys, unsealed.key, unsealed.nonce));
    state.unsealed = undefined;
  }
  state.keys = keys;
  await refresh();
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
  await remove("/review/v1/sessions").catch(() => undefined);
}

async function openOrNothing(oneself: Oneself, file: string, key: Bytes): Promise<OwnKeys | undefined> {
  try {
    return own(oneself, await openByPasskey(b64uDecode(file), key));
  } catch {
    return undefined;
  }
}

/** The keys, if they are those that the root signed: what the server kept might be somebody else's file. */
function own(oneself: Oneself, keys: OwnKeys): OwnKeys {
  const same =
    keys.identity.recipient.text === oneself.recipient && b64uEncode(keys.signing.public) === oneself.key;
  if (!same) throw new VerifyError("these are not the keys of the membership");
  return keys;
}
