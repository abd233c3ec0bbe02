// The scanner, which telephones alone have: one QR of the other screen, read by the system's camera. Whatever is scanned can be typed too.
import { cancel, Format, requestPermissions, scan } from '@tauri-apps/plugin-barcode-scanner';

/** How a scan ended without a code. */
export type Unscanned = 'cancelled' | 'denied' | 'failed';

/** The text of one QR code, or why there is none. The camera's picture lies behind the page while it is looked for. */
export async function scanned(): Promise<{ text: string } | { unscanned: Unscanned }> {
  try {
    if ((await requestPermissions()) !== 'granted') return { unscanned: 'denied' };
    return { text: (await scan({ windowed: true, formats: [Format.QRCode] })).content };
  } catch (thrown) {
    const text = thrown instanceof Error ? thrown.message : String(thrown);
    return { unscanned: text.includes('cancelled') ? 'cancelled' : 'failed' };
  }
}

/** Breaks the scan off. One that is over already has nothing to break off. */
export async function stopScanning(): Promise<void> {
  try {
    await cancel();
  } catch {
    return;
  }
}
