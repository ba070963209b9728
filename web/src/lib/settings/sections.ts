/** The sections of the settings and who may see them. */
import Activity from '@lucide/svelte/icons/activity';
import Building2 from '@lucide/svelte/icons/building-2';
import Handshake from '@lucide/svelte/icons/handshake';
import KeyRound from '@lucide/svelte/icons/key-round';
import MessageSquareText from '@lucide/svelte/icons/message-square-text';
import FileUp from '@lucide/svelte/icons/file-up';
import Footprints from '@lucide/svelte/icons/footprints';
import MapPin from '@lucide/svelte/icons/map-pin';
import Radio from '@lucide/svelte/icons/radio';
import ShieldCheck from '@lucide/svelte/icons/shield-check';
import UserRound from '@lucide/svelte/icons/user-round';
import Users from '@lucide/svelte/icons/users';
import UsersRound from '@lucide/svelte/icons/users-round';
import type { Role } from '../api/types';
import { m } from '../paraglide/messages';

export const sections: { path: string; label: () => string; icon: typeof Users; role: Role }[] = [
  { path: '/settings/profile', label: m.settings_profile, icon: UserRound, role: 'viewer' },
  { path: '/settings/company', label: m.settings_company, icon: Building2, role: 'manager' },
  { path: '/settings/people', label: m.settings_people, icon: Users, role: 'viewer' },
  { path: '/settings/teams', label: m.settings_teams, icon: UsersRound, role: 'viewer' },
  { path: '/settings/channels', label: m.settings_channels, icon: Radio, role: 'viewer' },
  { path: '/settings/sources', label: m.settings_sources, icon: Footprints, role: 'manager' },
  { path: '/settings/places', label: m.settings_places, icon: MapPin, role: 'manager' },
  { path: '/settings/imports', label: m.settings_imports, icon: FileUp, role: 'manager' },
  { path: '/settings/canned-replies', label: m.settings_canned, icon: MessageSquareText, role: 'viewer' },
  { path: '/settings/partners', label: m.settings_partners, icon: Handshake, role: 'manager' },
  { path: '/settings/tokens', label: m.settings_tokens, icon: KeyRound, role: 'owner' },
  { path: '/settings/consent', label: m.settings_consent, icon: ShieldCheck, role: 'agent' },
  { path: '/settings/running', label: m.settings_running, icon: Activity, role: 'manager' },
];
