/** Where an arrow key leads on the map: right and left along the strongest way, up and down in the column. Pure. */
import type { Layout } from './layout';
import { amountOf } from './paint';

export type Arrow = 'ArrowRight' | 'ArrowLeft' | 'ArrowUp' | 'ArrowDown';
export const isArrow = (key: string): key is Arrow => /^Arrow(Right|Left|Up|Down)$/.test(key);

/** The touchpoint that an arrow leads to; null where there is nothing. */
export function step(layout: Layout, from: number, arrow: Arrow): number | null {
  const here = layout.nodes.find((node) => node.touchpoint === from);
  if (!here) return layout.nodes[0]?.touchpoint ?? null;
  if (arrow === 'ArrowUp' || arrow === 'ArrowDown') {
    const sign = arrow === 'ArrowDown' ? 1 : -1;
    const ahead = layout.nodes
      .filter((node) => node.x === here.x && (node.y - here.y) * sign > 0)
      .sort((a, b) => (a.y - b.y) * sign);
    return ahead[0]?.touchpoint ?? null;
  }
  const isOut = arrow === 'ArrowRight';
  const strongest = layout.routes
    .map(({ edge }) => edge)
    .filter((edge) => (isOut ? edge.from : edge.to) === from)
    .sort((a, b) => amountOf(b) - amountOf(a))[0];
  if (!strongest) return null;
  return isOut ? strongest.to : strongest.from;
}
