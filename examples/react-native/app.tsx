import AsyncStorage from "@react-native-async-storage/async-storage";
import { useEffect, useState } from "react";
import { Button, Text, TextInput, View } from "react-native";
import { headcount } from "./headcount.ts";

/** An app that remembers who is signed in. */
export default function App() {
  const [user, setUser] = useState<string | null>(null);
  const [name, setName] = useState("");

  useEffect(() => {
    void restore();
  }, []);

  async function restore() {
    const known = await AsyncStorage.getItem("user");
    if (known !== null) enter(known);
  }

  function enter(known: string) {
    headcount.identify(known, { dimensions: { platform: "app" } });
    setUser(known);
  }

  function signIn() {
    if (name === "") return;
    enter(name);
    void AsyncStorage.setItem("user", name);
  }

  function signOut() {
    headcount.reset();
    setUser(null);
    void AsyncStorage.removeItem("user");
  }

  return (
    <View>
      <Text>{user === null ? "Hello, stranger" : `Hello, ${user}`}</Text>
      {user === null ? (
        <>
          <TextInput value={name} placeholder="Your name" onChangeText={setName} />
          <Button title="Sign in" onPress={signIn} />
        </>
      ) : (
        <Button title="Sign out" onPress={signOut} />
      )}
    </View>
  );
}
