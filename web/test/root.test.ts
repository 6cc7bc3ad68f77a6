/** The root in a member's vault: what the server says is checked against it. Documents are signed here, as by the root. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { printOf, isOlder, ownCard, provenBundle, rootKey } from "../console/src/keys/root.ts";
import { keysOf, makeKeys, seeing } from "../console/src/keys/vault.ts";
import type { Oneself, OwnKeys } from "../console/src/state.ts";
import { Identity } from "../src/crypto/age_keys.ts";
import {
  b64uEncode,
  canonicalJson,
  concat,
  fromUtf8,
  hexEncode,
  type Json,
  utf8,
} from "../src/crypto/encoding.ts";
import { fingerprint } from "../src/crypto/membership.ts";
import { sha256, SigningKey } from "../src/crypto/primitives.ts";

const DAY = "2026-11-28";
const [ROOT, SERVER] = [
  new SigningKey(new Uint8Array(32).fill(1)),
  new SigningKey(new Uint8Array(32).fill(2)),
];
const print = (root: SigningKey): string => hexEncode(sha256(root.public));
const code = (expected: string) => (error: unknown) => (error as { code?: string }).code === expected;

function signed(root: SigningKey, domain: string, document: Record<string, Json>): Record<string, Json> {
  const signature = b64uEncode(root.sign(concat(utf8(`${domain}\0`), canonicalJson(document))));
  return { ...document, signature };
}

function cardOf(root: SigningKey, keys: OwnKeys, roles: string[], expires = "2026-12-31"): string {
  const who = { v: 1, mechanism: "demo", member: "anna", key: b64uEncode(keys.signing.public) };
  const days = { starts: "2026-11-01", expires };
  const recipient = keys.identity.recipient.text;
  return fromUtf8(
    canonicalJson({
      certificate: signed(root, "intake/member/v1", { ...who, ...days, name: null }),
      membership: signed(root, "intake/membership/v1", { ...who, ...days, recipient, roles }),
    }),
  );
}

function bundleOf(root: SigningKey, epochs: number, mechanism = "demo"): Json {
  const keys = Array.from({ length: epochs }, (_, i) => {
    const recipient = new Identity(new Uint8Array(32).fill(i + 1)).recipient.text;
    const key = { mechanism, epoch: i + 1, class: "account", recipient, starts: DAY, expires: "2027-11-28" };
    return signed(root, "intake/mechanism-key/v1", key);
  });
  const body = { v: 1, mechanism, names: { en: "Demo" }, root: b64uEncode(root.public), keys };
  return signed(root, "intake/mechanism-bundle/v1", body);
}

const anna = makeKeys(print(ROOT));
const said = (root: SigningKey, card: string | null, roles = ["reviewer"]): Oneself =>
  ({ mechanism: "demo", member: "anna", root: b64uEncode(root.public), card, roles }) as unknown as Oneself;

test("a vault keeps the root and the newest bundle that was seen, and gives them back", () => {
  const newer = seeing(anna, { epoch: 3, keys: 15 });
  assert.deepEqual(keysOf(newer.vault).seen, { epoch: 3, keys: 15 });
  assert.equal(newer.root, print(ROOT));
  assert.equal(newer.identity.text, anna.identity.text);
});

test("a server that names a root of its own is refused, and so is a card by it", () => {
  assert.deepEqual(rootKey(said(ROOT, null), anna), ROOT.public);
  assert.throws(() => rootKey(said(SERVER, null), anna), code("another_root"));
  assert.throws(
    () => ownCard(said(SERVER, cardOf(SERVER, anna, ["reviewer"])), anna, DAY),
    code("another_root"),
  );
  assert.throws(
    () => ownCard(said(ROOT, cardOf(SERVER, anna, ["reviewer"])), anna, DAY),
    code("another_card"),
  );
});

test("a member's own card carries their keys, roles and this day, or is refused", () => {
  const card = cardOf(ROOT, anna, ["reviewer"]);
  assert.equal(ownCard(said(ROOT, card), anna, DAY)[0].id, "anna");
  for (const wrong of [
    said(ROOT, null),
    said(ROOT, cardOf(ROOT, makeKeys(print(ROOT)), ["reviewer"])),
    said(ROOT, cardOf(ROOT, anna, ["reviewer"], "2026-11-27")),
    said(ROOT, card, ["key-holder"]),
  ]) {
    assert.throws(() => ownCard(wrong, anna, DAY), code("another_card"));
  }
});

test("a bundle by another root, or older than one that was seen, is refused", () => {
  const oneself = said(ROOT, null);
  assert.throws(() => provenBundle(bundleOf(SERVER, 1), oneself, anna), code("another_root"));
  assert.throws(() => provenBundle(bundleOf(ROOT, 1, "other"), oneself, anna), code("another_card"));
  const seen = seeing(anna, { epoch: 2, keys: 2 });
  assert.throws(() => provenBundle(bundleOf(ROOT, 1), oneself, seen), code("older_keys"));
  assert.equal(provenBundle(bundleOf(ROOT, 3), oneself, seen).keys.length, 3);
  // The vault says less, and this page has seen more meanwhile.
  assert.throws(() => provenBundle(bundleOf(ROOT, 2), oneself, anna), code("older_keys"));
  assert.ok(isOlder({ epoch: 2, keys: 8 }, { epoch: 2, keys: 9 }));
  assert.ok(!isOlder({ epoch: 2, keys: 9 }, { epoch: 2, keys: 9 }));
});

test("the fingerprint of an application is worked out from the keys in it", () => {
  const key = b64uEncode(anna.signing.public);
  const recipient = anna.identity.recipient.text;
  const request = canonicalJson({ mechanism: "demo", member: "anna", name: null, key, recipient });
  const expected = fingerprint(anna.signing.public, anna.identity.recipient);
  assert.deepEqual(printOf(fromUtf8(request)), { member: "anna", print: expected });
});
