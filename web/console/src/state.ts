/**
 * What the console knows while it is open: who is logged in, and the member's unlocked keys. In memory only;
 * `forget` drops all of it.
 */

import type { Identity } from "../../src/crypto/age_keys.ts";
import type { Bytes } from "../../src/crypto/encoding.ts";
import type { SigningKey } from "../../src/crypto/primitives.ts";

/** What `GET /review/v1/oneself` says. */
export interface Oneself {
  readonly mechanism: string;
  /** Its names by language, and its root's public key (base64url). */
  readonly names: Readonly<Record<string, string>>;
  readonly root: string;
  readonly member: string;
  /** What the root signed: the name that people see, the first and the last day, both public keys. */
  readonly name: string | null;
  readonly starts: string;
  readonly expires: string;
  readonly key: string;
  readonly recipient: string;
  /** Certificate and membership, as the root signed them. */
  readonly card: string | null;
  readonly roles: readonly string[];
  /** What is read for; "" of whose roles see no content. */
  readonly purpose: string;
  readonly purposes: readonly string[];
  readonly passkeys: readonly Passkey[];
  /** The sealed private keys, base64url, by wrapper: a passkey's id, or "recovery". */
  readonly vaults: Readonly<Record<string, string>>;
}

export interface Passkey {
  readonly id: string;
  readonly name: string;
  readonly day: string;
  /** Whether it opens the vault. */
  readonly opens: boolean;
}

/** How old a bundle is: its newest epoch, and how many keys it has. */
export interface Seen {
  readonly epoch: number;
  readonly keys: number;
}

/**
 * The member's own private keys, out of the vault; `vault` is what it holds, to be sealed again. `root` is the
 * fingerprint (hex) of the mechanism's root, `seen` the newest bundle that was seen when the vault was sealed.
 */
export interface OwnKeys {
  readonly vault: Bytes;
  readonly root: string;
  readonly seen: Seen;
  readonly identity: Identity;
  readonly signing: SigningKey;
}

/** A passkey that could open the vault, and has no file yet: of a device that replaces a lost one. */
export interface Unsealed {
  readonly id: string;
  readonly key: Bytes;
  readonly nonce: Bytes;
}

export interface State {
  unsealed: Unsealed | undefined;
  over: boolean;
  /** Somebody follows a link; the session will soon be over; when it began, in milliseconds since 1970. */
  following: boolean;
  ending: boolean;
  entered: number | undefined;
  oneself: Oneself | undefined;
  keys: OwnKeys | undefined;
}

export const state: State = {
  over: false,
  following: false,
  ending: false,
  entered: undefined,
  oneself: undefined,
  keys: undefined,
  unsealed: undefined,
};
let redraw: () => void = () => undefined;

/** The frame draws itself anew when who is logged in has changed. */
export function onChange(draw: () => void): void {
  redraw = draw;
}

/** Say that `state` was changed. */
export const changed = (): void => redraw();
const forgetters: (() => void)[] = [];

/** Something that has to be dropped when the member leaves. */
export function onForget(forget: () => void): void {
  forgetters.push(forget);
}

const renewers: (() => void)[] = [];

/** Something fetched that may be another by now: keys arrive while a member is here. */
export function onRenew(drop: () => void): void {
  renewers.push(drop);
}

/** Fetch such things anew the next time. */
export const renew = (): void => renewers.forEach((drop) => drop());

/** Drop everything. `over`: the session ended by itself, and the login page says so. */
export function forget(over = false): void {
  state.oneself = undefined;
  state.keys = undefined;
  state.unsealed = undefined;
  state.entered = undefined;
  state.ending = false;
  state.over = over;
  for (const each of forgetters) each();
  changed();
}
