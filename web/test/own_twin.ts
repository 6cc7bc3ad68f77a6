/** What `twin.ts` answers about one's own record: the same questions as `intake/record` and `intake/client`. */

import { checkAccesses } from "../src/accesses.ts";
import { joined } from "../src/changes.ts";
import { type Choice, type ConsentText, Mechanisms, Refused } from "../src/consent.ts";
import { type Bytes, fromUtf8, hexDecode, type Json, parseJson } from "../src/crypto/encoding.ts";
import { Receipt } from "../src/crypto/receipt.ts";
import { RecordReader } from "../src/crypto/record_reader.ts";
import { RecordWriter } from "../src/crypto/record_writer.ts";
import type { Signed } from "../src/crypto/statement.ts";
import { signWithdrawal } from "../src/crypto/withdrawal.ts";
import { correspondence, everGranted, openAll } from "../src/opened.ts";
import { itemsOf } from "../src/record/answers.ts";
import { Earlier, Revision } from "../src/revise.ts";
import { typedOf } from "../src/typed.ts";
import { stream } from "./vectors.ts";

const bytes = (text: string): Bytes => new Uint8Array(Buffer.from(text, "base64"));

interface Shelf {
  readonly receipt: string;
  readonly revisions: readonly (readonly [string, string])[];
  readonly grants: readonly (readonly [string, string])[];
  readonly files: Readonly<Record<string, string>>;
  readonly gone: readonly string[];
}

async function earlierOf(shelf: Shelf) {
  const keys = await Receipt.parse(shelf.receipt).keys();
  const revisions = shelf.revisions.map((r): Signed => [bytes(r[0]), bytes(r[1])]);
  const grants = shelf.grants.map(([compartment, file]) => [compartment, bytes(file)] as const);
  const reader = await RecordReader.open(revisions, grants, [keys.identity]);
  const opened = await openAll(reader, async (part) => bytes(shelf.files[part]!));
  return {
    keys,
    revisions,
    reader,
    earlier: new Earlier(opened, everGranted(revisions), new Set(shelf.gone)),
  };
}

interface Asked extends Shelf {
  readonly seed: string;
  readonly mechanisms: string;
  readonly text: ConsentText;
  readonly today: string;
  readonly choices: readonly Choice[];
  readonly texts: readonly string[];
}

export const operations: Record<string, (asked: any) => unknown> = {
  /** The choices that hold, what is said now, and where messages go. */
  held: async (shelf: Shelf & { mechanisms: readonly string[] }) => {
    const { earlier } = await earlierOf(shelf);
    const { opened, statement } = earlier;
    return {
      choices: Object.fromEntries(earlier.choices()),
      current: opened.current("narrative").map((said) => said.entry.id),
      problems: [...opened.problems.keys()],
      letters: shelf.mechanisms.map((m) => correspondence(statement, m)?.id ?? null),
    };
  },
  /** The next revision, or the code of the refusal. */
  revise: async (asked: Asked) => {
    const { keys, revisions, reader, earlier } = await earlierOf(asked);
    const offered = Mechanisms.read(parseJson(asked.mechanisms), {});
    try {
      const writer = RecordWriter.continuing(keys, stream(asked.seed), revisions, reader, stream("headers"));
      const revision = new Revision(writer, offered, asked.text, asked.today, asked.choices, earlier);
      for (const text of asked.texts) await revision.narrative(text, "victim", "be");
      const composed = await revision.finish();
      const [statement] = writer.statement({
        audience: composed.audience,
        consent: composed.consent,
        createdDay: asked.today,
        sealedBy: "submitter",
        client: { name: "test", version: "1", assets: null },
      });
      return {
        statement: fromUtf8(statement),
        withdrawals: composed.withdrawals.map((w) => fromUtf8(signWithdrawal(w, keys.signing))),
        readers: composed.readers.map(([compartment, reader]) => [compartment, reader.fingerprint]),
        left_out: [...composed.leftOut].sort(),
      };
    } catch (error) {
      if (error instanceof Refused) return { refused: error.code };
      throw error;
    }
  },
  /** How many hold, and how many do not. */
  accesses: ({ answer, record, share, key }) => {
    const found = checkAccesses(parseJson(answer), record, hexDecode(share, 32), hexDecode(key, 32));
    return {
      shown: found.shown.map(({ counter, mechanism, day, event }) => [counter, mechanism, day, event]),
      problems: found.problems.length,
    };
  },
  /** What all sections say once these answers are added. */
  joined: async ({ answered, ...shelf }: Shelf & { answered: Parameters<typeof joined>[1] }) =>
    joined((await earlierOf(shelf)).earlier.opened, answered),
  items: ({ values }: { values: Record<string, Json> }) => itemsOf(values) ?? null,
  typed: ({ questions, answers, prefix }) => Object.fromEntries(typedOf(questions, answers, prefix)),
};
