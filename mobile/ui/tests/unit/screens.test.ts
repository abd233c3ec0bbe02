import { clearMocks, mockIPC } from '@tauri-apps/api/mocks';
import { flushSync, mount, unmount } from 'svelte';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import App from '../../src/App.svelte';
import { phone } from '../../src/phone.svelte';
import { da } from '../../src/words/da';
import type { Request, Signature } from '../../src/types';
import { home, request, signature, type Answers } from '../program';

let mounted: Record<string, unknown>;
let asked: { command: string; with: Record<string, unknown> }[] = [];

async function open(answers: Answers) {
  asked = [];
  mockIPC((command, args) => {
    asked.push({ command, with: (args ?? {}) as Record<string, unknown> });
    if (command.startsWith('plugin:') && !(command in answers)) return 1;
    const answer = command === 'look' ? { ...(answers.look as object), settings: { language: 'da', theme: null, wakes: 'on' } } : answers[command];
    if (answer instanceof Error) throw answer.cause;
    if (typeof answer === 'function') return answer(args);
    return answer;
  });
  mounted = mount(App, { target: document.body });
  await vi.advanceTimersByTimeAsync(0);
}

const text = () => document.body.textContent ?? '';
const button = (name: string) => [...document.querySelectorAll('button')].find((found) => found.textContent?.trim() === name)!;
const settle = async (milliseconds = 0) => {
  await vi.advanceTimersByTimeAsync(milliseconds);
  flushSync();
};

async function openRequest(answers: Answers = home) {
  await open(answers);
  phone.open(request);
  await settle();
}

function type(id: string, value: string) {
  const input = document.getElementById(id) as HTMLInputElement;
  input.value = value;
  input.dispatchEvent(new Event('input', { bubbles: true }));
  flushSync();
}

beforeEach(() => {
  vi.useFakeTimers();
  phone.go({ name: 'home' });
  phone.ready = false;
  phone.requests = [];
  phone.woken = false;
  Object.defineProperty(document, 'visibilityState', { value: 'visible', configurable: true });
});

afterEach(async () => {
  await unmount(mounted);
  clearMocks();
  vi.useRealTimers();
});

it('a signature that was removed while the service was away is said to be blocked on the page', async () => {
  await open({ ...home, forget: 'here' });
  phone.go({ name: 'settings' });
  await settle();
  button(da.settings.forget).click();
  await settle();
  button(da.settings.forgetSure).click();
  await settle();
  expect(asked.some((one) => one.command === 'forget')).toBe(true);
  expect(document.querySelector('[role=status].refusal')?.textContent).toBe(da.settings.forgotten.here);
  phone.go({ name: 'home' });
  await settle();
  expect(text()).not.toContain(da.settings.forgotten.here);
});

it('a signature that was removed is said to be removed at the service too', async () => {
  await open({ ...home, forget: 'everywhere' });
  phone.go({ name: 'settings' });
  await settle();
  button(da.settings.forget).click();
  await settle();
  button(da.settings.forgetSure).click();
  await settle();
  expect(text()).toContain(da.settings.forgotten.everywhere);
  expect(document.querySelector('[role=status].refusal')).toBeNull();
});

it('approve is dead for a second after the request appears', async () => {
  await openRequest();
  type('number', '42');
  expect(button(da.request.approve).disabled).toBe(true);
  await settle(999);
  expect(button(da.request.approve).disabled).toBe(true);
  await settle(2);
  expect(button(da.request.approve).disabled).toBe(false);
  button(da.request.approve).click();
  await settle();
  const decided = asked.find(({ command }) => command === 'decide');
  expect(decided?.with).toEqual({ signature: request.signature, id: request.id, shown: request.shown, choice: { choice: 'approve', number: '42' } });
  expect(text()).toContain(da.result.approve);
});

it('approve is dead again, and the field empty, after a wrong number and after more time', async () => {
  const later = { ...request, shown: 'cd'.repeat(32), id: '0b0b0b0b-0000-4000-8000-000000000002' };
  await openRequest({ ...home, decide: { state: 'wrong-number', tries_left: 2 }, extend: later });
  await settle(1001);
  type('number', '41');
  button(da.request.approve).click();
  await settle();
  expect(text()).toContain(da.request.wrongNumber(2));
  type('number', '42');
  expect(button(da.request.approve).disabled).toBe(true);
  await settle(1001);
  expect(button(da.request.approve).disabled).toBe(false);
  button(da.request.more).click();
  await settle();
  type('number', '42');
  expect(button(da.request.approve).disabled).toBe(true);
});

