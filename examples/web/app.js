// A classic script, so that the page also works when its file is simply opened.
const find = (id) => document.getElementById(id);
const parameters = new URLSearchParams(location.search);
const endpoint = (parameters.get("endpoint") || "http://127.0.0.1:8787").replace(/\/+$/, "");
const key = parameters.get("key");

if (key) {
  find("counted").hidden = false;
  load(`${endpoint}/sdk.js`).then(start, () =>
    show("bad", `Nothing answers at ${endpoint}. Is the server running, or does an ad blocker object?`),
  );
} else {
  find("connect").hidden = false;
  find("connect").elements.endpoint.value = endpoint;
}

function load(src) {
  return new Promise((resolve, reject) => {
    const script = Object.assign(document.createElement("script"), { src, onload: resolve, onerror: reject });
    document.head.append(script);
  });
}

function start() {
  // Without a data-key in its tag the script only offers `init`. Most pages need no more than
  // <script defer src="…/sdk.js" data-key="hc_pub_…"></script>; this one wants to watch.
  const headcount = window.headcount.init({
    endpoint,
    key,
    fetch: watchedFetch,
    onError: explain,
    includeBots: parameters.has("include-bots"),
  });

  const signIn = (user) => {
    find("who").textContent = user;
    find("sign-out").disabled = false;
    headcount.identify(user);
  };
  if (parameters.get("user")) signIn(parameters.get("user"));

  find("sign-in").addEventListener("submit", (submitted) => {
    submitted.preventDefault();
    signIn(submitted.target.elements.user.value);
    submitted.target.reset();
  });
  find("sign-out").addEventListener("click", () => {
    headcount.reset();
    find("who").textContent = "Anonymous";
    find("sign-out").disabled = true;
    show("", "Signed out, and forgotten here. The next heartbeat is somebody new.");
  });
  find("beat").addEventListener("click", () => headcount.heartbeat());

  show("", "Already counted in these five minutes, or not to be counted.");
}

/** What goes out, and what comes back. The SDK knows nothing of it. */
async function watchedFetch(url, request) {
  const { beats } = JSON.parse(request.body);
  const response = await fetch(url, request);
  if (response.ok) {
    const { accepted, rejected } = await response.clone().json();
    const { user } = beats.at(-1);
    if (accepted) show("good", `Counted as ${user ?? "an anonymous visitor"}.`, true);
    for (const { error } of rejected) show("bad", `Refused: ${error}`, true);
  }
  return response;
}

/** An error in words. */
async function explain(problem) {
  if (problem instanceof Response) {
    const { title = problem.statusText, detail } = await problem.json().catch(() => ({}));
    show("bad", `${problem.status} ${title}${detail ? `: ${detail}` : ""}`, true);
  } else {
    show("bad", `No answer (${problem.message}). It is tried again, and nothing is lost meanwhile.`, true);
  }
}

function show(mood, text, log = false) {
  find("dot").className = `dot ${mood}`;
  find("status").className = mood;
  find("status").textContent = text;
  if (!log) return;
  const line = document.createElement("li");
  line.className = mood;
  line.textContent = `${new Date().toLocaleTimeString()}  ${text}`;
  find("log").prepend(line);
  while (find("log").children.length > 6) find("log").lastChild.remove();
}
