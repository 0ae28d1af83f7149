/** Storage whose answers take their time: the part of `AsyncStorage` that is used. */
export interface AsyncKeyValueStorage {
  getItem(name: string): Promise<string | null | undefined>;
  setItem(name: string, value: string): Promise<unknown>;
}