it('the number takes two digits of what is typed or pasted', async () => {
  await openRequest();
  await settle(1001);
  expect(button(da.request.approve).disabled).toBe(true);
  type('number', ' 4a2 9');
  expect((document.getElementById('number') as HTMLInputElement).value).toBe('42');
  type('number', '7');
  expect(button(da.request.approve).disabled).toBe(true);
});

it('an event never changes the request that is looked at', async () => {
  await openRequest();
  phone.requests = [{ ...request, id: 'another', title: 'Noget andet' }];
  await settle();
  expect(text()).toContain(request.title);
  expect(text()).not.toContain('Noget andet');
});

it('a request that lapsed cannot be answered', async () => {
  await openRequest();
  await settle(96_000);
  expect(text()).toContain(da.request.lapsed);
  expect(document.getElementById('number')).toBeNull();
});

it('"not me" asks once more', async () => {
  await openRequest();
  button(da.request.notMe).click();
  flushSync();
  expect(asked.some(({ command }) => command === 'decide')).toBe(false);
  button(da.request.notMeSure).click();
  await settle();
  expect(asked.find(({ command }) => command === 'decide')?.with.choice).toEqual({ choice: 'not-me' });
});

it('a decision that did not arrive can only be sent again', async () => {
  await openRequest({ ...home, decide: new Error('', { cause: { code: 'decision-underway' } }) });
  await settle(1001);
  type('number', '42');
  button(da.request.approve).click();
  await settle();
  expect(text()).toContain(da.request.underway);
  expect(button(da.request.approve)).toBeUndefined();
  expect(button(da.request.again)).toBeDefined();
});

it('an event that all is locked shows the lock and none of the requests', async () => {
  await openRequest();
  phone.signatures = phone.signatures.map((signature) => ({ ...signature, unlocked: false }));
  await settle();
  expect(text()).toContain(da.lock.title);
  expect(text()).not.toContain(request.title);
});

it('a new phone is told of until the person has looked, and is blocked after one more question', async () => {
  await open(home);
  await phone.news();
  await settle();
  expect(text()).toContain(da.phones.fresh);
  button(da.phones.see).click();
  await settle();
  expect(asked.some(({ command }) => command === 'phones_seen')).toBe(true);
  const block = [...document.querySelectorAll('button')].filter((found) => found.textContent?.trim().startsWith(da.phones.block));
  expect(block).toHaveLength(1);
  block[0]!.click();
  flushSync();
  expect(asked.some(({ command }) => command === 'block_phone')).toBe(false);
  button(da.phones.blockSure).click();
  await settle();
  expect(asked.find(({ command }) => command === 'block_phone')?.with.phone).toBe('0c0c0c0c-0000-4000-8000-000000000002');
  expect(text()).toContain(da.phones.blocked('Annes nye telefon'));
});

const second: Signature = { ...signature, id: '0a0a0a0a-0000-4000-8000-000000000002', company: 'Havnens Bageri ApS', service: 'Segl hos Havnen' };
const two: Answers = { ...home, look: { signatures: [signature, second], settings: { language: null, theme: null }, hardware: false, asks: 'biometrics-or-code', scans: false } };
const theirs: Request = { ...request, id: '0b0b0b0b-0000-4000-8000-00000000000b', shown: 'ef'.repeat(32), signature: second.id, title: 'Lejekontrakt.pdf' };

it('a service that is away or slow holds up no other, and its signature says so', async () => {
  let late: (found: Request[]) => void = () => undefined;
  const answers: Record<string, () => unknown> = {
    [signature.id]: () => {
      throw { code: 'no-connection' };
    },
    [second.id]: () => [theirs],
  };
  await open({ ...two, waiting: (args: { signature: string }) => answers[args.signature]!() });
  await phone.nudge();
  await settle();
  expect(text()).toContain(theirs.title);
  expect(text()).toContain(da.home.away(signature.company, signature.service));
  expect(text()).not.toContain(da.home.away(second.company, second.service));
  // It hangs: the other one is updated all the same, and the one that hangs is asked once, not again and again.
  answers[signature.id] = () => new Promise<Request[]>((answered) => (late = answered));
  answers[second.id] = () => [];
  asked = [];
  void phone.nudge();
  void phone.nudge();
  await settle();
  expect(text()).not.toContain(theirs.title);
  expect(asked.filter(({ command, with: given }) => command === 'waiting' && given.signature === signature.id)).toHaveLength(1);
  answers[signature.id] = () => [request];
  late([]);
  await settle();
  expect(text()).toContain(request.title);
  expect(text()).not.toContain(da.home.away(signature.company, signature.service));
});

