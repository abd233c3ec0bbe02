// The state of the screens. Refusals are kept as codes, so that they change with the language.
import * as bridge from './bridge';
import { scanned, stopScanning, type Unscanned } from './scanner';
import type { Asks, Decided, Choice, Forgotten, OtherPhone, Refusal, Request, Settings, Signature } from './types';
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
  /** What the phone's system asks for where they do. */
  asks = $state<Asks>('biometrics-or-code');
  /** Whether there is a scanner. */
  scans = $state(false);
  /** Whether the camera's picture lies behind the page. */
  scanning = $state(false);
  /** Why the last scan gave no code. */
  unscanned = $state<Exclude<Unscanned, 'cancelled'> | null>(null);
  settings = $state<Settings>({ language: null, theme: null, wakes: 'on' });
  /** Whether the phone was woken while the app was locked: then something may wait, and what, nobody is shown. */
  woken = $state(false);
  screen = $state<Screen>({ name: 'home' });
  requests = $state<Request[]>([]);
  /** Signatures whose service did not answer when it was last asked, and why. */
  away = $state<Record<string, Refusal>>({});
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
  /** When each request that is listed lapses, by this page's own count. */
  #lapses = new Map<string, number>();
  /** Signatures that are being asked, and whether to ask once more after it. */
  #asked = new Map<string, { again: boolean; done: Promise<void> }>();
  /** How often the app was locked: what was asked for before tells nothing after. */
  #locks = 0;

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
    this.unscanned = null;
    if (screen.name !== 'request') this.request = null;
    this.screen = screen;
  }

  async look() {
    const view = await bridge.look();
    this.signatures = view.signatures;
    this.settings = view.settings;
    this.hardware = view.hardware;
    this.asks = view.asks;
    this.scans = view.scans;
    this.ready = true;
  }

  /**
   * Looks for requests, at each service by itself: one that is slow or away holds up no other, and is told of where its signature stands.
   * What the person looks at stays as it is.
   */
  async poll() {
    await Promise.all(this.signatures.filter((signature) => signature.unlocked).map(({ id }) => this.#ask(id)));
  }

  /** A service that has not answered yet is asked again after it has, not beside it. */
  #ask(id: string): Promise<void> {
    const asked = this.#asked.get(id);
    if (asked !== undefined) {
      asked.again = true;
      return asked.done;
    }
    const asking = { again: false, done: Promise.resolve() };
    asking.done = (async () => {
      do {
        asking.again = false;
        await this.#askOnce(id);
      } while (asking.again);
      this.#asked.delete(id);
    })();
    this.#asked.set(id, asking);
    return asking.done;
  }

  async #askOnce(id: string) {
    const locks = this.#locks;
    let found: Request[] | Refusal;
    try {
      found = await bridge.waiting(id);
    } catch (thrown) {
      found = bridge.refusal(thrown);
    }
    if (locks !== this.#locks) return;
    const { [id]: _, ...others } = this.away;
    this.away = Array.isArray(found) ? others : { ...others, [id]: found };
    const fresh = Array.isArray(found) ? found : [];
    for (const request of fresh) this.#lapses.set(request.shown, performance.now() + request.leftMs);
    const place = new Map(this.signatures.map((signature, place) => [signature.id, place]));
    const all = [...this.requests.filter((request) => request.signature !== id), ...fresh];
    this.requests = all.sort((one, other) => (place.get(one.signature) ?? 0) - (place.get(other.signature) ?? 0));
  }

  /** An event, or the time, says that something may have changed. */
  async nudge() {
    await this.poll();
  }

  /** A wake-up came. It says nothing, and anybody at all may have caused it: so the services are asked, and the lock says "maybe". */
  async wake() {
    if (this.locked) this.woken = true;
    await this.poll();
  }

  /** Looks for new phones of the person. A service that does not tell of them, or is away, tells nothing. */
  async news() {
    const locks = this.#locks;
    const asked = this.signatures.filter((signature) => signature.unlocked).map(async (signature) => {
      try {
        const phones = await bridge.phones(signature.id);
        return phones.filter((phone) => phone.fresh).map((phone) => ({ signature, phone }));
      } catch {
        return [];
      }
    });
    const found = (await Promise.all(asked)).flat();
    if (locks === this.#locks) this.fresh = found;
  }

  open(request: Request) {
    this.request = request;
    // It counts since it was told of, not since it was opened.
    this.lapses = this.#lapses.get(request.shown) ?? performance.now() + request.leftMs;
    this.go({ name: 'request' });
  }

  async unlock(signature: string, pin: string | null) {
    const locks = this.#locks;
    await bridge.unlock(signature, pin);
    // The window was left while the service was asked. The program locks by itself; so does the page.
    if (locks !== this.#locks || document.visibilityState === 'hidden') return this.lock();
    this.woken = false;
    await this.look();
    this.go({ name: 'home' });
    // Which phones there are is looked at first: those of the first look are no news, and one that comes after it is.
    await Promise.all([this.news(), this.poll()]);
  }

  async lock() {
    this.#locks += 1;
    this.#lapses.clear();
    this.request = null;
    this.requests = [];
    this.fresh = [];
    this.away = {};
    this.signatures = this.signatures.map((signature) => ({ ...signature, unlocked: false }));
    await bridge.lock();
    if (this.scanning) await stopScanning();
    await this.look();
  }

  /** The window is left: whatever is open, or on its way to be, is locked. What was refused stays to be read. */
  async leave() {
    try {
      await this.lock();
    } catch (thrown) {
      this.refused = bridge.refusal(thrown);
    }
  }

  /** Scans the code of the other screen. Nothing when there is none: then the screen says why, and it can be typed. */
  async scan(): Promise<string | null> {
    this.unscanned = null;
    this.scanning = true;
    const result = await scanned();
    this.scanning = false;
    if ('text' in result) return result.text;
    this.unscanned = result.unscanned === 'cancelled' ? null : result.unscanned;
    return null;
  }

  stopScan = () => stopScanning();

  async decide(choice: Choice): Promise<Decided | null> {
    if (this.request === null) return null;
    const decided = await bridge.decide(this.request, choice);
    if (decided.state === 'wrong-number' && decided.tries_left > 0) return decided;
    const chosen = choice.choice === 'approve-scanned' ? 'approve' : choice.choice;
    const outcome: Outcome = decided.state === 'taken' ? chosen : decided.state === 'wrong-number' ? 'wrong' : decided.state;
    this.requests = this.requests.filter((request) => request.id !== this.request?.id);
    this.go({ name: 'result', outcome });
    return decided;
  }

  /** Sets language, colours, or whether services may wake this phone. What was refused before stays to be read, in the other language. */
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
