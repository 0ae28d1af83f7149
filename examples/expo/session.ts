import AsyncStorage from "@react-native-async-storage/async-storage";
import { config } from "./config.ts";

/** What the backend has answered to a sign-in. It stays on the phone, so the app knows after a restart who is signed in. */
export interface Session {
  user: string;
  /** Proves to the backend who asks. */
  secret: string;
}

const name = "session";

export async function readSession(): Promise<Session | null> {
  const text = await AsyncStorage.getItem(name);
  return text === null ? null : (JSON.parse(text) as Session);
}

export async function openSession(user: string): Promise<Session> {
  const response = await fetch(`${config.backend}/sessions`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ user }),
  });
  if (!response.ok) throw new Error(`the backend answered ${response.status}`);
  const session = (await response.json()) as Session;
  await AsyncStorage.setItem(name, JSON.stringify(session));
  return session;
}

export async function closeSession(): Promise<void> {
  await AsyncStorage.removeItem(name);
}

/** A JWT of the backend for whoever is signed in. */
export async function identityOf(): Promise<string> {
  const session = await readSession();
  if (session === null) throw new Error("nobody is signed in");
  const response = await fetch(`${config.backend}/identity`, {
    headers: { authorization: `Bearer ${session.secret}` },
  });
  if (!response.ok) throw new Error(`the backend answered ${response.status}`);
  const { jwt } = (await response.json()) as { jwt: string };
  return jwt;
}
