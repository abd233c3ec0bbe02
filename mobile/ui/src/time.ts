import type { Language } from './types';

const locales: Record<Language, string> = { da: 'da-DK', en: 'en-GB' };

/** A moment as a person reads it. */
export function time(milliseconds: number, language: Language): string {
  return new Intl.DateTimeFormat(locales[language], { dateStyle: 'medium', timeStyle: 'short' }).format(milliseconds);
}

/** The moments at which the time left is spoken: every half minute, and ten seconds before the end. */
export function isSpoken(seconds: number): boolean {
  return seconds > 0 && (seconds % 30 === 0 || seconds === 10);
}

/** A digest in groups of four signs, as people compare it. */
export function grouped(digest: string): string {
  return (digest.match(/.{1,4}/g) ?? []).join(' ');
}
