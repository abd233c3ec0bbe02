import { clearMocks, mockIPC } from '@tauri-apps/api/mocks';
import { flushSync, mount, unmount } from 'svelte';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import App from '../../src/App.svelte';
import { phone } from '../../src/phone.svelte';
import { da } from '../../src/words/da';
import { home, request, type Answers } from '../program';

let mounted: Record<string, unknown>;
let asked: { command: string; with: Record<string, unknown> }[] = [];

async function open(answers: Answers) {
  asked = [];
  mockIPC((command, args) => {
    asked.push({ command, with: (args ?? {}) as Record<string, unknown> });
    if (command.startsWith('plugin:')) return 1;
    const answer = command === 'look' ? { ...(answers.look as object), settings: { language: 'da', theme: null } } : answers[command];
    if (answer instanceof Error) throw answer.cause;
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
