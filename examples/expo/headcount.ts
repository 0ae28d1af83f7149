// Hermes has no randomness of its own, which the anonymous id needs.
import "react-native-get-random-values";
import AsyncStorage from "@react-native-async-storage/async-storage";
import { init } from "headcount/react-native";
import { connect } from "headcount/socket";
import { AppState } from "react-native";
import { config } from "./config.ts";
import { identityOf } from "./session.ts";

/** The one instance of this app. It counts from here on: who is signed in by tokens, everybody else by the public key. */
export const headcount = init({
  endpoint: config.headcount,
  key: config.publicKey,
  appState: AppState,
  storage: AsyncStorage,
  // Asked about once in three weeks, when there is no good token.
  getIdentity: identityOf,
  onError: (problem) => console.warn("headcount:", problem),
});

// A socket while the app is in the foreground: the service knows to the second who is here.
connect(headcount);
