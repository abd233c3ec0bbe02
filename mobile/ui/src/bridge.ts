// The one door to the program. The screens have no network of their own.
import { invoke } from '@tauri-apps/api/core';
import { listen } from '@tauri-apps/api/event';
import type { Choice, Decided, Forgotten, History, Language, Offer, OfflineCode, OtherPhone, Refusal, Request, Settings, Standing, Typed, View, Wakes } from './types';

export const look = () => invoke<View>('look');
export const set = (settings: Settings) => invoke<void>('set', { settings });
export const speak = (language: Language) => invoke<void>('speak', { language });
export const wakes = () => invoke<Wakes>('wakes');
export const pairGiven = () => invoke<Typed | null>('pair_given');
export const pairBegin = (typed: Typed) => invoke<Offer>('pair_begin', { typed });
export const pairClaim = (name: string, pin: string | null) => invoke<string>('pair_claim', { name, pin });
export const pairStanding = () => invoke<Standing>('pair_standing');
export const pairGiveUp = () => invoke<void>('pair_give_up');
export const unlock = (signature: string, pin: string | null) => invoke<void>('unlock', { signature, pin });
export const lock = () => invoke<void>('lock');
export const touch = () => invoke<void>('touch');
export const waiting = (signature: string) => invoke<Request[]>('waiting', { signature });
export const extend = (signature: string, id: string) => invoke<Request>('extend', { signature, id });
export const decide = (request: Request, choice: Choice) =>
  invoke<Decided>('decide', { signature: request.signature, id: request.id, shown: request.shown, choice });
export const offlineCode = (signature: string, pin: string | null) => invoke<OfflineCode>('offline_code', { signature, pin });
export const history = (signature: string, after: string | null) => invoke<History>('history', { signature, after });
export const phones = (signature: string) => invoke<OtherPhone[]>('phones', { signature });
export const phonesSeen = (signature: string, ids: string[]) => invoke<void>('phones_seen', { signature, ids });
export const blockPhone = (signature: string, id: string) => invoke<void>('block_phone', { signature, phone: id });
export const rename = (signature: string, name: string) => invoke<void>('rename', { signature, name });
export const changePin = (signature: string, old: string, pin: string) => invoke<void>('change_pin', { signature, old, new: pin });
export const forget = (signature: string) => invoke<Forgotten>('forget', { signature });

export const onLook = (then: () => void) => listen('look', then);
export const onPhones = (then: () => void) => listen('phones', then);
export const onWoken = (then: () => void) => listen('woken', then);
export const onLocked = (then: () => void) => listen('locked', then);

/** What was thrown, as a refusal; what is none has no code that the words know. */
export function refusal(thrown: unknown): Refusal {
  const isRefusal = typeof thrown === 'object' && thrown !== null && 'code' in thrown && typeof thrown.code === 'string';
  return isRefusal ? (thrown as Refusal) : { code: 'unforeseen' };
}
