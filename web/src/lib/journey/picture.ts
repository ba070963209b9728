/** A map's data as nodes and edges of the canvas, with their words. */
import type { Edge, Node } from '@xyflow/svelte';
import { m } from '../paraglide/messages';
import { catalogue } from './catalogue.svelte';
import type { Shown } from './detail';
import type { Layout } from './layout';
import type { Chosen, PlaceData, WayData } from './map';
import { amountOf, COLOURS, type Paint, type Painter } from './paint';
import { NODE_HEIGHT, NODE_WIDTH } from './parts';
import { span } from '../time';
import { timeWords } from '../words';
import type { MapEdge, MapResult, MapTouchpoint } from './types';
import { share, whole } from './words';

export type Picture = {
  map: MapResult;
  shown: Shown;
  layout: Layout;
  painter: Painter;
  paint: Paint;
  chosen: Chosen;
  current: number | null;
  open: (chosen: Chosen) => void;
};

/** From this share of all customers on, a beginning or an end has a mark. */
const MARKED = 0.05;
/** So many of the strongest ways have their number beside them. */
const LABELLED = 9;

const hasPart = (chosen: Chosen, touchpoint: number, edges: MapEdge[]): boolean => {
  if (!chosen) return true;
  if (!('touchpoint' in chosen)) return chosen.from === touchpoint || chosen.to === touchpoint;
  const to = chosen.touchpoint;
  return (
    to === touchpoint ||
    edges.some((e) => (e.from === to && e.to === touchpoint) || (e.to === to && e.from === touchpoint))
  );
};

/** The line under a touchpoint's name. */
export function placeText(place: MapTouchpoint | undefined, pain: number | null, paint: Paint): string {
  if (!place) return m.map_nobody();
  if (paint === 'pain' && pain !== null && pain > 0) return `${whole(place.customers)} · ${painWords(pain)}`;
  if (paint === 'volume') return m.map_lane_visits({ count: whole(place.events) });
  return m.map_customers({ count: whole(place.customers) });
}
const painWords = (pain: number) => m.map_ask_next({ share: share(pain) });

export function placeNodes(picture: Picture): Node[] {
  const { map, shown, layout, painter, paint, chosen, current, open } = picture;
  const places = new Map(map.touchpoints.map((place) => [place.touchpoint, place]));
  const share = (count: number) => (count / Math.max(map.customers, 1) >= MARKED ? count / map.customers : 0);
  return layout.nodes.map(({ touchpoint, x, y }) => {
    const [row, place] = [catalogue.byId.get(touchpoint)!, places.get(touchpoint)];
    const name = catalogue.name(touchpoint);
    const text = placeText(place, painter.painOf(touchpoint), paint);
    const colour = row.is_contact ? 'var(--accent)' : COLOURS[paint][painter.levelOfTouchpoint(touchpoint)]!;
    const data: PlaceData = {
      id: touchpoint,
      name,
      text,
      label: `${name}, ${catalogue.where(touchpoint)}: ${text}`,
      colour,
      role: row.role,
      isContact: row.is_contact,
      starts: share(place?.starts ?? 0),
      ends: share(place?.ends ?? 0),
      again: shown.again.get(touchpoint)?.count ?? 0,
      isCurrent: current === touchpoint,
      isSelected: chosen !== null && 'touchpoint' in chosen && chosen.touchpoint === touchpoint,
      isFaint: !hasPart(chosen, touchpoint, shown.edges),
      open: () => open({ touchpoint }),
    };
    return {
      id: String(touchpoint),
      type: 'place',
      position: { x, y },
      width: NODE_WIDTH,
      height: NODE_HEIGHT,
      focusable: false,
      selectable: false,
      data,
    };
  });
}

export function wayEdges({ layout, painter, paint, chosen, current }: Picture): Edge[] {
  const strongest = [...layout.routes]
    .sort((a, b) => amountOf(b.edge) - amountOf(a.edge))
    .slice(0, LABELLED)
    .map((route) => route.id);
  return layout.routes.map((route) => {
    const { from, to } = route.edge;
    const isSelected = chosen !== null && 'from' in chosen && chosen.from === from && chosen.to === to;
    const isTouched = chosen !== null && 'touchpoint' in chosen && [from, to].includes(chosen.touchpoint);
    const data: WayData = {
      path: route.path,
      head: route.head,
      at: route.label,
      width: route.width,
      colour: COLOURS[paint][painter.levelOfEdge(route.edge)]!,
      label:
        isSelected || (isTouched && layout.routes.length < 60) || strongest.includes(route.id)
          ? wayText(route.edge, paint)
          : '',
      isSelected,
      isFaint: chosen !== null && !isSelected && !isTouched,
    };
    return {
      id: route.id,
      type: 'way',
      source: String(from),
      target: String(to),
      // Only what begins or ends where the arrows are takes part in the tab order: dozens of stops help nobody.
      focusable: current === from || current === to,
      selectable: false,
      zIndex: isSelected ? 3 : isTouched ? 2 : 1,
      ariaRole: 'button',
      ariaLabel: m.map_way_label({
        from: catalogue.name(from),
        to: catalogue.name(to),
        customers: whole(amountOf(route.edge)),
      }),
      data,
    };
  });
}

/** What stands beside a way. */
function wayText(edge: MapEdge, paint: Paint): string {
  if (paint === 'time') return edge.durations ? span(edge.durations.median_ms, timeWords()) : '';
  return whole(amountOf(edge));
}
