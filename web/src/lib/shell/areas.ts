/** The areas of the app, in the order of the rail. */
import ChartColumn from '@lucide/svelte/icons/chart-column';
import ClipboardList from '@lucide/svelte/icons/clipboard-list';
import Inbox from '@lucide/svelte/icons/inbox';
import Route from '@lucide/svelte/icons/route';
import Settings from '@lucide/svelte/icons/settings';
import Users from '@lucide/svelte/icons/users';
import Workflow from '@lucide/svelte/icons/workflow';
import { m } from '../paraglide/messages';

export const areas = [
  { path: '/inbox', label: m.area_inbox, icon: Inbox, keys: 'g i' },
  { path: '/customers', label: m.area_customers, icon: Users, keys: 'g c' },
  { path: '/requests', label: m.area_requests, icon: ClipboardList, keys: 'g r' },
  { path: '/flows', label: m.area_flows, icon: Workflow, keys: 'g f' },
  { path: '/reports', label: m.area_reports, icon: ChartColumn, keys: 'g p' },
  { path: '/journeys', label: m.area_journeys, icon: Route, keys: 'g j' },
  { path: '/settings', label: m.area_settings, icon: Settings, keys: 'g s' },
];

/** Whether a page belongs to an area. */
export const inArea = (path: string, area: string): boolean => path === area || path.startsWith(`${area}/`);
