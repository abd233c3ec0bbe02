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
}

async function open({ answers = home, language = 'da', theme = 'light', width = 390 }: Look): Promise<Page> {
  const context = await browser.newContext({ viewport: { width, height: 844 }, colorScheme: theme, reducedMotion: 'reduce', locale: language === 'da' ? 'da-DK' : 'en-GB' });
  const page = await context.newPage();
  const broken: string[] = [];
  page.on('console', (message) => message.type() === 'error' && broken.push(message.text()));
  page.on('pageerror', (error) => broken.push(error.message));
  Object.assign(page, { broken });
  await page.addInitScript((given) => {
    let callbacks = 0;
    const program = {
      transformCallback: () => ++callbacks,
      unregisterCallback: () => undefined,
      invoke: (command: string) => (command.startsWith('plugin:') ? Promise.resolve(1) : Promise.resolve(given[command])),
    };
    Object.assign(window, { __TAURI_INTERNALS__: program, __TAURI_EVENT_PLUGIN_INTERNALS__: { unregisterListener: () => undefined } });
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

const inHardware: Answers = { ...home, look: { signatures: [], settings: { language: null, theme: null }, hardware: true } };
const lockedInHardware: Answers = {
  ...home,
  look: { signatures: [{ ...signature, unlocked: false, pin: false, protection: 'strongbox' }], settings: { language: null, theme: null }, hardware: true },
};
const unpaired: Answers = { ...home, look: { signatures: [], settings: { language: null, theme: null }, hardware: false } };
const locked: Answers = { ...home, look: { signatures: [{ ...signature, unlocked: false }], settings: { language: null, theme: null }, hardware: false } };

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
        await page.getByText(words.claim.hardware).waitFor();
        expect(await page.getByLabel(words.pin).count()).toBe(0);
      },
    },
    'lock-hardware': {
      answers: lockedInHardware,
      walk: async (page) => {
        await page.getByText(words.lock.hardware).waitFor();
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

it('the page reaches no network', async () => {
  const page = await open({});
  const reached = await page.evaluate(() => fetch('/index.html').then(() => true, () => false));
  expect(reached).toBe(false);
  await page.context().close();
});
