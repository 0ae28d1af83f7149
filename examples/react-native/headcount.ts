// Hermes has no randomness of its own, which the anonymous id needs.
import "react-native-get-random-values";
import AsyncStorage from "@react-native-async-storage/async-storage";
import { init } from "headcount/react-native";
import { connect } from "headcount/socket";
import { AppState } from "react-native";

/** The one instance of this app. It counts from here on. */
export const headcount = init({
  endpoint: "https://headcount.example.com",
  key: "hc_pub_demo_…",
  appState: AppState,
  storage: AsyncStorage,
});

// A socket while the app is in the foreground, in place of most requests. Leave it out if you don't need to know who is here to the minute.
connect(headcount);
