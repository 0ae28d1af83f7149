"use client";

import { Heartbeat } from "headcount/react";
import { connect } from "headcount/socket";

export function Counted() {
  return <Heartbeat endpoint="/hc" publicKey="hc_pub_app_mac" user="u-42" includeBots connect={connect} />;
}
