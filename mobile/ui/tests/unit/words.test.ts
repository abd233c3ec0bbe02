import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { da } from '../../src/words/da';
import { en } from '../../src/words/en';
import { chosen, said } from '../../src/words';
import { grouped, isSpoken, time } from '../../src/time';
// The codes as the program writes them: a code without words would be shown as "unforeseen".
const source = readFileSync('../shell/src/error.rs', 'utf8');

type Tree = Record<string, unknown>;

function paths(tree: Tree, above = ''): string[] {
  return Object.entries(tree).flatMap(([name, value]) =>
    typeof value === 'object' && value !== null ? paths(value as Tree, `${above}${name}.`) : [`${above}${name}:${typeof value}`],
  );
}

describe('the words', () => {
  it('say the same things in both languages', () => {
    expect(paths(en)).toEqual(paths(da));
  });

  it('leave nothing unsaid, and nothing untranslated but names', () => {
    const same = new Set(['app', 'settings.languageNames.da', 'settings.languageNames.en', 'pin']);
    const flat = (tree: Tree, above = ''): [string, string][] =>
      Object.entries(tree).flatMap(([name, value]) => {
        if (typeof value === 'string') return [[`${above}${name}`, value] as [string, string]];
        return typeof value === 'object' && value !== null ? flat(value as Tree, `${above}${name}.`) : [];
      });
    const english = new Map(flat(en));
    for (const [name, text] of flat(da)) {
      expect(text.trim(), name).not.toBe('');
      if (!same.has(name)) expect(english.get(name), name).not.toBe(text);
    }
  });

  it('are there for every refusal of the program', () => {
    const body = source.slice(source.indexOf('pub enum AppError {'), source.indexOf('\n}\n'));
    const codes = [...body.matchAll(/^ {4}([A-Z]\w+)[ ,]/gm)].map(([, name]) => name!.replace(/(?!^)[A-Z]/g, (letter) => `-${letter}`).toLowerCase());
    expect(codes.length).toBeGreaterThan(20);
    for (const words of [da, en]) expect(Object.keys(words.errors).sort()).toEqual([...codes, 'unforeseen'].sort());
  });

  it('count', () => {
    expect(said(da, { code: 'wrong-pin', triesLeft: 1 })).toContain('1 forsøg');
    expect(said(en, { code: 'wrong-pin', triesLeft: 4 })).toContain('4 tries');
    expect(said(en, { code: 'of-a-newer-program' })).toBe(en.errors.unforeseen());
    expect(da.request.left(90)).toBe('Tid tilbage: 1 minut og 30 sekunder');
    expect(en.request.left(60)).toBe('Time left: 1 minute');
    expect(en.request.left(1)).toBe('Time left: 1 second');
  });
});

describe('what is spoken and compared', () => {
  it('speaks digits one by one', () => {
    expect(da.digits.spoken('042137')).toBe('Cifrene er 0 4 2 1 3 7');
    expect(en.offline.spoken('042137')).toBe('The code is 0 4 2 1 3 7');
  });

  it('speaks the time left now and then, not each second', () => {
    const spoken = Array.from({ length: 121 }, (_, seconds) => seconds).filter(isSpoken);
    expect(spoken).toEqual([10, 30, 60, 90, 120]);
  });

  it('groups digests and writes times in the language', () => {
    expect(grouped('0123456789')).toBe('0123 4567 89');
    expect(time(Date.UTC(2026, 10, 27, 12, 0), 'en')).toContain('2026');
  });

  it('takes the language that was set, else the system’s, else Danish', () => {
    expect([chosen('en', 'da-DK'), chosen(null, 'en-US'), chosen(null, 'de-DE')]).toEqual(['en', 'en', 'da']);
  });
});
