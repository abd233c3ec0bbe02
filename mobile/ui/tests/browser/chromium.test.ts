// The built screens in Chromium, under the same content policy as in the app, judged by axe in both languages and both palettes.
import { readFileSync, mkdirSync, existsSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { dirname, extname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';
import { chromium, type Browser, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { da } from '../../src/words/da';
import { en } from '../../src/words/en';
import { home, request, signature, type Answers } from '../program';

const here = dirname(fileURLToPath(import.meta.url));
const dist = join(here, '../../dist');
const shots = join(here, '../../../../artifacts/phone');
const axe = readFileSync(join(here, '../../node_modules/axe-core/axe.min.js'), 'utf8');
const policy = JSON.parse(readFileSync(join(here, '../../../shell/tauri.conf.json'), 'utf8')).app.security.csp as string;
const kinds: Record<string, string> = { '.html': 'text/html', '.js': 'text/javascript', '.css': 'text/css' };
const paths = ['/usr/bin/chromium', '/usr/bin/chromium-browser'];

let server: Server;
let browser: Browser;

beforeAll(async () => {
  mkdirSync(shots, { recursive: true });
  server = createServer((asked, answer) => {
    const path = normalize(new URL(asked.url ?? '/', 'http://x').pathname).replace(/^\/$/, '/index.html');
    const file = join(dist, path);
    if (path === '/favicon.ico') return void answer.writeHead(204).end();
    if (!existsSync(file)) return void answer.writeHead(404).end();
    answer.writeHead(200, { 'Content-Type': kinds[extname(file)] ?? 'text/plain', 'Content-Security-Policy': policy }).end(readFileSync(file));
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const executablePath = paths.find((path) => existsSync(path));
  expect(executablePath, 'Chromium is installed').toBeDefined();
  browser = await chromium.launch({ executablePath: executablePath!, args: ['--no-sandbox', '--lang=en-US'] });
});

afterAll(async () => {
  await browser?.close();
  server?.close();
});

interface Look {
  answers?: Answers;
  language?: 'da' | 'en';
  theme?: 'dark' | 'light';
  width?: number;
  motion?: 'no-preference' | 'reduce';
  forced?: boolean;
}

async function open({ answers = home, language = 'da', theme = 'light', width = 390, motion = 'reduce', forced = false }: Look): Promise<Page> {
  const context = await browser.newContext({ viewport: { width, height: 844 }, colorScheme: theme, reducedMotion: motion, forcedColors: forced ? 'active' : 'none', locale: language === 'da' ? 'da-DK' : 'en-GB' });
  const page = await context.newPage();
  const broken: string[] = [];
  page.on('console', (message) => message.type() === 'error' && broken.push(message.text()));
  page.on('pageerror', (error) => broken.push(error.message));
  Object.assign(page, { broken });
  await page.addInitScript((given) => {
    let callbacks = 0;
    // What the page hears, by the event's name, and each callback by its number.
    const called: (() => void)[] = [];
    const heard: Record<string, () => void> = {};
    const program = {
      transformCallback: (then: () => void) => (called.push(then), ++callbacks),
      unregisterCallback: () => undefined,
      invoke: (command: string, args?: { event?: string; handler?: number }) => {
        if (command === 'plugin:event|listen') heard[args!.event!] = () => called[args!.handler! - 1]!();
        const answer = given[command] as { refuses?: unknown } | undefined;
        if (typeof answer === 'object' && answer !== null && 'refuses' in answer) return Promise.reject(answer.refuses);
        if (typeof answer === 'object' && answer !== null && 'never' in answer) return new Promise(() => undefined);
        return Promise.resolve(command.startsWith('plugin:') && !(command in given) ? 1 : answer);
      },
    };
    Object.assign(window, { heard, __TAURI_INTERNALS__: program, __TAURI_EVENT_PLUGIN_INTERNALS__: { unregisterListener: () => undefined } });
  }, answers);
  await page.goto(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
  await page.waitForSelector('h1');
  return page;
}

/** Words of headings, labels and buttons that a line breaks in the middle, other than at a hyphen. */
function broken(): string[] {
  const found: string[] = [];
  for (const element of document.querySelectorAll('h1, h2, h3, label, button, summary, dt, p')) {
    const walker = document.createTreeWalker(element, NodeFilter.SHOW_TEXT);
    for (let node = walker.nextNode(); node !== null; node = walker.nextNode()) {
      for (const word of (node.textContent ?? '').matchAll(/[^\s-]+/g)) {
        const range = document.createRange();
        range.setStart(node, word.index);
        range.setEnd(node, word.index + word[0].length);
        if (new Set([...range.getClientRects()].map(({ top }) => Math.round(top))).size > 1) found.push(word[0]);
      }
    }
  }
  return found;
}

/** What moves, or would when it changes. */
function moving(): string[] {
  const lasts = (times: string) => times.split(',').some((time) => parseFloat(time) > 0);
  const told = [...document.querySelectorAll('*')].filter((element) => {
    const style = getComputedStyle(element);
    return (style.animationName !== 'none' && lasts(style.animationDuration)) || lasts(style.transitionDuration) || style.scrollBehavior === 'smooth';
  });
  return [...told.map((element) => element.tagName), ...document.getAnimations().map((animation) => animation.playState)];
}

/** What tells this state without any colour: words, a symbol, a line's shape. */
function colourless(element: Element): string {
  const style = getComputedStyle(element);
  return [element.textContent?.trim(), style.borderStyle, style.borderLeftWidth, style.textDecorationLine, style.fontWeight, style.listStyleType].join('|');
}

async function judge(page: Page, name: string) {
  expect(await page.evaluate(broken), `${name} breaks words`).toEqual([]);
  await page.evaluate(axe);
  // The rule of axe that no screen may break, whatever its level.
  const found = await page.evaluate(() => (window as unknown as { axe: { run: () => Promise<{ violations: { id: string; nodes: { html: string }[] }[] }> } }).axe.run());
  expect(found.violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`), name).toEqual([]);
  expect(await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth), `${name} scrolls sideways`).toBe(0);
  expect((page as unknown as { broken: string[] }).broken, name).toEqual([]);
  await page.screenshot({ path: join(shots, `${name}.png`), fullPage: true });
  await page.context().close();
}

const inHardware: Answers = { ...home, look: { signatures: [], settings: { language: null, theme: null }, hardware: true, asks: 'biometrics-or-code', scans: true } };
const lockedInHardware: Answers = {
  ...home,
  look: { signatures: [{ ...signature, unlocked: false, pin: false, protection: 'strongbox' }], settings: { language: null, theme: null }, hardware: true, asks: 'biometrics-or-code' },
};
const unpaired: Answers = { ...home, look: { signatures: [], settings: { language: null, theme: null }, hardware: false, asks: 'biometrics-or-code', scans: false } };
const scanner = 'plugin:barcode-scanner|';
const telephone: Answers = {
  ...home,
  look: { signatures: [{ ...signature, pin: false, protection: 'strongbox' }], settings: { language: null, theme: null }, hardware: true, asks: 'biometrics-or-code', scans: true },
  [`${scanner}request_permissions`]: { camera: 'granted' },
};
const second = { ...signature, id: '0a0a0a0a-0000-4000-8000-000000000002', company: 'Havnens Bageri ApS', service: 'Segl hos Havnen', unlocked: false };
const away: Answers = {
  ...home,
  look: { signatures: [signature, second], settings: { language: null, theme: null }, hardware: false, asks: 'biometrics-or-code', scans: false },
  waiting: { refuses: { code: 'no-connection' } },
};
const locked: Answers = { ...home, look: { signatures: [{ ...signature, unlocked: false }], settings: { language: null, theme: null }, hardware: false, asks: 'biometrics-or-code', scans: false } };

for (const language of ['da', 'en'] as const) {
  const words = { da, en }[language];
  const screens: Record<string, { answers: Answers; walk: (page: Page) => Promise<void> }> = {
    welcome: { answers: unpaired, walk: async () => undefined },
    claim: {
      answers: unpaired,
      walk: async (page) => {
        await page.getByLabel(words.welcome.code).fill('segl-pair:1?a=x&i=y&t=z');
        await page.getByRole('button', { name: words.next }).click();
        await page.getByRole('heading', { name: words.claim.title }).waitFor();
      },
    },
    digits: {
      answers: unpaired,
      walk: async (page) => {
        await page.getByLabel(words.welcome.code).fill('segl-pair:1?a=x&i=y&t=z');
        await page.getByRole('button', { name: words.next }).click();
        await page.getByLabel(words.claim.phoneName).fill('Annes telefon');
        await page.getByLabel(words.pin, { exact: true }).fill('2718');
        await page.getByLabel(words.pinAgain).fill('2718');
        await page.getByRole('button', { name: words.next }).click();
        await page.getByText('042 137').waitFor();
        await page.getByRole('button', { name: words.digits.stop }).waitFor();
      },
    },
    'claim-hardware': {
      answers: inHardware,
      walk: async (page) => {
        await page.getByLabel(words.welcome.code).fill('segl-pair:1?a=x&i=y&t=z');
        await page.getByRole('button', { name: words.next }).click();
        await page.getByText(words.claim.hardware['biometrics-or-code']).waitFor();
        expect(await page.getByLabel(words.pin).count()).toBe(0);
      },
    },
    'lock-hardware': {
      answers: lockedInHardware,
      walk: async (page) => {
        await page.getByText(words.lock.hardware['biometrics-or-code']).waitFor();
        expect(await page.getByLabel(words.pin).count()).toBe(0);
        expect(await page.getByRole('button', { name: words.lock.unlock }).isEnabled()).toBe(true);
      },
    },
    lock: { answers: locked, walk: (page) => page.getByRole('heading', { name: words.lock.title }).waitFor() },
    home: {
      answers: home,
      walk: async (page) => {
        await page.getByRole('button', { name: words.home.refresh }).click();
        await page.getByRole('button', { name: request.title }).waitFor();
      },
    },
    request: {
      answers: home,
      walk: async (page) => {
        await page.getByRole('button', { name: words.home.refresh }).click();
        await page.getByRole('button', { name: request.title }).click();
        await page.getByLabel(words.request.number).fill('42');
        await page.getByRole('button', { name: words.request.notMe }).click();
        await page.locator('button:enabled', { hasText: words.request.approve }).waitFor();
      },
    },
    away: {
      answers: away,
      walk: async (page) => {
        await page.getByRole('button', { name: words.home.refresh }).click();
        await page.getByText(words.home.away(signature.company, signature.service)).waitFor();
        expect(await page.getByText(words.home.none).count()).toBe(0);
      },
    },
    'request-scans': {
      answers: { ...telephone, [`${scanner}scan`]: { content: 'segl-approve:1?r=x&s=y', format: 'QR_CODE' } },
      walk: async (page) => {
        await page.getByRole('button', { name: words.home.refresh }).click();
        await page.getByRole('button', { name: request.title }).click();
        await page.getByRole('button', { name: words.scan.start }).click();
        await page.getByText(words.request.scanned).waitFor();
        await page.locator('button:enabled', { hasText: words.request.approve }).waitFor();
      },
    },
    'no-camera': {
      answers: { ...telephone, [`${scanner}request_permissions`]: { camera: 'denied' } },
      walk: async (page) => {
        await page.getByRole('button', { name: words.home.refresh }).click();
        await page.getByRole('button', { name: request.title }).click();
        await page.getByRole('button', { name: words.scan.start }).click();
        await page.getByText(words.scan.unscanned.denied).waitFor();
        await page.getByLabel(words.request.number).waitFor();
      },
    },
    scanning: {
      answers: { ...telephone, [`${scanner}scan`]: { never: true } },
      walk: async (page) => {
        await page.getByRole('button', { name: words.home.refresh }).click();
        await page.getByRole('button', { name: request.title }).click();
        await page.getByRole('button', { name: words.scan.start }).click();
        await page.getByText(words.scan.text).waitFor();
        expect(await page.evaluate(() => document.activeElement?.id)).toBe('scanning');
      },
    },
    result: {
      answers: home,
      walk: async (page) => {
        await page.getByRole('button', { name: words.home.refresh }).click();
        await page.getByRole('button', { name: request.title }).click();
        await page.getByRole('button', { name: words.request.reject }).click();
        await page.getByText(words.result.reject).waitFor();
      },
    },
    offline: {
      answers: home,
      walk: async (page) => {
        await page.getByRole('button', { name: words.home.offline }).click();
        await page.getByLabel(words.pin).fill('2718');
        await page.getByRole('button', { name: words.offline.show }).click();
        await page.getByText('042 137').waitFor();
      },
    },
    'offline-hardware': {
      answers: lockedInHardware,
      walk: async (page) => {
        await page.getByRole('button', { name: words.home.offline }).click();
        await page.getByText(words.offline.hardware['biometrics-or-code']).waitFor();
        expect(await page.getByLabel(words.pin).count()).toBe(0);
        await page.getByRole('button', { name: words.offline.show }).click();
        await page.getByText('042 137').waitFor();
      },
    },
    history: {
      answers: home,
      walk: async (page) => {
        await page.getByRole('button', { name: words.home.history }).click();
        await page.getByText('Selvbetjening').waitFor();
      },
    },
    phones: {
      answers: home,
      walk: async (page) => {
        await page.getByRole('button', { name: new RegExp(`^${words.home.phones}`) }).click();
        await page.getByText(words.phones.own).waitFor();
        await page.getByRole('button', { name: words.phones.block }).click();
        await page.getByText(words.phones.blockText).waitFor();
      },
    },
    settings: {
      answers: home,
      walk: async (page) => {
        await page.getByRole('button', { name: words.home.settings }).click();
        await page.getByRole('button', { name: words.settings.forget }).click();
        await page.getByText(words.settings.forgetText).waitFor();
      },
    },
    'settings-woken': {
      answers: { ...telephone, wakes: { way: 'web-push', standings: { [signature.id]: 'registered' } } },
      walk: async (page) => {
        await page.getByRole('button', { name: words.home.settings }).click();
        expect(await page.getByLabel(words.settings.wakes.label).inputValue()).toBe('on');
        await page.getByText(words.settings.wakes.hints['web-push']).waitFor();
        await page.getByText(words.settings.wakes.standings.registered).waitFor();
      },
    },
    'lock-woken': {
      answers: locked,
      walk: async (page) => {
        await page.getByRole('heading', { name: words.lock.title }).waitFor();
        await page.evaluate(() => (window as unknown as { heard: Record<string, () => void> }).heard.woken!());
        await page.getByText(words.lock.woken).waitFor();
      },
    },
  };
  describe(`the screens in ${language}`, () => {
    for (const [name, { answers, walk }] of Object.entries(screens)) {
      it(`${name}: clean for axe, light and dark`, async () => {
        for (const theme of ['light', 'dark'] as const) {
          const page = await open({ answers, language, theme });
          await walk(page);
          await judge(page, `${name}-${language}-${theme}`);
        }
      });
      it(`${name}: clean for axe in the system's own colours, and nothing moves where that is asked for`, async () => {
        const page = await open({ answers, language, forced: true });
        await walk(page);
        expect(await page.evaluate(moving), name).toEqual([]);
        await judge(page, `${name}-${language}-forced`);
        // Who does not ask for it gets the same screens.
        const free = await open({ answers, language, motion: 'no-preference' });
        await walk(free);
        await free.context().close();
      });
      it(`${name}: 320 px wide with text of 200 %`, async () => {
        const page = await open({ answers, language, width: 320 });
        await page.evaluate(() => new Promise<void>((done) => {
          const sheet = new CSSStyleSheet();
          sheet.replaceSync('html { font-size: 200% }');
          document.adoptedStyleSheets = [sheet];
          requestAnimationFrame(() => done());
        }));
        await walk(page);
        await judge(page, `${name}-${language}-narrow`);
      });
    }
  });
}

it('a request is answered by keyboard alone', async () => {
  const page = await open({ language: 'en' });
  const press = async (name: string) => {
    for (let tabs = 0; tabs < 30; tabs += 1) {
      await page.keyboard.press('Tab');
      const focused = await page.evaluate(() => document.activeElement?.getAttribute('aria-label') ?? document.activeElement?.textContent?.trim().replace(/\s+/g, ' '));
      if (focused === name) return page.keyboard.press('Enter');
    }
    throw new Error(`the keyboard does not reach ${name}`);
  };
  await press(en.home.refresh);
  await page.getByRole('button', { name: request.title }).waitFor();
  await page.evaluate(() => (document.activeElement as HTMLElement | null)?.blur());
  await press(`${request.title} ${en.request.purposes['sign-document']} · ${request.service}`);
  await page.getByLabel(en.request.number).waitFor();
  expect(await page.evaluate(() => document.activeElement?.tagName)).toBe('H1');
  for (let tabs = 0; tabs < 10 && (await page.evaluate(() => document.activeElement?.id)) !== 'number'; tabs += 1) await page.keyboard.press('Tab');
  await page.keyboard.type('42');
  await page.locator('button:enabled', { hasText: en.request.approve }).waitFor();
  await page.keyboard.press('Enter');
  await page.getByText(en.result.approve).waitFor();
  await page.context().close();
});

it('movement would be seen', async () => {
  const page = await open({});
  await page.evaluate(() => {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync('@keyframes turn { to { rotate: 1turn } } h1 { animation: turn 1s infinite } button { transition: color 0.2s }');
    document.adoptedStyleSheets = [sheet];
  });
  const seen = await page.evaluate(moving);
  expect(seen).toContain('H1');
  expect(seen).toContain('BUTTON');
  await page.context().close();
});

it('without colour each state is told from its opposite by words, a symbol or a line', async () => {
  const differ = async (page: Page, one: string, other: string) => {
    const [first, second] = [await page.locator(one).first().evaluate(colourless), await page.locator(other).first().evaluate(colourless)];
    const shape = (text: string) => text.split('|').slice(1).join('|');
    expect(shape(first), `${one} and ${other}`).not.toBe(shape(second));
  };
  const words = da;
  const welcome = await open({ answers: { ...unpaired, pair_begin: { refuses: { code: 'code-count', found: 4 } } }, forced: true });
  await differ(welcome, '[aria-pressed=true]', '[aria-pressed=false]');
  await welcome.getByText(words.welcome.advanced).click();
  const open1 = await welcome.locator('summary').evaluate(colourless);
  await welcome.getByText(words.welcome.advanced).click();
  expect(await welcome.locator('summary').evaluate(colourless)).not.toBe(open1);
  await welcome.getByLabel(words.welcome.code).fill('ABCD');
  await welcome.getByLabel(words.welcome.address).fill('segl.example.dk');
  await welcome.getByRole('button', { name: words.next }).click();
  // A refusal is a sentence with a bar before it.
  await welcome.getByRole('alert').getByText(words.errors['code-count']({ code: 'code-count', found: 4 })).waitFor();
  await differ(welcome, '.refusal p', '.hint');
  await welcome.context().close();
  const asked = await open({ answers: { ...home, decide: { state: 'wrong-number', tries_left: 2 } }, forced: true });
  await asked.getByRole('button', { name: words.home.refresh }).click();
  await asked.getByRole('button', { name: request.title }).click();
  // A button that is dead is drawn with another line, and is dead for the screen reader too.
  await differ(asked, 'button:disabled', 'button:enabled.main, section.danger button');
  await asked.getByLabel(words.request.number).fill('41');
  await asked.locator('button:enabled', { hasText: words.request.approve }).click();
  await asked.getByText(words.request.wrongNumber(2)).waitFor();
  expect(await asked.getByLabel(words.request.number).getAttribute('aria-invalid')).toBe('true');
  await asked.context().close();
  // Locked and unlocked, refused and approved, are words.
  const both = await open({ answers: away, forced: true });
  const cards = both.locator('.cards > .card');
  expect(await cards.nth(0).getByText(words.home.locked, { exact: true }).count()).toBe(0);
  expect(await cards.nth(1).getByText(words.home.locked, { exact: true }).count()).toBe(1);
  const session = await both.context().newCDPSession(both);
  await session.send('Emulation.setEmulatedVisionDeficiency', { type: 'achromatopsia' });
  await both.screenshot({ path: join(shots, 'home-without-colour.png'), fullPage: true });
  await both.context().close();
});

it('the page reaches no network', async () => {
  const page = await open({});
  const reached = await page.evaluate(() => fetch('/index.html').then(() => true, () => false));
  expect(reached).toBe(false);
  await page.context().close();
});
