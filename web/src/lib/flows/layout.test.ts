import { describe, expect, it } from 'vitest';
import type { FlowGraph } from '../api/types';
import { fit, fromElk, roundedPath, shortLabel, toElk } from './layout';

const node = (id: string) => ({ id, kind: 'say', title: id, text: '', line: 1 });
const graph: FlowGraph = {
  start: 'a',
  nodes: [node('a'), node('b')],
  edges: [
    { from: 'a', to: 'gone', label: '' },
    { from: 'a', to: 'b', label: 'yes' },
  ],
};

describe('the map of a flow', () => {
  it('leaves out ways that lead nowhere', () => {
    expect(toElk(graph, 60).edges?.map((edge) => edge.id)).toEqual(['1']);
  });
  it('takes places, ways and label spots from the layout', () => {
    const placed = fromElk(graph, {
      id: 'flow',
      width: 300,
      height: 200,
      children: [{ id: 'b', x: 10, y: 90 }],
      edges: [
        {
          id: '1',
          sources: ['a'],
          targets: ['b'],
          sections: [{ id: 's', startPoint: { x: 0, y: 0 }, endPoint: { x: 0, y: 50 } }],
          labels: [{ x: 10, y: 20, width: 30, height: 18 }],
        },
      ],
    });
    expect(placed.nodes.get('b')).toEqual({ x: 10, y: 90 });
    expect(placed.edges).toEqual([
      { id: '1', from: 'a', to: 'b', label: 'yes', path: 'M0 0L0 50', at: { x: 25, y: 29 } },
    ]);
  });
  it('is shown whole where it can be read whole, and from its beginning where not', () => {
    const map = { width: 800, height: 400, startX: 600 };
    expect(fit(map, { width: 840, height: 600 })).toEqual({ x: 20, y: 60, zoom: 1 });
    expect(fit(map, { width: 640, height: 600 })).toEqual({ x: 20, y: 60, zoom: 0.75 });
    const narrow = fit(map, { width: 390, height: 120 });
    expect(narrow.zoom).toBe(0.45);
    expect(narrow.y).toBe(20);
    expect(narrow.x).toBe(15);
  });
  it('rounds corners, and short legs only to their middle', () => {
    const corner = [
      { x: 0, y: 0 },
      { x: 0, y: 40 },
      { x: 8, y: 40 },
    ];
    expect(roundedPath(corner, 10)).toBe('M0 0L0 30Q0 40 4 40L8 40');
    expect(roundedPath([])).toBe('');
  });
  it('cuts long labels', () => {
    expect(shortLabel('yes')).toBe('yes');
    expect(shortLabel('a label that is far too long to stand on a map')).toHaveLength(24);
  });
});