it('a request that is opened later has no more time than when it came', async () => {
  await open(home);
  await phone.poll();
  await settle(20_000);
  phone.open(phone.requests[0]!);
  await settle();
  expect(text()).toContain(da.request.left(75));
});

const hide = (state: 'hidden' | 'visible') => {
  Object.defineProperty(document, 'visibilityState', { value: state, configurable: true });
  document.dispatchEvent(new Event('visibilitychange'));
};

it('a hidden window is locked, whether anything is unlocked or on its way to be', async () => {
  let unlocked: (value: null) => void = () => undefined;
  const locked = { signatures: [{ ...signature, unlocked: false }], settings: { language: null, theme: null }, hardware: false, asks: 'biometrics-or-code', scans: false };
  await open({ ...home, look: locked, unlock: () => new Promise((done) => (unlocked = done)) });
  void phone.attempt(() => phone.unlock(signature.id, '2718'));
  await settle();
  const locks = () => asked.filter(({ command }) => command === 'lock').length;
  expect(locks()).toBe(0);
  hide('hidden');
  await settle();
  expect(locks()).toBe(1);
  // The program refuses it; a page that is told otherwise locks again, and shows nothing.
  unlocked(null);
  await settle();
  expect(locks()).toBe(2);
  expect(asked.some(({ command }) => command === 'waiting')).toBe(false);
  hide('visible');
  expect(text()).toContain(da.lock.title);
});

it('what a service answers after the lock is not shown', async () => {
  let late: (found: Request[]) => void = () => undefined;
  await open({ ...home, waiting: () => new Promise<Request[]>((answered) => (late = answered)) });
  void phone.poll();
  await phone.lock();
  late([request]);
  await settle();
  expect(phone.requests).toEqual([]);
});

const hardware = { ...signature, pin: false, protection: 'strongbox' };

it.each([true, false])('with keys in hardware a code without network is shown without a PIN, also while the app is locked', async (unlocked) => {
  await open({ ...home, look: { signatures: [{ ...hardware, unlocked }], settings: { language: null, theme: null }, hardware: true, asks: 'biometrics-or-code', scans: false } });
  button(unlocked ? `${da.home.offline}: ${hardware.company}` : da.home.offline).click();
  await settle();
  expect(document.querySelector('input')).toBeNull();
  expect(text()).toContain(da.offline.hardware['biometrics-or-code']);
  expect(text()).not.toContain(da.offline.pin);
  button(da.offline.show).click();
  await settle();
  expect(asked.find(({ command }) => command === 'offline_code')?.with).toEqual({ signature: signature.id, pin: null });
  expect(text()).toContain('042 137');
});

it('with keys in a file a code without network takes the PIN', async () => {
  await open(home);
  phone.go({ name: 'offline', signature: signature.id });
  await settle();
  expect(text()).toContain(da.offline.pin);
  type('offline-pin', '2718');
  button(da.offline.show).click();
  await settle();
  expect(asked.find(({ command }) => command === 'offline_code')?.with).toEqual({ signature: signature.id, pin: '2718' });
});

it('with keys in hardware there is no PIN to change, and the settings say why', async () => {
  await open({ ...home, look: { signatures: [hardware], settings: { language: null, theme: null }, hardware: true, asks: 'biometrics-or-code', scans: false } });
  phone.go({ name: 'settings' });
  await settle();
  expect(text()).toContain(da.settings.noPin['biometrics-or-code']);
  expect(document.querySelector('input[type=password]')).toBeNull();
});

it('keys in hardware that nobody proved are not said to lie in a file under a PIN that there is not', async () => {
  const look = { signatures: [{ ...hardware, protection: 'software-pin' }, { ...signature, id: 'other' }], settings: { language: null, theme: null }, hardware: true, asks: 'biometrics-or-code', scans: false };
  await open({ ...home, look });
  phone.go({ name: 'settings' });
  await settle();
  const [unproven, file] = [...document.querySelectorAll('section.card')].map((card) => card.textContent ?? '');
  expect(unproven).toContain(da.settings.protections.unproven);
  expect(unproven).not.toContain(da.settings.protections['software-pin']);
  expect(file).toContain(da.settings.protections['software-pin']);
  // Of the person's other phones nobody here knows.
  phone.go({ name: 'phones', signature: signature.id });
  await settle();
  expect(text()).toContain(da.settings.protections.elsewhere);
  expect(text()).not.toContain(da.settings.protections['software-pin']);
});

