"use client";

import { Heartbeat } from "headcount/react";
import { connect } from "headcount/socket";

export function Counted() {
  const isAllowed = () => !new URLSearchParams(location.search).has("without-consent");
  return (
    <Heartbeat
      endpoint="/hc"
      publicKey="hc_pub_app_mac"
      user="u-42"
      includeBots
      consent={isAllowed}
      connect={connect}
    />
  );
}
