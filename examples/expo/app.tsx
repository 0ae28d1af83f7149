import { useEffect, useState } from "react";
import { Button, Text, TextInput, View } from "react-native";
import { headcount } from "./headcount.ts";
import { closeSession, openSession, readSession } from "./session.ts";

/** Somebody signs in and out, and is still signed in after a restart. */
export function App() {
  const [user, setUser] = useState<string | null>(null);
  const [typed, setTyped] = useState("");
  const [problem, setProblem] = useState("");

  useEffect(() => {
    const restore = async () => {
      const session = await readSession();
      if (session !== null) enter(session.user);
    };
    void restore();
  }, []);

  function enter(known: string) {
    headcount.identify(known);
    setUser(known);
  }

  async function signIn() {
    try {
      const session = await openSession(typed);
      enter(session.user);
      setProblem("");
    } catch (error) {
      setProblem(String(error));
    }
  }

  async function signOut() {
    // Revokes the token, too.
    headcount.reset();
    await closeSession();
    setUser(null);
  }

  return (
    <View style={{ flex: 1, justifyContent: "center", padding: 24, gap: 12 }}>
      <Text>{user === null ? "Hello, stranger" : `Hello, ${user}`}</Text>
      {user === null ? (
        <>
          <TextInput value={typed} placeholder="Your name" onChangeText={setTyped} />
          <Button title="Sign in" onPress={() => void signIn()} />
        </>
      ) : (
        <Button title="Sign out" onPress={() => void signOut()} />
      )}
      <Text>{problem}</Text>
    </View>
  );
}
