/**
 * Places things along a line, in their order and apart from each other, as near to where each wants to be as that allows.
 * Least squares by pooling adjacent violators (Barlow et al., Statistical Inference under Order Restrictions, 1972). Pure.
 */
export type Wish = {
  /** Where its middle would best be. */
  at: number;
  /** How much room it takes. */
  size: number;
  /** How much its wish counts. */
  weight: number;
};

type Block = { at: number; weight: number; count: number };

/** Gives the middles of all, at least `gap` apart from edge to edge. */
export function settle(wishes: Wish[], gap: number): number[] {
  const offsets: number[] = [];
  wishes.forEach(({ size }, index) => {
    const before = wishes[index - 1];
    offsets.push(before ? offsets[index - 1]! + (before.size + size) / 2 + gap : 0);
  });
  const blocks: Block[] = [];
  wishes.forEach(({ at, weight }, index) => {
    let block = { at: at - offsets[index]!, weight, count: 1 };
    for (let last = blocks.at(-1); last && last.at >= block.at; last = blocks.at(-1)) {
      blocks.pop();
      const both = last.weight + block.weight;
      const middle = (last.at * last.weight + block.at * block.weight) / both;
      block = { at: middle, weight: both, count: last.count + block.count };
    }
    blocks.push(block);
  });
  return blocks.flatMap(({ at, count }) => Array<number>(count).fill(at)).map((at, i) => at + offsets[i]!);
}
