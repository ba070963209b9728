/** What changed between two texts, line by line. Pure. */

type Line = { kind: 'same' | 'gone' | 'new'; text: string };

/** Leads from one text to another: the longest run of lines that both have stays, the rest goes or comes. */
export function difference(from: string, to: string): Line[] {
  const [before, after] = [from.split('\n'), to.split('\n')];
  // common[i][j]: how many lines both still have from before[i] and after[j] on.
  const common = Array.from({ length: before.length + 1 }, () => new Array<number>(after.length + 1).fill(0));
  for (let i = before.length - 1; i >= 0; i--)
    for (let j = after.length - 1; j >= 0; j--)
      common[i]![j] =
        before[i] === after[j]
          ? common[i + 1]![j + 1]! + 1
          : Math.max(common[i + 1]![j]!, common[i]![j + 1]!);
  const lines: Line[] = [];
  let [i, j] = [0, 0];
  while (i < before.length || j < after.length) {
    if (i < before.length && j < after.length && before[i] === after[j]) {
      lines.push({ kind: 'same', text: before[i]! });
      [i, j] = [i + 1, j + 1];
    } else if (j >= after.length || (i < before.length && common[i + 1]![j]! >= common[i]![j + 1]!)) {
      lines.push({ kind: 'gone', text: before[i++]! });
    } else lines.push({ kind: 'new', text: after[j++]! });
  }
  return lines;
}
