export { connect } from "./socket/connect.ts";
export { type MessageSource, observe } from "./socket/observe.ts";
