/** What changed between two texts, word by word: the longest common subsequence, for texts that people write. */

export interface Piece {
  readonly kind: "same" | "gone" | "new";
  readonly text: string;
}

const MOST = 4_000_000; // cells of the table: beyond that both texts are shown whole

export function difference(before: string, after: string): Piece[] {
  const one = before.split(/(?<=\s)/);
  const other = after.split(/(?<=\s)/);
  if (one.length * other.length > MOST) {
    return [
      { kind: "gone", text: before },
      { kind: "new", text: after },
    ];
  }
  const width = other.length + 1;
  const longest = new Uint16Array((one.length + 1) * width);
  for (let i = one.length - 1; i >= 0; i--) {
    for (let j = other.length - 1; j >= 0; j--) {
      longest[i * width + j] =
        one[i] === other[j]
          ? longest[(i + 1) * width + j + 1]! + 1
          : Math.max(longest[(i + 1) * width + j]!, longest[i * width + j + 1]!);
    }
  }
  const pieces: { kind: Piece["kind"]; text: string }[] = [];
  const add = (kind: Piece["kind"], text: string): void => {
    const last = pieces.at(-1);
    if (last?.kind === kind) last.text += text;
    else pieces.push({ kind, text });
  };
  let [i, j] = [0, 0];
  while (i < one.length || j < other.length) {
    if (i < one.length && j < other.length && one[i] === other[j]) {
      add("same", one[i++]!);
      j++;
    } else if (
      j >= other.length ||
      (i < one.length && longest[(i + 1) * width + j]! >= longest[i * width + j + 1]!)
    ) {
      add("gone", one[i++]!);
    } else add("new", other[j++]!);
  }
  return pieces;
}
