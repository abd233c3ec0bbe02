// What the program gives to the screens: the Serialize halves of mobile/shell/src.

export type Language = 'da' | 'en';
export type Theme = 'dark' | 'light';

export interface Settings {
  language: Language | null;
  theme: Theme | null;
  /** Whether services may wake this phone. */
  wakes: 'off' | 'on';
}

export interface Signature {
  id: string;
  service: string;
  address: string;
  company: string;
  account: string;
  name: string;
  phoneName: string;
  protection: string;
  usableMs: number;
  unlocked: boolean;
  pin: boolean;
  offline: boolean;
}

/** What the phone's system asks for before it uses keys in hardware: on iPhones finger or face alone. */
export type Asks = 'biometrics' | 'biometrics-or-code';

export interface View {
  signatures: Signature[];
  settings: Settings;
  hardware: boolean;
  asks: Asks;
  scans: boolean;
}

/** How waking stands for one pairing. */
export type WakeStanding = 'asked' | 'nowhere' | 'not-offered' | 'off' | 'refused' | 'registered' | 'unreached';

/** Through whom this device is woken, and how it stands by pairing. */
export interface Wakes {
  way: 'apns' | 'fcm' | 'none' | 'web-push';
  standings: Record<string, WakeStanding>;
}

export interface Typed {
  code: string;
  address: string;
  authority: string;
}

export interface Offer {
  service: string;
  address: string;
  company: string;
  name: string;
  account: string;
}

export interface Listed {
  label: string;
  digest: string;
}

export interface Request {
  signature: string;
  id: string;
  shown: string;
  purpose: string;
  service: string;
  account: string;
  company: string;
  title: string;
  lines: string[];
  content: string | null;
  digests: Listed[];
  network: string;
  place: string | null;
  leftMs: number;
  underway: boolean;
}

export type Choice = { choice: 'approve'; number: string } | { choice: 'approve-scanned'; scan: string } | { choice: 'not-me' } | { choice: 'reject' };

export type Decided =
  | { state: 'elsewhere' | 'lapsed' | 'replaced' | 'taken' }
  | { state: 'wrong-number'; tries_left: number };

export type Standing = { state: 'lapsed' | 'paired' | 'refused' | 'waiting' };

export interface OfflineCode {
  code: string;
  leftMs: number;
}

export interface OtherPhone {
  id: string;
  name: string;
  state: string;
  protection: string;
  pairedMs: number;
  own: boolean;
  fresh: boolean;
}

export interface HistoryEntry {
  id: string;
  purpose: string;
  service: string;
  title: string;
  outcome: string;
  ended_ms: number;
}

export interface History {
  entries: HistoryEntry[];
  next: string | null;
}

/** A refusal: a code, and the numbers that its words need. */
export interface Refusal {
  code: string;
  found?: number;
  place?: number;
  status?: number;
  problem?: string;
  triesLeft?: number | null;
}

/** Where a pairing that was removed on the phone has ended: here only when the service could not be told. */
export type Forgotten = 'everywhere' | 'here';
