import { Heartbeat, useHeartbeat } from "headcount/react";
import { type FormEvent, useState } from "react";

const parameters = new URLSearchParams(location.search);

/** Where and for whom to count. `includeBots` is for tests: a browser under automation is not counted otherwise. */
const counting = {
  endpoint: parameters.get("endpoint") ?? "http://127.0.0.1:8787",
  publicKey: parameters.get("key") ?? "",
  includeBots: parameters.has("include-bots"),
};

export function App() {
  const [user, setUser] = useState(parameters.get("user") ?? undefined);
  const [isPlaying, setIsPlaying] = useState(false);

  return (
    <main>
      <h1>{user ? `Hello, ${user}` : "Hello, stranger"}</h1>
      <Heartbeat {...counting} user={user} dimensions={{ platform: "web" }} />
      {user ? <button onClick={() => setUser(undefined)}>Sign out</button> : <SignIn onSignIn={setUser} />}
      <button onClick={() => setIsPlaying(!isPlaying)}>{isPlaying ? "Stop" : "Play"}</button>
      {isPlaying && <Player user={user} />}
    </main>
  );
}

function SignIn({ onSignIn }: { onSignIn: (user: string) => void }) {
  function signIn(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const user = new FormData(event.currentTarget).get("user");
    if (typeof user === "string" && user !== "") onSignIn(user);
  }
  return (
    <form onSubmit={signIn}>
      <label>
        Your name <input name="user" maxLength={256} autoComplete="off" />
      </label>
      <button>Sign in</button>
    </form>
  );
}

/** Who listens is active, whether or not they look. A second component with the same key shares the instance. */
function Player({ user }: { user: string | undefined }) {
  const heartbeat = useHeartbeat({ ...counting, user, dimensions: { platform: "web" } });
  return <audio controls onTimeUpdate={heartbeat} />;
}
