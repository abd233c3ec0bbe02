import type { Language, Refusal } from '../types';
import { da, type Words } from './da';
import { en } from './en';

export type { Words };
export const languages: Record<Language, Words> = { da, en };

/** The language that was set, else the system's, else Danish. */
export function chosen(set: Language | null, system: string): Language {
  return set ?? (system.toLowerCase().startsWith('en') ? 'en' : 'da');
}

/** The words for a refusal; a code that nobody wrote words for is said to be unforeseen. */
export function said(words: Words, error: Refusal): string {
  const errors: Record<string, (error: Refusal) => string> = words.errors;
  return (errors[error.code] ?? words.errors.unforeseen)(error);
}
