import { init } from "headcount";
import { connect } from "headcount/socket";
import { init as initWithTokens } from "headcount/tokens";

const options = { endpoint: location.origin, key: "hc_pub_app_mac", includeBots: true };
const headcount = init(options);
headcount.identify("u-42");
// One instance, whichever entry it is had by.
document.title = initWithTokens(options).options.key === headcount.options.key ? "shared" : "two of them";
window.close = () => connect(headcount)();
