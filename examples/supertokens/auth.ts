import { createHeadcount } from "headcount/server";
import { headcountPlugin } from "headcount/supertokens";
import supertokens from "supertokens-node";
import EmailPassword from "supertokens-node/recipe/emailpassword";
import Session from "supertokens-node/recipe/session";

export const headcount = createHeadcount({
  endpoint: process.env["HEADCOUNT_ENDPOINT"] ?? "http://127.0.0.1:8787",
  secretKey: process.env["HEADCOUNT_SECRET_KEY"] ?? "",
});

const url = `http://127.0.0.1:${process.env["PORT"] ?? 3000}`;

supertokens.init({
  appInfo: { appName: "Example", apiDomain: url, websiteDomain: url },
  supertokens: { connectionURI: process.env["SUPERTOKENS_CORE"] ?? "http://127.0.0.1:3567" },
  recipeList: [EmailPassword.init(), Session.init()],
  experimental: { plugins: [headcountPlugin(headcount)] },
});
