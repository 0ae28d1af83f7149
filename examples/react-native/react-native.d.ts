/**
 * As much of React Native and AsyncStorage as this example uses, so that it type-checks here without 100 MB of either,
 * and without the types of a browser. Leave this file out of an app.
 */

declare module "react-native" {
  import type { ComponentType, ReactNode } from "react";

  type AppStateStatus = "active" | "background" | "inactive" | "unknown" | "extension";

  export const AppState: {
    currentState: AppStateStatus;
    addEventListener(type: "change", listener: (state: AppStateStatus) => void): { remove(): void };
  };

  export const Button: ComponentType<{ title: string; onPress: () => void }>;
  export const Text: ComponentType<{ children?: ReactNode }>;
  export const TextInput: ComponentType<{
    value: string;
    placeholder: string;
    onChangeText: (text: string) => void;
  }>;
  export const View: ComponentType<{ children?: ReactNode }>;
}

declare module "@react-native-async-storage/async-storage" {
  const storage: {
    getItem(name: string): Promise<string | null>;
    setItem(name: string, value: string): Promise<void>;
    removeItem(name: string): Promise<void>;
  };
  export default storage;
}

declare module "react-native-get-random-values";

// React Native has these as globals.
interface Response {
  readonly ok: boolean;
  readonly status: number;
  json(): Promise<unknown>;
}
declare function fetch(target: string, request?: object): Promise<Response>;
