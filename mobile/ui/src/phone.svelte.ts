// The state of the screens. Refusals are kept as codes, so that they change with the language.
import * as bridge from './bridge';
import type { Decided, Choice, Forgotten, OtherPhone, Refusal, Request, Settings, Signature } from './types';
import { chosen, languages } from './words';

export type Screen =
  | { name: 'pair' }
  | { name: 'home' }
  | { name: 'request' }
  | { name: 'offline'; signature: string }
  | { name: 'history'; signature: string }
  | { name: 'phones'; signature: string }
  | { name: 'settings' }
  | { name: 'result'; outcome: Outcome };

export type Outcome = 'approve' | 'reject' | 'not-me' | 'elsewhere' | 'lapsed' | 'replaced' | 'wrong';

class Phone {
  ready = $state(false);
  signatures = $state<Signature[]>([]);
  /** Whether the keys of a new pairing rest in hardware: then no PIN is set. */
  hardware = $state(false);
  settings = $state<Settings>({ language: null, theme: null });
  screen = $state<Screen>({ name: 'home' });
  requests = $state<Request[]>([]);
  /** Phones that were paired since the person last looked, with the signature that tells of them. */
  fresh = $state<{ signature: Signature; phone: OtherPhone }[]>([]);
  /** The request that is looked at. It is changed by the person alone, never by an event. */
  request = $state<Request | null>(null);
  /** When the request that is looked at lapses, by this page's own count. */
  lapses = $state(0);
  refused = $state<Refusal | null>(null);
  /** Where the pairing that was removed last has ended; shown until the person goes on. */
  forgotten = $state<Forgotten | null>(null);
  working = $state(false);

  language = $derived(chosen(this.settings.language, navigator.language));
  words = $derived(languages[this.language]);
  locked = $derived(this.signatures.length > 0 && !this.signatures.some((signature) => signature.unlocked));

  /** Does something that may be refused; what is refused is shown. Says whether it was done. */
  async attempt(work: () => Promise<void>): Promise<boolean> {
    this.working = true;
    this.refused = null;
    try {
      await work();
      return true;
    } catch (thrown) {
      this.refused = bridge.refusal(thrown);
      return false;
    } finally {
      this.working = false;
    }
  }

  go(screen: Screen) {
    this.refused = null;
    this.forgotten = null;
    if (screen.name !== 'request') this.request = null;
    this.screen = screen;
  }

  async look() {
    const view = await bridge.look();
    this.signatures = view.signatures;
    this.settings = view.settings;
    this.hardware = view.hardware;
    this.ready = true;
  }

  /** Looks for requests. What the person looks at stays as it is. */
  async poll() {
    const found: Request[] = [];
    for (const signature of this.signatures.filter((signature) => signature.unlocked)) {
      found.push(...(await bridge.waiting(signature.id)));
    }
    this.requests = found;
  }

  /** An event, or the time, says that something may have changed. A service that is away is told where somebody asks for it. */
  async nudge() {
    try {
      await this.poll();
    } catch {
      return;
    }
  }

  /** Looks for new phones of the person. A service that does not tell of them, or is away, tells nothing. */
  async news() {
    const found: typeof this.fresh = [];
    for (const signature of this.signatures.filter((signature) => signature.unlocked)) {
      try {
        const phones = await bridge.phones(signature.id);
        found.push(...phones.filter((phone) => phone.fresh).map((phone) => ({ signature, phone })));
      } catch {
        continue;
      }
    }
    this.fresh = found;
  }

  open(request: Request) {
    this.request = request;
    this.lapses = performance.now() + request.leftMs;
    this.go({ name: 'request' });
  }

  async unlock(signature: string, pin: string | null) {
    await bridge.unlock(signature, pin);
    await this.look();
    this.go({ name: 'home' });
    await this.poll();
    await this.news();
  }

  async lock() {
    this.request = null;
    this.requests = [];
    this.fresh = [];
    this.signatures = this.signatures.map((signature) => ({ ...signature, unlocked: false }));
    await bridge.lock();
    await this.look();
  }

  async decide(choice: Choice): Promise<Decided | null> {
    if (this.request === null) return null;
    const decided = await bridge.decide(this.request, choice);
    if (decided.state === 'wrong-number' && decided.tries_left > 0) return decided;
    const outcome: Outcome = decided.state === 'taken' ? choice.choice : decided.state === 'wrong-number' ? 'wrong' : decided.state;
    this.requests = this.requests.filter((request) => request.id !== this.request?.id);
    this.go({ name: 'result', outcome });
    return decided;
  }

  /** Sets language or colours. What was refused before stays to be read, in the other language. */
  async set(settings: Settings): Promise<boolean> {
    try {
      await bridge.set(settings);
      this.settings = settings;
      return true;
    } catch (thrown) {
      this.refused = bridge.refusal(thrown);
      return false;
    }
  }
}

export const phone = new Phone();
