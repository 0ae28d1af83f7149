import { Heartbeat } from "headcount/react";
import { Counted } from "./counted";

// On the server: both are client components, and this one says so itself.
export default function Page() {
  return (
    <>
      <Counted />
      <Heartbeat endpoint="/never" publicKey="hc_pub_never_mac" user="nobody" persistence="memory" />
    </>
  );
}
