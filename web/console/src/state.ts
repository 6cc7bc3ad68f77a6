/**
 * What the console knows while it is open: who is logged in, and the member's unlocked keys. In memory only;
 * `forget` drops all of it.
 */

import type { Identity } from "../../src/crypto/age_keys.ts";
import type { SigningKey } from "../../src/crypto/primitives.ts";

/** What `GET /review/v1/oneself` says. */
export interface Oneself {
  readonly mechanism: string;
  readonly member: string;
  readonly roles: readonly string[];
  readonly purpose: string;
  readonly purposes: readonly string[];
}

/** The member's own private keys, out of the vault. */
export interface OwnKeys {
  readonly identity: Identity;
  readonly signing: SigningKey;
}

export interface State {
  oneself: Oneself | undefined;
  keys: OwnKeys | undefined;
}

export const state: State = { oneself: undefined, keys: undefined };
const forgetters: (() => void)[] = [];

/** Something that has to be dropped when the member leaves. */
export function onForget(forget: () => void): void {
  forgetters.push(forget);
}

export function forget(): void {
  state.oneself = undefined;
  state.keys = undefined;
  for (const each of forgetters) each();
}
