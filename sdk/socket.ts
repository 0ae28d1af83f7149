export { connect } from "./socket/connect.ts";
export { observe } from "./socket/observe.ts";
