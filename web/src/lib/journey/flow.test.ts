import { describe, expect, it } from 'vitest';
import { flow } from './flow';
import type { PathsResult } from './types';

const node = (touchpoint: number | null, paths: number, ends = 0, longer = 0) => ({
  touchpoint,
  touchpoints: touchpoint === null ? 3 : 1,
  paths,
  ends,
  longer,
});
const edge = (step: number, from: number | null, to: number | null, paths: number) => ({
  step,
  from,
  to,
  paths,
  mean_ms: 0,
});
const result: PathsResult = {
  customers: 100,
  paths: 100,
  without: 0,
  steps: [[node(1, 60, 10), node(null, 40)], [node(2, 90, 0, 90)], []],
  edges: [edge(0, null, 2, 40), edge(0, 1, 2, 50)],
};
const picture = flow(result, { width: 300, height: 400 });

describe('paths as a picture', () => {
  it('has a bar for every touchpoint, the others among them, and no column of nothing', () => {
    expect(picture.bars.map((bar) => bar.key)).toEqual(['0:1', '0:others', '1:2']);
  });
  it('has bars as high as there are paths, none over another', () => {
    const [one, others, two] = picture.bars as [(typeof picture.bars)[0], ...typeof picture.bars];
    expect(one.height / others!.height).toBeCloseTo(1.5);
    expect(others!.y).toBeGreaterThan(one.y + one.height);
    expect(two!.height).toBeCloseTo(one.height * 1.5);
  });
  it('fills the bar where bands come in, and leaves open what ended', () => {
    const thick = picture.bands.reduce((sum, band) => sum + band.thick, 0);
    expect(thick).toBeCloseTo(picture.bars[2]!.height);
    const [first] = picture.bands;
    expect(first!.key).toBe('0:1>1:2');
    expect(first!.thick).toBeCloseTo((picture.bars[0]!.height * 50) / 60);
  });
  it('of nothing is empty', () => {
    const empty = { customers: 0, paths: 0, without: 0, steps: [], edges: [] };
    expect(flow(empty, { width: 300, height: 400 })).toMatchObject({ bars: [], bands: [] });
  });
});