it('an iPhone does not promise that its own code opens the keys', async () => {
  const look = { signatures: [hardware], settings: { language: null, theme: null }, hardware: true, asks: 'biometrics', scans: false };
  await open({ ...home, look });
  phone.go({ name: 'settings' });
  await settle();
  expect(text()).toContain(da.settings.noPin.biometrics);
  phone.go({ name: 'offline', signature: signature.id });
  await settle();
  expect(text()).toContain(da.offline.hardware.biometrics);
  expect(text()).not.toContain(da.offline.hardware['biometrics-or-code']);
  await unmount(mounted);
  phone.go({ name: 'home' });
  await open({ ...home, look: { ...look, signatures: [{ ...hardware, unlocked: false }] } });
  expect(text()).toContain(da.lock.hardware.biometrics);
  await unmount(mounted);
  await open({ ...home, look: { ...look, signatures: [] } });
  type('code', 'segl-pair:1?a=segl.example.dk&i=x&t=y');
  document.querySelector('form')!.dispatchEvent(new SubmitEvent('submit', { bubbles: true, cancelable: true }));
  await settle();
  expect(text()).toContain(da.claim.hardware.biometrics);
});

const scanner = 'plugin:barcode-scanner|';
const telephone: Answers = { ...home, look: { signatures: [signature], settings: { language: null, theme: null }, hardware: true, asks: 'biometrics-or-code', scans: true } };
const code = `segl-approve:1?r=${request.id}&s=AAECAwQFBgcICQoLDA0ODw`;

it('nothing is scanned where there is no scanner', async () => {
  await openRequest();
  expect(button(da.scan.start)).toBeUndefined();
});

it('a scanned code takes the place of the number, and is sent when the person approves', async () => {
  await openRequest({ ...telephone, [`${scanner}request_permissions`]: { camera: 'granted' }, [`${scanner}scan`]: { content: code, format: 'QR_CODE' } });
  await settle(1001);
  expect(button(da.request.approve).disabled).toBe(true);
  button(da.scan.start).click();
  await settle();
  const scan = asked.find(({ command }) => command === `${scanner}scan`);
  expect(scan?.with).toEqual({ windowed: true, formats: ['QR_CODE'] });
  expect(text()).toContain(da.request.scanned);
  expect(asked.some(({ command }) => command === 'decide')).toBe(false);
  button(da.request.approve).click();
  await settle();
  expect(asked.find(({ command }) => command === 'decide')?.with.choice).toEqual({ choice: 'approve-scanned', scan: code });
  expect(text()).toContain(da.result.approve);
});

it('a code of something else is told of, and the number can be typed', async () => {
  const answers = { ...telephone, [`${scanner}request_permissions`]: { camera: 'granted' }, [`${scanner}scan`]: { content: 'https://example.dk' } };
  await openRequest({ ...answers, decide: new Error('', { cause: { code: 'bad-scan' } }) });
  await settle(1001);
  button(da.scan.start).click();
  await settle();
  button(da.request.approve).click();
  await settle();
  expect(text()).toContain(da.errors['bad-scan']());
  expect(document.getElementById('number')).not.toBeNull();
});

it('without leave to use the camera it says so, and everything is typed', async () => {
  await openRequest({ ...telephone, [`${scanner}request_permissions`]: { camera: 'denied' } });
  button(da.scan.start).click();
  await settle();
  expect(text()).toContain(da.scan.unscanned.denied);
  expect(asked.some(({ command }) => command === `${scanner}scan`)).toBe(false);
  expect(document.getElementById('number')).not.toBeNull();
});

it('a scan can be broken off, and the camera’s picture is seen only while it lasts', async () => {
  let broken: (thrown: unknown) => void = () => undefined;
  const cancel = () => (broken('cancelled'), null);
  const scan = () => new Promise((_, refuse) => (broken = refuse));
  await openRequest({ ...telephone, [`${scanner}request_permissions`]: { camera: 'granted' }, [`${scanner}scan`]: scan, [`${scanner}cancel`]: cancel });
  button(da.scan.start).click();
  await settle();
  expect(document.documentElement.classList.contains('clear')).toBe(true);
  expect(document.querySelector<HTMLElement>('main:not(.scanning)')?.hidden).toBe(true);
  button(da.cancel).click();
  await settle();
  expect(document.documentElement.classList.contains('clear')).toBe(false);
  expect(document.querySelector<HTMLElement>('main:not(.scanning)')?.hidden).toBe(false);
  expect(text()).not.toContain(da.scan.unscanned.failed);
});

