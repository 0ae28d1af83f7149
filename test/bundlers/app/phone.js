import { init } from "headcount/react-native";
import { connect } from "headcount/socket";

const headcount = init({ ...globalThis.options, appState: globalThis.appState });
headcount.identify("u-42");
globalThis.end = connect(headcount);
