// A program behind the screens, for tests of the screens alone: what it is told to answer, it answers, and it writes down what it was asked.
import type { Request, Signature } from '../src/types';

export const signature: Signature = {
  id: '0a0a0a0a-0000-4000-8000-000000000001',
  service: 'Segl hos Ærø Kommune',
  address: 'segl.example.dk',
  company: 'Ærø Kommune',
  account: 'abj-0042',
  name: 'Anne Bæk Jensen',
  phoneName: 'Annes telefon',
  protection: 'software-pin',
  usableMs: 0,
  unlocked: true,
  pin: true,
  offline: true,
};

export const request: Request = {
  signature: signature.id,
  id: '0b0b0b0b-0000-4000-8000-000000000001',
  shown: 'ab'.repeat(32),
  purpose: 'sign-document',
  service: signature.service,
  account: signature.account,
  company: signature.company,
  title: 'Købsaftale.pdf',
  lines: ['12 sider', 'Beløb: 1.250.000 kr.'],
  content: '0123456789abcdef'.repeat(4),
  digests: [{ label: 'Bilag 1.pdf', digest: 'fedcba9876543210'.repeat(4) }],
  network: '192.0.2.0/24',
  place: 'Rønne, Danmark',
  leftMs: 95_000,
  underway: false,
};

export type Answers = Record<string, unknown>;

export const home: Answers = {
  look: { signatures: [signature], settings: { language: null, theme: null, wakes: 'on' }, hardware: false, asks: 'biometrics-or-code', scans: false },
  wakes: { way: 'none', standings: {} },
  waiting: [request],
  set: null,
  speak: null,
  touch: null,
  unlock: null,
  lock: null,
  pair_begin: { service: signature.service, address: signature.address, company: signature.company, name: signature.name, account: signature.account },
  pair_claim: '042137',
  pair_standing: { state: 'waiting' },
  pair_give_up: null,
  pair_given: null,
  offline_code: { code: '042137', leftMs: 25_000 },
  phones: [
    { id: '0c0c0c0c-0000-4000-8000-000000000002', name: 'Annes nye telefon', state: 'active', protection: 'strongbox', pairedMs: 1_795_760_000_000, own: false, fresh: true },
    { id: signature.id, name: signature.phoneName, state: 'active', protection: 'software-pin', pairedMs: 1_795_750_000_000, own: true, fresh: false },
  ],
  phones_seen: null,
  block_phone: null,
  history: {
    entries: [{ id: request.id, purpose: 'login', service: signature.service, title: 'Selvbetjening', outcome: 'approved', ended_ms: 1_795_750_000_000 }],
    next: null,
  },
  decide: { state: 'taken' },
};