it('an invitation is scanned into the field where it would be typed, for a new phone and a move', async () => {
  const look = { signatures: [], settings: { language: null, theme: null }, hardware: true, asks: 'biometrics-or-code', scans: true };
  const invitation = 'segl-pair:1?a=segl.example.dk&i=x&t=y';
  await open({ ...home, look, [`${scanner}request_permissions`]: { camera: 'granted' }, [`${scanner}scan`]: { content: invitation } });
  button(da.scan.start).click();
  await settle();
  expect((document.getElementById('code') as HTMLInputElement).value).toBe(invitation);
  expect((document.getElementById('address') as HTMLInputElement).disabled).toBe(true);
  expect(asked.some(({ command }) => command === 'pair_begin')).toBe(false);
});

it('a refusal changes with the language', async () => {
  await open({ ...home, look: { signatures: [], settings: { language: null, theme: null } }, pair_begin: new Error('', { cause: { code: 'code-count', found: 4 } }) });
  type('code', 'ABCD');
  type('address', 'segl.example.dk');
  document.querySelector('form')!.dispatchEvent(new SubmitEvent('submit', { bubbles: true, cancelable: true }));
  await settle();
  expect(text()).toContain('her er 4');
  button('English').click();
  await settle();
  expect(text()).toContain('here are 4');
});

const woken: Answers = { ...home, wakes: { way: 'web-push', standings: { [signature.id]: 'registered' } } };

it('wake-ups are on unless the person turns them off, and what goes through whom is said beside it', async () => {
  await open(woken);
  phone.go({ name: 'settings' });
  await settle();
  const wakes = document.getElementById('wakes') as HTMLSelectElement;
  expect(wakes.value).toBe('on');
  expect(document.getElementById(wakes.getAttribute('aria-describedby')!)?.textContent).toBe(da.settings.wakes.hints['web-push']);
  expect(text()).toContain(da.settings.wakes.standings.registered);
  wakes.value = 'off';
  wakes.dispatchEvent(new Event('change', { bubbles: true }));
  await settle();
  expect(asked.find(({ command }) => command === 'set')?.with.settings).toEqual({ language: 'da', theme: null, wakes: 'off' });
  expect(text()).toContain(da.settings.saved);
});

it('the settings follow how waking stands while they are open', async () => {
  let standing = 'unreached';
  await open({ ...woken, wakes: () => ({ way: 'apns', standings: { [signature.id]: standing } }) });
  phone.go({ name: 'settings' });
  await settle();
  expect(text()).toContain(da.settings.wakes.standings.unreached);
  expect(text()).toContain(da.settings.wakes.hints.apns);
  standing = 'registered';
  await settle(2000);
  expect(text()).toContain(da.settings.wakes.standings.registered);
  phone.go({ name: 'home' });
  await settle();
  asked = [];
  await settle(10_000);
  expect(asked.some(({ command }) => command === 'wakes')).toBe(false);
});

it.each(['apns', 'fcm', 'web-push'] as const)('the settings say through whom the phone is woken: %s', async (way) => {
  await open({ ...woken, wakes: { way, standings: { [signature.id]: 'registered' } } });
  phone.go({ name: 'settings' });
  await settle();
  for (const other of ['apns', 'fcm', 'web-push'] as const) expect(text().includes(da.settings.wakes.hints[other])).toBe(other === way);
});

it('where nothing wakes the device there is nothing to turn off', async () => {
  await open(home);
  phone.go({ name: 'settings' });
  await settle();
  expect(document.getElementById('wakes')).toBeNull();
});

it('a wake-up has an open app look at once', async () => {
  await open(home);
  expect(text()).not.toContain(request.title);
  await phone.wake();
  await settle();
  expect(text()).toContain(request.title);
  expect(phone.woken).toBe(false);
});

it('a wake-up of a locked app shows that something may wait, and nothing of it', async () => {
  await open({ ...home, look: { ...(home.look as object), signatures: [{ ...signature, unlocked: false }] } });
  expect(text()).not.toContain(da.lock.woken);
  await phone.wake();
  await settle();
  expect([...document.querySelectorAll('[role=status]')].map((status) => status.textContent)).toContain(da.lock.woken);
  expect(asked.some(({ command }) => command === 'waiting')).toBe(false);
  expect(text()).not.toContain(request.title);
  // It stays through another lock, and is gone once the person has looked.
  await phone.lock();
  await settle();
  expect(text()).toContain(da.lock.woken);
  await phone.unlock(signature.id, '2718');
  await settle();
  expect(text()).not.toContain(da.lock.woken);
});
