/**
 * Under a POSIX locale some browsers name a language that is none, such as `en-US@posix`, and whoever hands it to `Intl`
 * fails. This makes `navigator` name the page's own language instead.
 */
export function ensureUsableLanguage(): void {
  try {
    Intl.getCanonicalLocales([navigator.language]);
  } catch {
    const value = document.documentElement.lang;
    Object.defineProperty(navigator, "language", { value, configurable: true });
  }
}
